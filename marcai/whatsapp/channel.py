"""The channel: the webhook on the Rasa server, and the consumer and sender that live beside it.

The webhook only checks, stores and answers; everything else happens after the 200, from what was stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from marcai.platform import metrics
from marcai.platform.logging import get_logger
from marcai.platform.settings import settings
from marcai.tenants.service import TenantInfo
from marcai.whatsapp import inbox, messages, turns
from marcai.whatsapp.consumer import Consumer
from marcai.whatsapp.graph import Graph
from marcai.whatsapp.outbox import Sender
from marcai.whatsapp.serving import CHANNEL, Service

BODY_BYTES = 16 * 1024 * 1024  # WhatsApp sends up to 3 MB
SIGNATURE = "X-Hub-Signature-256"

log = get_logger(__name__)


class WhatsAppInput(InputChannel):
    """WhatsApp's Cloud API; `credentials.yml` names this class."""

    def __init__(self) -> None:
        """Starts nothing; the server's start does."""
        self.consumer: Consumer | None = None
        self.sender: Sender | None = None
        self._graph: Graph | None = None
        self._app: Sanic | None = None
        self._background: set[asyncio.Task[Any]] = set()
        self._stop: asyncio.Event | None = None
        self._sending: asyncio.Task[None] | None = None

    @classmethod
    def name(cls) -> str:
        """The channel's name, also in its address."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WhatsAppInput:
        """The channel; its settings come from the environment, and a missing one stops the start here."""
        settings()
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The webhook, and what starts and stops with the server.

        Args:
            on_new_message: gives a message to Rasa and returns when its turn is over.
        """
        webhook = Blueprint("whatsapp_webhook")

        @webhook.get("/webhook")
        async def handshake(request: Request) -> HTTPResponse:
            given = request.args.get("hub.verify_token", "")
            right = hmac.compare_digest(given.encode(), settings().whatsapp_verify_token.encode())
            if request.args.get("hub.mode") != "subscribe" or not right:
                return response.empty(403)
            return response.text(request.args.get("hub.challenge", ""))

        @webhook.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if not signed(request.body, request.headers.get(SIGNATURE)):
                metrics.WEBHOOKS.labels("refused").inc()
                return response.empty(403)
            # Shielded: when the peer hangs up, Sanic cancels this handler, and what was stored must still be served.
            return await asyncio.shield(self._spawn(self._store(request.body)))

        @webhook.listener("before_server_start")
        async def allow_large_bodies(app: Sanic, _: Any) -> None:
            app.config.REQUEST_MAX_SIZE = BODY_BYTES

        @webhook.listener("after_server_start")
        async def start(app: Sanic, _: Any) -> None:
            self.start(app, on_new_message)

        @webhook.listener("before_server_stop")
        async def stop(_: Sanic, __: Any) -> None:
            await self.stop()

        return webhook

    def start(self, app: Sanic, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> None:
        """Starts the consumer and the sender in the running loop."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of every call
        self._app, self._graph = app, Graph()
        self._stop = asyncio.Event()
        self.sender = Sender(api=self._graph)
        self._sending = asyncio.create_task(self.sender.run(self._stop))
        service = Service(on_new_message, self._said, self._greet, self.sender.accept)
        self.consumer = Consumer(service, self._ready)
        self.consumer.start()

    async def stop(self) -> None:
        """Lets turns and sends under way end, and gives back the rest."""
        if self.consumer is None:
            return
        await self.consumer.stop()
        self._stop.set()
        await asyncio.gather(self._sending, return_exceptions=True)
        for task in list(self._background):
            task.cancel()
        with contextlib.suppress(Exception):
            await self._graph.close()

    async def _store(self, body: bytes) -> HTTPResponse:
        consumer = self.consumer
        try:
            stored = await asyncio.to_thread(inbox.store, body, consumer.places if consumer else lambda: 0)
        except Exception as error:
            metrics.WEBHOOKS.labels("not_stored").inc()
            log.error("webhook.not_stored", error=type(error).__name__)
            return response.empty(503)  # WhatsApp tries again
        metrics.WEBHOOKS.labels("stored").inc()
        if consumer is not None:
            consumer.serve(stored.rows, stored.token)
            if stored.waiting:
                consumer.wake()
        return response.empty(200)

    def _spawn(self, work: Awaitable[Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def _agent(self) -> Any:
        return getattr(self._app.ctx, "agent", None) if self._app else None

    def _ready(self) -> bool:
        agent = self._agent()
        return agent is not None and agent.is_ready()

    def _greet(self, tenant: TenantInfo, wamid: str) -> None:
        """Read receipt and typing indicator: sent beside the turn, never in its way."""
        if self._graph is not None and wamid:
            self._spawn(self._graph.mark_read(tenant.phone_number_id, wamid))

    def _said(self) -> turns.Said:
        """The channel's own words, from the domain of the model that runs now."""
        domain = getattr(self._agent(), "domain", None)
        return said(domain.responses if domain else {})


def said(responses: dict[str, list[dict[str, Any]]]) -> turns.Said:
    """The channel's own words among a domain's responses."""
    def first(name: str) -> dict[str, Any]:
        return dict((responses.get(name) or [{}])[0])

    more = first("utter_channel_more").get("text") or "…"
    label = first("utter_channel_list_button").get("text") or "…"
    return turns.Said(messages.Words(more, label), first("utter_apology") or {"text": "🙏"})


def signed(body: bytes, header: str | None) -> bool:
    """Whether WhatsApp's signature is right for the body as it came; takes the same time for right and wrong."""
    expected = hmac.new(settings().whatsapp_app_secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}".encode(), (header or "").encode("utf-8", "replace"))
