"""The inbox: a signed webhook body read item by item and stored in two statements, each message id once.

A lane that nobody serves is leased to this process in the same transaction, so that a lone message is answered at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg2.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from marcai.platform import clock, metrics
from marcai.platform.crypto import blind_indexes
from marcai.platform.database import transaction
from marcai.platform.logging import get_logger
from marcai.platform.statements import Statement
from marcai.tenants import service as tenants
from marcai.whatsapp import lanes, payloads, sealed, statuses

RAW_CHARACTERS = 65536  # of a body that cannot be read, enough to see what it was
FIELDS = frozenset({
    "messages", "account_update", "account_alerts", "account_review_update", "message_template_status_update",
    "message_template_quality_update", "template_category_update", "phone_number_quality_update",
    "phone_number_name_update", "user_preferences", "user_id_update", "calls", "flows", "security", "history",
})

log = get_logger(__name__)


@dataclass
class _Batch:
    """What one webhook body comes to, ready for the database."""

    messages: dict[tuple[str, bytes], dict[str, Any]] = field(default_factory=dict)
    statuses: list[statuses.Told] = field(default_factory=list)
    problems: int = 0


def lane_of(phone_number_id: str, wa_id: str | None, user_id: str | None) -> UUID:
    """The lane of a sender: the user id where WhatsApp gives one, because it stays when the number is hidden."""
    return UUID(bytes=blind_indexes(f"lane:{phone_number_id}", user_id or wa_id or "")[0][:16])


@dataclass
class Stored:
    """What a webhook left: messages that wait, and those of them that this process is to answer now.

    `rows` are `lanes.TAKE`'s, under the lease with this `token`.
    """

    waiting: bool = False
    token: str = ""
    rows: Sequence[Any] = ()


def store(raw: bytes, places: Callable[[], int] = lambda: 0) -> Stored:
    """Stores everything in a signed webhook body, in one transaction.

    Args:
        raw: the body as it came.
        places: how many lanes may be leased to this process on the way; asked just before.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: nothing was stored.
    """
    now = clock.now()
    body = _parsed(raw)
    batch = _Batch()
    if isinstance(body, dict):
        for value in _values(body):
            _read(value, now, batch)
    else:
        _keep(batch, "", raw[:RAW_CHARACTERS].decode("utf-8", "replace"), now)
    if batch.problems:
        metrics.WEBHOOKS.labels("malformed").inc()
        log.error("webhook.malformed", items=batch.problems, size=len(raw))
    stored = Stored()
    if not batch.messages and not batch.statuses:
        return stored
    for attempt in (1, 2, 3):
        try:
            with transaction() as session:
                if batch.messages:
                    stored = _insert(session, batch, now, places())
                if batch.statuses:
                    statuses.apply(session, batch.statuses, now)
            return stored
        except OperationalError as error:
            # Two webhooks with the same items in another order may wait for each other, and PostgreSQL ends one of
            # them; after a restart of PostgreSQL the pooled connections are dead, and new ones are made.
            if attempt == 3 or not (error.connection_invalidated or isinstance(error.orig, DeadlockDetected)):
                raise
    raise AssertionError("unreachable")


# In the lane in which she wrote last, after what she has written so far; it does not open the 24-hour window.
INTERNAL = Statement("""
WITH lane AS (
    SELECT lanes.id, tenants.phone_number_id FROM lanes JOIN tenants ON tenants.id = lanes.tenant_id
    WHERE lanes.customer_id = %(customer)s AND lanes.tenant_id = %(tenant)s
    ORDER BY last_inbound_at DESC NULLS LAST LIMIT 1
), arrived AS (
    INSERT INTO inbound_messages (phone_number_id, message_key, tenant_id, lane_id, customer_id, kind, payload, state,
                                  sent_at, received_at)
    SELECT phone_number_id, %(key)s, %(tenant)s, id, %(customer)s, 'internal', %(payload)s, 'waiting', %(now)s, %(now)s
    FROM lane
    ON CONFLICT (phone_number_id, message_key) DO NOTHING
    RETURNING lane_id
)
UPDATE lanes SET arrivals = arrivals + 1, waiting = true, retry_at = NULL
FROM arrived WHERE lanes.id = arrived.lane_id
RETURNING lanes.id
""")


def enqueue_internal(session: Session, tenant_id: UUID, customer_id: UUID, intent: str,
                     entities: Mapping[str, Any] | None = None, *, dedupe_key: str | None = None) -> bool:
    """Begins a turn without a message of the customer's: the consumer has Rasa run it like one, in her lane's order.

    Args:
        session: the transaction of what the turn is about; the turn happens if and only if it commits.
        tenant_id: the establishment.
        customer_id: with whom.
        intent: what Rasa is given, as for a tap; no text is parsed.
        entities: the values that come with it, without personal data.
        dedupe_key: the same key begins one turn, however often it is used in 8 days.

    Returns:
        Whether it was begun: False when she has never written, or the key was used before.
    """
    key = f"internal:{dedupe_key}".encode() if dedupe_key else secrets.token_bytes(16)
    payload = f"/{intent}{json.dumps(dict(entities)) if entities else ''}"
    rows = INTERNAL.on(session.connection(), tenant=tenant_id, customer=customer_id,
                       key=hashlib.sha256(key).digest(), now=clock.now(), payload=sealed.seal({"internal": payload}))
    return bool(rows.all())


def _parsed(raw: bytes) -> Any:
    for load in (orjson.loads, json.loads):  # the second reads what the first refuses, such as lone surrogates
        with contextlib.suppress(ValueError, RecursionError):
            return load(raw)
    return None


def _values(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The values of all message changes in all entries."""
    for entry in _dicts(body.get("entry")):
        for change in _dicts(entry.get("changes")):
            name = change.get("field")
            if name == "messages" and isinstance(change.get("value"), dict):
                yield change["value"]
            else:
                log.info("webhook.other_field", field=name if name in FIELDS else "unknown")


