"""Reading bookings: one as a whole, by its code, or a customer's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.platform.database import transaction

if TYPE_CHECKING:
    from marcai.tenants.service import TenantInfo


@dataclass(frozen=True)
class ItemInfo:
    """One service of a booking, with its time without cleanup and its price when booked."""

    service_id: UUID
    service_code: str
    service_name: str
    staff_id: UUID
    staff_name: str
    starts_at: datetime
    ends_at: datetime
    price: Decimal
    preparation: str | None


@dataclass(frozen=True)
class BookingInfo:
    """One booking with its services in the order in which they are done."""

    id: UUID
    tenant_id: UUID
    customer_id: UUID
    code: str
    starts_at: datetime
    ends_at: datetime
    status: str
    payment_status: str
    total_price: Decimal
    items: tuple[ItemInfo, ...]


def get(tenant: TenantInfo, booking_id: UUID) -> BookingInfo | None:
    """The booking with an id, or None when the establishment has none."""
    with transaction() as session:
        return one(session, tenant.id, booking_id)


def by_code(tenant: TenantInfo, code: str) -> BookingInfo | None:
    """The booking with a code, written in any case, or None."""
    with transaction() as session:
        found = _read(session, tenant.id, "b.code = :code", {"code": code.strip().upper()})
        return found[0] if found else None


def for_customer(
    tenant: TenantInfo,
    customer_id: UUID,
    limit: int = 5,
    upcoming_only: bool = False,
    after: tuple[datetime, UUID] | None = None,
) -> tuple[BookingInfo, ...]:
    """A customer's bookings: the latest first; or only those to come and not cancelled, the next first.

    Args:
        tenant: the establishment.
        customer_id: whose bookings.
        limit: at most so many.
        upcoming_only: only those to come.
        after: start and id of the booking behind which to go on.
    """
    with transaction() as session:
        if upcoming_only:
            where = "b.customer_id = :customer AND b.ends_at > :now AND b.status IN ('confirmed', 'pending_payment')"
            order = "b.starts_at, b.id"
        else:
            where, order = "b.customer_id = :customer", "b.starts_at DESC, b.id"
        values = {"customer": customer_id, "now": clock.now(), "limit": limit}
        if after is not None:
            later = ">" if upcoming_only else "<"
            where += f" AND (b.starts_at {later} :at OR (b.starts_at = :at AND b.id > :id))"
            values.update(at=after[0], id=after[1])
        return tuple(_read(session, tenant.id, where, values, order))


def one(session: Session, tenant_id: UUID, booking_id: UUID) -> BookingInfo | None:
    """The booking with an id, read in the caller's transaction."""
    found = _read(session, tenant_id, "b.id = :booking", {"booking": booking_id})
    return found[0] if found else None


# The bookings of `b` with their items, a row for each item.
WHOLE = """
SELECT b.id, b.tenant_id, b.customer_id, b.code, b.starts_at, b.ends_at, b.status, b.payment_status, b.total_price,
       i.service_id, v.code, v.name, i.staff_id, s.name, i.starts_at, i.ends_at, i.price, v.preparation
  FROM b
  JOIN {items} i ON i.booking_id = b.id
  JOIN services v ON v.id = i.service_id
  JOIN staff s ON s.id = i.staff_id
 ORDER BY {order}, i.position
"""


def whole(rows: Iterable[Sequence[Any]]) -> list[BookingInfo]:
    """The bookings that rows of `WHOLE` tell of, in their order."""
    heads: dict[UUID, Sequence[Any]] = {}
    items: dict[UUID, list[ItemInfo]] = {}
    for row in rows:
        heads[row[0]] = row
        items.setdefault(row[0], []).append(ItemInfo(*row[9:]))
    return [BookingInfo(*row[:9], tuple(items[row[0]])) for row in heads.values()]


def _read(
    session: Session, tenant_id: UUID, where: str, values: Mapping[str, Any], order: str = "b.starts_at, b.id"
) -> list[BookingInfo]:
    limited = "LIMIT :limit" if "limit" in values else ""
    rows = session.execute(
        text(f"""
            WITH b AS (SELECT * FROM bookings b WHERE b.tenant_id = :tenant AND {where} ORDER BY {order} {limited})
            {WHOLE.format(items="booking_items", order=order)}
        """),
        {"tenant": tenant_id, **values},
    ).all()
    return whole(rows)
