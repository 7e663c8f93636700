"""Holding the new time of a booking that is being moved: what the booking has already needs no holding."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.scheduling import allocations, holds
from marcai.scheduling.holds import Hold
from marcai.scheduling.visit import Segment, Visit

if TYPE_CHECKING:
    from marcai.tenants.service import TenantInfo


def hold_beside(
    tenant: TenantInfo, customer_id: UUID, visit: Visit, *, visit_id: UUID, booking_id: UUID
) -> Hold | None:
    """Takes, for a customer, the part of a visit's time that a booking of hers does not have yet.

    `bookings.service.reschedule` given the visit then turns both parts into the booking's new time. The guarantee stays
    where it is: what is new is held as any other time is, and what is old is booked.

    Args:
        tenant: the establishment.
        customer_id: whose booking it is.
        visit: one of an opening's visits; it may overlap the booking.
        visit_id: under which the new part is held, not the booking's.
        booking_id: which booking is to be moved.

    Returns:
        The hold, or None when somebody else has the time or is just choosing it.
    """
    with transaction() as session:
        own = [row for row in allocations.rows_of(session, booking_id) if row.customer_id == customer_id]
    pieces = [piece for segment in visit.segments for piece in _outside(segment, own)]
    if not pieces:
        holds.release(visit_id)
        return Hold(visit_id, clock.now() + timedelta(minutes=tenant.policy.hold_minutes), visit)
    held = holds.hold(tenant, customer_id, Visit(pieces[0].start, pieces[-1].end, tuple(pieces)), visit_id=visit_id)
    return held and Hold(visit_id, held.expires_at, visit)


def _outside(segment: Segment, own: list) -> list[Segment]:
    """The stretches of a segment, cleanup included, in which its professional is not booked for the customer anyway.

    Of the rooms and equipment, those of which the booking has no part are held; the move takes the rest.
    """
    taken = sorted((row.starts, row.until) for row in own if row.resource_id == segment.staff_id)
    at, pieces = segment.start, []
    for starts, until in [*taken, (segment.blocked_until, segment.blocked_until)]:
        end = min(starts, segment.blocked_until)
        if at < end:
            units = tuple(unit_id for unit_id in segment.unit_ids if not _has(own, unit_id, at, end))
            pieces.append(replace(segment, start=at, end=min(max(segment.end, at), end), blocked_until=end,
                                  unit_ids=units))
        at = max(at, until)
    return pieces


def _has(own: list, unit_id: UUID, start: datetime, end: datetime) -> bool:
    """Whether the booking has some of a unit's time in [start, end)."""
    return any(row.resource_id == unit_id and row.starts < end and row.until > start for row in own)
