"""The HTTP API for an establishment's own programs: catalogue, availability and bookings, behind keys."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from marcai.platform import apidocs
from marcai.web.api import availability, bookings, catalogue, document, problems
from marcai.web.api.observed import Observed
from marcai.web.api.route import ApiRoute

router = APIRouter()
for _calls in (catalogue, availability, bookings):
    router.include_router(_calls.router)
    for _route in _calls.router.routes:  # what can be read can be asked for its headers alone
        if "GET" in _route.methods:
            router.add_api_route(_route.path, _route.endpoint, methods=["HEAD"], include_in_schema=False,
                                 route_class_override=ApiRoute, response_model=None)


def install(app: FastAPI) -> None:
    """Gives the whole app problem details for errors, numbers of its requests, and the complete OpenAPI document
    with a page to read it."""
    problems.install(app)
    document.install(app)
    apidocs.install(app, "/docs")
    app.add_middleware(Observed)


__all__ = ["install", "router"]
