"""Writing allocations: the one statement by which a visit takes all its time, professionals' and units', or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from psycopg2.errors import DeadlockDetected
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.scheduling.units import with_equal_units
from marcai.scheduling.visit import Segment, Visit

Result = TypeVar("Result")


class Taken(Exception):
    """Somebody else has part of the time; raised so that the transaction rolls back and what was there stays."""


# INVARIANT: no two allocations of one resource in state `hold` or `booked` overlap (exclusion constraint).
# - Expired holds in the way are released in this same statement, before the insert: `count(*)` over `freed` is needed
#   for every row, so PostgreSQL finishes it first. The constraint itself may not look at a clock.
# - Rows are locked and inserted in one order, (resource_id, lower(during)), so rivals queue up instead of deadlocking.
# - DO NOTHING instead of an error: a plain INSERT deadlocks under contention. The caller compares the count of rows
#   with the number of claims and rolls all of it back when one is missing: a visit is taken whole or not at all.
_TAKE = text("""
WITH wanted AS (
    SELECT *
      FROM unnest(CAST(:ids AS uuid[]), CAST(:resources AS uuid[]), CAST(:services AS uuid[]),
                  CAST(:positions AS int[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]),
                  CAST(:until AS timestamptz[]))
           AS w (id, resource_id, service_id, position, starts, ends, until)
), expired AS (
    SELECT a.id
      FROM allocations a
      JOIN wanted w ON a.resource_id = w.resource_id AND a.during && tstzrange(w.starts, w.until)
     WHERE a.state = 'hold' AND a.expires_at <= :now
     ORDER BY a.resource_id, lower(a.during)
       FOR UPDATE OF a
), freed AS (
    UPDATE allocations SET state = 'released'
     WHERE id IN (SELECT id FROM expired) AND state = 'hold' AND expires_at <= :now
    RETURNING 1
)
INSERT INTO allocations (id, tenant_id, resource_id, visit_id, customer_id, service_id, position, during,
                         service_ends_at, state, expires_at, created_at)
SELECT w.id, :tenant, w.resource_id, :visit, :customer, w.service_id, w.position, tstzrange(w.starts, w.until),
       w.ends, :state, :expires, :now
  FROM wanted w CROSS JOIN (SELECT count(*) FROM freed) AS done_first
 ORDER BY w.resource_id, w.starts
ON CONFLICT DO NOTHING
RETURNING id
""")


def take(
    session: Session,
    *,
    tenant_id: UUID,
    customer_id: UUID,
    visit_id: UUID,
    visit: Visit,
    state: str,
    expires_at: datetime | None,
) -> list[UUID]:
    """Takes all the time that a visit claims, in state `hold` or `booked`.

    A unit that somebody else has in the meantime is replaced by an equal one while there is one.

    Returns:
        The ids of the new rows.

    Raises:
        Taken: part of the time is not free; let it pass, so that the transaction rolls back.
    """
    values = {
        "tenant": tenant_id, "visit": visit_id, "customer": customer_id, "state": state, "expires": expires_at,
        "now": clock.now(),
    }
    if not visit.unit_ids:
        return _insert(session, visit, values)
    while True:  # every further round needs somebody who took a unit since the one before
        try:
            with session.begin_nested():
                return _insert(session, visit, values)
        except Taken:
            other = with_equal_units(session, visit)
            if other is None or other.unit_ids == visit.unit_ids:
                raise
            visit = other


def _insert(session: Session, visit: Visit, values: Mapping[str, Any]) -> list[UUID]:
    claims = visit.claims
    ids = [uuid4() for _ in claims]
    rows = session.execute(
        _TAKE,
        {
            **values,
            "ids": ids,
            "resources": [claim.resource_id for claim in claims],
            "services": [claim.service_id for claim in claims],
            "positions": [claim.position for claim in claims],
            "starts": [claim.start for claim in claims],
            "ends": [claim.end for claim in claims],
            "until": [claim.until for claim in claims],
        },
    ).all()
    if len(rows) != len(ids):
        raise Taken
    return ids


def lock_visit(session: Session, visit_id: UUID) -> None:
    """Lets one transaction at a time work on a visit; others of the same visit wait, other visits do not."""
    key = visit_id.int & (1 << 63) - 1
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


_ROWS = text("""
SELECT tenant_id, customer_id, service_id, resource_id, position, lower(during) AS starts, service_ends_at AS ends,
       upper(during) AS until, state, expires_at
  FROM allocations
 WHERE visit_id = :visit AND (state IN ('hold', 'booked') OR expires_at IS NOT NULL)
 ORDER BY position
""")


def rows_of(session: Session, visit_id: UUID) -> list:
    """The allocations of a visit in the order of its services, expired holds included, what was given up not.

    `ends`, when the customer is done, is null for a unit.
    """
    return session.execute(_ROWS, {"visit": visit_id}).all()


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
