"""What the worker does for the channel by the clock."""

from __future__ import annotations

from datetime import timedelta

from marcai.platform import clock, retention
from marcai.platform.periodic import Job
from marcai.platform.settings import settings
from marcai.whatsapp import pauses, statuses
from marcai.whatsapp.models import (
    ConversationEvent,
    ConversationSnapshot,
    DeliveryStatus,
    InboundMessage,
    Lane,
    OfferedOption,
    OutboundMessage,
)

KEPT_FOR = timedelta(minutes=15)  # a status older than its message's send by more than this tells of none of ours
REMEMBERED = timedelta(days=8)  # message ids: WhatsApp repeats a webhook for 7 days at most
EXPIRED = timedelta(days=1)  # an option that can no longer be tapped


def match_statuses() -> None:
    """Applies statuses that came just while the send that they tell of was being recorded."""
    statuses.match_kept(clock.now() - KEPT_FOR)


def purge() -> None:
    """Deletes messages when they cannot be repeated any more, expired options, and what was said long ago."""
    now = clock.now()
    said = now - timedelta(days=settings().keep_conversations_days)
    retention.purge(InboundMessage, InboundMessage.received_at < now - REMEMBERED, InboundMessage.state != "waiting")
    retention.purge(DeliveryStatus, DeliveryStatus.received_at < now - REMEMBERED)
    retention.purge(OfferedOption, OfferedOption.expires_at < now - EXPIRED)
    retention.purge(OutboundMessage, OutboundMessage.created_at < said, OutboundMessage.state != "queued")
    retention.purge(ConversationEvent, ConversationEvent.timestamp < said)
    retention.purge(ConversationSnapshot, ConversationSnapshot.updated_at < said)
    retention.purge(Lane, Lane.last_inbound_at < said, ~Lane.waiting, Lane.leased_by.is_(None))


JOBS = (
    Job("match_statuses", 20, match_statuses),
    Job("ask_the_silent", 10, pauses.ask_the_silent),
    Job("purge_messages", retention.EVERY_SECONDS, purge),
)
