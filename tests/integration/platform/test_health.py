"""Health says the truth about each dependency, and metrics of all processes are on one page."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient

from marcai.platform import health, redis
from marcai.web import app as web


@pytest.fixture
def client(database, monkeypatch):
    """The web app, with real PostgreSQL and Redis, and no Rasa."""
    for name in ("RASA_URL", "ACTIONS_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    from marcai.platform.settings import settings

    settings.cache_clear()
    monkeypatch.setattr(web, "_last", (0.0, []))
    yield TestClient(web.create_app())
    settings.cache_clear()


def test_liveness_depends_on_nothing(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readiness_names_what_is_there_and_what_is_not(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    found = {name: check["ready"] for name, check in answer.json()["checks"].items()}
    assert found == {"postgres": True, "redis": True, "rasa": False, "actions": False, "worker": False}


def test_readiness_is_200_when_everything_answers(client, monkeypatch):
    health.beat(redis.client())
    monkeypatch.setattr(health, "http", lambda url: None)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"


def test_a_problem_is_told_without_addresses_or_passwords(client, monkeypatch):
    monkeypatch.setattr(health, "postgres", lambda: (_ for _ in ()).throw(OSError("password=hunter2")))
    said = client.get("/readyz").text
    assert "OSError" in said and "hunter2" not in said and "127.0.0.1" not in said


def test_a_worker_that_fell_silent_is_not_there(client, monkeypatch):
    health.beat(redis.client())
    assert health.worker_beats(redis.client()) == [os.getpid()]
    now = health.time.time()
    monkeypatch.setattr(health.time, "time", lambda: now + health.HEARTBEAT_SECONDS + 1)
    assert health.worker_beats(redis.client()) == []


def test_what_waits_is_in_the_metrics_although_no_worker_runs(client):
    from uuid import uuid4

    from marcai.platform.database import transaction
    from marcai.platform.events import emit

    with transaction() as session:
        emit(session, uuid4(), "booking.confirmed", {})
    page = client.get("/metrics").text
    assert 'marcai_waiting{queue="events"} 1.0' in page
    assert 'marcai_waiting_oldest_seconds{queue="events"}' in page


def test_numbers_of_several_processes_are_added_up_and_a_torn_file_hides_none(tmp_path):
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    count = "from marcai.platform.metrics import HOLDS; HOLDS.labels('held').inc(2)"
    for process in ("rasa", "actions"):
        subprocess.run([sys.executable, "-c", count], env={**env, "MARCAI_PROCESS": process}, check=True)
    (tmp_path / "counter_worker-host-1.db").write_bytes(b"\xff" * 40)
    show = "from marcai.platform.metrics import exposition; print(exposition().decode())"
    page = subprocess.run([sys.executable, "-c", show], env=env, check=True, capture_output=True, text=True).stdout
    assert 'marcai_holds_total{outcome="held"} 4.0' in page
