"""Redis: one client for the process; keys are written by the room that owns them."""

from __future__ import annotations

from functools import cache

import redis


@cache
def client() -> redis.Redis:
    """The process's synchronous client for `REDIS_URL`; answers are text; every call times out in 2 s."""
    from marcai.platform.settings import settings

    return redis.Redis.from_url(
        settings().redis_url, decode_responses=True, socket_timeout=2, socket_connect_timeout=2
    )
