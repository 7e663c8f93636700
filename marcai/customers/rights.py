"""What the law gives customers (LGPD): a copy of everything kept about them, and its erasure; and key rotation.

This room knows only its own tables. A room that keeps personal data under a customer's id registers how it gives a
copy of it and how it erases it, with `personal_data_in`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from marcai.customers import identity
from marcai.customers.models import AuditRecord, Customer
from marcai.platform import clock
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


def renew_keys(batch: int = 500) -> int:
    """Encrypts and indexes every customer with the newest key, so that an older one can be taken away.

    Returns:
        How many customers were written again.
    """
    done, last = 0, None
    while True:
        with transaction() as session:
            query = select(Customer).where(Customer.erased_at.is_(None)).order_by(Customer.id).limit(batch)
            if last is not None:
                query = query.where(Customer.id > last)
            rows = session.execute(query.with_for_update()).scalars().all()
            for row in rows:
                if row.phone is not None:
                    row.phone_index = identity.phone_indexes(row.tenant_id, row.phone)[0]
                if row.user_id is not None:
                    row.user_index = identity.user_indexes(row.tenant_id, row.user_id)[0]
                identity.encrypt_again(row)
        if not rows:
            return done
        done, last = done + len(rows), rows[-1].id


def _iso(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()
