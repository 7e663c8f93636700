"""What happens to every API request before its endpoint: key, rate, establishment, names and size of what is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from fastapi import Depends, Query, Request, Security
from fastapi.dependencies.utils import get_flat_dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from marcai.web.api import limits
from marcai.web.api.keys import Caller, caller_of, check_establishment
from marcai.web.api.problems import NOT_JSON, TOO_LARGE, Problem, invalid

MAX_BODY = 64 * 1024  # bytes
REPEATABLE = {"service_id"}

bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key from `MARCAI_API_KEYS`.")


def _caller(
    request: Request,
    _: object = Security(bearer),
    tenant_id: str | None = Query(
        None, description="Slug or id of the establishment: the key's own, or nothing.", examples=["bela-vista"],
        max_length=80,
    ),
) -> Caller:
    return request.state.caller


CurrentCaller = Depends(_caller)


class ApiRoute(APIRoute):
    """A route of the API. A request is admitted before its body is read, let alone understood."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint, behind the admission."""
        inner = super().get_route_handler()
        names = {field.alias for field in get_flat_dependant(self.dependant).query_params}

        async def handle(request: Request) -> Response:
            request.state.caller = await run_in_threadpool(_admit, request)
            _check_names(request, names)
            await _check_body(request)
            return await inner(request)

        return handle


def _admit(request: Request) -> Caller:
    caller = caller_of(request)
    limits.take(caller)
    for asked in request.query_params.getlist("tenant_id"):
        check_establishment(caller, asked)
    return caller


def _check_names(request: Request, known: set[str]) -> None:
    """A misspelt parameter would silently change the question."""
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            raise invalid("query", name, "is not a parameter of this call")
        if times > 1 and name not in REPEATABLE:
            raise invalid("query", name, "may be given once only")


async def _check_body(request: Request) -> None:
    """Reads the body, up to a limit; FastAPI finds it in the request afterwards."""
    declared = request.headers.get("content-length", "0")
    size = int(declared) if declared.isdecimal() else 0
    parts = []
    if size <= MAX_BODY:
        size = 0
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > MAX_BODY:
                break
    if size > MAX_BODY:
        raise Problem(TOO_LARGE, f"At most {MAX_BODY} bytes.", {"Connection": "close"})
    request._body = b"".join(parts)
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if size and kind != "application/json":
        raise Problem(NOT_JSON, "Send the body as application/json.")
