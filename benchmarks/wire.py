"""Both ends of WhatsApp for a benchmark: signed webhooks go in, and a Graph API notes when each answer arrives."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import queue
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Arrival:
    """One message as the Graph API got it."""

    at: float  # time.perf_counter, of this process
    body: dict[str, Any]

    @property
    def options(self) -> dict[str, str]:
        """Title to id of what can be tapped."""
        action = self.body.get("interactive", {}).get("action", {})
        found = {button["reply"]["title"]: button["reply"]["id"] for button in action.get("buttons", [])}
        return found | {row["title"]: row["id"] for part in action.get("sections", []) for row in part["rows"]}


class GraphDouble:
    """Answers every Graph call at once, from a thread of this process."""

    def __init__(self) -> None:
        self._numbers: dict[str, queue.SimpleQueue[Arrival]] = {}
        self._count = 0
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True, name="graph")
        self._thread.start()
        ready.wait()
        self.url = f"http://127.0.0.1:{self.port}"

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
                raw = await reader.readexactly(length)
                answer = json.dumps(self._receive(time.perf_counter(), json.loads(raw))).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                             % (len(answer), answer))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _receive(self, at: float, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("status") == "read":
            return {"success": True}
        self._count += 1
        self.to(body["to"]).put(Arrival(at, body))
        return {"messaging_product": "whatsapp", "messages": [{"id": f"wamid.bench{self._count}"}]}

    def to(self, number: str) -> queue.SimpleQueue[Arrival]:
        """What arrives for one recipient."""
        return self._numbers.setdefault(number, queue.SimpleQueue())

    def close(self) -> None:
        """Stops it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


class Connection:
    """One keep-alive connection that posts JSON, without Nagle's delay."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._path = parts.path
        self._http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def post(self, raw: bytes, headers: dict[str, str] | None = None) -> bytes:
        """Posts and gives the answer.

        Raises:
            RuntimeError: it is no 200.
        """
        self._http.request("POST", self._path, raw, {"Content-Type": "application/json", **(headers or {})})
        response = self._http.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{self._path} answered {response.status}")
        return answer

    def close(self) -> None:
        """Closes it."""
        self._http.close()


class Customer:
    """Somebody who writes to the establishment and sees what comes back."""

    def __init__(self, number: str, line: str, secret: str, webhook: Connection, graph: GraphDouble) -> None:
        self.number, self._line, self._secret, self._webhook = number, line, secret, webhook
        self._arrivals = graph.to(number)
        self.options: dict[str, str] = {}

    def say(self, words: str) -> float:
        """Writes, and gives the milliseconds until the answer was at the Graph API."""
        return self._turn({"type": "text", "text": {"body": words}})

    def tap(self, title: str) -> float:
        """Taps an option of the newest message, and gives the milliseconds until the answer."""
        reply = {"id": self.options[title], "title": title}
        return self._turn({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": reply}})

    def _turn(self, content: dict[str, Any], patience: float = 30.0) -> float:
        message = {"from": self.number, "id": f"wamid.{secrets.token_hex(12)}", "timestamp": str(int(time.time())),
                   **content}
        value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": self._line},
                 "contacts": [{"wa_id": self.number, "profile": {"name": "Cliente"}}], "messages": [message]}
        raw = json.dumps({"object": "whatsapp_business_account", "entry": [
            {"id": "1", "changes": [{"field": "messages", "value": value}]}]}).encode()
        signature = hmac.new(self._secret.encode(), raw, hashlib.sha256).hexdigest()
        while not self._arrivals.empty():
            self._arrivals.get()
        began = time.perf_counter()
        self._webhook.post(raw, {"X-Hub-Signature-256": f"sha256={signature}"})
        arrival = self._arrivals.get(timeout=patience)
        self.options = arrival.options
        return (arrival.at - began) * 1000
