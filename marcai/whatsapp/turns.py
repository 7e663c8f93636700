"""A turn: what a customer said that is answered together, and the one transaction that keeps all it leads to.

While Rasa handles a message the turn is current (a context variable), so that the output channel can collect its
replies and the tracker store can write them together with the tracker.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from marcai.analytics import recording
from marcai.handoff.service import STATE_OF
from marcai.platform import clock
from marcai.platform.database import engine, transaction
from marcai.platform.logging import get_logger
from marcai.platform.statements import Statement
from marcai.tenants.service import TenantInfo
from marcai.whatsapp import messages, options, sealed
from marcai.whatsapp.beginning import Stored
from marcai.whatsapp.lanes import Lane
from marcai.whatsapp.options import Option

QUIET = {"quiet": True}  # an action's whole answer, as `custom`: she waits for a person, and no reply is no failure
SEND_LEASE = timedelta(seconds=30)  # how long the process that commits a turn has its replies for itself


log = get_logger(__name__)


class TurnAborted(BaseException):
    """The turn cannot be stored now and must be run again.

    Not an `Exception` on purpose: Rasa's `FailSafeTrackerStore` swallows every `Exception` of a tracker store and goes
    on with an empty conversation, which would run actions on a state that never was.
    """


class AlreadyDone(TurnAborted):
    """The conversation already holds this turn: there is nothing to run."""


class LeaseLost(TurnAborted):
    """Another process serves the customer meanwhile, and this turn is no longer ours to store."""


class Overtaken(TurnAborted):
    """The conversation has changed since the turn read it, such as by a turn of her other number."""


@dataclass(frozen=True)
class Said:
    """What the channel itself may say, in the words of `domain.yml`."""

    words: messages.Words
    apology: dict[str, Any]


@dataclass
class Turn:
    """One turn in the making."""

    lane: Lane
    tenant: TenantInfo | None  # None only where nothing is said
    customer_id: UUID | None
    inbound_ids: list[int]
    said: Said
    address: str | None = None
    kind: str = "text"
    last: bool = True  # nothing else of the lane is in hand: it may rest after this turn
    state: str = "done"
    stored: Stored | None = None  # the conversation as it was when the turn began, for the first run
    option: Option | None = None  # what the tap stands for, if it counts
    tap: str | None = None
    tap_at: datetime | None = None
    replies: list[dict[str, Any]] = field(default_factory=list)
    pages: list[dict[str, Any]] | None = None  # bodies to send as they are, instead of replies
    silent: bool = False  # nothing is to be said: a reaction, or a person is answering
    committed: bool = False
    released: bool = False
    queued: list[dict[str, Any]] = field(default_factory=list)  # the rows that are ours to send now
    send: Callable[[list[dict[str, Any]]], None] | None = None  # sends such rows; returns at once
    greet: Callable[[], None] | None = None  # until she is greeted

    def greeted(self) -> None:
        """Shows the customer, once, that her message is read and an answer being written."""
        greet, self.greet = self.greet, None
        if greet is not None:
            greet()

    def deliver(self) -> None:
        """Sends what the commit left to this process; called in the event loop, as soon as it is committed."""
        rows, self.queued = self.queued, []
        if rows and self.send is not None:
            self.send(rows)

    @property
    def id(self) -> UUID:
        """The same however often the turn is run: it follows from its first message."""
        return uuid5(NAMESPACE_URL, f"marcai:turn:{self.inbound_ids[0]}")


current: ContextVar[Turn | None] = ContextVar("marcai_turn", default=None)


@dataclass(frozen=True)
class Conversation:
    """What a turn adds to the tracker: events as columns, and the snapshot that replaces the last one."""

    sender_id: str
    types: list[str]
    times: list[datetime]
    intents: list[str | None]
    actions: list[str | None]
    data: list[bytes]
    snapshot: bytes
    message_id: str | None
    question: str | None = None  # what is open after the turn
    intent: str | None = None  # of its message
    facts: recording.Facts | None = None  # for analysts
    seen: datetime | None = None  # `Stored.updated_at` of the state that it goes on from


NOTHING_SAID: dict[str, Any] = {"sender": None, "types": [], "times": [], "intents": [], "actions": [], "data": [],
                                "snapshot": None, "message": None, "question": None, "intent": None, "seen": None}

KEEP_EVENTS = """
INSERT INTO conversation_events (sender_id, type_name, timestamp, intent_name, action_name, data)
SELECT %(sender)s::text, type, time, intent, action, data
FROM unnest(%(types)s::text[], %(times)s::timestamptz[], %(intents)s::text[], %(actions)s::text[],
            %(data)s::bytea[]) WITH ORDINALITY AS t (type, time, intent, action, data, place)
