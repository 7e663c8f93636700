"""What tests stand on: real servers, an empty database, the demonstration salon, and the whole product running."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {
    "MARCAI_SECRET_KEYS": "test-only-key-" + "0" * 32,
    "WHATSAPP_APP_SECRET": "test-app-secret",
    "WHATSAPP_VERIFY_TOKEN": "test-verify-token",
    "WHATSAPP_ACCESS_TOKEN": "test-access-token",
    "MARCAI_PUBLIC_URL": "http://127.0.0.1:8000",
    "RASA_TELEMETRY_ENABLED": "false",
}

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM_FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def pytest_configure(config) -> None:
    config.addinivalue_line("markers", "browser: needs a Chromium")


def forget_cached_connections() -> None:
    """Drops the process-wide settings, pools, clients and keys, so that a changed environment is read anew."""
    from marcai.platform import crypto, database, redis
    from marcai.platform.settings import settings

    if database.engine.cache_info().currsize:
        database.engine().dispose()
    for cached in (settings, database.engine, redis.client, crypto._vault, crypto._index_keys):
        cached.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def test_settings(tmp_path_factory):
    """Settings for tests, whatever the shell or a local copy's files say; unit tests need nothing more."""
    os.environ["MARCAI_DATA_DIR"] = str(tmp_path_factory.mktemp("marcai-data"))
    os.environ.update({**SETTINGS, "RASA_TELEMETRY_ENABLED": "false"})
    os.environ.pop("MARCAI_CLOCK_FILE", None)


@pytest.fixture(scope="session")
def servers(test_settings, tmp_path_factory):
    """PostgreSQL and Redis, migrated, for the whole session; their addresses are in the environment.

    MARCAI_TEST_DATABASE_URL and REDIS_URL name servers of yours instead: tests empty that database and that Redis
    number.
    """
    from marcai import migrations
    from marcai.platform.embedded import Servers

    own = os.environ.get("MARCAI_TEST_DATABASE_URL")
    if own and os.environ.get("REDIS_URL"):
        os.environ["DATABASE_URL"] = own
        forget_cached_connections()
        migrations.upgrade()
        yield
        return
    with Servers(tmp_path_factory.mktemp("servers")) as started:
        os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = started.postgres.url, started.redis.url
        forget_cached_connections()
        migrations.upgrade()
        yield started


@pytest.fixture
def database(servers):
    """Every table empty and Redis flushed, before the test."""
    from sqlalchemy import text

    from marcai.migrations.tables import metadata
    from marcai.platform import redis
    from marcai.platform.database import engine

    names = ", ".join(table.name for table in metadata.sorted_tables)
    with engine().begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    redis.client().flushdb()
    _forget_cached_rooms()
    return engine()


def _forget_cached_rooms() -> None:
    """Rooms cache what they read for seconds: a test must not see the salon of the test before."""
    import sys

    for name, module in list(sys.modules.items()):
        forget = getattr(module, "forget_cache", None) if name.startswith("marcai.") else None
        if callable(forget):
            forget()


@pytest.fixture
def salon(database):
    """The demonstration salon, loaded from its file."""
    from marcai.tenants import service

    service.load(ROOT / "tenants" / "bela-vista.yml")
    _forget_cached_rooms()
    return service.by_slug("bela-vista")


@pytest.fixture
def keys(servers, monkeypatch):
    """Sets the secret keys, newest first."""
    from marcai.platform import crypto
    from marcai.platform.settings import settings

    def forget():
        for cached in (settings, crypto._vault, crypto._index_keys):
            cached.cache_clear()

    def use(*given):
        monkeypatch.setenv("MARCAI_SECRET_KEYS", ",".join(given))
        forget()

    yield use
    monkeypatch.undo()
    forget()


@pytest.fixture
def other_salon(salon):
    """A second establishment in the same database: a dental clinic."""
    from marcai.tenants import service

    service.load(ROOT / "tests" / "data" / "sorriso-claro.yml")
    _forget_cached_rooms()
    return service.by_slug("sorriso-claro")


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """The whole product, running on free ports with a database of its own; trains a model first when needed."""
    from marcai.platform.supervisor import System

    secret = {key: secrets.token_hex(20) for key in ("WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN")}
    running = System(tmp_path_factory.mktemp("system"), private=True, overrides=secret)
    running.start()
    yield running
    running.discard()


@pytest.fixture
def live(app):
    """The address of the web app on a real server; `app` is the one of the tests' folder."""
    import uvicorn

    from marcai.platform.embedded import free_port

    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_config=None, access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 15
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.config.port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")  # while it is open, the thread has a running event loop
def chromium():
    """A real browser, without a window."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    assert CHROMIUM, "in CI the browser tests must run: install chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()
