"""The tables of customers and of the audit of what was done with their data."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from marcai.platform.crypto import EncryptedText
from marcai.platform.database import Base


class Customer(Base):
    """One customer of one establishment.

    `id` is also her Rasa conversation id: a pseudonym. `phone` is the normalised number, `reply_to` the WhatsApp id
    exactly as received (replies go to it, unchanged); the indexes are keyed and per tenant.
    """

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("tenant_id", "phone_index"),
        UniqueConstraint("tenant_id", "user_index"),
        Index("ix_customers_silent", "last_seen_at", postgresql_where=text("erased_at IS NULL")),
    )

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    phone = Column(EncryptedText)
    phone_index = Column(LargeBinary)
    user_id = Column(EncryptedText)  # WhatsApp business-scoped user id, for customers without a number
    user_index = Column(LargeBinary)
    reply_to = Column(EncryptedText)
    name = Column(EncryptedText)
    consent_told_at = Column(DateTime(timezone=True))
    opted_out_at = Column(DateTime(timezone=True))
    created_at = Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    last_seen_at = Column(DateTime(timezone=True))
    visits = Column(Integer, nullable=False, server_default="0")  # bookings so far
    erased_at = Column(DateTime(timezone=True))  # nothing personal is left, and nothing is taken again


class AuditRecord(Base):
    """One thing done with a customer's data: identified, named, exported, erased. Holds no personal data."""

    __tablename__ = "audit_records"
    __table_args__ = (Index(None, "tenant_id", "customer_id", "at"), Index(None, "at"))

    id = Column(BigInteger, Identity(), primary_key=True)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    customer_id = Column(UUID(as_uuid=True))
    event = Column(Text, nullable=False)
    detail = Column(JSONB, nullable=False, server_default=text("'{}'"))
    at = Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
