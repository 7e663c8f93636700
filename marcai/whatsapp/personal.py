"""What the channel keeps about a customer, for a copy of it and for its erasure (LGPD)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from marcai.customers.rights import personal_data_in
from marcai.whatsapp.models import (
    ConversationEvent,
    ConversationSnapshot,
    InboundMessage,
    Lane,
    OfferedOption,
    OutboundMessage,
)

ERASED = {"erased": True}  # what stands where a message was


def export(session: Session, customer_id: UUID) -> dict[str, Any]:
    """The messages received and sent, oldest first."""
    received = session.execute(
        select(InboundMessage.sent_at, InboundMessage.kind, InboundMessage.payload)
        .where(InboundMessage.customer_id == customer_id, InboundMessage.kind != "internal")
        .order_by(InboundMessage.id)).all()
    sent = session.execute(
        select(OutboundMessage.created_at, OutboundMessage.state, OutboundMessage.payload)
        .where(OutboundMessage.customer_id == customer_id).order_by(OutboundMessage.id)).all()
    said = session.execute(
        select(ConversationEvent.timestamp, ConversationEvent.intent_name, ConversationEvent.data)
        .where(ConversationEvent.sender_id == str(customer_id), ConversationEvent.type_name == "user")
        .order_by(ConversationEvent.id)).all()
    return {
        "received": [{"at": row.sent_at.isoformat(), "kind": row.kind, "message": row.payload} for row in received],
        "understood": [{"at": row.timestamp.isoformat(), "intent": row.intent_name, "text": row.data.get("text")}
                       for row in said],
        "sent": [{"at": row.created_at.isoformat(), "state": row.state, "message": row.payload} for row in sent],
    }


def erase(session: Session, customer_id: UUID) -> None:
    """Removes what was written and read; times, intents, actions and states stay for the figures.

    Of a turn of hers that is under way only the answer is kept: its lane remembers that until the turn ends. Other
    lanes go: their ids are hashes of her number.
    """
    session.execute(update(InboundMessage).where(InboundMessage.customer_id == customer_id).values(
        payload=ERASED, state=case((InboundMessage.state == "waiting", "done"), else_=InboundMessage.state)))
    lanes = session.execute(select(Lane.id).where(Lane.customer_id == customer_id)).scalars().all()
    if lanes:  # edits, and what could not be read: nobody has asked whose they are
        session.execute(update(InboundMessage).where(
            InboundMessage.lane_id.in_(lanes), InboundMessage.customer_id.is_(None), InboundMessage.state != "waiting",
        ).values(payload=ERASED).execution_options(synchronize_session=False))
    session.execute(update(OutboundMessage).where(OutboundMessage.customer_id == customer_id).values(payload=ERASED))
    session.execute(update(ConversationEvent).where(ConversationEvent.sender_id == str(customer_id))
                    .values(data=ERASED))
    session.execute(delete(ConversationSnapshot).where(ConversationSnapshot.sender_id == str(customer_id)))
    session.execute(delete(Lane).where(Lane.customer_id == customer_id, ~Lane.waiting, Lane.leased_by.is_(None))
                    .execution_options(synchronize_session=False))
    session.execute(update(Lane).where(Lane.customer_id == customer_id).values(
        customer_id=None, identified_at=None, last_tap=None, forgotten=Lane.leased_by.is_not(None)))
    session.execute(delete(OfferedOption).where(OfferedOption.customer_id == customer_id))


personal_data_in("messages", export=export, erase=erase)
