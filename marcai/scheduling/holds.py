"""Holds: a customer's time is hers for minutes while she decides; two customers never hold the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from marcai.platform import clock, events
from marcai.platform.database import transaction
from marcai.platform.together import writes
from marcai.scheduling import allocations, daycache, locks
from marcai.scheduling.models import SlotCollision
from marcai.scheduling.visit import Visit

if TYPE_CHECKING:
    from marcai.tenants.service import TenantInfo

KEPT = timedelta(days=1)  # a hold that came to nothing is forgotten after this
COLLISION_OPEN = timedelta(hours=1)  # a collision that led to no booking for so long counts as abandoned


@dataclass(frozen=True)
class Hold:
    """A visit's time, taken for its customer until `expires_at`."""

    visit_id: UUID
    expires_at: datetime
    visit: Visit


def hold(tenant: TenantInfo, customer_id: UUID, visit: Visit, *, visit_id: UUID) -> Hold | None:
    """Takes the time of a visit for a customer, for the establishment's `hold_minutes`.

    Holding the same visit again renews it. Holding another time under the same `visit_id` gives up the one before and
    takes the new one in one step; when the new one is taken, the one before stays. A visit that is booked already is
    answered with itself, and never moved (`bookings.service.reschedule` moves it).

    Args:
        tenant: the establishment.
        customer_id: whose visit it is.
        visit: one of an opening's visits.
        visit_id: chosen by the caller, one for each visit that a customer plans; the booking's id later.

    Returns:
        The hold, or None when somebody else has the time or is just choosing it.
    """
    until = clock.now() + timedelta(minutes=tenant.policy.hold_minutes)
    wanted = allocations.Wanted(tenant.id, customer_id, visit_id, visit, until)
    held = writes.ask(_hold_first, visit_id, wanted)
    if held is None or (not held and visit.unit_ids):  # it has time already, or may come to equal units
        with locks.choosing({visit_id: visit}) as free:
            held = bool(free) and allocations.retried(lambda: _hold_again(wanted))
    return Hold(visit_id, until, visit) if held else None


def _hold_first(wanted: Sequence[allocations.Wanted]) -> list[bool | None]:
    """Holds visits that have no time yet, all in one transaction; gives None for those that have."""
    with locks.choosing({one.visit_id: one.visit for one in wanted}) as free:
        chosen = [one for one in wanted if one.visit_id in free]
        held = allocations.retried(lambda: allocations.take_first(chosen)) if chosen else []
        known = {one.visit_id: outcome for one, outcome in zip(chosen, held, strict=True)}
    return [known.get(one.visit_id, False) for one in wanted]


def _hold_again(wanted: allocations.Wanted) -> bool:
    """Holds a visit that has time already, or wants units that equal ones can replace: renews it, or takes the time."""
    try:
        with transaction() as session:
            allocations.lock_visit(session, wanted.visit_id)
            rows = allocations.rows_of(session, wanted.visit_id)
            if any(row.tenant_id != wanted.tenant_id or row.customer_id != wanted.customer_id for row in rows):
                return False
            same = bool(rows) and allocations.visit_of(rows) == wanted.visit
            if any(row.state == "booked" for row in rows):
                return same
            if not (same and _renew(session, wanted.visit_id, wanted.expires_at, len(rows))):
                replace(session, wanted, rows)
            return True
    except allocations.Taken:
        return False


def replace(session: Session, wanted: allocations.Wanted, rows: list) -> None:
    """Holds a visit's time and forgets what was held under its id before, as a step of the caller's transaction.

    New time is taken before old time is given up, so that two customers who want each other's time do not wait for
    each other; only when a visit moves onto part of its own time, that has to be given up first.

    Args:
        session: the transaction.
        wanted: the visit with its new time.
        rows: what the visit has now, as `allocations.rows_of` gave it.

    Raises:
        Taken: the caller's transaction has to roll back, and what was held stays.
    """
    if allocations.overlap(rows, wanted.visit):
        forget(session, wanted.visit_id, [])
    new = allocations.take(session, wanted, "hold")
    if rows:
        forget(session, wanted.visit_id, new)


