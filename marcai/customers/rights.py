"""What the law gives customers (LGPD): a copy of everything kept about them, and its erasure; and renewal of indexes.

This room knows only its own tables. A room that keeps personal data under a customer's id registers how it gives a
copy of it and how it erases it, with `personal_data_in`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, exists, literal, select, tuple_, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from marcai.customers import identity
from marcai.customers.models import AuditRecord, Customer
from marcai.platform import clock, crypto
from marcai.platform.database import transaction
from marcai.tenants.service import TenantInfo

SILENT_BATCH = 200


@dataclass(frozen=True)
class Room:
    """How one room copies and erases what it keeps about a customer, within the caller's transaction."""

    export: Callable[[Session, UUID], Any]
    erase: Callable[[Session, UUID], None]
    needs: Callable[[Session, UUID, datetime], bool] | None


_rooms: dict[str, Room] = {}


def personal_data_in(
    room: str, *, export: Callable[[Session, UUID], Any], erase: Callable[[Session, UUID], None],
    needs: Callable[[Session, UUID, datetime], bool] | None = None,
) -> None:
    """Registers a room that keeps personal data.

    Args:
        room: the name under which its data stands in an export.
        export: gives JSON values about a customer.
        erase: removes what is personal; called once, in the transaction of the erasure.
        needs: whether something of the customer's is later than an instant, such as a visit booked for her: then she
            is no stranger yet, though she has not written since.
    """
    _rooms[room] = Room(export, erase, needs)


def export(tenant: TenantInfo, phone: str) -> dict[str, Any] | None:
    """Everything kept about the customer with a number, as JSON values; None when there is no such customer."""
    with transaction() as session:
        customer = identity.by_phone(session, tenant.id, phone)
        return None if customer is None else _copy(session, tenant, customer)


def export_customer(tenant: TenantInfo, customer_id: UUID) -> dict[str, Any] | None:
    """Everything kept about a customer, as JSON values; None when there is no such customer."""
    with transaction() as session:
        customer = _one(session, tenant, customer_id)
        return None if customer is None else _copy(session, tenant, customer)


def erase(tenant: TenantInfo, phone: str) -> bool:
    """Erases what is personal about the customer with a number; bookings stay, without a person.

    Returns:
        Whether there was such a customer.
    """
    with transaction() as session:
        customer = identity.by_phone(session, tenant.id, phone)
        return customer is not None and _erase(session, customer)


def erase_customer(tenant: TenantInfo, customer_id: UUID) -> bool:
    """Erases what is personal about a customer; returns whether there was anything to erase."""
    with transaction() as session:
        customer = _one(session, tenant, customer_id)
        return customer is not None and _erase(session, customer)


def erase_silent(since: datetime) -> int:
    """Erases every customer who has not written since an instant and whom no room needs, one transaction each.

    Every room must have registered what it keeps. Any number of workers may do it at once.

    Returns:
        How many were erased.
    """
    erased, place = 0, tuple_(Customer.last_seen_at, Customer.id)
    quiet = select(Customer.last_seen_at, Customer.id).where(
        Customer.last_seen_at < since, Customer.erased_at.is_(None)).order_by(Customer.last_seen_at, Customer.id)
    seen: Any = None
    while True:
        with transaction() as session:
            page = quiet if seen is None else quiet.where(place > tuple_(*seen))
            rows = session.execute(page.limit(SILENT_BATCH)).all()
        if not rows:
            return erased
        for row in rows:
            erased += _erase_if_silent(row.id, since)
        seen = (literal(rows[-1].last_seen_at), literal(rows[-1].id, Customer.id.type))


def _erase_if_silent(customer_id: UUID, since: datetime) -> bool:
    with transaction() as session:
        customer = session.execute(select(Customer).where(
            Customer.id == customer_id, Customer.last_seen_at < since, Customer.erased_at.is_(None))
            .with_for_update(skip_locked=True)).scalar_one_or_none()
        if customer is None or any(room.needs(session, customer_id, since) for room in _rooms.values() if room.needs):
            return False
        return _erase(session, customer, why="silent")


def _one(session: Session, tenant: TenantInfo, customer_id: UUID) -> Customer | None:
    return session.execute(select(Customer).where(
        Customer.id == customer_id, Customer.tenant_id == tenant.id)).scalar_one_or_none()


def _copy(session: Session, tenant: TenantInfo, customer: Customer) -> dict[str, Any]:
    identity.audit(session, customer.tenant_id, customer.id, "exported")
    session.flush()
    records = session.execute(select(AuditRecord).where(
        AuditRecord.tenant_id == customer.tenant_id, AuditRecord.customer_id == customer.id)
        .order_by(AuditRecord.at, AuditRecord.id)).scalars()
    found: dict[str, Any] = {
        "establishment": tenant.name,
        "exported_at": clock.now().isoformat(),
        "customer": {
            "id": str(customer.id), "name": customer.name, "phone": customer.phone, "whatsapp_id": customer.reply_to,
            "whatsapp_user_id": customer.user_id, "first_contact": _iso(customer.created_at),
            "last_contact": _iso(customer.last_seen_at), "told_about_data_at": _iso(customer.consent_told_at),
            "opted_out_at": _iso(customer.opted_out_at), "bookings_so_far": customer.visits,
        },
        "audit": [{"at": _iso(one.at), "event": one.event, "detail": one.detail} for one in records],
    }
    for name, room in _rooms.items():
        found[name] = room.export(session, customer.id)
    return found


def _erase(session: Session, customer: Customer, **why: str) -> bool:
    if customer.erased_at is not None:
        return False
    for room in _rooms.values():
        room.erase(session, customer.id)
    for column in ("phone", "phone_index", "user_id", "user_index", "reply_to", "name"):
        setattr(customer, column, None)
    customer.erased_at = clock.now()
    identity.audit(session, customer.tenant_id, customer.id, "erased", **why)
    return True


def renew_indexes(batch: int = 500) -> int:
    """Indexes every customer with the newest key, so that she is found when an older one is taken away.

    A customer whose number another one has under the newest key keeps her older index: she wrote while the key under
    which she was known was missing, and was taken for somebody new.

    Returns:
        How many indexes were written again.
    """
    done = 0
    for column, sealed, indexes in ((Customer.phone_index, Customer.phone, identity.phone_indexes),
                                    (Customer.user_index, Customer.user_id, identity.user_indexes)):
        last: UUID | None = None
        while True:
            query = select(Customer.id, Customer.tenant_id, column, type_coerce(sealed, LargeBinary)).where(
                sealed.is_not(None), column.is_not(None)).order_by(Customer.id).limit(batch)
            with transaction() as session:
                rows = session.execute(query if last is None else query.where(Customer.id > last)).all()
                for row in rows:
                    done += _index_anew(session, column, indexes, *row)
            if not rows:
                break
            last = rows[-1].id
    return done


def _index_anew(session: Session, column: InstrumentedAttribute, indexes: Callable[[UUID, str], list[bytes]],
                customer_id: UUID, tenant_id: UUID, index: bytes, sealed: bytes) -> int:
    try:
        newest = indexes(tenant_id, crypto.decrypt(sealed).decode())[0]
    except crypto.InvalidToken:
        return 0
    if newest == bytes(index):
        return 0
    taken = aliased(Customer)
    return session.execute(
        update(Customer).where(
            Customer.id == customer_id, column == index,  # her number is still the one that was read
            ~exists().where(taken.tenant_id == tenant_id, getattr(taken, column.key) == newest))
        .values({column: newest}).execution_options(synchronize_session=False)).rowcount


def _iso(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()
