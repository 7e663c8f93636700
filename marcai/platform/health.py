"""Whether what we stand on is there: PostgreSQL, Redis, the Rasa server, the action server and the worker."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from marcai.platform import redis
from marcai.platform.settings import settings

PATIENCE = 2.0  # seconds that a dependency has to answer
DEPENDENCIES = ("postgres", "redis", "rasa", "actions", "worker")
HEARTBEATS_KEY = "worker:heartbeats"  # a sorted set: "host:process id" of each worker, by time of its last sign
HEARTBEAT_SECONDS = 15  # a worker that has not said a word for so long is not there


@dataclass(frozen=True)
class Check:
    """The state of one dependency; `problem` says what is wrong in one short line, without addresses."""

    name: str
    ready: bool
    milliseconds: int
    problem: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {key: value for key, value in asdict(self).items() if value is not None and key != "name"}


def postgres() -> None:
    """Asks PostgreSQL for something; raises when it does not answer."""
    from sqlalchemy import text

    from marcai.platform.database import engine

    with engine().connect() as connection:
        connection.execute(text("SELECT 1"))


def redis_server() -> None:
    """Asks Redis for something; raises when it does not answer."""
    redis.client().ping()


def http(url: str) -> None:
    """Asks a process of ours; raises unless it answers with success."""
    import httpx

    httpx.get(url, timeout=PATIENCE).raise_for_status()


def beat(client: Any) -> None:
    """Writes this process's sign of life as a worker, and forgets those of workers long gone."""
    now = time.time()
    with client.pipeline(transaction=False) as pipe:
        pipe.zadd(HEARTBEATS_KEY, {f"{socket.gethostname()}:{os.getpid()}": now})
        pipe.zremrangebyscore(HEARTBEATS_KEY, "-inf", now - 10 * HEARTBEAT_SECONDS)
        pipe.execute()


def worker_beats(client: Any) -> list[int]:
    """The process ids of the workers that live, as their hosts count them."""
    found = client.zrangebyscore(HEARTBEATS_KEY, time.time() - HEARTBEAT_SECONDS, "+inf")
    return [int((name.decode() if isinstance(name, bytes) else name).rpartition(":")[2]) for name in found]


def worker() -> None:
    """Looks for a worker's sign of life; raises when there is none."""
    if not worker_beats(redis.client()):
        raise LookupError("no worker has given a sign of life")


def checks() -> dict[str, Callable[[], None]]:
    """What is checked, by name."""
    return {
        "postgres": postgres,
        "redis": redis_server,
        "rasa": lambda: http(settings().rasa_url + "/"),
        "actions": lambda: http(settings().actions_url + "/health"),
        "web": lambda: http(f"http://127.0.0.1:{settings().web_port}/healthz"),
        "worker": worker,
    }


def _run(name: str, check: Callable[[], None]) -> Check:
    began = time.monotonic()
    try:
        check()
        problem = None
    except Exception as error:
        problem = str(error) if isinstance(error, LookupError) else type(error).__name__
    return Check(name, problem is None, round((time.monotonic() - began) * 1000), problem)


def readiness(names: Iterable[str] = DEPENDENCIES) -> list[Check]:
    """The state of dependencies, asked all at once.

    Args:
        names: of `checks()`; by default all but the web app, which is who asks.
    """
    known = checks()
    todo = {name: known[name] for name in names}
    with ThreadPoolExecutor(len(todo)) as pool:
        return list(pool.map(_run, todo.keys(), todo.values()))
