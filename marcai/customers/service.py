"""Customers: who writes, by which name, what they were told about their data, and the record of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marcai.customers.identity import audit, by_phone, e164_of, find, identify, phone_indexes, user_indexes
from marcai.customers.models import Customer
from marcai.customers.name import clean_name, introduced_name
from marcai.customers.rights import erase, erase_customer, export, export_customer, personal_data_in, renew_indexes
from marcai.platform import clock
from marcai.platform.crypto import blind_indexes, decrypt
from marcai.platform.database import transaction
from marcai.platform.statements import Statement


@dataclass(frozen=True)
class CustomerInfo:
    """What a turn needs to know about a customer; `visits` counts her bookings so far."""

    id: UUID
    tenant_id: UUID
    name: str | None
    consent_told: bool
    opted_out: bool
    visits: int


GET = Statement("""
SELECT id, tenant_id, name, consent_told_at IS NOT NULL AS consent_told, opted_out_at IS NOT NULL AS opted_out, visits
FROM customers WHERE id = %(customer)s
""")


def get(customer_id: UUID) -> CustomerInfo | None:
    """A customer by id: one indexed read."""
    rows = GET(customer=customer_id)
    if not rows:
        return None
    row = rows[0]
    name = None if row.name is None else decrypt(row.name).decode()
    return CustomerInfo(row.id, row.tenant_id, name, row.consent_told, row.opted_out, row.visits)


def reply_to(session: Session, customer_id: UUID) -> str | None:
    """Where WhatsApp messages to a customer go: the id as it was received; None once she is erased."""
    return session.execute(select(Customer.reply_to).where(Customer.id == customer_id)).scalar()


def set_name(customer_id: UUID, name: str) -> None:
    """Keeps the name a customer gave; the audit says that it was given, not what it is."""
    with transaction() as session:
        customer = session.execute(
            select(Customer).where(Customer.id == customer_id, Customer.erased_at.is_(None)).with_for_update()
        ).scalar_one_or_none()
        if customer is None or customer.name == name:
            return
        audit(session, customer.tenant_id, customer.id, "named", corrected=customer.name is not None)
        customer.name = name


def tell_consent(customer_id: UUID) -> None:
    """Notes that the customer was told what is kept about her and why."""
    _note_once(customer_id, "consent_told_at", "consent_told")


def opt_out(customer_id: UUID) -> None:
    """Notes that the customer wants no messages that she did not ask for."""
    _note_once(customer_id, "opted_out_at", "opted_out")


def opt_in(customer_id: UUID) -> None:
    """Notes that the customer wants reminders and the like again."""
    with transaction() as session:
        tenant_id = session.execute(
            update(Customer).where(Customer.id == customer_id, Customer.opted_out_at.is_not(None))
            .values(opted_out_at=None).returning(Customer.tenant_id)).scalar()
        if tenant_id is not None:
            audit(session, tenant_id, customer_id, "opted_in")


def _note_once(customer_id: UUID, column: str, event: str) -> None:
    with transaction() as session:
        tenant_id = session.execute(
            update(Customer).where(Customer.id == customer_id, getattr(Customer, column).is_(None))
            .values(**{column: clock.now()}).returning(Customer.tenant_id)).scalar()
        if tenant_id is not None:
            audit(session, tenant_id, customer_id, event)


# Counts the bookings in `b` as visits of their customers.
COUNT_VISITS = """
UPDATE customers SET visits = visits + made.count
  FROM (SELECT customer_id, count(*) AS count FROM b GROUP BY customer_id ORDER BY customer_id) made
 WHERE customers.id = made.customer_id
"""


def for_shell(tenant_id: UUID, conversation_id: str) -> CustomerInfo:
    """A customer for a conversation in `rasa shell`: the same conversation id is the same customer."""
    indexes = blind_indexes(f"shell:{tenant_id}", conversation_id)
    with transaction() as session:
        session.execute(insert(Customer).values(
            id=uuid4(), tenant_id=tenant_id, user_index=indexes[0], created_at=clock.now(),
            last_seen_at=clock.now()).on_conflict_do_nothing())
        row = find(session, tenant_id, [], indexes)
        return CustomerInfo(row.id, row.tenant_id, row.name, row.consent_told_at is not None,
                            row.opted_out_at is not None, row.visits)


__all__ = ["COUNT_VISITS", "CustomerInfo", "audit", "by_phone", "clean_name", "e164_of", "erase", "erase_customer",
           "export", "export_customer", "for_shell", "get", "identify", "introduced_name", "opt_in", "opt_out",
           "personal_data_in", "phone_indexes", "renew_indexes", "reply_to", "set_name", "tell_consent", "user_indexes"]
