"""A running server with the channel, a scripted stand-in for Rasa's agent, and customers who write."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from rasa.core.channels.channel import UserMessage, register
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from sanic import Sanic
from sqlalchemy.exc import NoResultFound

from marcai.platform.settings import settings
from marcai.tenants.service import TenantInfo
from marcai.whatsapp.channel import WhatsAppInput
from marcai.whatsapp.lock_store import MarcaiLockStore
from marcai.whatsapp.tracker_store import MarcaiTrackerStore

DOMAIN = Domain.from_yaml("""
version: "3.1"
intents: [greet, media_message, late_message, expired_option]
slots:
  turns:
    type: any
    mappings: [{type: custom}]
responses:
  utter_apology: [{text: "desculpe, tente de novo"}]
  utter_channel_more: [{text: "Ver mais"}]
  utter_channel_list_button: [{text: "Ver opções"}]
""")
Sanic.test_mode = True  # several servers in one process
_numbers = itertools.count(1)


class ScriptedAgent:
    """Goes through the motions of Rasa's agent: lock, tracker, user message, script, replies, save."""

    def __init__(self) -> None:
        self.domain = DOMAIN
        self.tracker_store = FailSafeTrackerStore(MarcaiTrackerStore(DOMAIN))
        self.lock_store = MarcaiLockStore()
        self.ready = True
        self.seen: list[dict[str, Any]] = []
        self.running: set[str] = set()
        self.overlaps = 0
        self.most_parallel = 0
        self.script: Callable[[UserMessage], Any] = lambda message: f"eco: {message.text}"

    def is_ready(self) -> bool:
        return self.ready

    async def handle_message(self, message: UserMessage) -> None:
        async with self.lock_store.lock(message.sender_id):
            tracker = await self.tracker_store.get_or_create_tracker(message.sender_id, append_action_listen=False)
            if not tracker.events:
                for event in (ActionExecuted("action_session_start"), SessionStarted(),
                              ActionExecuted("action_listen")):
                    tracker.update(event)
            self.overlaps += message.sender_id in self.running
            self.running.add(message.sender_id)
            self.most_parallel = max(self.most_parallel, len(self.running))
            try:
                data = message.parse_data or {"intent": {"name": "greet", "confidence": 1.0}, "entities": [],
                                              "text": message.text}
                tracker.update(UserUttered(message.text, data["intent"], data["entities"], data,
                                           input_channel=message.input_channel, message_id=message.message_id,
                                           metadata=message.metadata))
                self.seen.append({"sender": message.sender_id, "text": message.text, "intent": data["intent"]["name"],
                                  "entities": {e["entity"]: e["value"] for e in data["entities"]},
                                  "metadata": message.metadata, "parsed": message.parse_data is not None,
                                  "at": time.monotonic()})
                replies = self.script(message)
                if asyncio.iscoroutine(replies):
                    replies = await replies
            finally:
                self.running.discard(message.sender_id)
            for reply in [replies] if isinstance(replies, (str, dict)) else replies or []:
                reply = {"text": reply} if isinstance(reply, str) else reply
                tracker.update(BotUttered(reply.get("text"), {"buttons": reply.get("buttons")}))
                await message.output_channel.send_response(message.sender_id, reply)
            tracker.update(SlotSet("turns", (tracker.get_slot("turns") or 0) + 1))
            tracker.update(ActionExecuted("action_listen"))
            await self.tracker_store.save(tracker)

    def texts(self) -> list[str]:
        return [seen["text"] for seen in self.seen]


