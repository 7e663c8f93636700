"""Around the whole web app: counts and times every request, and turns what escapes into a problem."""

from __future__ import annotations

import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marcai.platform.metrics import HTTP_REQUESTS, HTTP_SECONDS
from marcai.web.api.problems import of_failure

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
NO_ROUTE = "none"
GONE = 499  # in the numbers only: the client did not wait for an answer


class Observed:
    """An ASGI middleware. Its labels are route templates, never addresses: those hold ids and signatures."""

    def __init__(self, app: ASGIApp) -> None:
        """Wraps an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0
        began = time.perf_counter()

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-content-type-options", b"nosniff")]
            await send(message)

        try:
            await self.app(scope, receive, observe)
        except ClientDisconnect:
            status = status or GONE
        except Exception as error:
            response = of_failure(error).response()
            if status:  # too late to say so: the client sees a broken answer
                raise
            await response(scope, receive, observe)
        finally:
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            method = scope["method"] if scope["method"] in METHODS else "other"
            HTTP_REQUESTS.labels(method, route, str(status)).inc()
            HTTP_SECONDS.labels(route).observe(time.perf_counter() - began)
