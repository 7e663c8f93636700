"""Delivery statuses: applied by rank onto the message they tell of, or kept until that message is known.

WhatsApp may take a message and tell of its failure afterwards. Where the failure passes by itself, the message is sent
once more, as another row: a state only rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marcai.notifications import service as notifications
from marcai.platform import clock, metrics
from marcai.platform.database import transaction
from marcai.platform.logging import get_logger
from marcai.platform.statements import Statement
from marcai.whatsapp import graph, payloads
from marcai.whatsapp.graph import Verdict

OPAQUE_PREFIX = "marcai:"  # before our row id, in the field that WhatsApp echoes
NAMES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
PASSING = {Verdict.RETRY, Verdict.THROTTLED_NUMBER, Verdict.THROTTLED_PAIR}  # failures after which one more try is due
RESEND_PAUSE = timedelta(seconds=10)
RESEND_WITHIN = timedelta(minutes=10)  # a later answer would no longer fit the conversation

log = get_logger(__name__)


@dataclass(frozen=True)
class Told:
    """One status of a webhook. `message_id` is our row where WhatsApp echoed it."""

    tenant_id: UUID
    wamid_key: bytes
    status: str
    at: datetime
    message_id: int | None = None
    error_code: int | None = None


def read(status: dict[str, Any], tenant_id: UUID, now: datetime) -> Told | None:
    """A status object of a webhook; None when it is of a kind that changes nothing."""
    name, wamid = status.get("status"), status.get("id")
    if not isinstance(name, str) or name not in NAMES or not isinstance(wamid, str):
        return None
    opaque = status.get("biz_opaque_callback_data")
    number = opaque[len(OPAQUE_PREFIX):] if isinstance(opaque, str) and opaque.startswith(OPAQUE_PREFIX) else ""
    errors = status.get("errors")
    code = errors[0].get("code") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
    metrics.STATUSES.labels(NAMES[name]).inc()
    return Told(
        tenant_id, payloads.wamid_keys(wamid)[0], NAMES[name], payloads.moment(status.get("timestamp"), now),
        int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None,
        code if isinstance(code, int) and abs(code) < 2**31 else None,
    )


_RANK = "array_position(ARRAY['queued', 'sent', 'delivered', 'read', 'failed'], {})"

# INVARIANT: a message's state only rises: queued < sent < delivered < read < failed. A failure of one attempt does
# not touch a message that is known under another attempt's id. Statuses of unknown messages are kept.
_APPLY = Statement(f"""
WITH told AS (
    SELECT * FROM unnest(%(tenants)s::uuid[], %(keys)s::bytea[], %(statuses)s::text[], %(ats)s::timestamptz[],
                         %(ids)s::bigint[], %(codes)s::int[])
         WITH ORDINALITY AS t (tenant_id, wamid_key, status, at, message_id, error_code, place)
), matched AS (
    SELECT told.*, o.id FROM told
    JOIN outbound_messages o ON o.id = told.message_id AND o.tenant_id = told.tenant_id
    UNION ALL
    SELECT told.*, o.id FROM told
    JOIN outbound_messages o ON o.wamid_key = told.wamid_key AND o.tenant_id = told.tenant_id
    WHERE told.message_id IS NULL
), one AS (
    SELECT m.id, (array_agg(m.wamid_key ORDER BY m.at DESC))[1] AS wamid_key,
           max({_RANK.format('m.status')}) AS rank,
           min(m.at) FILTER (WHERE m.status = 'sent') AS sent_at,
           min(m.at) FILTER (WHERE m.status = 'delivered') AS delivered_at,
           min(m.at) FILTER (WHERE m.status = 'read') AS read_at,
           min(m.at) FILTER (WHERE m.status = 'failed') AS failed_at,
           max(m.error_code) AS error_code
    FROM matched m JOIN outbound_messages o ON o.id = m.id
    WHERE m.status <> 'failed' OR o.wamid_key IS NULL OR o.wamid_key = m.wamid_key
    GROUP BY m.id ORDER BY m.id
), changed AS (
    UPDATE outbound_messages o
    SET state = (ARRAY['queued', 'sent', 'delivered', 'read', 'failed'])[greatest({_RANK.format('o.state')}, one.rank)],
        wamid_key = coalesce(o.wamid_key, one.wamid_key),
        sent_at = coalesce(o.sent_at, one.sent_at, one.delivered_at, one.read_at),
        delivered_at = coalesce(o.delivered_at, one.delivered_at),
        read_at = coalesce(o.read_at, one.read_at), failed_at = coalesce(o.failed_at, one.failed_at),
        error_code = coalesce(one.error_code, o.error_code), leased_until = NULL, doubt = false
    FROM one WHERE o.id = one.id AND {_RANK.format('o.state')} < one.rank
    RETURNING o.id, o.tenant_id, o.turn_id, o.state, o.error_code
), kept AS (
    INSERT INTO delivery_statuses (wamid_key, status, error_code, at, received_at)
    SELECT wamid_key, status, error_code, at, %(now)s FROM told
    WHERE place NOT IN (SELECT place FROM matched)
    ON CONFLICT (wamid_key, status) DO NOTHING
)
SELECT id, tenant_id, turn_id, state, error_code FROM changed
""")

# Of a customer's messages, those that fail together are sent again in their order, before whatever is queued later.
RESEND = Statement("""
WITH again AS (
    INSERT INTO outbound_messages (tenant_id, customer_id, turn_id, dedupe_key, payload, about, next_attempt_at,
                                   created_at)
    SELECT tenant_id, customer_id, turn_id, dedupe_key || ':again', payload, about, %(at)s::timestamptz,
           %(now)s::timestamptz
    FROM outbound_messages
    WHERE id = ANY(%(ids)s::bigint[]) AND created_at > %(since)s AND right(dedupe_key, 6) <> ':again'
    ORDER BY id
    ON CONFLICT (dedupe_key) DO NOTHING
    RETURNING id, dedupe_key
)
UPDATE outbound_messages o SET about = o.about || jsonb_build_object('again', again.id)
FROM again WHERE o.id = ANY(%(ids)s::bigint[]) AND o.dedupe_key || ':again' = again.dedupe_key
RETURNING o.id, again.id AS again
""")


def apply(session: Session, told: Sequence[Told], now: datetime) -> None:
    """Applies the statuses of one webhook, and copies those of notifications to them.

    Args:
        session: the webhook's transaction.
        told: in any order, also before the send that they tell of has returned.
        now: the time of arrival.
    """
    _apply(session, told, now)


def _apply(session: Session, told: Sequence[Told], now: datetime) -> int:
    changed = _APPLY.on(
        session.connection(), tenants=[one.tenant_id for one in told], keys=[one.wamid_key for one in told],
        statuses=[one.status for one in told], ats=[one.at for one in told], ids=[one.message_id for one in told],
        codes=[one.error_code for one in told], now=now).all()
    again = _resend(session, [row.id for row in changed
                              if row.state == "failed" and graph.CODES.get(row.error_code) in PASSING], now)
    for row in changed:
        if row.id in again:
            notifications.moved(session, row.id, again[row.id])
            continue
        if row.turn_id is None:
            notifications.delivery(session, row.id, row.state)
        if row.state == "failed":
            _tell_of_failure(row)
    return len(changed)


def _resend(session: Session, ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Queues failed messages once more; gives the new row of each that was young enough and no second try itself."""
    if not ids:
        return {}
    rows = RESEND.on(session.connection(), ids=list(ids), now=now, at=now + RESEND_PAUSE,
                     since=now - RESEND_WITHIN).all()
    metrics.SEND_RETRIES.labels("status").inc(len(rows))
    return {row.id: row.again for row in rows}


def _tell_of_failure(row: Any) -> None:
    metrics.FAILED.labels("status", str(row.error_code or "unknown")).inc()
    if graph.CODES.get(row.error_code) is Verdict.ACCOUNT:
        log.critical("account.stopped", alert=True, tenant=str(row.tenant_id), code=row.error_code)
    else:
        log.error("message.not_delivered", row=row.id, code=row.error_code)


TAKE_KEPT = Statement("""
DELETE FROM delivery_statuses s USING outbound_messages o
WHERE o.wamid_key = s.wamid_key AND s.received_at > %(since)s
RETURNING o.tenant_id, s.wamid_key, s.status, s.at, o.id AS message_id, s.error_code
""")


def match_kept(since: datetime) -> int:
    """Applies kept statuses whose message has become known meanwhile; returns how many messages changed."""
    with transaction() as session:
        rows = TAKE_KEPT.on(session.connection(), since=since).all()
        told = [Told(row.tenant_id, bytes(row.wamid_key), row.status, row.at, row.message_id, row.error_code)
                for row in rows]
        return _apply(session, told, clock.now()) if told else 0