class Line:
    """One server, as one Rasa process would run it, in a thread with an event loop of its own."""

    def __init__(self, salon: TenantInfo, agent: ScriptedAgent | None = None) -> None:
        self.salon = salon
        self.agent = agent or ScriptedAgent()
        self.channel = WhatsAppInput()
        self.loop = asyncio.new_event_loop()
        self.client = httpx.Client(timeout=30)
        self.running = False

    def start(self) -> Line:
        ready = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(15), "the server did not start"
        self.running = True
        return self

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        app = Sanic(f"line-{next(_numbers)}", configure_logging=False)
        app.ctx.agent = self.agent
        register([self.channel], app, "/webhooks/")

        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/whatsapp/webhook"

        async def start() -> Any:
            server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
            await server.startup()
            await server.before_start()
            await server.after_start()
            return server

        self.server = self.loop.run_until_complete(start())
        ready.set()
        self.loop.run_forever()

    def stop(self) -> None:
        """Stops as Sanic does on SIGTERM."""
        if not self.running:
            return
        self.running = False

        async def stop() -> None:
            await self.server.before_stop()
            self.server.server.close()

        asyncio.run_coroutine_threadsafe(stop(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def crash(self) -> None:
        """Stops as SIGKILL does: nothing more runs, nothing is given back."""
        self.running = False
        self.loop.call_soon_threadsafe(self.server.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    # --- what WhatsApp sends -----------------------------------------------------------------------------------

    def post(self, body: Any, *, raw: bytes | None = None, signature: str | None = "right") -> httpx.Response:
        data = raw if raw is not None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if signature == "right":
            signature = "sha256=" + hmac.new(settings().whatsapp_app_secret.encode(), data, hashlib.sha256).hexdigest()
        if signature is not None:
            headers["X-Hub-Signature-256"] = signature
        return self.client.post(self.url, content=data, headers=headers)

    def value(self, messages: list[dict[str, Any]] = (), statuses: list[dict[str, Any]] = (),
              number: str | None = None, contacts: list[dict[str, Any]] = ()) -> dict[str, Any]:
        value = {"messaging_product": "whatsapp", "metadata": {
            "display_phone_number": "5511999990000", "phone_number_id": number or self.salon.phone_number_id}}
        for key, items in (("contacts", contacts), ("messages", messages), ("statuses", statuses)):
            if items:
                value[key] = list(items)
        return value

    def body(self, *values: dict[str, Any]) -> dict[str, Any]:
        return {"object": "whatsapp_business_account", "entry": [
            {"id": "0", "changes": [{"field": "messages", "value": value}]} for value in values]}

    def receive(self, *messages: dict[str, Any], contacts: list[dict[str, Any]] = ()) -> httpx.Response:
        response = self.post(self.body(self.value(list(messages), contacts=contacts)))
        assert response.status_code == 200, response.status_code
        return response

    def tell(self, *statuses: dict[str, Any]) -> None:
        assert self.post(self.body(self.value(statuses=list(statuses)))).status_code == 200


def message(phone: str, kind: str = "text", *, id: str | None = None, at: float | None = None,
            **part: Any) -> dict[str, Any]:
    """A message as the Cloud API sends it; `part` is the content under its type."""
    body = part.pop("content", part)
    return {"from": phone, "id": id or f"wamid.{uuid.uuid4().hex}", "timestamp": str(int(at or time.time())),
            "type": kind, kind: body}


def text(phone: str, words: str, **more: Any) -> dict[str, Any]:
    return message(phone, "text", content={"body": words}, **more)


def tap(phone: str, token: str, title: str = "x", **more: Any) -> dict[str, Any]:
    return message(phone, "interactive", content={"type": "button_reply", "button_reply": {
        "id": token, "title": title}}, **more)


def status(wamid: str, name: str, *, at: float | None = None, **more: Any) -> dict[str, Any]:
    return {"id": wamid, "status": name, "timestamp": str(int(at or time.time())), "recipient_id": "x", **more}


def until(condition: Callable[[], Any], seconds: float = 15.0, why: str = "it did not happen") -> Any:
    """Waits for a condition and gives its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(IndexError, KeyError, NoResultFound):
            if found := condition():
                return found
        time.sleep(0.01)
    raise AssertionError(why)
