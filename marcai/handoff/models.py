"""The tables of attendants, of requests for a person, and of the replies that attendants keep ready."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from marcai.platform.crypto import EncryptedJSON
from marcai.platform.database import Base

ROLES = ("attendant", "manager")
STATES = ("waiting", "assisted", "closed", "gone")
OPEN = "state IN ('waiting', 'assisted')"


class Attendant(Base):
    """One person of an establishment who answers customers. `password_hash` says with what it was made."""

    __tablename__ = "attendants"
    __table_args__ = (UniqueConstraint("tenant_id", "login"), CheckConstraint(f"role IN {ROLES}", name="role"))

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    login = Column(Text, nullable=False)
    name = Column(Text, nullable=False)
    password_hash = Column(Text, nullable=False)
    role = Column(Text, nullable=False, server_default="attendant")
    active = Column(Boolean, nullable=False, server_default=text("true"))
    paused = Column(Boolean, nullable=False, server_default=text("false"))  # her page is open, and she takes nobody
    created_at = Column(DateTime(timezone=True), nullable=False)
    password_at = Column(DateTime(timezone=True), nullable=False)  # sign-ins from before it no longer count
    last_seen_at = Column(DateTime(timezone=True))  # written at most once a minute


class Handoff(Base):
    """One customer's request for a person. INVARIANT: a customer has at most one that is open.

    `context` is what the assistant knew when it was last in charge (the draft and the pending question), so that it
    can go on from there. `quiet` says that the customer was told to wait for a person: the assistant says nothing
    meanwhile. `place` is her place when she asked; with `taken_at` (the first time) it gives the usual wait.
    """

    __tablename__ = "handoffs"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("uq_handoffs_open_customer", "customer_id", unique=True, postgresql_where=text(OPEN)),
        Index("ix_handoffs_open", "tenant_id", "requested_at", postgresql_where=text(OPEN)),
        Index(None, "tenant_id", "taken_at"),
        Index(None, "tenant_id", "requested_at"),
        Index(None, "attendant_id", "requested_at"),
        Index(None, "customer_id"),
        Index("ix_handoffs_to_forget", "closed_at", postgresql_where=text("context IS NOT NULL")),
    )

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    customer_id = Column(UUID(as_uuid=True), ForeignKey("customers.id"), nullable=False)
    state = Column(Text, nullable=False, server_default="waiting")
    reason = Column(Text, nullable=False)  # what led to it: asked, not_understood
    quiet = Column(Boolean, nullable=False)
    place = Column(Integer, nullable=False)
    requested_at = Column(DateTime(timezone=True), nullable=False)
    promised_until = Column(DateTime(timezone=True))  # null when nobody was on duty
    taken_at = Column(DateTime(timezone=True))
    closed_at = Column(DateTime(timezone=True))
    attendant_id = Column(UUID(as_uuid=True), ForeignKey("attendants.id"))
    context = Column(EncryptedJSON)


class CannedReply(Base):
    """A reply that an establishment's attendants keep ready; `{nome}` and `{salao}` are filled in."""

    __tablename__ = "canned_replies"
    __table_args__ = (Index(None, "tenant_id", "position"),)

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    title = Column(Text, nullable=False)
    text = Column(Text, nullable=False)
    position = Column(Integer, nullable=False, server_default="0")
    updated_at = Column(DateTime(timezone=True), nullable=False)
