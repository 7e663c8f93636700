"""The page `/docs`, on which the HTTP API can be read and tried: Swagger UI, all of it served from here."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

PAGE, FILES = "/docs", "/docs/files"
DOCUMENT = "/openapi.json"


def install(app: FastAPI) -> None:
    """Adds the page and its files; the app itself must have none (`docs_url=None`), whose files are elsewhere."""
    app.mount(FILES, StaticFiles(packages=[("fastapi_swagger", "resources")]), name="docs_files")
    app.get(PAGE, include_in_schema=False)(viewer)


def viewer() -> HTMLResponse:
    """The page; addresses without a host, so that it works behind any proxy."""
    return get_swagger_ui_html(
        openapi_url=DOCUMENT, title="Marcaí: HTTP API", swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{FILES}/swagger-ui.css", swagger_favicon_url=f"{FILES}/favicon-32x32.png",
    )
