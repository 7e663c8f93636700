"""Ports for servers of our own."""

import socket

from marcai.platform import embedded


def test_a_port_is_given_once_even_before_anything_listens_there(monkeypatch):
    drawn = iter([5001, 5001, 5001, 5002])

    class Probe(socket.socket):
        def bind(self, address):
            pass

        def getsockname(self):
            return ("127.0.0.1", next(drawn))

    monkeypatch.setattr(embedded.socket, "socket", Probe)
    assert (embedded.free_port(), embedded.free_port()) == (5001, 5002)
