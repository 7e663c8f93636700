"""Confirming: what is held becomes a booking, with all that follows from it, in one statement."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from marcai.bookings import queries
from marcai.bookings.queries import BookingInfo
from marcai.customers import service as customers
from marcai.platform import clock, events
from marcai.platform.database import transaction
from marcai.platform.statements import Statement
from marcai.platform.together import writes
from marcai.scheduling import allocations, daycache, holds

if TYPE_CHECKING:
    from marcai.tenants.service import TenantInfo

CODE_LETTERS = "CDFGHJKMNPQRTVWXY34679"  # no vowels, so no words, and nothing that looks or sounds like another
CODE_LENGTH = 6

# What every event about a booking tells, of the row `b`.
_ISO = """to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""
TOLD = f"""jsonb_build_object('booking_id', b.id, 'customer_id', b.customer_id, 'code', b.code,
    'starts_at', {_ISO.format(at="b.starts_at")}, 'ends_at', {_ISO.format(at="b.ends_at")})"""

# INVARIANT: all of a visit or nothing, and once. Every part hangs on `b`, where a booking is when all that the visit
# has is held for the customer, the time is not past, and the code is new to the establishment. A hold that ran out and
# that nobody has released is still whole. One transaction at a time works on a visit, and the booking has the visit's
# id.
CONFIRM = Statement(f"""
WITH w AS MATERIALIZED (
    SELECT * FROM unnest(%(visits)s::uuid[], %(tenants)s::uuid[], %(customers)s::uuid[], %(codes)s::text[])
             AS w (visit_id, tenant_id, customer_id, code)
), held AS MATERIALIZED ({allocations.HELD}
), parts AS MATERIALIZED (
    SELECT held.visit_id, held.position, held.service_id, s.id AS staff_id, lower(held.during) AS starts,
           held.service_ends_at AS ends, v.price
      FROM held
      JOIN services v ON v.id = held.service_id
      JOIN staff s ON s.id = held.resource_id
), whole AS (
    SELECT w.*
      FROM w JOIN held a ON a.visit_id = w.visit_id
     GROUP BY w.visit_id, w.tenant_id, w.customer_id, w.code
    HAVING bool_and(a.state = 'hold' AND a.tenant_id = w.tenant_id AND a.customer_id = w.customer_id
                    AND (a.expires_at > %(now)s OR lower(a.during) > %(now)s))
), b AS (
    INSERT INTO bookings (id, tenant_id, customer_id, code, starts_at, ends_at, total_price, created_at)
    SELECT visit_id, tenant_id, customer_id, code, min(starts), max(ends), sum(price), %(now)s
      FROM whole JOIN parts USING (visit_id)
     GROUP BY visit_id, tenant_id, customer_id, code
    ON CONFLICT (tenant_id, code) DO NOTHING
    RETURNING *
), booked AS ({allocations.BOOK}
), items AS (
    INSERT INTO booking_items (booking_id, position, service_id, staff_id, starts_at, ends_at, price)
    SELECT b.id, p.position, p.service_id, p.staff_id, p.starts, p.ends, p.price
      FROM b JOIN parts p ON p.visit_id = b.id
    RETURNING *
), counted AS ({customers.COUNT_VISITS}
), settled AS ({holds.SETTLE_COLLISIONS}
), told AS ({events.EMIT.format(tenant="b.tenant_id", name="booking.confirmed", at="b.created_at", source="b",
                                payload=TOLD)})
{queries.WHOLE.format(items="items", order="b.id")}
""")


def confirm(tenant: TenantInfo, customer_id: UUID, visit_id: UUID) -> BookingInfo | None:
    """Makes a held visit a booking.

    Confirming again, at the same time or later, gives the same booking. A hold that has expired is taken again when
    its time is still free and still to come.

    Returns:
        The booking, or None when there is no hold or its time belongs to somebody else now.
    """
    made = writes.ask(_confirm_held, visit_id, _Wish(visit_id, tenant.id, customer_id))
    if made is not None:
        return made
    try:
        return allocations.retried(lambda: _confirm_again(tenant, customer_id, visit_id))
    except allocations.Taken:
        return None


class _Wish(NamedTuple):
    """A visit that a customer confirms."""

    visit_id: UUID
    tenant_id: UUID
    customer_id: UUID


def _confirm_held(wishes: Sequence[_Wish]) -> list[BookingInfo | None]:
    """Books visits that are simply held, in one transaction; gives None for the others."""
    locks = [allocations.lock_of(wish.visit_id) for wish in wishes]
    rows = allocations.retried(lambda: CONFIRM.locked(_values(wishes), locks=locks))
    made = {booking.id: booking for booking in queries.whole(rows)}
    # A hold that had run out, and that nobody released, was free to readers until now. Cleanup is over within a day.
    daycache.touched((wish.tenant_id, made[wish.visit_id].starts_at, made[wish.visit_id].ends_at + timedelta(days=1))
                     for wish in wishes if wish.visit_id in made)
    return [made.get(wish.visit_id) for wish in wishes]


def _confirm_again(tenant: TenantInfo, customer_id: UUID, visit_id: UUID) -> BookingInfo | None:
    """Confirms a visit that is not simply held: booked already, run out and released, or given a code that is used."""
    with transaction() as session:
        allocations.lock_visit(session, visit_id)
        booking = queries.one(session, tenant.id, visit_id)
        if booking is not None:
            return booking if booking.customer_id == customer_id else None
        while True:
            rows = allocations.rows_of(session, visit_id)
            if not rows or any(row.tenant_id != tenant.id or row.customer_id != customer_id for row in rows):
                return None
            visit, now = allocations.visit_of(rows), clock.now()
            if any(row.state != "hold" or row.expires_at <= now for row in rows) and visit.start <= now:
                return None
            if any(row.state != "hold" for row in rows):
                until = now + timedelta(minutes=tenant.policy.hold_minutes)
                holds.replace(session, allocations.Wanted(tenant.id, customer_id, visit_id, visit, until), rows)
            found = CONFIRM.on(session.connection(), **_values([_Wish(visit_id, tenant.id, customer_id)])).all()
            if found:
                return queries.whole(found)[0]


def _values(wishes: Sequence[_Wish]) -> dict[str, Any]:
    visits, tenants, of = map(list, zip(*wishes, strict=True))
    codes = [_code() for _ in wishes]
    return {"visits": visits, "tenants": tenants, "customers": of, "codes": codes, "now": clock.now()}


def _code() -> str:
    drawn, letters = secrets.randbelow(len(CODE_LETTERS) ** CODE_LENGTH), []
    for _ in range(CODE_LENGTH):
        drawn, letter = divmod(drawn, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[letter])
    return "".join(letters)
