"""Who is on duty: an attendant is, while her page is open and she has not paused; Redis knows, with a life of its own.

`handoff:duty:{slug}` is a sorted set of attendants' ids by the second in which their last sign of life ends.
"""

from __future__ import annotations

from uuid import UUID

import redis as redis_errors

from marcai.platform import clock, redis
from marcai.platform.logging import get_logger

LIFE_SECONDS = 75  # a page in the background is let run once a minute by its browser
KEPT_SECONDS = 24 * 3600

log = get_logger(__name__)


def key(tenant_slug: str) -> str:
    """The key of an establishment's attendants on duty."""
    return f"handoff:duty:{tenant_slug}"


def beat(tenant_slug: str, attendant_id: UUID) -> None:
    """A sign of life: she is on duty for the next minute or so."""
    now = clock.now().timestamp()
    with redis.client().pipeline(transaction=False) as pipe:
        pipe.zadd(key(tenant_slug), {str(attendant_id): now + LIFE_SECONDS})
        pipe.zremrangebyscore(key(tenant_slug), "-inf", now)
        pipe.expire(key(tenant_slug), KEPT_SECONDS)
        pipe.execute()


def leave(tenant_slug: str, attendant_id: UUID) -> None:
    """She is no longer on duty: paused, signed out, or disabled."""
    try:
        redis.client().zrem(key(tenant_slug), str(attendant_id))
    except redis_errors.RedisError as error:
        log.warning("presence.not_written", error=type(error).__name__)


def on_duty(tenant_slug: str) -> frozenset[UUID]:
    """The attendants on duty; nobody when Redis does not answer, because then nothing can be promised."""
    try:
        found = redis.client().zrangebyscore(key(tenant_slug), f"({clock.now().timestamp()}", "+inf")
    except redis_errors.RedisError as error:
        log.warning("presence.not_read", error=type(error).__name__)
        return frozenset()
    return frozenset(UUID(one) for one in found)
