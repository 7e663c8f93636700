"""The web app: health, readiness, metrics, and the pages and calls of other modules of this package."""

from __future__ import annotations

import time

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from marcai.platform import health
from marcai.platform.health import Check
from marcai.platform.metrics import exposition
from marcai.web import analytics, api, desk, manage
from marcai.web.backlog import backlog

REMEMBERED_SECONDS = 1.0  # a probe that asks more often gets the last answer

_last: tuple[float, list[Check]] = (0.0, [])


def create_app() -> FastAPI:
    """The FastAPI application."""
    app = FastAPI(title="Marcaí", version="1", docs_url=None, redoc_url=None,
                  generate_unique_id_function=lambda route: route.name)
    app.get("/healthz", tags=["operation"])(healthz)
    app.get("/readyz", tags=["operation"], responses={503: {"description": "Something it needs is away."}})(readyz)
    app.get("/metrics", tags=["operation"], response_class=PlainTextResponse)(metrics)
    app.include_router(manage.router)
    app.include_router(desk.router)
    app.include_router(analytics.router)
    app.include_router(api.router)
    api.install(app)
    return app


def healthz() -> dict[str, str]:
    """Alive: this process answers. It says nothing about what it stands on."""
    return {"status": "ok"}


def readyz() -> JSONResponse:
    """Ready: 200 when every dependency answers, 503 and which ones do not otherwise."""
    global _last
    if time.monotonic() - _last[0] > REMEMBERED_SECONDS:
        _last = (time.monotonic(), health.readiness())
    found = _last[1]
    ready = all(check.ready for check in found)
    body = {"status": "ready" if ready else "not ready", "checks": {check.name: check.as_dict() for check in found}}
    return JSONResponse(body, status_code=200 if ready else 503)


def metrics() -> Response:
    """The metrics of all processes, as Prometheus reads them."""
    return Response(exposition(backlog()), media_type="text/plain; version=0.0.4; charset=utf-8")
