"""The table of notifications: what was told to a customer about a booking, when, and whether it arrived."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import UUID

from marcai.platform.database import Base


class Notification(Base):
    """One notification. `dedupe_key` makes each happen once, however often its event is delivered."""

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("dedupe_key"), Index(None, "booking_id"), Index(None, "tenant_id", "created_at"))

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    customer_id = Column(UUID(as_uuid=True), ForeignKey("customers.id"), nullable=False)
    booking_id = Column(UUID(as_uuid=True), ForeignKey("bookings.id"))
    kind = Column(Text, nullable=False)  # booking.confirmed, booking.cancelled, reminder.24h ...
    dedupe_key = Column(Text, nullable=False)
    message_id = Column(BigInteger)  # the outbound message; its delivery status is there
    status = Column(Text, nullable=False, server_default="queued")  # queued, sent, delivered, read, failed
    created_at = Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    updated_at = Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
