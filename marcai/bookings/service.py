"""The verbs of bookings: confirm a hold, cancel, move; each is one transaction with its event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from marcai.bookings import queries
from marcai.bookings.confirming import confirm
from marcai.bookings.links import manage_link, open_link
from marcai.bookings.queries import BookingInfo, ItemInfo, by_code, for_customer, get
from marcai.platform import clock, events
from marcai.platform.database import transaction
from marcai.scheduling import allocations, daycache, holds
from marcai.scheduling.visit import Visit

if TYPE_CHECKING:
    from marcai.tenants.service import TenantInfo

__all__ = [
    "BookingInfo", "ItemInfo", "UnknownBooking", "by_code", "cancel", "confirm", "for_customer", "get",
    "manage_link", "open_link", "reschedule",
]

OPEN = ("pending_payment", "confirmed")


class UnknownBooking(LookupError):
    """The establishment has no booking with this id."""


def cancel(tenant: TenantInfo, booking_id: UUID, *, by: str, reason: str | None = None) -> BookingInfo:
    """Cancels a booking and frees its time; one that is cancelled, completed or missed already stays as it is.

    Args:
        tenant: the establishment.
        booking_id: which booking.
        by: who cancels: ``customer``, ``staff`` or ``system``.
        reason: a code such as ``unpaid``; told in the event, so no words of the customer's.

    Raises:
        UnknownBooking: the establishment has no such booking.
    """

    def work() -> BookingInfo:
        with transaction() as session:
            allocations.lock_visit(session, booking_id)
            booking = _known(session, tenant, booking_id)
            if booking.status not in OPEN:
                return booking
            session.execute(
                text("UPDATE bookings SET status = 'cancelled', cancelled_at = :now WHERE id = :id"),
                {"id": booking_id, "now": clock.now()},
            )
            _release_booked(session, booking_id)
            told = _told(booking_id, booking.customer_id, booking.code, booking)
            events.emit(session, tenant.id, "booking.cancelled", {**told, "by": by, "reason": reason})
            session.flush()
            return _known(session, tenant, booking_id)

    return allocations.retried(work)


def reschedule(
    tenant: TenantInfo,
    booking_id: UUID,
    visit: Visit | None = None,
    *,
    held_as: UUID | None = None,
    by: str = "customer",
) -> BookingInfo | None:
    """Moves a booking to another visit, all of it in one step; it keeps its id, its code and its prices.

    Args:
        tenant: the establishment.
        booking_id: which booking.
        visit: the new time, one of an opening's visits; it may overlap the old one. None means the time held.
        held_as: the id under which the customer holds the new time, if she does; the hold becomes the booking's.
        by: who moves it.

    Returns:
        The booking at its new time, or None when that is taken or the booking is not open; the old time then stays.

    Raises:
        UnknownBooking: the establishment has no such booking.
    """
    try:
        return allocations.retried(lambda: _reschedule(tenant, booking_id, visit, held_as, by))
    except allocations.Taken:
        return None


def _reschedule(
    tenant: TenantInfo, booking_id: UUID, visit: Visit | None, held_as: UUID | None, by: str
) -> BookingInfo | None:
    with transaction() as session:
        for visit_id in sorted({booking_id, held_as or booking_id}):
            allocations.lock_visit(session, visit_id)
        booking = _known(session, tenant, booking_id)
        if booking.status not in OPEN:
            return None
        if visit is None:
            held = allocations.rows_of(session, held_as) if held_as else []
            if not held:
                return None
            visit = allocations.visit_of(held)
        if _is_at(booking, visit):
            return booking
        if visit.start <= clock.now():
            return None
        if not (held_as and _move_onto_hold(session, booking, visit, held_as)):
            _move(session, tenant, booking, visit)
        agreed = {item.service_id: item.price for item in booking.items}
        prices = [
            agreed.get(segment.service_id, price)
            for segment, price in zip(visit.segments, _prices(session, visit), strict=True)
        ]
        session.execute(
            text("UPDATE bookings SET starts_at = :start, ends_at = :end, total_price = :total WHERE id = :id"),
            {"id": booking_id, "start": visit.start, "end": visit.end, "total": sum(prices, Decimal(0))},
        )
        session.execute(text("DELETE FROM booking_items WHERE booking_id = :id"), {"id": booking_id})
        _insert_items(session, booking_id, visit, prices)
        told = _told(booking_id, booking.customer_id, booking.code, visit)
        before = {"from_starts_at": booking.starts_at.isoformat(), "from_ends_at": booking.ends_at.isoformat()}
        events.emit(session, tenant.id, "booking.rescheduled", {**told, **before, "by": by})
        session.flush()
        return _known(session, tenant, booking_id)


def _move_onto_hold(session: Session, booking: BookingInfo, visit: Visit, held_as: UUID) -> bool:
    """Gives the booking the time that its customer holds under another id; False when that hold is no longer whole."""
    rows = allocations.rows_of(session, held_as)
    if not rows or rows[0].customer_id != booking.customer_id:
        return False
    if allocations.visit_of(rows) != visit or not _book_held(session, held_as, len(rows)):
        holds.forget(session, held_as, [])
        return False
    _release_booked(session, booking.id)
    session.execute(
        text("UPDATE allocations SET visit_id = :booking WHERE visit_id = :held AND state = 'booked'"),
        {"booking": booking.id, "held": held_as},
    )
    return True


def _book_held(session: Session, visit_id: UUID, count: int) -> bool:
    """Turns a hold's rows into booked ones, expired or not; not when part of it was released, for then it is not hers.

    The rows are locked in the order that all lockers of allocations keep.
    """
    ids = session.execute(
        text("""
            SELECT id FROM allocations WHERE visit_id = :visit AND state = 'hold'
             ORDER BY resource_id, lower(during) FOR UPDATE
        """),
        {"visit": visit_id},
    ).scalars().all()
    if len(ids) != count:
        return False
    booked = session.execute(
        text(f"""
            UPDATE allocations SET state = 'booked', expires_at = NULL WHERE id = ANY(CAST(:ids AS uuid[]))
            {allocations.SPANS}
        """),
        {"ids": ids},
    ).all()
    daycache.touched_with(session, booked)
    return True


def _move(session: Session, tenant: TenantInfo, booking: BookingInfo, visit: Visit) -> None:
    """Takes the new time and releases the old one.

    Never an UPDATE of `during`, which can deadlock and cannot DO NOTHING. When the insert falls short, the whole
    transaction rolls back and the old time stays hers. The old time is released first only where the new one
    overlaps it; otherwise it is held on to until the new one is taken, and no two movers wait for each other.
    """
    rows = allocations.rows_of(session, booking.id)
    if allocations.overlap(rows, visit):
        _release_booked(session, booking.id)
    wanted = allocations.Wanted(tenant.id, booking.customer_id, booking.id, visit, None)
    new = allocations.take(session, wanted, "booked")
    _release_booked(session, booking.id, kept=new)


def _known(session: Session, tenant: TenantInfo, booking_id: UUID) -> BookingInfo:
    booking = queries.one(session, tenant.id, booking_id)
    if booking is None:
        raise UnknownBooking(str(booking_id))
    return booking


def _is_at(booking: BookingInfo, visit: Visit) -> bool:
    return [(item.service_id, item.staff_id, item.starts_at) for item in booking.items] == [
        (segment.service_id, segment.staff_id, segment.start) for segment in visit.segments
    ]


def _release_booked(session: Session, booking_id: UUID, kept: Sequence[str] = ()) -> None:
    released = session.execute(
        text(f"""
            UPDATE allocations SET state = 'released'
             WHERE visit_id = :visit AND state = 'booked' AND NOT id = ANY(CAST(:kept AS uuid[]))
            {allocations.SPANS}
        """),
        {"visit": booking_id, "kept": list(kept)},
    ).all()
    daycache.touched_with(session, released)


def _prices(session: Session, visit: Visit) -> list[Decimal]:
    """Today's price of each segment's service."""
    ids = [segment.service_id for segment in visit.segments]
    rows = session.execute(
        text("SELECT id, price FROM services WHERE id = ANY(CAST(:ids AS uuid[]))"), {"ids": ids}
    ).all()
    known = {row.id: row.price for row in rows}
    return [known[service_id] for service_id in ids]


def _insert_items(session: Session, booking_id: UUID, visit: Visit, prices: list[Decimal]) -> None:
    session.execute(
        text("""
            INSERT INTO booking_items (booking_id, position, service_id, staff_id, starts_at, ends_at, price)
            VALUES (:booking, :position, :service, :staff, :start, :end, :price)
        """),
        [
            {"booking": booking_id, "position": position, "service": segment.service_id, "staff": segment.staff_id,
             "start": segment.start, "end": segment.end, "price": price}
            for position, (segment, price) in enumerate(zip(visit.segments, prices, strict=True))
        ],
    )


def _told(booking_id: UUID, customer_id: UUID, code: str, when: Visit | BookingInfo) -> Mapping[str, Any]:
    """What every event about a booking tells: ids and times, nothing personal; `confirming.TOLD` is the same in SQL."""
    starts_at, ends_at = (when.start, when.end) if isinstance(when, Visit) else (when.starts_at, when.ends_at)
    return {
        "booking_id": str(booking_id), "customer_id": str(customer_id), "code": code,
        "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(),
    }
