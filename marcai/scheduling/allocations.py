"""Writing allocations: the one statement by which a visit takes all its time, professionals' and units', or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from psycopg2.errors import DeadlockDetected
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.platform.statements import Statement
from marcai.scheduling import daycache
from marcai.scheduling.units import with_equal_units
from marcai.scheduling.visit import Segment, Visit

Result = TypeVar("Result")


class Taken(Exception):
    """Somebody else has part of the time; raised so that the transaction rolls back and what was there stays."""


# What a visit has: expired holds too, swept or not; not what a booking gave up.
_OF_VISIT = "a.visit_id = {visit} AND (a.state IN ('hold', 'booked') OR a.expires_at IS NOT NULL)"

# INVARIANT: no two allocations of one resource in state `hold` or `booked` overlap (exclusion constraint).
# - Expired holds in the way are released in this same statement, before the insert: `count(*)` over `freed` is needed
#   for every row, so PostgreSQL finishes it first. The constraint itself may not look at a clock.
# - Rows are locked and inserted in one order, (resource_id, lower(during)), so rivals queue up instead of deadlocking.
# - DO NOTHING instead of an error: a plain INSERT deadlocks under contention. The caller compares the count of rows
#   with the number of claims and rolls all of it back when one is missing: a visit is taken whole or not at all.
# With `first`, nothing is done for visits that have time already; not by EXISTS, for which PostgreSQL may read the
# whole table into a hash. Rows: each claim that was tried, with no id, and each that was taken, with its id.
_TAKE = Statement(f"""
WITH wanted AS MATERIALIZED (
    SELECT w.*
      FROM unnest(%(resources)s::uuid[], %(services)s::uuid[], %(positions)s::int[], %(starts)s::timestamptz[],
                  %(ends)s::timestamptz[], %(until)s::timestamptz[], %(tenants)s::uuid[], %(customers)s::uuid[],
                  %(visits)s::uuid[], %(expires)s::timestamptz[])
           AS w (resource_id, service_id, position, starts, ends, until, tenant_id, customer_id, visit_id, expires_at)
     WHERE NOT %(first)s OR (SELECT 1 FROM allocations a WHERE {_OF_VISIT.format(visit="w.visit_id")} LIMIT 1) IS NULL
), expired AS (
    SELECT a.id
      FROM allocations a
      JOIN wanted w ON a.resource_id = w.resource_id AND a.during && tstzrange(w.starts, w.until)
     WHERE a.state = 'hold' AND a.expires_at <= %(now)s
     ORDER BY a.resource_id, lower(a.during)
       FOR UPDATE OF a
), freed AS (
    UPDATE allocations SET state = 'released'
     WHERE id IN (SELECT id FROM expired) AND state = 'hold' AND expires_at <= %(now)s
    RETURNING 1
), taken AS (
    INSERT INTO allocations (id, tenant_id, resource_id, visit_id, customer_id, service_id, position, during,
                             service_ends_at, state, expires_at, created_at)
    SELECT gen_random_uuid(), w.tenant_id, w.resource_id, w.visit_id, w.customer_id, w.service_id, w.position,
           tstzrange(w.starts, w.until), w.ends, %(state)s, w.expires_at, %(now)s
      FROM wanted w CROSS JOIN (SELECT count(*) FROM freed) AS done_first
     ORDER BY w.resource_id, w.starts
    ON CONFLICT DO NOTHING
    RETURNING visit_id, id
)
SELECT visit_id::text, NULL FROM wanted UNION ALL SELECT visit_id::text, id::text FROM taken
""")
# After a statement that changes rows: what `daycache` has to forget.
SPANS = "RETURNING tenant_id, lower(during), upper(during)"
_COLUMNS = (
    "resources", "services", "positions", "starts", "ends", "until", "tenants", "customers", "visits", "expires"
)


class Wanted(NamedTuple):
    """A visit that wants its time."""

    tenant_id: UUID
    customer_id: UUID
    visit_id: UUID
    visit: Visit
    expires_at: datetime | None


def take_first(wanted: Sequence[Wanted]) -> list[bool | None]:
    """Holds the time of visits that have none yet, as a transaction of its own.

    Returns:
        For each visit whether it is taken, all of it; None when it has time already, and nothing was done for it.

    Raises:
        Taken: only part of somebody's visit is free, and nothing was done for anybody; not when there is one visit.
    """
    claims = {str(one.visit_id): len(one.visit.claims) for one in wanted}

    def whole(rows: Sequence[tuple]) -> bool:
        return all(count in (0, claims[visit_id]) for visit_id, count in _taken(rows).items())

    # Where each wants one thing there is nothing to roll back; that an expired hold was released stays true.
    rows = _TAKE.locked(
        _values(wanted, "hold", first=True), locks=[lock_of(one.visit_id) for one in wanted],
        keep=whole if max(claims.values()) > 1 else None,
    )
    if len(wanted) > 1 and not whole(rows):
        raise Taken
    taken = _taken(rows)
    daycache.touched(span for one in wanted if taken.get(str(one.visit_id)) for span in spans(one))
    return [taken[one] == claims[one] if one in taken else None for one in claims]


def _taken(rows: Sequence[tuple]) -> dict[str, int]:
    """How many claims were taken of each visit that tried."""
    taken: dict[str, int] = {}
    for visit_id, row_id in rows:
        taken[visit_id] = taken.get(visit_id, 0) + (row_id is not None)
    return taken


def take(session: Session, wanted: Wanted, state: str) -> list[str]:
    """Takes the time of a visit, in state `hold` or `booked`, besides what the visit has already.

    A unit that somebody else has in the meantime is replaced by an equal one while there is one.

    Returns:
        The ids of the new rows.

    Raises:
        Taken: part of the time is not free; let it pass, so that the transaction rolls back.
    """
    if not wanted.visit.unit_ids:
        return _take_as_offered(session, wanted, state)
    while True:  # every further round needs somebody who took a unit since the one before
        try:
            with session.begin_nested():
                return _take_as_offered(session, wanted, state)
        except Taken:
            other = with_equal_units(session, wanted.visit)
            if other is None or other.unit_ids == wanted.visit.unit_ids:
                raise
            wanted = wanted._replace(visit=other)


def _take_as_offered(session: Session, wanted: Wanted, state: str) -> list[str]:
    rows = _TAKE.on(session.connection(), **_values([wanted], state, first=False)).all()
    ids = [row_id for _, row_id in rows if row_id is not None]
    if len(ids) != len(wanted.visit.claims):
        raise Taken
    daycache.touched_with(session, spans(wanted))
    return ids


def spans(wanted: Wanted) -> list[tuple[UUID, datetime, datetime]]:
    """The stretches of time that a visit takes, cleanup included, as `daycache.touched` wants them."""
    return [(wanted.tenant_id, claim.start, claim.until) for claim in wanted.visit.claims]


def _values(wanted: Sequence[Wanted], state: str, *, first: bool) -> dict[str, Any]:
    rows = (
        (*claim, one.tenant_id, one.customer_id, one.visit_id, one.expires_at)
        for one in wanted for claim in one.visit.claims
    )
    columns = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    return {**columns, "state": state, "now": clock.now(), "first": first}


def lock_visit(session: Session, visit_id: UUID) -> None:
    """Lets one transaction at a time work on a visit; others of the same visit wait, other visits do not."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_of(visit_id)})


