"""A real simulator on a free port and a small bot double that receives its webhooks."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import shutil
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from marcai.simulator.client import SimulatorClient
from marcai.simulator.main import free_socket, running

SECRET, TOKEN, VERIFY = "test-app-secret", "test-token", "test-verify"
LINE = "100000000000001"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class BotDouble:
    """Receives webhooks as the bot would, remembers them, and answers messages with whatever `reply` says."""

    def __init__(self) -> None:
        self.simulator = ""
        self.reset()

    def reset(self) -> None:
        self.posts: list[dict] = []
        self.answers: list[int] = []  # status codes of the next posts; then 200
        self.reply = None  # callable(message) -> list of Graph bodies without recipient
        self._graph = getattr(self, "_graph", None)

    # --- what came ------------------------------------------------------------------------------------------

    @property
    def values(self) -> list[dict]:
        return [change["value"] for post in self.posts if post["genuine"] for entry in post["json"]["entry"]
                for change in entry["changes"]]

    @property
    def messages(self) -> list[dict]:
        return [message for value in self.values for message in value.get("messages", [])]

    def statuses(self, wamid: str) -> list[dict]:
        return [status for value in self.values for status in value.get("statuses", []) if status["id"] == wamid]

    def wait(self, condition, seconds: float = 15.0):
        """The first true value of a condition."""
        pause = threading.Event()
        for _ in range(int(seconds / 0.02)):
            if value := condition():
                return value
            pause.wait(0.02)
        raise AssertionError(f"did not happen; posts: {[post['json'] for post in self.posts[-5:]]}")

    # --- the server -----------------------------------------------------------------------------------------

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        raw, more = b"", True
        while more:
            part = await receive()
            raw += part.get("body", b"")
            more = part.get("more_body", False)
        if scope["method"] == "GET":
            query = httpx.QueryParams(scope["query_string"].decode())
            good = query.get("hub.verify_token") == VERIFY
            await self._answer(send, 200 if good else 403, query.get("hub.challenge", "").encode() if good else b"")
            return
        given = dict(scope["headers"]).get(b"x-hub-signature-256", b"").decode()
        expected = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        genuine = hmac.compare_digest(given, expected)
        code = self.answers.pop(0) if self.answers else (200 if genuine else 403)
        self.posts.append({"raw": raw, "json": json.loads(raw), "genuine": genuine, "answered": code})
        await self._answer(send, code, b"")
        if code == 200 and self.reply:
            for message in [message for entry in self.posts[-1]["json"]["entry"] for change in entry["changes"]
                            for message in change["value"].get("messages", [])]:
                await self._respond(message)

    async def _respond(self, message: dict) -> None:
        to = {"to": message["from"]} if "from" in message else {"recipient": message["from_user_id"]}
        async with httpx.AsyncClient(base_url=self.simulator, trust_env=False, verify=False) as http:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            await http.post(f"/v26.0/{LINE}/messages", headers=headers, json={
                "messaging_product": "whatsapp", "status": "read", "message_id": message["id"],
                "typing_indicator": {"type": "text"}})
            for body in self.reply(message):
                await http.post(f"/v26.0/{LINE}/messages", headers=headers, json={
                    "messaging_product": "whatsapp", "recipient_type": "individual", **to, **body})

    @staticmethod
    async def _answer(send, status: int, body: bytes) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [
            (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def served(app) -> Iterator[str]:
    """An ASGI application on a free port."""
    listening = free_socket()
    server = uvicorn.Server(uvicorn.Config(app, ws="none", log_level="error", lifespan="off",
                                           timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()


@pytest.fixture(scope="session")
def _pair() -> Iterator[tuple[BotDouble, str]]:
    bot = BotDouble()
    with served(bot) as bot_address, running(webhook_url=f"{bot_address}/webhooks/whatsapp/webhook",
                                             app_secret=SECRET, access_token=TOKEN, verify_token=VERIFY) as address:
        bot.simulator = address
        yield bot, address


@pytest.fixture
def bot(_pair) -> BotDouble:
    """The bot double, forgetful of earlier tests."""
    _pair[0].reset()
    return _pair[0]


@pytest.fixture
def sim(_pair, bot) -> Iterator[SimulatorClient]:
    """A client of the simulator, which is empty."""
    with SimulatorClient(_pair[1], quiet=0.2) as client:
        client.reset()
        client.config(retry_first=0.02, status_delay=0.01)
        bot.reset()
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Chromium, without a window."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    assert CHROMIUM, "in CI the browser tests must run: install chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def graph(_pair) -> Iterator:
    """A Graph client: `graph(body, line=…, token=…)` gives the response."""
    with httpx.Client(base_url=_pair[1], trust_env=False, verify=False) as http:

        def post(body, *, line: str = LINE, token: str = TOKEN, version: str = "v26.0", to: str | None = None):
            if to:
                body = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": to, **body}
            return http.post(f"/{version}/{line}/messages", json=body, headers={"Authorization": f"Bearer {token}"})

        post.http = http
        yield post