WHERE {condition}
ORDER BY place
"""

KEEP_SNAPSHOT = """
INSERT INTO conversation_snapshots (sender_id, last_message_id, events, question, intent, updated_at)
SELECT %(sender)s::text, %(message)s::text, %(snapshot)s::bytea, %(question)s::text, %(intent)s::text,
       %(now)s::timestamptz
WHERE {condition}
ON CONFLICT (sender_id) DO UPDATE SET events = excluded.events, updated_at = excluded.updated_at,
    question = excluded.question, intent = excluded.intent, nudged_at = NULL,
    last_message_id = coalesce(excluded.last_message_id, conversation_snapshots.last_message_id)
WHERE {unchanged}
RETURNING sender_id
"""

# INVARIANT: all of a turn or nothing. Every part hangs on `lane`, which is empty when the lease is lost; the caller
# rolls back then. Of a customer who was erased during her turn nothing is kept but the answer. A lane rests only when
# nothing has arrived since its messages were read. Replies are born leased to this process unless an earlier message
# to the customer still waits, because messages leave in order.
COMMIT = Statement(f"""
WITH lane AS (
    UPDATE lanes SET attempts = 0, retry_at = NULL, forgotten = false,
        customer_id = CASE WHEN before.forgotten THEN NULL ELSE %(customer)s::uuid END,
        identified_at = CASE WHEN before.forgotten THEN NULL ELSE %(identified)s::timestamptz END,
        last_tap = coalesce(%(tap)s, last_tap), last_tap_at = coalesce(%(tap_at)s, last_tap_at),
        waiting = NOT (%(last)s AND arrivals = %(arrivals)s),
        leased_by = CASE WHEN %(last)s AND arrivals = %(arrivals)s THEN NULL ELSE leased_by END,
        leased_until = CASE WHEN %(last)s AND arrivals = %(arrivals)s THEN NULL ELSE leased_until END
    FROM (SELECT forgotten FROM lanes WHERE id = %(lane)s) before
    WHERE id = %(lane)s AND leased_by = %(token)s
    RETURNING leased_by IS NULL AS released, before.forgotten
), done AS (
    UPDATE inbound_messages SET state = %(state)s, done_at = %(now)s, turn_id = %(turn)s,
        customer_id = %(customer)s, payload = CASE WHEN lane.forgotten THEN NULL ELSE payload END
    FROM lane
    WHERE inbound_messages.id = ANY(%(inbound)s::bigint[]) AND state = 'waiting'
    RETURNING inbound_messages.id, inbound_messages.sent_at
), events AS ({KEEP_EVENTS.format(condition="EXISTS (SELECT 1 FROM lane WHERE NOT forgotten)")}
    RETURNING id, type_name
), continued AS ({recording.CONTINUE.format(condition="EXISTS (SELECT 1 FROM lane WHERE NOT forgotten)")}
), facts AS ({recording.KEEP.format(condition="EXISTS (SELECT 1 FROM lane WHERE NOT forgotten)")}
), snapshot AS ({KEEP_SNAPSHOT.format(
    condition="%(snapshot)s IS NOT NULL AND EXISTS (SELECT 1 FROM lane WHERE NOT forgotten)",
    unchanged="conversation_snapshots.updated_at = %(seen)s::timestamptz")}
), offers AS ({options.INSERT} WHERE EXISTS (SELECT 1 FROM lane)
), earlier AS (
    SELECT EXISTS (SELECT 1 FROM outbound_messages WHERE customer_id = %(customer)s AND state = 'queued') AS any
), queued AS (
    INSERT INTO outbound_messages (tenant_id, customer_id, turn_id, dedupe_key, payload, about, attempts,
                                   next_attempt_at, leased_until, created_at)
    SELECT %(tenant)s, %(customer)s, %(turn)s, key, body, about::jsonb, 0, %(now)s,
           CASE WHEN earlier.any THEN NULL ELSE %(send_until)s::timestamptz END, %(now)s
    FROM earlier, unnest(%(dedupe_keys)s::text[], %(bodies)s::bytea[], %(abouts)s::text[])
         WITH ORDINALITY AS t (key, body, about, place)
    WHERE EXISTS (SELECT 1 FROM lane)
    ORDER BY place
    RETURNING id, leased_until
)
SELECT (SELECT released FROM lane) AS released, (SELECT forgotten FROM lane) AS forgotten,
       (SELECT count(*) FROM done) AS done, EXISTS (SELECT 1 FROM snapshot) AS kept,
       ARRAY(SELECT id FROM queued ORDER BY id) AS queued,
       (SELECT bool_and(leased_until IS NOT NULL) FROM queued) AS ours,
       {STATE_OF.format(customer="%(customer)s::uuid")} AS handoff
