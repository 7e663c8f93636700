"""Events: written in the transaction of the change they tell of, then relayed to the Redis Stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.platform.database import Base

STREAM = "events"


class EventRecord(Base):
    """One event waiting to be relayed, or relayed already. Holds ids and figures, never personal data."""

    __tablename__ = "event_outbox"
    __table_args__ = (
        Index("ix_event_outbox_waiting", "id", postgresql_where=text("relayed_at IS NULL")),
        Index(None, "relayed_at"),
    )

    id = Column(BigInteger, Identity(), primary_key=True)
    event_id = Column(PG_UUID(as_uuid=True), nullable=False, unique=True, default=uuid4)
    tenant_id = Column(PG_UUID(as_uuid=True))
    name = Column(Text, nullable=False)
    payload = Column(JSONB, nullable=False)
    at = Column(DateTime(timezone=True), nullable=False)
    relayed_at = Column(DateTime(timezone=True))


class EventReceipt(Base):
    """That a group has dealt with an event: `done`, or `dead` when it was parked after too many tries.

    Written in the handler's own transaction, so an event has its effect once, however often it is delivered.
    """

    __tablename__ = "event_receipts"

    event_id = Column(BigInteger, ForeignKey("event_outbox.id", ondelete="CASCADE"), primary_key=True)
    group_name = Column(Text, primary_key=True)
    state = Column(Text, nullable=False)
    at = Column(DateTime(timezone=True), nullable=False)


# Writes an event for each row of `source`, as a part of the statement that makes the change.
EMIT = """
INSERT INTO event_outbox (event_id, tenant_id, name, payload, at)
SELECT gen_random_uuid(), {tenant}, '{name}', {payload}, {at} FROM {source}
"""


def emit(session: Session, tenant_id: UUID, name: str, payload: Mapping[str, Any]) -> None:
    """Writes an event into the outbox, within the caller's transaction.

    Args:
        session: the transaction of the change that the event tells of.
        tenant_id: the establishment.
        name: one of the contract's names, such as ``booking.confirmed``.
        payload: JSON values; ids, not personal data.
    """
    session.add(EventRecord(tenant_id=tenant_id, name=name, payload=dict(payload), at=clock.now()))
