"""The courtesy locks in Redis: they tell a customer at once that somebody else is choosing the same start.

They are not the guarantee (see `marcai.scheduling.allocations`): a lock on a start does not see a visit that starts at
another time and overlaps. When Redis is down nothing is locked and nothing else changes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from redis import RedisError

from marcai.platform.redis import client
from marcai.scheduling.visit import Visit

SECONDS = 60

# All keys or none, each as SET NX EX. A key left by this very visit (a process died between lock and hold, and the
# turn runs again) is no rival's. KEYS: the locks; ARGV: token, seconds, the visit's part of the token.
_TAKE = """
for i, key in ipairs(KEYS) do
  if not redis.call('SET', key, ARGV[1], 'NX', 'EX', ARGV[2]) then
    local held = redis.call('GET', key)
    if held and string.sub(held, 1, #ARGV[3]) == ARGV[3] then
      redis.call('SET', key, ARGV[1], 'EX', ARGV[2])
    else
      for j = 1, i - 1 do redis.call('DEL', KEYS[j]) end
      return 0
    end
  end
end
return 1
"""

# Compare and delete: a lock that expired and was taken by another stays the other's.
_RELEASE = """
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
"""


def keys(visit: Visit) -> list[str]:
    """The locks of a visit: ``lock:slot:{staff_id}:{start, ISO 8601 in UTC}`` for each of its services."""
    return sorted({f"lock:slot:{segment.staff_id}:{segment.start.isoformat()}" for segment in visit.segments})


@contextmanager
def choosing(visit: Visit, visit_id: UUID) -> Iterator[bool]:
    """Locks the starts of a visit for the block; gives False, without having locked any, when somebody else has one."""
    names = keys(visit)
    token = f"{visit_id}.{secrets.token_hex(16)}"
    try:
        free = bool(client().eval(_TAKE, len(names), *names, token, SECONDS, f"{visit_id}."))
    except RedisError:
        yield True
        return
    try:
        yield free
    finally:
        if free:
            with suppress(RedisError):  # it expires by itself
                client().eval(_RELEASE, len(names), *names, token)
