"""Every error of the web app as problem details (RFC 9457): what happened, in words, and a type for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match

from marcai.platform.logging import get_logger

log = get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
URN = "urn:marcai:problem:"
RETRY_SECONDS = 2
OUTAGES = (OperationalError, InterfaceError, DisconnectionError, PoolTimeout)


@dataclass(frozen=True)
class Kind:
    """One kind of problem: the last part of its type, its status and its title."""

    name: str
    status: int
    title: str


MALFORMED = Kind("malformed-body", 400, "The body is not JSON")
UNAUTHORIZED = Kind("unauthorized", 401, "A valid key is needed")
OTHER_ESTABLISHMENT = Kind("other-establishment", 403, "The key belongs to another establishment")
NO_ESTABLISHMENT = Kind("no-establishment", 403, "The key's establishment does not exist")
NOT_FOUND = Kind("not-found", 404, "There is nothing here")
UNKNOWN_SERVICE = Kind("unknown-service", 404, "There is no such service")
UNKNOWN_PROFESSIONAL = Kind("unknown-professional", 404, "There is no such professional")
UNKNOWN_BOOKING = Kind("unknown-booking", 404, "There is no such booking")
METHOD = Kind("method-not-allowed", 405, "The method is not allowed here")
START_TAKEN = Kind("start-taken", 409, "Somebody else has this time")
BOOKING_CLOSED = Kind("booking-closed", 409, "The booking can no longer be changed")
IN_PROGRESS = Kind("request-in-progress", 409, "The same request is being worked on")
TOO_LARGE = Kind("content-too-large", 413, "The body is too large")
NOT_JSON = Kind("unsupported-media-type", 415, "The body must be application/json")
INVALID = Kind("invalid-request", 422, "The request is not valid")
TOO_MANY_SERVICES = Kind("too-many-services", 422, "These are too many services for one visit")
INCOMPATIBLE = Kind("incompatible-services", 422, "These services cannot be done in one visit")
UNABLE = Kind("professional-unable", 422, "The professional does none of these services")
NOT_POSSIBLE = Kind("start-not-possible", 422, "A visit cannot start then")
KEY_REUSED = Kind("idempotency-key-reused", 422, "The idempotency key belongs to another request")
RATE_LIMITED = Kind("rate-limited", 429, "Too many requests")
INTERNAL = Kind("internal-error", 500, "Something went wrong on our side")
UNAVAILABLE = Kind("unavailable", 503, "The service is not available right now")

KINDS = tuple(value for value in list(globals().values()) if isinstance(value, Kind))


class Problem(Exception):
    """An answer that is an error; raise it anywhere below an endpoint."""

    def __init__(self, kind: Kind, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        """Makes a problem.

        Args:
            kind: one of this module's.
            detail: one or two sentences about this occurrence, without personal data.
            headers: of the response.
            more: further members, JSON values.
        """
        super().__init__(kind.name)
        self.kind, self.detail, self.headers, self.more = kind, detail, dict(headers or {}), more

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object."""
        kind = self.kind
        return {"type": URN + kind.name, "title": kind.title, "status": kind.status, "detail": self.detail, **self.more}

    def response(self) -> Response:
        """The response."""
        return answer(self.kind.status, self.body, self.headers)


def answer(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A response with a problem as its body; nobody may store it."""
    return Response(json.dumps(body, ensure_ascii=False), status, {"Cache-Control": "no-store", **(headers or {})},
                    media_type=MEDIA_TYPE)


def other(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem of no kind of ours: its status says it all."""
    return answer(status, {"type": "about:blank", "title": detail, "status": status}, headers)


def of_failure(error: Exception) -> Problem:
    """The problem to answer with when something failed that should not; the log says what, under the same instance."""
    if isinstance(error, OUTAGES):
        log.warning("request.unavailable", error=type(error).__name__)
        return Problem(UNAVAILABLE, "Please try again in a moment.", {"Retry-After": str(RETRY_SECONDS)})
    instance = uuid4().urn
    log.error("request.failed", instance=instance, exc_info=error)
    return Problem(INTERNAL, "It was logged; name the instance when you report it.", instance=instance)


def of_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem with all that is wrong in a request; what was sent is not repeated."""
    if any(error["type"] == "json_invalid" for error in errors):
        return Problem(MALFORMED, "The body cannot be read as JSON.")
    found = []
    for error in errors:
        place, *names = error["loc"]
        name = ".".join(str(name) for name in names if name != "__root__")
        found.append({"in": str(place), "name": name, "detail": str(error["msg"])})
    named = ", ".join(dict.fromkeys(entry["name"] or entry["in"] for entry in found))
    return Problem(INVALID, f"Not valid: {named}.", errors=found)


def invalid(place: str, name: str, detail: str) -> Problem:
    """One value that is not valid.

    Args:
        place: query, path, header or body.
        name: of the value.
        detail: what is wrong with it.
    """
    return Problem(INVALID, f"Not valid: {name}.", errors=[{"in": place, "name": name, "detail": detail}])


def install(app: FastAPI) -> None:
    """Has every error of an app answered as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)


async def _on_problem(_: Request, problem: Problem) -> Response:
    return problem.response()


async def _on_validation(_: Request, error: RequestValidationError) -> Response:
    return of_validation(error.errors()).response()


async def _on_http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        return Problem(NOT_FOUND, "No resource has this address.").response()
    if error.status_code == 405:
        allowed = _methods(request)
        return Problem(METHOD, f"Allowed here: {allowed}.", {"Allow": allowed}).response()
    if error.status_code == 400:  # a body that is not even text
        return Problem(MALFORMED, "The body cannot be read.").response()
    return other(error.status_code, str(error.detail), error.headers)


def _methods(request: Request) -> str:
    """All that may be done at an address; one route alone does not know the others'."""
    matching = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in matching for method in getattr(route, "methods", None) or ()}))
