"""Start the simulator: as a process of the system, or inside a test."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator

import uvicorn
from fastapi import FastAPI

from marcai.simulator.app import create_app
from marcai.simulator.records import Line

HOST = "127.0.0.1"
WEBHOOK_PATH = "/webhooks/whatsapp/webhook"


class _Server(uvicorn.Server):
    """Lets open pages go before it waits for connections to end."""

    def __init__(self, config: uvicorn.Config, app: FastAPI):
        super().__init__(config)
        self._world = app.state.world

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, close the event streams, then the rest."""
        self._world.close()
        await super().shutdown(sockets)


def _server(app: FastAPI, port: int, log_level: str) -> _Server:
    config = uvicorn.Config(app, host=HOST, port=port, ws="none", log_level=log_level, access_log=False,
                            timeout_graceful_shutdown=3, server_header=False)
    return _Server(config, app)


def run(port: int | None = None, webhook_url: str | None = None, app_secret: str | None = None,
        access_token: str | None = None, verify_token: str | None = None,
        find_lines: Callable[[], Iterable[Line]] | None = None, log_level: str = "warning") -> None:
    """Serve until SIGINT or SIGTERM, on the loopback address only. What is not given comes from the settings,
    and the business lines from the establishments in the database."""
    from marcai.platform.settings import settings

    known = settings()
    app = create_app(
        webhook_url=webhook_url or f"http://{HOST}:{known.rasa_port}{WEBHOOK_PATH}",
        app_secret=app_secret or known.whatsapp_app_secret,
        access_token=access_token or known.whatsapp_access_token,
        verify_token=verify_token or known.whatsapp_verify_token,
        find_lines=find_lines or _establishments,
    )
    _server(app, port or known.simulator_port, log_level).run()


def _establishments() -> list[Line]:
    from sqlalchemy.exc import SQLAlchemyError

    from marcai.tenants import service

    try:
        return [Line(one.phone_number_id, one.name, one.display_phone_number, one.timezone)
                for one in service.list_all()]
    except SQLAlchemyError:  # the simulator is useful without a database
        return []


def free_socket(port: int = 0) -> socket.socket:
    """A socket to serve on. It names TCP, or asyncio would leave Nagle's 40 ms in every answer."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    return listening


@contextlib.contextmanager
def running(*, webhook_url: str, app_secret: str, access_token: str, verify_token: str = "", port: int = 0,
            find_lines: Callable[[], Iterable[Line]] = tuple) -> Iterator[str]:
    """A simulator in a thread of this process, on a free port: yields its address."""
    app = create_app(webhook_url=webhook_url, app_secret=app_secret, access_token=access_token,
                     verify_token=verify_token, find_lines=find_lines)
    server = _server(app, port, "warning")
    listening = free_socket(port)
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True,
                              name="simulator")
    thread.start()
    waiting = threading.Event()
    while not server.started and thread.is_alive():
        waiting.wait(0.01)
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()


def main() -> None:
    """Serve with the settings of this process."""
    run()


if __name__ == "__main__":
    main()