def _read(value: dict[str, Any], now: datetime, batch: _Batch) -> None:
    """Adds the messages and statuses of one change."""
    metadata = value.get("metadata")
    number = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    messages, told = list(_dicts(value.get("messages"))), list(_dicts(value.get("statuses")))
    for error in _dicts(value.get("errors")):
        log.warning("webhook.error", code=error.get("code") if isinstance(error.get("code"), int) else None)
    tenant = tenants.by_phone_number_id(number) if isinstance(number, str) and number.isdecimal() else None
    if tenant is None:
        if messages or told:
            metrics.UNKNOWN_NUMBERS.inc(len(messages) + len(told))
            log.warning("webhook.unknown_number", items=len(messages) + len(told))
        return
    contacts: dict[str, dict[str, Any]] = {}
    for contact in _dicts(value.get("contacts")):
        for key in ("wa_id", "user_id"):
            if isinstance(contact.get(key), str):
                contacts.setdefault(contact[key], contact)
    for message in messages:
        try:
            _read_message(message, contacts, tenant, now, batch)
        except (TypeError, ValueError, RecursionError):  # whatever it is, it must not stop the others
            _keep(batch, tenant.phone_number_id, message, now)
    for one in told:
        status = statuses.read(one, tenant.id, now)
        if status is not None:
            batch.statuses.append(status)


def _read_message(message: dict[str, Any], contacts: dict[str, dict[str, Any]], tenant: tenants.TenantInfo,
                  now: datetime, batch: _Batch) -> None:
    wamid = message.get("id")
    ids = [message.get("from"), message.get("from_user_id")]
    contact = next((contacts[one] for one in ids if isinstance(one, str) and one in contacts), None)
    wa_id, user_id = payloads.sender(message, contact)
    if not isinstance(wamid, str) or not wamid or not (wa_id or user_id):
        _keep(batch, tenant.phone_number_id, message, now)
        return
    keys = payloads.wamid_keys(wamid)
    kind = message.get("type")
    kind = kind if isinstance(kind, str) and kind in payloads.KNOWN_TYPES else "unknown"
    batch.messages.setdefault((tenant.phone_number_id, keys[0]), {
        "older": keys[1:], "tenant": tenant.id, "lane": lane_of(tenant.phone_number_id, wa_id, user_id), "kind": kind,
        "payload": sealed.seal({"message": message, "contact": contact}),
        "state": "done" if kind in payloads.SILENT_TYPES else "waiting",
        "sent": payloads.moment(message.get("timestamp"), now),
    })


