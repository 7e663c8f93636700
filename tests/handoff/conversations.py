"""Customers with a conversation in the tables of the channel, as if it had been led."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from marcai.customers import service as customers
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.tenants.service import TenantInfo
from marcai.whatsapp import inbox
from marcai.whatsapp.models import ConversationSnapshot, InboundMessage, Lane, OutboundMessage

DRAFT = {"active": True, "services": ["barba"], "no_more": True, "package_ok": True, "greeted": True,
         "name_asked": True, "when": {}}


def customer(tenant: TenantInfo, phone: str = "5511987654321", name: str | None = "Maria Clara", *,
             wrote_hours_ago: float = 0.0) -> UUID:
    """A customer who has written, with her lane."""
    with transaction() as session:
        found = customers.identify(session, tenant.id, wa_id=phone, user_id=None)
        session.merge(Lane(id=inbox.lane_of(tenant.phone_number_id, phone, None), tenant_id=tenant.id,
                           customer_id=found.id, arrivals=1, waiting=False,
                           last_inbound_at=clock.now() - timedelta(hours=wrote_hours_ago)))
        customer_id = found.id
    if name:
        customers.set_name(customer_id, name)
    return customer_id


def said(tenant: TenantInfo, customer_id: UUID, lines: Iterable[tuple[str, Any]]) -> None:
    """Adds messages: ("customer", text or a whole Cloud API message), ("assistant", text or a Graph body)."""
    lines = list(lines)
    with transaction() as session:
        for number, (by, what) in enumerate(lines):
            at = clock.now() - timedelta(seconds=20 * (len(lines) - number))
            if by == "customer":
                message = what if isinstance(what, dict) else {"type": "text", "text": {"body": what}}
                session.add(InboundMessage(
                    phone_number_id=tenant.phone_number_id, message_key=uuid4().bytes, tenant_id=tenant.id,
                    customer_id=customer_id, kind=message["type"], state="done", sent_at=at, received_at=at,
                    payload={"message": {"from": "5511987654321", "id": f"wamid.{uuid4().hex}", **message},
                             "contact": None}))
            else:
                body = what if isinstance(what, dict) else {"type": "text", "text": {"body": what}}
                session.add(OutboundMessage(
                    tenant_id=tenant.id, customer_id=customer_id, dedupe_key=uuid4().hex, payload=body, state="read",
                    next_attempt_at=at, created_at=at, turn_id=uuid4()))
            session.flush()


def chosen(customer_id: UUID, draft: dict[str, Any] | None = None, question: str | None = "date") -> None:
    """The conversation's snapshot holds this draft and this pending question."""
    with transaction() as session:
        session.merge(ConversationSnapshot(sender_id=str(customer_id), updated_at=clock.now(), events=[
            {"event": "slot", "name": "draft", "value": draft or DRAFT, "timestamp": 0},
            {"event": "slot", "name": "question", "value": question, "timestamp": 0}]))
