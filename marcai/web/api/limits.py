"""How many requests a key may make: a token bucket for each in Redis; without Redis everybody may."""

from __future__ import annotations

import math
import time

from redis import RedisError

from marcai.platform.logging import get_logger
from marcai.platform.metrics import API_LIMITED
from marcai.platform.redis import client
from marcai.platform.settings import settings
from marcai.web.api.keys import Caller
from marcai.web.api.problems import RATE_LIMITED, Problem

log = get_logger(__name__)
RETRY_REDIS_AFTER = 5.0  # seconds without asking a Redis that just failed

# A bucket holds ARGV[1] tokens at most and gains ARGV[2] a second; a request takes one. The clock is Redis's own, so
# that all processes agree. Answers 0, or the milliseconds until there is a token.
_TAKE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local known = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(known[1]) or tonumber(ARGV[1])
local passed = math.max(0, now - (tonumber(known[2]) or now))
tokens = math.min(tonumber(ARGV[1]), tokens + passed * ARGV[2])
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / ARGV[2] * 1000) end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[1] / ARGV[2]) + 1)
return wait
"""

_asleep_until = 0.0


def take(caller: Caller) -> None:
    """Counts a request of a key.

    Raises:
        Problem: 429, it has made too many.
    """
    global _asleep_until
    if time.monotonic() < _asleep_until:
        return
    burst, per_second = settings().api_burst, settings().api_rate_per_minute / 60
    try:
        wait = int(client().eval(_TAKE, 1, f"api:rate:{caller.key}", burst, per_second))
    except RedisError as error:
        _asleep_until = time.monotonic() + RETRY_REDIS_AFTER
        log.warning("api.rate_not_limited", error=type(error).__name__)
        return
    if wait:
        API_LIMITED.labels(caller.tenant.slug).inc()
        seconds = math.ceil(wait / 1000)
        detail = f"This key may make {settings().api_rate_per_minute} requests a minute; try again in {seconds} s."
        raise Problem(RATE_LIMITED, detail, {"Retry-After": str(seconds)})


def forget_cache() -> None:
    """Asks Redis again, even if it just failed."""
    global _asleep_until
    _asleep_until = 0.0
