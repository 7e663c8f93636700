"""A Graph API on loopback that keeps every call and answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any] | str  # status and body, or "hang up" / "silence"


class GraphDouble:
    """Records calls; `answers` are used up first, per recipient or for everybody ("*")."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reset()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                double.receive(self, body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def reset(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.reads: list[dict[str, Any]] = []
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.delay = 0.0
        self.read_delay = 0.0
        self.on_call: Callable[[dict[str, Any], str], None] | None = None
        self.number = 0

    def close(self) -> None:
        self.server.shutdown()

    def receive(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        if body.get("status") == "read":
            with self.lock:
                self.reads.append(body)
            time.sleep(self.read_delay)
            return self._answer(handler, 200, {"success": True})
        with self.lock:
            self.number += 1
            wamid = f"wamid.OUT{self.number}"
            to = body.get("to") or body.get("recipient")
            queue = self.answers[to] or self.answers["*"]
            answer = queue.pop(0) if queue else None
            self.calls.append({**body, "wamid": wamid, "path": handler.path, "at": time.monotonic(),
                               "auth": handler.headers["Authorization"], "accepted": answer is None})
        if self.on_call:
            self.on_call(body, wamid)
        time.sleep(self.delay)
        if answer == "hang up":
            handler.close_connection = True
            handler.connection.close()
            return
        if isinstance(answer, tuple):
            return self._answer(handler, *answer)
        self._answer(handler, 200, {"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": to}],
                                    "messages": [{"id": wamid}]})

    @staticmethod
    def _answer(handler: BaseHTTPRequestHandler, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def fail(self, code: int, to: str = "*", status: int = 400, times: int = 1) -> None:
        error = {"error": {"message": "no", "type": "OAuthException", "code": code, "fbtrace_id": "T"}}
        self.answers[to] += [(status, error)] * times

    def sent_to(self, to: str) -> list[dict[str, Any]]:
        """The calls for one recipient, accepted or not."""
        return [call for call in list(self.calls) if (call.get("to") or call.get("recipient")) == to]

    def texts(self, to: str | None = None) -> list[str]:
        """The words of every accepted message, in order of arrival."""
        return [words(call) for call in list(self.calls)
                if call["accepted"] and to in (None, call.get("to"), call.get("recipient"))]


def words(body: dict[str, Any]) -> str:
    """The text of a Graph body."""
    if body["type"] == "text":
        return body["text"]["body"]
    if body["type"] == "image":
        return body["image"].get("caption", "")
    return body["interactive"]["body"]["text"]


def options(body: dict[str, Any]) -> dict[str, str]:
    """Title to id of everything that can be tapped in a Graph body."""
    if body["type"] != "interactive":
        return {}
    action = body["interactive"]["action"]
    found = {button["reply"]["title"]: button["reply"]["id"] for button in action.get("buttons", [])}
    found |= {row["title"]: row["id"] for section in action.get("sections", []) for row in section["rows"]}
    return found
