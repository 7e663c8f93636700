"""The attendants' page: the queue, their conversations, and what they need to answer customers."""

from marcai.web.desk.routes import router

__all__ = ["router"]