def lock_of(visit_id: UUID) -> int:
    """The key of a visit's advisory lock."""
    return visit_id.int & (1 << 63) - 1


# The allocations of the visits in `w`, locked in the order that all lockers of allocations keep.
HELD = f"""
SELECT a.* FROM w JOIN allocations a ON {_OF_VISIT.format(visit="w.visit_id")}
 ORDER BY a.resource_id, lower(a.during) FOR UPDATE OF a
"""
# Makes the held time of the bookings in `b` theirs.
BOOK = """
UPDATE allocations a SET state = 'booked', expires_at = NULL FROM b WHERE a.visit_id = b.id AND a.state = 'hold'
"""

_ROWS = f"""
SELECT tenant_id, customer_id, service_id, resource_id, position, lower(during) AS starts, service_ends_at AS ends,
       upper(during) AS until, state, expires_at
  FROM allocations a
 WHERE {_OF_VISIT.format(visit="%(visit)s")}
 ORDER BY position
"""


def rows_of(session: Session, visit_id: UUID) -> list:
    """The allocations of a visit in the order of its services, expired holds included, what was given up not.

    `ends`, when the customer is done, is null for a unit.
    """
    return session.connection().exec_driver_sql(_ROWS, {"visit": visit_id}).all()


def visit_of(rows: list) -> Visit:
    """The visit that allocations were taken for."""
    units: dict[int, list[UUID]] = {}
    for row in rows:
        if row.ends is None:
            units.setdefault(row.position, []).append(row.resource_id)
    segments = tuple(
        Segment(row.service_id, row.resource_id, row.starts, row.ends, row.until, tuple(units.get(row.position, ())))
        for row in rows
        if row.ends is not None
    )
    return Visit(segments[0].start, segments[-1].end, segments)


def overlap(rows: list, visit: Visit) -> bool:
    """Whether a visit would take time that these allocations have; of units, any, since it may come to an equal one."""
    return any(
        row.starts < claim.until
        and claim.start < row.until
        and (row.resource_id == claim.resource_id or (row.ends is None and claim.end is None))
        for row in rows
        for claim in visit.claims
    )


def retried(work: Callable[[], Result]) -> Result:
    """Runs a transaction again when PostgreSQL broke a deadlock by ending it.

    The order of locks leaves none among customers who take new time; two who give up time while taking each other's
    can still meet in one.
    """
    for attempt in range(5):
        try:
            return work()
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected) or attempt == 4:
                raise
            _let_the_other_finish(attempt)
    raise AssertionError("unreachable")


def _let_the_other_finish(attempt: int) -> None:
    time.sleep(0.01 * (attempt + 1))