""")


def commit(turn: Turn, conversation: Conversation | None = None) -> None:
    """Stores a turn: the conversation, the replies, the options they offer, its messages as done, the lane.

    Raises:
        LeaseLost: the lane, or one of the messages, belongs to another process now; nothing was stored.
        Overtaken: the conversation is not the one that the turn began with; nothing was stored.
    """
    now = clock.now()
    rendered = _rendered(turn)
    lane = turn.lane
    values = {
        **(_columns(conversation) if conversation else NOTHING_SAID),
        **recording.values(conversation.facts if conversation else None),
        "lane": lane.id, "token": lane.token, "arrivals": lane.arrivals, "last": turn.last, "now": now,
        "customer": turn.customer_id, "tenant": turn.lane.tenant_id, "turn": turn.id, "state": turn.state,
        "identified": lane.identified_at, "tap": turn.tap, "tap_at": turn.tap_at, "inbound": turn.inbound_ids,
        **options.columns(rendered.options), "until": now + options.TURN_LIFE,
        "dedupe_keys": [f"turn:{turn.id}:{place}" for place, _ in enumerate(rendered.bubbles)],
        "bodies": [sealed.seal(bubble.body) for bubble in rendered.bubbles],
        "abouts": [sealed.dumps(bubble.about).decode() for bubble in rendered.bubbles],
        "send_until": now + SEND_LEASE,
    }
    with engine().begin() as connection:
        row = COMMIT.on(connection, **values).one()
        if row.released is None or row.done != len(turn.inbound_ids):
            raise LeaseLost
        if conversation and not row.kept and not row.forgotten:
            raise Overtaken
    turn.committed, turn.released, lane.handoff = True, row.released, row.handoff
    if row.forgotten:
        lane.customer_id = lane.identified_at = None
    if row.ours:
        turn.queued = [
            {"id": row_id, "tenant_id": turn.lane.tenant_id, "customer_id": turn.customer_id, "body": bubble.body,
             "leased_until": now + SEND_LEASE, "address": turn.address, "number": turn.tenant.phone_number_id,
             "attempts": 0, "doubt": False, "about": bubble.about, "turn_id": turn.id}
            for row_id, bubble in zip(row.queued, rendered.bubbles, strict=True)
        ]


def _rendered(turn: Turn) -> messages.Rendered:
    if turn.pages is not None:
        return messages.Rendered([messages.Bubble(body) for body in turn.pages])
    if turn.silent or any(reply.get("custom") == QUIET for reply in turn.replies):
        return messages.Rendered()
    try:
        rendered = messages.render(turn.replies, turn.said.words)
    except Exception as error:  # a response of a form nobody thought of: the customer is told, not left waiting
        log.error("turn.not_rendered", conversation=str(turn.customer_id), error=type(error).__name__, exc_info=True)
        rendered = messages.Rendered()
    return rendered if rendered.bubbles else messages.render([turn.said.apology], turn.said.words)


def _columns(conversation: Conversation) -> dict[str, Any]:
    return {"sender": conversation.sender_id, "types": conversation.types, "times": conversation.times,
            "intents": conversation.intents, "actions": conversation.actions, "data": conversation.data,
            "snapshot": conversation.snapshot, "message": conversation.message_id,
            "question": conversation.question, "intent": conversation.intent, "seen": conversation.seen}


def keep(conversation: Conversation) -> None:
    """Stores a conversation without a turn: `rasa shell`, `rasa interactive`, the HTTP API."""
    values = {**_columns(conversation), "now": clock.now()}
    with transaction() as session:
        for part in (KEEP_EVENTS, KEEP_SNAPSHOT):
            session.connection().exec_driver_sql(part.format(condition="true", unchanged="true"), values)
