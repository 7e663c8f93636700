"""The simulator as one web application: Graph API, control API and the page, for this machine only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, StreamingResponse
from starlette.staticfiles import StaticFiles

from marcai.platform import apidocs
from marcai.simulator import control, graph
from marcai.simulator.delivery import Delivery
from marcai.simulator.inbound import Customers
from marcai.simulator.outbound import Business
from marcai.simulator.records import Line
from marcai.simulator.world import World

_STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'self'; img-src 'self' data: http: https:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def create_app(*, webhook_url: str, app_secret: str, access_token: str, verify_token: str = "",
               find_lines: Callable[[], Iterable[Line]] = tuple) -> FastAPI:
    """A simulator.

    Args:
        webhook_url: where the bot listens.
        app_secret: signs the webhooks.
        access_token: what Graph calls must bear.
        verify_token: for the handshake.
        find_lines: says which business numbers there are, asked again when a customer is to be added; without
            any, the demonstration salon.
    """
    world = World(find_lines())
    delivery = Delivery(world, webhook_url, app_secret)
    business = Business(world, delivery)
    customers = Customers(world, delivery)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        delivery.start()
        yield
        world.close()
        await delivery.stop()

    app = FastAPI(title="Marcaí: simulated WhatsApp Cloud API", docs_url=None, redoc_url=None,
                  openapi_url="/sim/openapi.json", lifespan=lifespan)
    app.state.world = world

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return FileResponse(_STATIC / "index.html", headers={
            "Content-Security-Policy": _POLICY, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    @app.get("/sim/events", tags=["control"])
    async def events() -> StreamingResponse:
        """Server-sent events: a snapshot, then every change."""
        return StreamingResponse(_events(world), media_type="text/event-stream",
                                 headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    app.include_router(control.router(world, delivery, customers, verify_token, find_lines))
    apidocs.install(app, "/sim/docs")
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.include_router(graph.router(world, business, access_token))
    app.add_middleware(_ThisMachineOnly)
    return app


async def _events(world: World) -> AsyncIterator[str]:
    queue = world.feed.subscribe()
    try:
        yield "retry: 1000\n" + _event(world.snapshot())
        while not world.closing.is_set():
            try:
                event = await asyncio.wait_for(queue.get(), 15)
            except asyncio.TimeoutError:
                yield ": still here\n\n"
                continue
            if event is None:
                return
            if event["type"] == "reset":
                event = world.snapshot()
            yield _event(event)
    finally:
        world.feed.unsubscribe(queue)


def _event(event: dict) -> str:
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n"


class _ThisMachineOnly:
    """Refuse other hosts and foreign origins, so that a web page elsewhere cannot drive the simulator."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            scope["marcai.transport"] = getattr(getattr(receive, "__self__", None), "transport", None)
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            host = headers.get(b"host", "")
            origin = headers.get(b"origin", "")
            ours = host.rsplit(":", 1)[0] in {"127.0.0.1", "localhost", "[::1]", "::1"}
            if not ours or (origin and origin != f"http://{host}"):
                await Response("only for this machine\n", status_code=403)(scope, receive, send)
                return
        await self.app(scope, receive, send)