def _keep(batch: _Batch, phone_number_id: str, what: Any, now: datetime) -> None:
    """Keeps what cannot be read, for a person to look at."""
    data = sealed.dumps(what)
    batch.problems += 1
    batch.messages[phone_number_id, hashlib.sha256(data).digest()] = {
        "older": [], "tenant": None, "lane": None, "kind": "malformed", "payload": sealed.seal({"raw": what}),
        "state": "failed", "sent": now,
    }


_FREE = "%(token)s::text IS NOT NULL AND (lanes.leased_until IS NULL OR lanes.leased_until < %(now)s)"

# INVARIANT: a message id is stored once per number; a lane's arrivals count its stored rows.
STORE = Statement(f"""
WITH arrived AS (
    INSERT INTO inbound_messages (phone_number_id, message_key, tenant_id, lane_id, kind, payload, state, sent_at,
                                  received_at)
    SELECT number, key, tenant, lane, kind, payload, state, sent, %(now)s
    FROM unnest(%(numbers)s::text[], %(keys)s::bytea[], %(tenants)s::uuid[], %(lanes)s::uuid[], %(kinds)s::text[],
                %(payloads)s::bytea[], %(states)s::text[], %(sents)s::timestamptz[])
         WITH ORDINALITY AS t (number, key, tenant, lane, kind, payload, state, sent, place)
    ORDER BY place
    ON CONFLICT (phone_number_id, message_key) DO NOTHING
    RETURNING lane_id, tenant_id, kind, state, sent_at
), woken AS (
    INSERT INTO lanes (id, tenant_id, arrivals, waiting, last_inbound_at, leased_by, leased_until, attempts)
    SELECT lane_id, tenant_id, count(*), true, max(sent_at), %(token)s, %(until)s::timestamptz,
           (%(token)s IS NOT NULL)::int
    FROM arrived WHERE state = 'waiting'
    GROUP BY lane_id, tenant_id ORDER BY lane_id
    ON CONFLICT (id) DO UPDATE SET arrivals = lanes.arrivals + excluded.arrivals, waiting = true, retry_at = NULL,
        last_inbound_at = greatest(lanes.last_inbound_at, excluded.last_inbound_at),
        leased_by = CASE WHEN {_FREE} THEN %(token)s ELSE lanes.leased_by END,
        leased_until = CASE WHEN {_FREE} THEN %(until)s ELSE lanes.leased_until END,
        attempts = lanes.attempts + ({_FREE})::int
    RETURNING id, leased_by
)
SELECT (SELECT array_agg(id) FROM woken) AS woken,
       (SELECT array_agg(id) FROM woken WHERE leased_by = %(token)s) AS leased, array_agg(kind) AS kinds
FROM arrived
""")

# After a change of keys, a message redelivered from before it is known under an older hash.
KNOWN_BEFORE = Statement("""
SELECT phone_number_id, message_key FROM inbound_messages
WHERE phone_number_id = ANY(%(numbers)s::text[]) AND message_key = ANY(%(older)s::bytea[])
""")


def _insert(session: Session, batch: _Batch, now: datetime, places: int) -> Stored:
    rows, connection = batch.messages, session.connection()
    older = {(number, old): (number, key) for (number, key), row in rows.items() for old in row["older"]}
    if older:
        known = KNOWN_BEFORE.on(connection, numbers=[number for number, _ in older], older=[key for _, key in older])
        for number, key in known:
            rows.pop(older.get((number, bytes(key))), None)
    values = list(rows.values())
    if not values:
        return Stored()
    waiting = {row["lane"] for row in values if row["state"] == "waiting"}
    token = lanes.new_token() if 0 < len(waiting) <= places else None
    found = STORE.on(
        connection, numbers=[number for number, _ in rows], keys=[key for _, key in rows],
        tenants=[row["tenant"] for row in values], lanes=[row["lane"] for row in values],
        kinds=[row["kind"] for row in values], payloads=[row["payload"] for row in values],
        states=[row["state"] for row in values], sents=[row["sent"] for row in values], now=now, token=token,
        until=now + lanes.LEASE if token else None).one()
    for kind in found.kinds or []:
        metrics.RECEIVED.labels(kind).inc()
    taken = lanes.TAKE.on(connection, lanes=found.leased, token=token).all() if found.leased else []
    return Stored(len(found.woken or []) > len(found.leased or []), token or "", taken)


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in what should be a list of them."""
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
