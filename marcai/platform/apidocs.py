"""The page on which an HTTP API can be read and tried: Swagger UI, all of it served by the app itself."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles


def install(app: FastAPI, page: str) -> None:
    """Adds the page; the app itself must have none (`docs_url=None`), for its files would come from another host.

    Addresses are given without a host, so that it works behind any proxy.

    Args:
        app: whose API.
        page: the page's path; its files are below it.
    """
    files = f"{page}/files"
    app.mount(files, StaticFiles(packages=[("fastapi_swagger", "resources")]), name="apidocs_files")

    def apidocs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url, title=app.title, swagger_js_url=f"{files}/swagger-ui-bundle.js",
            swagger_css_url=f"{files}/swagger-ui.css", swagger_favicon_url=f"{files}/favicon-32x32.png")

    app.get(page, include_in_schema=False)(apidocs)