def _renew(session: Session, visit_id: UUID, expires_at: datetime, count: int) -> bool:
    """Gives a hold its full time again, expired or not, unless part of it has been released."""
    renewed = session.execute(
        text(f"UPDATE allocations SET expires_at = :at WHERE visit_id = :visit AND state = 'hold' {allocations.SPANS}"),
        {"at": expires_at, "visit": visit_id},
    ).all()
    daycache.touched_with(session, renewed)
    return len(renewed) == count


def forget(session: Session, visit_id: UUID, kept: Sequence[str]) -> None:
    """Deletes what was held under a visit's id, expired or not, but for the rows kept; never a booking's rows."""
    forgotten = session.execute(
        text(f"""
            DELETE FROM allocations
             WHERE visit_id = :visit AND expires_at IS NOT NULL AND NOT id = ANY(CAST(:kept AS uuid[]))
            {allocations.SPANS}
        """),
        {"visit": visit_id, "kept": kept},
    ).all()
    daycache.touched_with(session, forgotten)


def release(visit_id: UUID) -> None:
    """Gives up a visit's hold; does nothing when there is none, and never touches a booking."""

    def work() -> None:
        with transaction() as session:
            allocations.lock_visit(session, visit_id)
            forget(session, visit_id, [])

    allocations.retried(work)


def sweep(limit: int = 500) -> int:
    """Releases expired holds, forgets old ones that came to nothing, and closes collisions nobody followed up.

    Safe to run in several processes at once. Nothing depends on it: readers ignore expired holds, and taking the time
    releases them.

    Returns:
        How many expired holds were released.
    """
    now = clock.now()
    with transaction() as session:
        released = session.execute(
            text("""
                UPDATE allocations SET state = 'released'
                 WHERE id IN (SELECT id FROM allocations WHERE state = 'hold' AND expires_at <= :now
                               ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED)
            """),
            {"now": now, "limit": limit},
        ).rowcount
    with transaction() as session:
        session.execute(
            text("""
                DELETE FROM allocations
                 WHERE id IN (SELECT id FROM allocations WHERE state = 'released' AND expires_at < :old
                               ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED)
            """),
            {"old": now - KEPT, "limit": limit},
        )
        session.execute(
            text("UPDATE slot_collisions SET outcome = 'abandoned' WHERE outcome IS NULL AND at < :old"),
            {"old": now - COLLISION_OPEN},
        )
    return released


def record_collision(
    tenant: TenantInfo, customer_id: UUID | None, wanted_at: datetime, round_: int, *, visit_id: UUID | None = None
) -> UUID:
    """Records that a start was taken while a customer chose it, with the event `slot.collision`.

    Args:
        tenant: the establishment.
        customer_id: who wanted the start.
        wanted_at: the start.
        round_: 1 when alternatives within 30 minutes are offered, 2 and more for 60.
        visit_id: the visit she plans, when she has one.

    Returns:
        The record's id. Its outcome is `booked` when the customer confirms a visit, `abandoned` after an hour.
    """
    collision_id = uuid4()
    with transaction() as session:
        session.add(
            SlotCollision(
                id=collision_id, tenant_id=tenant.id, customer_id=customer_id, wanted_at=wanted_at, round=round_,
                at=clock.now(),
            )
        )
        events.emit(
            session,
            tenant.id,
            "slot.collision",
            {
                "collision_id": str(collision_id),
                "customer_id": str(customer_id) if customer_id else None,
                "visit_id": str(visit_id) if visit_id else None,
                "wanted_at": wanted_at.isoformat(),
                "round": round_,
            },
        )
    return collision_id


# Marks the open collisions of those who have made the bookings in `b` as overcome.
SETTLE_COLLISIONS = """
UPDATE slot_collisions c SET outcome = 'booked'
  FROM b WHERE c.tenant_id = b.tenant_id AND c.customer_id = b.customer_id AND c.outcome IS NULL
"""
