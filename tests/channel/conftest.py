"""A real Sanic server with the real channel, PostgreSQL and Redis; Rasa's model and the Graph API are doubles here."""

from __future__ import annotations

import pytest

from tests.channel.graph_double import GraphDouble
from tests.channel.line import Line


@pytest.fixture(scope="session")
def graph_server():
    """One loopback Graph API for the session."""
    double = GraphDouble()
    yield double
    double.close()


@pytest.fixture
def graph(graph_server, salon, monkeypatch):
    """The Graph double, empty, with the settings pointing at it."""
    from marcai.platform.settings import settings

    graph_server.reset()
    monkeypatch.setenv("WHATSAPP_GRAPH_URL", graph_server.url)
    settings.cache_clear()
    yield graph_server
    settings.cache_clear()


@pytest.fixture
def start_line(graph, salon):
    """Starts servers with the channel; each call is another process's worth of it."""
    lines = []

    def start(**arguments) -> Line:
        line = Line(salon, **arguments)
        lines.append(line)
        return line.start()

    yield start
    for line in lines:
        line.stop()


@pytest.fixture
def line(start_line):
    """One running server."""
    return start_line()
