"""The simulator as a process: it starts from the settings, serves this machine only, and stops at once when told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture
def process():
    port = free_port()
    env = {**os.environ, "SIMULATOR_PORT": str(port), "REDIS_URL": "redis://127.0.0.1:1/0",
           "DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1/none"}
    started = subprocess.Popen([sys.executable, "-m", "marcai.simulator.main"], env=env, stderr=subprocess.PIPE)
    pause = threading.Event()
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).raise_for_status()
            break
        except httpx.HTTPError:
            assert started.poll() is None, started.stderr.read().decode()
            pause.wait(0.05)
    yield started, port
    started.kill()
    started.wait()


def test_it_runs_without_a_database_and_stops_although_a_page_is_open(process):
    started, port = process
    address = f"http://127.0.0.1:{port}"
    assert httpx.get(f"{address}/sim/lines", trust_env=False).json()[0]["name"] == "Salão Bela Vista"
    with httpx.stream("GET", f"{address}/sim/events", trust_env=False) as page:
        lines = page.iter_lines()
        assert any("snapshot" in next(lines) for _ in range(3))
        started.send_signal(signal.SIGTERM)
        assert started.wait(timeout=20) in (0, -signal.SIGTERM)
    assert b"Traceback" not in started.stderr.read()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
def test_it_listens_on_the_loopback_address_only(process):
    _, port = process
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
                 if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")]
    assert listening == [f"0100007F:{port:04X}"]
