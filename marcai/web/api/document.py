"""The OpenAPI document, as FastAPI makes it, with what FastAPI does not know."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from marcai.web.api import models

ABOUT = """
Services, availability and bookings of one establishment, for its own programs. A key in `Authorization: Bearer` says
which establishment: nothing of any other is ever seen.

Money is text such as `"90.00"`; times are ISO 8601 with the offset of the establishment's zone. Errors are problem
details (RFC 9457), with a `type` for programs.
"""
TAGS = [
    {"name": "services", "description": "The catalogue."},
    {"name": "availability", "description": "When a visit can start."},
    {"name": "bookings", "description": "Booked visits."},
    {"name": "operation", "description": "For probes and Prometheus; no key is needed."},
]


def install(app: FastAPI) -> None:
    """Replaces an app's OpenAPI document by the complete one."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title="Marcaí", version=app.version, description=ABOUT.strip(), routes=app.routes,
                               tags=TAGS)
            problem = deepcopy(models.ProblemDetails.schema(ref_template="#/components/schemas/{model}"))
            made["components"]["schemas"].update(problem.pop("definitions"))
            made["components"]["schemas"]["ProblemDetails"] = problem
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
