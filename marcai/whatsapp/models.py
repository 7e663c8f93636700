"""The channel's tables: messages in, messages out, what customers may tap, delivery statuses, and who is served now."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from marcai.platform.crypto import EncryptedJSON
from marcai.platform.database import Base


class InboundMessage(Base):
    """One message as it came. INVARIANT: one row per (phone number id, message id), remembered for 8 days.

    The WhatsApp message id contains the customer's number, so it is kept as a keyed hash and inside `payload`.
    `turn_id` is set when a turn has taken the message: several texts may share one.
    """

    __tablename__ = "inbound_messages"
    __table_args__ = (
        UniqueConstraint("phone_number_id", "message_key"),
        Index("ix_inbound_waiting", "lane_id", "sent_at", "id", postgresql_where=text("state = 'waiting'")),
        Index(None, "received_at"),
        Index(None, "customer_id"),
    )

    id = Column(BigInteger, Identity(), primary_key=True)
    phone_number_id = Column(Text, nullable=False)
    message_key = Column(LargeBinary, nullable=False)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"))
    lane_id = Column(UUID(as_uuid=True))
    customer_id = Column(UUID(as_uuid=True))  # known once the message is done
    kind = Column(Text, nullable=False)  # the Cloud API's type: text, interactive, audio ...; malformed, internal
    payload = Column(EncryptedJSON)
    state = Column(Text, nullable=False, server_default="waiting")  # waiting, done, failed
    turn_id = Column(UUID(as_uuid=True))
    sent_at = Column(DateTime(timezone=True), nullable=False)
    received_at = Column(DateTime(timezone=True), nullable=False)
    done_at = Column(DateTime(timezone=True))


class Lane(Base):
    """One sender's place in the queue: whoever holds the lease serves her, so her turns keep their order.

    `id` is a keyed hash of the number written to and the sender's WhatsApp id, so that a webhook finds the lane
    before anybody has asked who the sender is. INVARIANT: `arrivals` grows with every stored message; a lane is set
    to rest only while it still has the value seen when its messages were read, so none is ever left behind.
    """

    __tablename__ = "lanes"
    __table_args__ = (
        Index("ix_lanes_waiting", "last_inbound_at", postgresql_where=text("waiting")),
        Index(None, "customer_id"),
        Index(None, "last_inbound_at"),
    )

    id = Column(UUID(as_uuid=True), primary_key=True)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    customer_id = Column(UUID(as_uuid=True))
    identified_at = Column(DateTime(timezone=True))  # when `customer_id` was last asked for
    arrivals = Column(BigInteger, nullable=False, server_default="0")
    waiting = Column(Boolean, nullable=False, server_default=text("false"))
    attempts = Column(Integer, nullable=False, server_default="0")  # leases since the last turn that was committed
    retry_at = Column(DateTime(timezone=True))
    leased_by = Column(Text)
    leased_until = Column(DateTime(timezone=True))
    last_inbound_at = Column(DateTime(timezone=True))  # opens the 24-hour window
    last_tap = Column(Text)  # the option tapped last: tapped again at once, it is the same tap
    last_tap_at = Column(DateTime(timezone=True))
    forgotten = Column(Boolean, nullable=False, server_default=text("false"))  # erased during a turn under way


class OutboundMessage(Base):
    """One message to be sent, in order per customer, with its delivery status.

    `dedupe_key` makes a repeated turn or event write its rows once. `payload` is the Graph body without the
    recipient. `about` says what the bubble shows (for reactions and analysis), without personal data.
    """

    __tablename__ = "outbound_messages"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        Index("ix_outbound_waiting", "customer_id", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_outbound_wamid", "wamid_key"),
        Index(None, "customer_id", "id"),  # a customer's conversation, as an attendant reads it
        Index("ix_outbound_due", "next_attempt_at", postgresql_where=text("state = 'queued'")),
        Index(None, "created_at"),
    )

    id = Column(BigInteger, Identity(), primary_key=True)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    customer_id = Column(UUID(as_uuid=True), nullable=False)
    turn_id = Column(UUID(as_uuid=True))
    dedupe_key = Column(Text, nullable=False)
    payload = Column(EncryptedJSON, nullable=False)
    about = Column(JSONB, nullable=False, server_default=text("'{}'"))
    state = Column(Text, nullable=False, server_default="queued")  # queued, sent, delivered, read, failed
    attempts = Column(Integer, nullable=False, server_default="0")
    doubt = Column(Boolean, nullable=False, server_default=text("false"))  # a send may have got through unheard
    next_attempt_at = Column(DateTime(timezone=True), nullable=False)
    leased_until = Column(DateTime(timezone=True))
    wamid_key = Column(LargeBinary)
    error_code = Column(Integer)
    created_at = Column(DateTime(timezone=True), nullable=False)
    sent_at = Column(DateTime(timezone=True))
    delivered_at = Column(DateTime(timezone=True))
    read_at = Column(DateTime(timezone=True))
    failed_at = Column(DateTime(timezone=True))


class OfferedOption(Base):
    """One thing a customer may tap: WhatsApp sees only the random `token`; what it means stays here.

    Options of a turn live until a later turn offers others, unless `lasting`; those of a notification have no turn.
    """

    __tablename__ = "offered_options"
    __table_args__ = (Index(None, "customer_id", "created_at"), Index(None, "expires_at"))

    token = Column(Text, primary_key=True)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    customer_id = Column(UUID(as_uuid=True), nullable=False)
    turn_id = Column(UUID(as_uuid=True))
    title = Column(Text, nullable=False)
    payload = Column(Text, nullable=False)  # Rasa's form: /intent{"entity": "value"}; empty for a page
    page = Column(EncryptedJSON)  # "Ver mais": the Graph bodies that show the next options
    lasting = Column(Boolean, nullable=False, server_default=text("false"))
    created_at = Column(DateTime(timezone=True), nullable=False)
    expires_at = Column(DateTime(timezone=True), nullable=False)


class DeliveryStatus(Base):
    """A status webhook, kept because it may come before the send call that it tells of has returned."""

    __tablename__ = "delivery_statuses"
    __table_args__ = (UniqueConstraint("wamid_key", "status"), Index(None, "received_at"))

    id = Column(BigInteger, Identity(), primary_key=True)
    wamid_key = Column(LargeBinary, nullable=False)
    status = Column(Text, nullable=False)
    error_code = Column(Integer)
    at = Column(DateTime(timezone=True), nullable=False)
    received_at = Column(DateTime(timezone=True), nullable=False)


class ConversationEvent(Base):
    """One event of the Rasa tracker: analysts query intents, actions and times; `data` is encrypted."""

    __tablename__ = "conversation_events"
    __table_args__ = (Index(None, "sender_id", "id"), Index(None, "timestamp"))

    id = Column(BigInteger, Identity(), primary_key=True)
    sender_id = Column(Text, nullable=False)
    type_name = Column(Text, nullable=False)
    timestamp = Column(DateTime(timezone=True), nullable=False)
    intent_name = Column(Text)
    action_name = Column(Text)
    data = Column(EncryptedJSON, nullable=False)


class ConversationSnapshot(Base):
    """The slots and the last events of a conversation, so that a turn never reads its whole history."""

    __tablename__ = "conversation_snapshots"
    __table_args__ = (
        Index("ix_conversation_snapshots_open", "updated_at", postgresql_where=text("question IS NOT NULL")),
        Index(None, "updated_at"),
    )

    sender_id = Column(Text, primary_key=True)
    last_message_id = Column(Text)  # the last turn in it: a repeated turn is recognised and not run again
    events = Column(EncryptedJSON, nullable=False)
    question = Column(Text)  # what was asked last and is still open (the slot of that name)
    intent = Column(Text)  # of the last message
    nudged_at = Column(DateTime(timezone=True))  # when she was asked whether she wants to go on, in this pause
    updated_at = Column(DateTime(timezone=True), nullable=False)
