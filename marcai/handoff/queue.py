"""The queue in Redis: `handoff:queue:{slug}`, a sorted set of requests by when they were made.

PostgreSQL is the truth. Whoever finds the queue other than it should be writes it anew, so a flushed Redis, or one
that was away while a request came in, costs nobody her place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import redis as redis_errors

from marcai.platform import redis
from marcai.platform.logging import get_logger

log = get_logger(__name__)


def key(tenant_slug: str) -> str:
    """The queue's key."""
    return f"handoff:queue:{tenant_slug}"


def add(tenant_slug: str, handoff_id: UUID, requested_at: datetime) -> None:
    """Puts a request in the queue, at the place of its time."""
    _quietly("zadd", key(tenant_slug), {str(handoff_id): requested_at.timestamp()})


def remove(tenant_slug: str, handoff_id: UUID) -> None:
    """Takes a request out of the queue."""
    _quietly("zrem", key(tenant_slug), str(handoff_id))


def read(tenant_slug: str) -> list[UUID] | None:
    """The requests in their order; None when Redis does not answer."""
    found = _quietly("zrange", key(tenant_slug), 0, -1)
    return None if found is None else [UUID(one) for one in found]


def write(tenant_slug: str, waiting: Iterable[tuple[UUID, datetime]]) -> None:
    """Writes the whole queue anew."""
    entries = {str(handoff_id): requested_at.timestamp() for handoff_id, requested_at in waiting}
    try:
        with redis.client().pipeline() as pipe:
            pipe.delete(key(tenant_slug))
            if entries:
                pipe.zadd(key(tenant_slug), entries)
            pipe.execute()
    except redis_errors.RedisError as error:
        log.warning("queue.not_written", error=type(error).__name__)


def _quietly(command: str, *arguments: object) -> object:
    try:
        return getattr(redis.client(), command)(*arguments)
    except redis_errors.RedisError as error:
        log.warning("queue.not_reached", command=command, error=type(error).__name__)
        return None
