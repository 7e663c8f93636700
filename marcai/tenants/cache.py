"""A cache of what an establishment offers: in Redis for three minutes, dropped at once when it changes.

`catalogue:{slug}` and `staff:{slug}` hold JSON with the establishment's version at the time of reading;
`tenant:version:{slug}` is raised by every change, so that a value read just before a change and stored just after
it is never used. `tenants:version` tells every process to read establishments again. Without Redis everything is
read from PostgreSQL.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import redis

from marcai.platform.redis import client

TTL_SECONDS = 180
RETRY_AFTER = 5.0  # seconds without asking a Redis that just failed
TENANTS_VERSION = "tenants:version"

_decoded: dict[str, tuple[str, tuple]] = {}
_asleep_until = 0.0


def version_key(slug: str) -> str:
    """The Redis key of an establishment's version."""
    return f"tenant:version:{slug}"


def available() -> bool:
    """Whether Redis is worth asking now."""
    return time.monotonic() >= _asleep_until


def failed() -> None:
    """Remembers that Redis just failed, so that the next calls do not wait for it."""
    global _asleep_until
    _asleep_until = time.monotonic() + RETRY_AFTER


def read(kind: str, slug: str, load: Callable[[], list], decode: Callable[[dict], Any]) -> tuple:
    """The values of one kind for an establishment; the same tuple object for as long as nothing changes.

    Args:
        kind: ``catalogue`` or ``staff``, the first part of the Redis key.
        slug: the establishment.
        load: reads PostgreSQL into a list of JSON values.
        decode: makes a value of one of them.
    """
    key = f"{kind}:{slug}"
    version = None
    if available():
        try:
            raw, version = client().mget(key, version_key(slug))
            version = version or "0"
            known = _decoded.get(key)
            if raw is not None and known is not None and known[0] == raw and _version_of(raw) == version:
                return known[1]
            if raw is not None and _version_of(raw) == version:
                values = tuple(decode(value) for value in json.loads(raw)["values"])
                _decoded[key] = (raw, values)
                return values
        except redis.RedisError:
            failed()
            version = None
        except (ValueError, KeyError, TypeError):
            pass  # not written by this version of the code: read again below
    rows = load()
    raw = json.dumps({"version": version or "0", "values": rows}, ensure_ascii=False)
    known = _decoded.get(key)
    if known is not None and json.loads(known[0])["values"] == rows:
        values = known[1]
    else:
        values = tuple(decode(value) for value in rows)
    _decoded[key] = (raw, values)
    if version is not None:
        try:
            client().set(key, raw, ex=TTL_SECONDS)
        except redis.RedisError:
            failed()
    return values


def _version_of(raw: str) -> str:
    return raw[len('{"version": "'): raw.index('"', len('{"version": "'))]


def forget_cache() -> None:
    """Empties this process's memory, and asks Redis again even if it just failed."""
    global _asleep_until
    _decoded.clear()
    _asleep_until = 0.0


def drop(slug: str) -> bool:
    """Forgets everything cached about an establishment, in every process, at once.

    Returns:
        Whether Redis was told; if not, other processes notice within the cache's three minutes.
    """
    for kind in ("catalogue", "staff"):
        _decoded.pop(f"{kind}:{slug}", None)
    try:
        pipe = client().pipeline(transaction=True)
        pipe.incr(version_key(slug))
        pipe.incr(TENANTS_VERSION)
        pipe.incr(f"availability:version:{slug}")
        pipe.delete(f"catalogue:{slug}", f"staff:{slug}")
        pipe.execute()
        return True
    except redis.RedisError:
        failed()
        return False
