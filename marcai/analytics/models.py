"""The tables for analysts: one row for each turn of a conversation, and one for each booking that was given up."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from marcai.analytics.steps import REASONS
from marcai.platform.database import Base


class DialogueTurn(Base):
    """One turn, in plain columns and without a word of what was said; written in the transaction of the turn.

    A session is what a customer says without half an hour's silence in between; all its turns carry its beginning.
    `latest` marks the last turn of a session that has not been judged: `recording.judge` looks at nothing else.
    """

    __tablename__ = "dialogue_turns"
    __table_args__ = (
        CheckConstraint("outcome IN ('open', 'booked', 'stop')", name="outcome"),
        Index(None, "tenant_id", "session_started_at"),
        Index(None, "conversation", "session_started_at"),
        Index("ix_dialogue_turns_latest", "conversation", postgresql_where=text("latest")),
        Index("ix_dialogue_turns_missed", "tenant_id", "at", postgresql_where=text("miss > 0")),
    )

    id = Column(BigInteger, Identity(), primary_key=True)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    conversation = Column(UUID(as_uuid=True), nullable=False)  # the customer's id: a pseudonym
    session_started_at = Column(DateTime(timezone=True), nullable=False)
    turn_id = Column(UUID(as_uuid=True), nullable=False)
    event_id = Column(BigInteger)  # the message in conversation_events, where its words are, encrypted
    at = Column(DateTime(timezone=True), nullable=False)
    intent = Column(Text)
    action = Column(Text)  # what answered
    asked = Column(Text)  # the step that was open before
    flow = Column(Text)
    step = Column(Text)  # the step after it; of a customer who gives up, the one that she gave up at
    outcome = Column(Text)  # open: an answer is expected; booked; stop; null when nothing is open
    miss = Column(SmallInteger, nullable=False, server_default="0")  # not understood: 1, 2, 3 in a row; 0 understood
    guess = Column(Text)  # of a message that was not understood: the likeliest intent, its confidence, the next one
    confidence = Column(Float)
    rival = Column(Text)
    latest = Column(Boolean, nullable=False, server_default=text("false"))


class Abandonment(Base):
    """Where a session ended without what it was for. INVARIANT: at most one per session."""

    __tablename__ = "abandonments"
    __table_args__ = (
        UniqueConstraint("conversation", "session_started_at"),
        CheckConstraint(f"reason IN {REASONS}", name="reason"),
        Index(None, "tenant_id", "session_started_at"),
    )

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    conversation = Column(UUID(as_uuid=True), nullable=False)
    session_started_at = Column(DateTime(timezone=True), nullable=False)
    flow = Column(Text, nullable=False)
    step = Column(Text, nullable=False)
    last_intent = Column(Text)
    reason = Column(Text, nullable=False)
    at = Column(DateTime(timezone=True), nullable=False)  # the last turn of the session
