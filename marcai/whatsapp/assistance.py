"""A person in place of the assistant: what her taking, answering and closing mean for the customer's conversation.

Each verb is one transaction with the messages that tell the customer, and with the turn in which the assistant speaks
again; Redis (queue, session) follows after the commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marcai.conversation import session as sessions
from marcai.conversation import wording
from marcai.customers import service as customers
from marcai.handoff import queue, service
from marcai.handoff.attendants import AttendantInfo
from marcai.handoff.service import HandoffInfo
from marcai.notifications import service as notifications
from marcai.platform import clock, metrics
from marcai.platform.database import transaction
from marcai.tenants.service import TenantInfo
from marcai.whatsapp import history, inbox, outbox
from marcai.whatsapp.limits import TEXT
from marcai.whatsapp.models import Lane
from marcai.whatsapp.telling import tell

BACK = "/back_to_bot"  # what "back to the assistant" stands for
RESUME = "resume"
WINDOW = timedelta(hours=24)


class NotHers(Exception):
    """The conversation is not this attendant's any more, or it is over."""


class WindowClosed(Exception):
    """More than 24 hours have passed since the customer wrote: WhatsApp takes no free text."""


def window_until(customer_id: UUID) -> datetime | None:
    """Until when free text may be sent to a customer; None when she has never written."""
    with transaction() as session:
        return _window(session, customer_id)


def take(tenant: TenantInfo, attendant: AttendantInfo, handoff_id: UUID) -> HandoffInfo:
    """Gives a waiting customer to an attendant, and tells the customer who is there.

    Raises:
        NotHers: somebody else was quicker, or the customer is gone.
    """
    known = service.get(tenant.id, handoff_id)
    with transaction() as session:
        context = history.slots(session, known.customer_id) if known else None
        found = service.take(session, attendant, handoff_id, context or None)
        if found is None:
            raise NotHers
        _tell(session, tenant, found, "handoff.taken", {"attendant": attendant.first_name}, attendant)
    queue.remove(tenant.slug, found.id)
    metrics.HANDOFFS.labels("taken").inc()
    metrics.HANDOFF_SECONDS.observe(max(0.0, (clock.now() - found.requested_at).total_seconds()))
    sessions.assist(tenant.slug, found.customer_id, clock.local_now(tenant.timezone))
    outbox.wake()
    return found


def reply(tenant: TenantInfo, attendant: AttendantInfo, handoff_id: UUID, text: str, key: str) -> None:
    """Sends what an attendant wrote; the same key sends it once.

    Raises:
        NotHers: she does not have the conversation.
        WindowClosed: WhatsApp would refuse it.
        ValueError: there is nothing to send, or too much.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > TEXT:
        raise ValueError("empty or too long")
    with transaction() as session:
        found = service.writable(session, attendant, handoff_id)
        if found is None:
            raise NotHers
        until = _window(session, found.customer_id)
        if until is None or until <= clock.now():
            raise WindowClosed
        body = {"type": "text", "text": {"body": text, "preview_url": False}}
        made = outbox.enqueue(
            session, tenant_id=tenant.id, customer_id=found.customer_id, bodies=[body],
            dedupe_key=f"attendant:{attendant.id}:{key}", about={"attendant": str(attendant.id)})
        if made:
            customers.audit(session, tenant.id, found.customer_id, "attendant_replied", handoff=str(found.id),
                            attendant=str(attendant.id))
    outbox.wake()


def close(tenant: TenantInfo, attendant: AttendantInfo, handoff_id: UUID) -> HandoffInfo:
    """Ends a conversation and lets the assistant go on where it was.

    Raises:
        NotHers: she does not have the conversation.
    """
    with transaction() as session:
        found = service.close(session, attendant, handoff_id)
        if found is None:
            raise NotHers
        until = _window(session, found.customer_id)
        if until is not None and until > clock.now():
            inbox.enqueue_internal(session, tenant.id, found.customer_id, RESUME, {"handoff": str(found.id)},
                                   dedupe_key=f"resume:{found.id}")
    queue.remove(tenant.slug, found.id)
    metrics.HANDOFFS.labels("closed").inc()
    return found


def release(tenant: TenantInfo, attendant: AttendantInfo, handoff_id: UUID) -> HandoffInfo:
    """Puts a conversation back in the queue, and tells the customer that somebody else comes.

    Raises:
        NotHers: she does not have the conversation.
    """
    with transaction() as session:
        found = service.release(session, attendant, handoff_id)
        if found is None:
            raise NotHers
        _tell(session, tenant, found, "handoff.released", {}, attendant)
    queue.add(tenant.slug, found.id, found.requested_at)
    metrics.HANDOFFS.labels("released").inc()
    outbox.wake()
    return found


def transfer(tenant: TenantInfo, attendant: AttendantInfo, handoff_id: UUID, to: AttendantInfo) -> HandoffInfo:
    """Hands a conversation to another attendant, and tells the customer her name.

    Raises:
        NotHers: she does not have the conversation, or the other one is not an attendant here.
    """
    with transaction() as session:
        found = service.transfer(session, attendant, handoff_id, to)
        if found is None:
            raise NotHers
        _tell(session, tenant, found, "handoff.transferred", {"attendant": to.first_name}, attendant)
    metrics.HANDOFFS.labels("transferred").inc()
    outbox.wake()
    return found


def heard(tenant: TenantInfo, customer_id: UUID) -> None:
    """A customer wrote to her attendant: her session stays alive, in the state ASSISTED."""
    sessions.assist(tenant.slug, customer_id, clock.local_now(tenant.timezone))


def _tell(session: Session, tenant: TenantInfo, found: HandoffInfo, kind: str, values: Mapping[str, Any],
          attendant: AttendantInfo) -> None:
    """Tells the customer, unless WhatsApp would refuse it; the change itself happens once, so this does too."""
    until = _window(session, found.customer_id)
    if until is None or until <= clock.now():
        return
    response = notifications.compose(kind, {"salon": tenant.name, "article": wording.article(tenant.name), **values})
    tell(session, tenant.id, found.customer_id, response, dedupe_key=f"handoff:{found.id}:{uuid4()}",
         about={"notification": kind, "attendant": str(attendant.id)})


def _window(session: Session, customer_id: UUID) -> datetime | None:
    last = session.execute(select(func.max(Lane.last_inbound_at)).where(Lane.customer_id == customer_id)).scalar()
    return last + WINDOW if last else None
