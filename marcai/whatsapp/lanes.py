"""A customer's lane: what she wrote and is not answered yet, leased to one process at a time.

A lease ends by itself, so that a killed process's customers are served by another, or by the next start.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from marcai.handoff.service import STATE_OF
from marcai.platform.statements import Statement

LEASE = timedelta(seconds=15)  # a killed process's customers wait no longer than this
MESSAGES = 100  # of one customer, read at once


@dataclass
class Lane:
    """A lane under lease, with what it takes to store its turns."""

    id: UUID
    tenant_id: UUID
    token: str
    arrivals: int
    attempts: int = 0
    customer_id: UUID | None = None
    identified_at: datetime | None = None
    last_tap: str | None = None
    last_tap_at: datetime | None = None
    handoff: str | None = None  # the customer has asked for a person: waiting, or assisted by one


def new_token() -> str:
    """What tells one lease from every other."""
    return secrets.token_urlsafe(9)


def leased(rows: Sequence[Any], token: str) -> Iterator[tuple[Lane, list[Any]]]:
    """The lanes in rows of `TAKE` or `TAKE_DUE`, each with its rows, of which every one has a message or none."""
    for _, group in groupby(rows, key=lambda row: row.id):
        found = list(group)
        row = found[0]
        yield Lane(row.id, row.tenant_id, token, row.arrivals, row.attempts, row.customer_id, row.identified_at,
                   row.last_tap, row.last_tap_at, row.handoff), found


# INVARIANT: `seen.arrivals` is read together with the messages. A lane rests only when it has not changed since.
_WAITING = f"""
SELECT seen.id, seen.tenant_id, seen.arrivals, {{lane}}.attempts, {{lane}}.customer_id, {{lane}}.identified_at,
       {{lane}}.last_tap, {{lane}}.last_tap_at, {STATE_OF.format(customer="{lane}.customer_id")} AS handoff,
       m.id AS message_id, m.payload, m.sent_at
FROM {{source}}
LEFT JOIN LATERAL (SELECT id, payload, sent_at FROM inbound_messages
                   WHERE lane_id = seen.id AND state = 'waiting' ORDER BY sent_at, id LIMIT {MESSAGES}) m ON true
"""

# Whatever waits and nobody serves; a lease lost with a crash of PostgreSQL is no loss.
TAKE_DUE = Statement(f"""
WITH due AS (
    SELECT id FROM lanes
    WHERE waiting AND (leased_until IS NULL OR leased_until < %(now)s) AND (retry_at IS NULL OR retry_at <= %(now)s)
    ORDER BY last_inbound_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE lanes SET leased_by = %(token)s, leased_until = %(until)s, attempts = attempts + 1
    FROM due WHERE lanes.id = due.id
    RETURNING lanes.id, lanes.attempts, lanes.customer_id, lanes.identified_at, lanes.last_tap, lanes.last_tap_at
)
{_WAITING.format(lane="leased", source="leased JOIN lanes seen ON seen.id = leased.id")}
ORDER BY seen.id, m.sent_at, m.id
""", lightly=True)

TAKE = Statement(f"""
{_WAITING.format(lane="seen", source="lanes seen")}
WHERE seen.id = ANY(%(lanes)s::uuid[]) AND seen.leased_by = %(token)s
ORDER BY seen.id, m.sent_at, m.id
""")

RENEW = Statement("""
UPDATE lanes SET leased_until = %(until)s
FROM unnest(%(lanes)s::uuid[], %(tokens)s::text[]) AS held (lane, token)
WHERE lanes.id = held.lane AND lanes.leased_by = held.token
RETURNING lanes.id
""", lightly=True)

REST = Statement("""
UPDATE lanes SET leased_by = NULL, leased_until = NULL, retry_at = %(retry)s,
    waiting = NOT (%(empty)s AND arrivals = %(arrivals)s)
WHERE id = %(lane)s AND leased_by = %(token)s
RETURNING waiting
""", lightly=True)
