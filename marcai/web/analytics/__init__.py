"""The analysts' page: figures by period and establishment, with plots, tables and their CSV."""

from marcai.web.analytics.routes import router

__all__ = ["router"]
