"""Who writes: customers found by number or WhatsApp user id, made on first contact, and the record of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from marcai.customers.models import AuditRecord, Customer
from marcai.customers.phone import equality_key, normalise
from marcai.platform import clock
from marcai.platform.crypto import blind_indexes

SESSION = timedelta(minutes=30)  # an identification is recorded once per session, not per message
SEEN_STEP = timedelta(minutes=1)  # last_seen_at is written at most this often


def e164_of(wa_id: str) -> str:
    """The E.164 form of a WhatsApp id: digits with the country, taken as they are when no rule knows them."""
    digits = "".join(filter(str.isdecimal, wa_id))
    return normalise(f"+{digits}") or f"+{digits}"


def phone_indexes(tenant_id: UUID, e164: str) -> list[bytes]:
    """The indexes under which a number may be stored for an establishment, newest key first."""
    return blind_indexes(f"phone:{tenant_id}", equality_key(e164))


def user_indexes(tenant_id: UUID, user_id: str) -> list[bytes]:
    """The indexes under which a WhatsApp user id may be stored for an establishment, newest key first."""
    return blind_indexes(f"user:{tenant_id}", user_id)


def audit(session: Session, tenant_id: UUID, customer_id: UUID | None, event: str, **detail: Any) -> None:
    """Writes what was done with a customer's data; the detail must hold nothing personal."""
    session.add(AuditRecord(tenant_id=tenant_id, customer_id=customer_id, event=event, detail=detail,
                            at=clock.now()))


def identify(session: Session, tenant_id: UUID, *, wa_id: str | None, user_id: str | None) -> Customer:
    """The customer who writes, created on first contact.

    She is found by number first and by WhatsApp user id second, and each is learned when it comes later. When the two
    belong to two customers (she wrote without a number before), the one with the number is she from now on.
    The audit gets "identified" when she is new or was silent for half an hour.

    Args:
        session: the caller's transaction.
        tenant_id: the establishment.
        wa_id: the number as WhatsApp writes it, if it gives one.
        user_id: the business-scoped user id, if WhatsApp gives one.
    """
    if not wa_id and not user_id:
        raise ValueError("a customer needs a WhatsApp id or a user id")
    phone = e164_of(wa_id) if wa_id else None
    phones = phone_indexes(tenant_id, phone) if phone else []
    users = user_indexes(tenant_id, user_id) if user_id else []
    customer = find(session, tenant_id, phones, users)
    known = customer is not None
    moment = clock.now()
    if customer is None:
        values = {"id": uuid4(), "tenant_id": tenant_id, "phone": phone, "phone_index": phones[0] if phones else None,
                  "user_id": user_id, "user_index": users[0] if users else None, "reply_to": wa_id or user_id,
                  "created_at": moment, "last_seen_at": moment, "visits": 0}
        made = session.execute(
            insert(Customer).values(**values).on_conflict_do_nothing().returning(Customer.id)).scalar()
        customer = find(session, tenant_id, phones, users)
        if customer is None:
            raise RuntimeError("a customer was neither found nor made")
        known = made is None
    if known:
        _refresh(session, customer, wa_id, phone, phones, user_id, users)
    seen = customer.last_seen_at
    if not known or seen is None or moment - seen >= SESSION:
        audit(session, tenant_id, customer.id, "identified", known=known, by="phone" if phone else "user_id")
    if seen is None or moment - seen >= SEEN_STEP:
        customer.last_seen_at = moment
    session.flush()
    return customer


def find(session: Session, tenant_id: UUID, phones: list[bytes], users: list[bytes]) -> Customer | None:
    places = [column.in_(values) for column, values in
              ((Customer.phone_index, phones), (Customer.user_index, users)) if values]
    rows = session.execute(select(Customer).where(Customer.tenant_id == tenant_id, or_(*places))).scalars().all()
    ranks = {index: rank for rank, index in enumerate(phones)}
    return min(rows, key=lambda row: ranks.get(bytes(row.phone_index or b""), len(ranks)), default=None)


def _refresh(session: Session, customer: Customer, wa_id: str | None, phone: str | None, phones: list[bytes],
             user_id: str | None, users: list[bytes]) -> None:
    if phones and customer.phone_index != phones[0]:
        if customer.phone_index is None:
            customer.phone = phone
            audit(session, customer.tenant_id, customer.id, "linked", what="phone")
        customer.phone_index = phones[0]  # learned now, or stored under an older key
        encrypt_again(customer)
    if users and customer.user_index != users[0]:
        if customer.user_index is None or bytes(customer.user_index) not in users:
            session.execute(  # another customer of hers, from before her number was known, gives it up
                update(Customer).where(Customer.tenant_id == customer.tenant_id, Customer.user_index.in_(users),
                                       Customer.id != customer.id).values(user_index=None, user_id=None))
            audit(session, customer.tenant_id, customer.id, "linked", what="user_id")
        customer.user_id, customer.user_index = user_id, users[0]
    address = wa_id or user_id
    if customer.reply_to != address and (wa_id or not customer.phone_index):  # a number, once known, stays
        customer.reply_to = address


def encrypt_again(customer: Customer) -> None:
    """Has every encrypted column written again, with the newest key."""
    for column in ("phone", "user_id", "reply_to", "name"):
        if getattr(customer, column) is not None:
            flag_modified(customer, column)


def by_phone(session: Session, tenant_id: UUID, phone: str) -> Customer | None:
    """The customer with a number, however it is written; None when there is none or it is no number."""
    e164 = normalise(phone)
    return find(session, tenant_id, phone_indexes(tenant_id, e164), []) if e164 else None
