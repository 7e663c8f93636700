"""Photos and sounds of customers, fetched from WhatsApp for whoever may see the conversation; and the blue ticks."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from marcai.handoff import service
from marcai.whatsapp import history
from tests.handoff import conversations


class WhatsApp:
    """A Graph API with one file."""

    def __init__(self) -> None:
        self.mime, self.data, self.reads, self.tokens, self.known = "image/jpeg", b"\xff\xd8photo", [], [], True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.tokens.append(self.headers["Authorization"])
                if not outer.known:
                    self.answer(404, b"{}", "application/json")
                elif self.path == "/file":
                    self.answer(200, outer.data, outer.mime)
                else:
                    about = {"url": f"{outer.url}/file", "mime_type": outer.mime, "file_size": len(outer.data)}
                    self.answer(200, json.dumps(about).encode(), "application/json")

            def do_POST(self) -> None:
                outer.reads.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.answer(200, b"{}", "application/json")

            def answer(self, status: int, data: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


@pytest.fixture
def whatsapp(database, monkeypatch):
    from marcai.platform.settings import settings

    made = WhatsApp()
    monkeypatch.setenv("WHATSAPP_GRAPH_URL", made.url)
    settings.cache_clear()
    yield made
    settings.cache_clear()
    made.server.shutdown()


@pytest.fixture
def maria(whatsapp, salon, julia, person):
    """A customer who has sent a photo and whom Júlia serves."""
    customer_id = conversations.customer(salon)
    conversations.said(salon, customer_id, [("customer", {"type": "image", "image": {"id": "42", "mime_type": "x"}})])
    asked = service.request(salon, customer_id, {"draft": {}, "question": None}).handoff
    person("julia").post(f"/c/{asked.id}/assumir")
    return asked


def photo(maria) -> str:
    (entry,) = [one for one in history.conversation(maria.customer_id) if one.media]
    return f"/c/{maria.id}/midia/{entry.id}"


def test_a_photo_is_shown_to_whoever_serves_her(person, whatsapp, maria):
    answer = person("julia").get(photo(maria))
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, whatsapp.data, "image/jpeg")
    assert answer.headers["content-disposition"] == "inline" and answer.headers["cache-control"] == "no-store"
    assert set(whatsapp.tokens) == {"Bearer test-access-token"}


def test_and_to_nobody_else(person, rita, maria, whatsapp):
    assert person("rita").get(photo(maria)).status_code == 404
    assert person().get(photo(maria)).status_code == 303
    assert whatsapp.tokens == []


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/pdf", "application/javascript", ""])
def test_what_a_browser_might_run_is_only_downloaded(person, whatsapp, maria, mime):
    whatsapp.mime = mime
    answer = person("julia").get(photo(maria))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_whatsapp_no_longer_has_is_said_so(person, whatsapp, maria):
    whatsapp.known = False
    answer = person("julia").get(photo(maria))
    assert answer.status_code == 404 and "não está mais disponível" in answer.text
    assert person("julia").get(f"/c/{maria.id}/midia/i999999").status_code == 404


def test_her_message_turns_blue_once_the_attendant_has_it_before_her_eyes(person, whatsapp, maria):
    made = person("julia")
    made.state(maria.id)  # a page in the background reads nothing
    time.sleep(0.3)
    assert whatsapp.reads == []
    for _ in range(3):
        made.get(f"/c/{maria.id}")
    time.sleep(0.5)
    assert [read["status"] for read in whatsapp.reads] == ["read"]
    assert whatsapp.reads[0]["message_id"].startswith("wamid.")
