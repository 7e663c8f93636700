"""A customer's change of number: she stays who she is."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from marcai.customers import service
from marcai.customers.models import Customer

USER_ID = re.compile(r"^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$")


def change(session: Session, tenant_id: UUID, customer_id: UUID, target: str) -> None:
    """Gives a customer her new number or WhatsApp user id.

    Where the new one already belongs to another customer, who wrote under it first, nothing changes: two people's
    histories are never mixed by a message.

    Args:
        session: the caller's transaction.
        tenant_id: the establishment.
        customer_id: the customer under her old number.
        target: the new WhatsApp id or user id.
    """
    by_user = bool(USER_ID.match(target))
    phone = None if by_user else service.e164_of(target)
    indexes = service.user_indexes(tenant_id, target) if by_user else service.phone_indexes(tenant_id, phone)
    taken = session.execute(select(Customer.id).where(Customer.tenant_id == tenant_id, or_(
        Customer.phone_index.in_(indexes), Customer.user_index.in_(indexes)))).scalar()
    customer = session.get(Customer, customer_id, with_for_update=True)
    if taken is not None or customer is None or customer.tenant_id != tenant_id or customer.erased_at is not None:
        service.audit(session, tenant_id, customer_id, "number_change_refused", taken=taken is not None)
        return
    if by_user:
        customer.user_id, customer.user_index = target, indexes[0]
        if customer.phone_index is None:
            customer.reply_to = target
    else:
        customer.phone, customer.phone_index, customer.reply_to = phone, indexes[0], target
    service.audit(session, tenant_id, customer_id, "number_changed", by="user_id" if by_user else "phone")
