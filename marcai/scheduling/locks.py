"""The courtesy locks in Redis: they tell a customer at once that somebody else is choosing the same start.

They are not the guarantee (see `marcai.scheduling.allocations`): a lock on a start does not see a visit that starts at
another time and overlaps. When Redis is down nothing is locked and nothing else changes.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from uuid import UUID

from redis import RedisError

from marcai.platform.redis import client
from marcai.scheduling.visit import Visit

SECONDS = 60
RETRY_AFTER = 5.0  # seconds without asking a Redis that just failed: others wait for whoever asks

_asleep_until = 0.0

# For each visit all keys or none, each as SET NX EX. A key left by this very visit (a process died between lock and
# hold, and the turn runs again) is no rival's. KEYS: the locks; ARGV: seconds, then for each visit how many of the
# locks are its own, its token, and the part of the token that names the visit. Gives 1 or 0 for each.
_TAKE = """
local taken, first = {}, 1
for visit = 2, #ARGV, 3 do
  local last, token, name = first + ARGV[visit] - 1, ARGV[visit + 1], ARGV[visit + 2]
  local free = 1
  for i = first, last do
    if not redis.call('SET', KEYS[i], token, 'NX', 'EX', ARGV[1]) then
      local held = redis.call('GET', KEYS[i])
      if held and string.sub(held, 1, #name) == name then
        redis.call('SET', KEYS[i], token, 'EX', ARGV[1])
      else
        for j = first, i - 1 do redis.call('DEL', KEYS[j]) end
        free = 0
        break
      end
    end
  end
  taken[#taken + 1] = free
  first = last + 1
end
return taken
"""

# Compare and delete: a lock that expired and was taken by another stays the other's. KEYS and ARGV: locks and tokens.
_RELEASE = """
for i, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[i] then redis.call('DEL', key) end
end
"""


def keys(visit: Visit) -> list[str]:
    """The locks of a visit: ``lock:slot:{staff_id}:{start, ISO 8601 in UTC}`` for each of its services."""
    return sorted({f"lock:slot:{segment.staff_id}:{segment.start.isoformat()}" for segment in visit.segments})


def _failed() -> None:
    global _asleep_until
    _asleep_until = time.monotonic() + RETRY_AFTER


@contextmanager
def choosing(visits: Mapping[UUID, Visit]) -> Iterator[set[UUID]]:
    """Locks the starts of visits for the block.

    Nobody waits for the release: Redis is told not to answer it, and a lock that stays expires by itself.

    Args:
        visits: by their ids; each is locked whole or not at all.

    Yields:
        The ids of the visits but for those of which somebody else has a start.
    """
    if time.monotonic() < _asleep_until:
        yield set(visits)
        return
    names = {visit_id: keys(visit) for visit_id, visit in visits.items()}
    pool = client().connection_pool
    try:
        connection = pool.get_connection("EVAL")
    except RedisError:
        _failed()
        yield set(visits)
        return
    try:
        tokens = {visit_id: f"{visit_id}.{secrets.token_hex(16)}" for visit_id in visits}
        try:
            every = [name for one in visits for name in names[one]]
            told = [part for one in visits for part in (len(names[one]), tokens[one], f"{one}.")]
            connection.send_command("EVAL", _TAKE, len(every), *every, SECONDS, *told)
            free = locked = {one for one, taken in zip(visits, connection.read_response(), strict=True) if taken}
        except RedisError:
            _failed()
            connection.disconnect()
            free, locked = set(visits), set()
        try:
            yield free
        finally:
            if locked:
                owned = {name: tokens[one] for one in locked for name in names[one]}
                with suppress(RedisError):
                    connection.send_packed_command(connection.pack_commands((
                        ("CLIENT", "REPLY", "SKIP"), ("EVAL", _RELEASE, len(owned), *owned, *owned.values()),
                    )))
    finally:
        pool.release(connection)
