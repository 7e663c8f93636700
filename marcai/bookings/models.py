"""The tables of bookings and of the services in each."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from marcai.platform.database import Base

STATUSES = ("pending_payment", "confirmed", "completed", "cancelled", "no_show")
PAYMENT_STATUSES = ("on_site", "awaiting", "partially_paid", "pre_paid", "refunded")


class Booking(Base):
    """One confirmed visit. `id` equals the visit id of its allocations, so a hold is confirmed at most once."""

    __tablename__ = "bookings"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        CheckConstraint(f"payment_status IN {PAYMENT_STATUSES}", name="payment_status"),
        Index(None, "customer_id", "starts_at"),
        Index(None, "tenant_id", "starts_at"),
        Index(None, "tenant_id", "created_at"),
    )

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    customer_id = Column(UUID(as_uuid=True), ForeignKey("customers.id"), nullable=False)
    code = Column(Text, nullable=False)  # short, to be read aloud: letters and digits that nobody confuses
    starts_at = Column(DateTime(timezone=True), nullable=False)
    ends_at = Column(DateTime(timezone=True), nullable=False)
    status = Column(Text, nullable=False, server_default="confirmed")
    payment_status = Column(Text, nullable=False, server_default="on_site")
    total_price = Column(Numeric(10, 2), nullable=False)
    created_at = Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    cancelled_at = Column(DateTime(timezone=True))


class BookingItem(Base):
    """One service of a booking, with its professional, its time without cleanup, and the price when booked."""

    __tablename__ = "booking_items"

    booking_id = Column(UUID(as_uuid=True), ForeignKey("bookings.id"), primary_key=True)
    position = Column(Integer, primary_key=True)
    service_id = Column(UUID(as_uuid=True), ForeignKey("services.id"), nullable=False)
    staff_id = Column(UUID(as_uuid=True), ForeignKey("staff.id"), nullable=False)
    starts_at = Column(DateTime(timezone=True), nullable=False)
    ends_at = Column(DateTime(timezone=True), nullable=False)
    price = Column(Numeric(10, 2), nullable=False)
