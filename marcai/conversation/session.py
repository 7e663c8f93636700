"""The session in Redis: a projection of the conversation for other processes, alive for 30 minutes after a turn.

`docs/session.md` describes the format. Losing it loses nothing: the draft is in the tracker.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import redis as redis_errors

from marcai.conversation.draft import Draft
from marcai.platform import redis
from marcai.platform.logging import get_logger

TTL_SECONDS = 30 * 60
ASSISTED = "ASSISTED"  # a person answers, or is waited for

log = get_logger(__name__)


def key(tenant_slug: str, customer_id: UUID) -> str:
    """The session's key."""
    return f"session:{tenant_slug}:{customer_id}"


def state_of(draft: Draft, has_name: bool) -> str:
    """The contract's name for how far a conversation has come."""
    if draft.booked:
        return "BOOKED"
    if draft.held_until:
        return "SLOT_HELD"
    confirmed = bool(draft.services) and draft.package_ok and not draft.unclear
    if confirmed and draft.when.single_day:
        return "DATE_SELECTED"
    if confirmed:
        return "SERVICES_CONFIRMED"
    if draft.services:
        return "SERVICE_SELECTED"
    return "IDENTIFIED" if has_name else "NEW"


def write(tenant_slug: str, customer_id: UUID, draft: Draft, *, has_name: bool, question: str | None,
          at: datetime, assisted: bool = False) -> None:
    """Writes the session and renews its life. Redis being down is logged and otherwise ignored."""
    value = {
        "state": ASSISTED if assisted else state_of(draft, has_name),
        "customer_id": str(customer_id),
        "services": draft.services,
        "staff": draft.staff,
        "date": draft.when.single_day.isoformat() if draft.when.single_day else None,
        "start": draft.start,
        "visit_id": draft.visit_id if draft.held_until else None,
        "held_until": draft.held_until,
        "question": question,
        "updated_at": at.isoformat(),
    }
    try:
        redis.client().set(key(tenant_slug, customer_id), json.dumps(value), ex=TTL_SECONDS)
    except redis_errors.RedisError as error:
        log.warning("session.not_written", error=type(error).__name__)


def assist(tenant_slug: str, customer_id: UUID, at: datetime) -> None:
    """Says that a person answers, and renews the session's life; what was chosen stays in it."""
    try:
        value = {"customer_id": str(customer_id), **(read(tenant_slug, customer_id) or {}), "state": ASSISTED,
                 "updated_at": at.isoformat()}
        redis.client().set(key(tenant_slug, customer_id), json.dumps(value), ex=TTL_SECONDS)
    except redis_errors.RedisError as error:
        log.warning("session.not_written", error=type(error).__name__)


def read(tenant_slug: str, customer_id: UUID) -> Mapping[str, Any] | None:
    """The session, or None when there is none."""
    value = redis.client().get(key(tenant_slug, customer_id))
    return json.loads(value) if value else None
