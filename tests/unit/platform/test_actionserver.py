"""The action server is asked over one kept connection, which may break without an action being lost."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from marcai.platform import actionserver
from marcai.platform.actionserver import ActionServer

ANSWER = {"events": [{"event": "slot", "name": "question", "value": None}], "responses": [{"text": "oi"}]}


@pytest.fixture
def server():
    """Answers actions; `breaks` connections are closed instead, as a server does that has just stopped."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.asked.append((body["next_action"], self.client_address))
            if self.server.breaks:
                self.server.breaks -= 1
                self.close_connection = True
                return
            status = 500 if body["next_action"] == "broken" else 200
            answer = json.dumps(ANSWER).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads, listening.asked, listening.breaks = True, [], 0
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield listening
    listening.shutdown()
    listening.server_close()


def ask(server, *names):
    """Runs actions one after the other, and gives the last answer."""

    async def main():
        endpoint = ActionServer.of(EndpointConfig(f"http://127.0.0.1:{server.server_port}/webhook"))
        try:
            for name in names:
                answer = await endpoint.request(json={"next_action": name}, method="post", timeout=300, compress=False)
            return answer
        finally:
            await endpoint.session().close()

    return asyncio.run(main())


def test_calls_share_a_connection(server):
    assert ask(server, "a", "b", "c") == ANSWER
    assert [name for name, _ in server.asked] == ["a", "b", "c"]
    assert len({client for _, client in server.asked}) == 1


def test_a_connection_that_breaks_is_replaced_once(server):
    server.breaks = 1
    assert ask(server, "a") == ANSWER
    server.breaks = 2
    with pytest.raises(aiohttp.ClientError):
        ask(server, "b")


def test_a_failing_action_is_told_and_nobody_there_is_told_at_once(server):
    with pytest.raises(ClientResponseError) as failure:
        ask(server, "broken")
    assert failure.value.status == 500
    server.shutdown()
    server.server_close()
    with pytest.raises(aiohttp.ClientConnectionError):
        ask(server, "a")


@pytest.mark.parametrize("answer", [None, [], "x", {"events": {}}, {"events": [1]}, {"events": [{"name": "x"}]},
                                    {"events": [], "responses": ["x"]}])
def test_an_answer_of_another_form_is_refused(answer, monkeypatch):
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RemoteAction._validate_action_result)
    actionserver.check_plainly()
    with pytest.raises(ValueError):
        RemoteAction("a", None)._validate_action_result(answer)
    assert RemoteAction("a", None)._validate_action_result(ANSWER)
    assert RemoteAction("a", None)._validate_action_result({})
