"""The outbox: rows to be sent, in order per customer and in parallel across customers.

A process that commits a turn has the turn's rows leased to itself and sends them at once. Everything else (rows of
notifications, retries, what a killed process left) is claimed from the table, always the first of each customer.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from marcai.customers import service as customers
from marcai.customers.numbers import USER_ID
from marcai.notifications import service as notifications
from marcai.platform import clock, metrics
from marcai.platform.database import transaction
from marcai.platform.logging import get_logger
from marcai.platform.statements import Statement
from marcai.tenants import service as tenants
from marcai.whatsapp import graph, limits, messages, payloads, sealed, statuses, turns
from marcai.whatsapp.graph import Graph, Outcome, Verdict

PARALLEL = 40  # customers sent to at once by one process; WhatsApp takes 80 messages a second per number
POLL_SECONDS = 1.0
STOP_SECONDS = 8.0
CHAIN_SECONDS = 10.0  # rows leased together are given back when sending the first ones took this long
DOUBT_PAUSE = timedelta(seconds=20)  # a status tells within seconds that the message got through
UNREACHABLE_TRIES = 12  # about ten minutes; a later answer would no longer fit the conversation
RECORD_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)  # within the lease
PAIR_TRIES = 6
ACCOUNT_PAUSE_SECONDS = 300.0
NUMBER_PAUSE_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)

log = get_logger(__name__)

_senders: set[Sender] = set()


def wake() -> None:
    """Has the senders of this process look for rows at once; call it after the commit."""
    for sender in list(_senders):
        sender.wake()


ENQUEUE = Statement("""
INSERT INTO outbound_messages (tenant_id, customer_id, turn_id, dedupe_key, payload, about, next_attempt_at,
                               created_at)
SELECT %(tenant)s, %(customer)s, %(turn)s, key, body, %(about)s::jsonb, %(now)s, %(now)s
FROM unnest(%(keys)s::text[], %(bodies)s::bytea[]) WITH ORDINALITY AS t (key, body, place) ORDER BY place
ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
""")


def enqueue(session: Session, *, tenant_id: UUID, customer_id: UUID, bodies: Sequence[dict[str, Any]],
            dedupe_key: str, turn_id: UUID | None = None, about: dict[str, Any] | None = None) -> list[int]:
    """Puts message bodies in a customer's queue, in the caller's transaction.

    Args:
        session: the transaction of what the messages tell of.
        tenant_id: the establishment that sends.
        customer_id: to whom.
        bodies: Graph bodies without product and recipient.
        dedupe_key: the same key puts its messages in the queue once, however often it is used.
        turn_id: the turn that they answer, if any.
        about: what they show, without personal data.

    Returns:
        the rows' ids; empty when the key was used before.
    """
    rows = ENQUEUE.on(
        session.connection(), tenant=tenant_id, customer=customer_id, turn=turn_id,
        keys=[f"{dedupe_key}:{place}" for place, _ in enumerate(bodies)],
        bodies=[sealed.seal(body) for body in bodies], about=sealed.dumps(about or {}).decode(), now=clock.now())
    return sorted(row.id for row in rows)


# INVARIANT: only the first queued row of a customer is claimed, so a later one never overtakes it. A row whose lease
# ran out was being sent when its process died: it is in doubt, and waits for a status before it is sent again.
CLAIM = Statement("""
WITH due AS (
    SELECT o.id FROM outbound_messages o
    WHERE o.state = 'queued' AND o.next_attempt_at <= %(now)s
      AND (o.leased_until IS NULL OR o.leased_until < %(now)s) AND NOT o.tenant_id = ANY(%(paused)s::uuid[])
      AND NOT EXISTS (SELECT 1 FROM outbound_messages e
                      WHERE e.customer_id = o.customer_id AND e.state = 'queued' AND e.id < o.id)
    ORDER BY o.next_attempt_at LIMIT %(limit)s FOR UPDATE OF o SKIP LOCKED
)
UPDATE outbound_messages o SET leased_until = %(until)s, doubt = doubt OR leased_until IS NOT NULL
FROM due WHERE o.id = due.id
RETURNING o.id, o.tenant_id, o.customer_id, o.payload, o.about, o.attempts, o.doubt, o.turn_id, o.leased_until
""")

# The statuses that came before this answer of the Graph API count at once.
RECORD_SENT = Statement("""
UPDATE outbound_messages o
SET state = CASE WHEN o.state = 'queued' THEN 'sent' ELSE o.state END, wamid_key = coalesce(%(key)s::bytea, wamid_key),
    sent_at = coalesce(o.sent_at, %(now)s), attempts = attempts + 1, leased_until = NULL, doubt = false
WHERE id = %(id)s
RETURNING o.state, EXISTS (SELECT 1 FROM delivery_statuses s WHERE s.wamid_key = %(key)s::bytea) AS told,
    EXISTS (SELECT 1 FROM outbound_messages n
            WHERE n.customer_id = o.customer_id AND n.state = 'queued' AND n.id > o.id AND n.leased_until IS NULL
           ) AS more
""")

RECORD = Statement("""
UPDATE outbound_messages
SET state = CASE WHEN state = 'queued' THEN %(state)s ELSE state END, attempts = %(attempts)s, doubt = %(doubt)s,
    next_attempt_at = %(next)s, leased_until = NULL, error_code = %(code)s,
    payload = coalesce(%(payload)s::bytea, payload), about = about || %(about)s::jsonb,
    failed_at = CASE WHEN %(state)s = 'failed' THEN %(now)s ELSE failed_at END
WHERE id = %(id)s RETURNING state
""")

GIVE_BACK = Statement(
    "UPDATE outbound_messages SET leased_until = NULL WHERE id = ANY(%(ids)s::bigint[]) RETURNING id")


class Sender:
    """Sends what is queued. Every process may have one; together they send each row once."""

    def __init__(self, parallel: int = PARALLEL, api: Graph | None = None) -> None:
        """Prepares a sender within the running loop; `run` starts it.

        Args:
            parallel: how many customers to send to at once.
            api: the Graph client to use; one of its own otherwise.
        """
        self._api = api or Graph()
        self._own_api = api is None
        self._parallel = parallel
        self._wake = asyncio.Event()
        self._chains: set[asyncio.Task[None]] = set()
        self._paused: dict[UUID, float] = {}  # tenant -> until when, monotonic
        self._throttles: dict[UUID, int] = {}

    def wake(self) -> None:
        """Looks for rows at once."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until told to stop; what is under way then may end.

        Args:
            stop: set by the caller when the process ends.
        """
        _senders.add(self)
        stopped = asyncio.create_task(stop.wait())
        stopped.add_done_callback(lambda _: self._wake.set())
        try:
            while not stop.is_set():
                self._wake.clear()
                try:
                    await self._claim()
                except Exception as error:
                    log.error("outbox.not_claimed", error=type(error).__name__)
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        finally:
            _senders.discard(self)
            stopped.cancel()
            if self._chains:
                await asyncio.wait(self._chains, timeout=STOP_SECONDS)
            if self._own_api:
                await self._api.close()

    def accept(self, rows: Sequence[dict[str, Any]]) -> None:
        """Sends rows of one customer that are leased to this process already; returns at once."""
        if rows:
            task = asyncio.create_task(self._chain(list(rows)))
            self._chains.add(task)
            task.add_done_callback(self._chained)

    def _chained(self, task: asyncio.Task[None]) -> None:
        self._chains.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("outbox.broken", error=type(task.exception()).__name__)

    async def _claim(self) -> None:
        """Claims the first due row of each customer, as many as there is room for."""
        free = self._parallel - len(self._chains)
        if free <= 0:
            return
        now, moment = clock.now(), time.monotonic()
        self._paused = {tenant: until for tenant, until in self._paused.items() if until > moment}
        rows = await asyncio.to_thread(CLAIM, now=now, until=now + turns.SEND_LEASE, limit=free,
                                       paused=list(self._paused))
        for row in rows:
            try:
                body = sealed.unseal(row.payload)
            except Exception as error:  # encrypted with a key that is gone
                log.error("message.not_read", row=row.id, error=type(error).__name__)
                body = {"type": "unreadable"}
            self.accept([{**row._mapping, "body": body, "address": None, "number": None}])

    async def _chain(self, rows: list[dict[str, Any]]) -> None:
        """Sends one customer's rows one after the other; the rest is given back at the first that does not go."""
        began = time.monotonic()
        while rows and time.monotonic() - began < CHAIN_SECONDS:
            if not await self._one(rows.pop(0)):
                break
        if rows:
            await asyncio.to_thread(GIVE_BACK, ids=[row["id"] for row in rows])
            self.wake()

    async def _one(self, row: dict[str, Any]) -> bool:
        """Sends one row and records what became of it; says whether it is gone."""
        number = row["number"] or await asyncio.to_thread(_number, row["tenant_id"])
        address = row["address"] or await asyncio.to_thread(_address, row["customer_id"])
        if not number or not address or row["body"].get("type") in (None, "unreadable"):
            await self._record(row, Outcome(Verdict.RECIPIENT))
            return True
        if self._paused.get(row["tenant_id"], 0) > time.monotonic():
            await asyncio.to_thread(GIVE_BACK, ids=[row["id"]])
            return False
        outcome = await self._api.send(number, envelope(row["id"], address, row["body"]))
        if outcome.verdict is Verdict.SENT:
            self._throttles.pop(row["tenant_id"], None)
            await self._record_sent(row, outcome)
            return True
        return await self._record(row, outcome)

    async def _record_sent(self, row: dict[str, Any], outcome: Outcome) -> None:
        metrics.SENT.labels(_kind(row["body"])).inc()
        key = payloads.wamid_keys(outcome.wamid)[0] if outcome.wamid else None
        recorded = await _surely(RECORD_SENT, id=row["id"], key=key, now=clock.now())
        if not recorded:
            return
        if row["turn_id"] is None:
            await asyncio.to_thread(_tell, row["id"], recorded[0].state)
        if recorded[0].told:
            await asyncio.to_thread(statuses.match_kept, clock.now() - timedelta(minutes=5))
        if recorded[0].more:
            self.wake()

    async def _record(self, row: dict[str, Any], outcome: Outcome) -> bool:
        """Records an attempt that did not succeed: when it is tried again, or that it never is."""
        attempts = row["attempts"] + 1
        pause = self._pause(row, outcome, attempts)
        fallback = messages.plain(row["body"]) if outcome.verdict is Verdict.PAYLOAD else None
        if fallback is not None and "fallback" not in row["about"]:
            log.error("message.refused", row=row["id"], code=outcome.code, trace=outcome.trace, again="as text")
            pause, about = timedelta(), {"fallback": True}
        else:
            fallback, about = None, {}
        state = "failed" if pause is None else "queued"
        metrics.SEND_RETRIES.labels(outcome.verdict.value).inc() if pause is not None else None
        if pause is None:
            metrics.FAILED.labels(_kind(row["body"]), str(outcome.code or outcome.verdict.value)).inc()
            log.error("message.given_up", row=row["id"], code=outcome.code, trace=outcome.trace,
                      verdict=outcome.verdict.value, attempts=attempts)
        now = clock.now()
        recorded = await _surely(
            RECORD, id=row["id"], state=state, attempts=attempts, code=outcome.code, now=now,
            doubt=outcome.verdict is Verdict.DOUBT, next=now + (pause or timedelta()),
            payload=sealed.seal(fallback) if fallback else None, about=sealed.dumps(about).decode())
        if pause is None and row["turn_id"] is None and recorded:
            await asyncio.to_thread(_tell, row["id"], recorded[0].state)
        if pause is not None and pause < timedelta(seconds=POLL_SECONDS):
            asyncio.get_running_loop().call_later(pause.total_seconds(), self.wake)
        return pause is None

    def _pause(self, row: dict[str, Any], outcome: Outcome, attempts: int) -> timedelta | None:
        """How long until the next attempt; None when there is none."""
        verdict = outcome.verdict
        if verdict in (Verdict.RETRY, Verdict.UNREACHABLE):
            tries = UNREACHABLE_TRIES if verdict is Verdict.UNREACHABLE else graph.TRIES.get(
                outcome.code, graph.DEFAULT_TRIES)
            if attempts >= tries:
                return None
            return timedelta(seconds=min(60.0, 0.5 * 2 ** attempts) * random.uniform(0.75, 1.25))
        if verdict is Verdict.DOUBT:
            return None if row["doubt"] else DOUBT_PAUSE
        if verdict is Verdict.THROTTLED_PAIR:
            return timedelta(seconds=4.0 ** (attempts - 1)) if attempts <= PAIR_TRIES else None
        if verdict is Verdict.THROTTLED_NUMBER:
            return timedelta(seconds=self._slow_down(row["tenant_id"]))
        if verdict is Verdict.ACCOUNT:
            log.critical("account.stopped", alert=True, tenant=str(row["tenant_id"]), code=outcome.code,
                         trace=outcome.trace)
            self._hold(row["tenant_id"], ACCOUNT_PAUSE_SECONDS)
            return timedelta(seconds=ACCOUNT_PAUSE_SECONDS)
        if verdict is Verdict.DEFER:
            log.critical("account.slow_down", alert=True, tenant=str(row["tenant_id"]), code=outcome.code,
                         trace=outcome.trace)
        return None

    def _slow_down(self, tenant_id: UUID) -> float:
        """Pauses a number's queue, longer each time; sends that were under way together count once."""
        left = self._paused.get(tenant_id, 0.0) - time.monotonic()
        if left > 0:
            return left
        step = self._throttles.get(tenant_id, 0)
        self._throttles[tenant_id] = min(step + 1, len(NUMBER_PAUSE_SECONDS) - 1)
        seconds = NUMBER_PAUSE_SECONDS[step] * random.uniform(1.0, 1.25)
        self._hold(tenant_id, seconds)
        return seconds

    def _hold(self, tenant_id: UUID, seconds: float) -> None:
        self._paused[tenant_id] = max(self._paused.get(tenant_id, 0.0), time.monotonic() + seconds)


def envelope(row_id: int, address: str, body: dict[str, Any]) -> dict[str, Any]:
    """The complete Graph body: the recipient exactly as received, and our row's id for the statuses to echo."""
    recipient = "recipient" if USER_ID.match(address) else "to"
    return {"messaging_product": "whatsapp", "recipient_type": "individual", recipient: address, **body,
            "biz_opaque_callback_data": f"{statuses.OPAQUE_PREFIX}{row_id}"[: limits.OPAQUE]}


async def _surely(query: Statement, **values: Any) -> Sequence[Any]:
    """Records what became of a send, if need be again and again: forgotten, it would be sent a second time."""
    for pause in RECORD_PAUSES:
        try:
            return await asyncio.to_thread(query, **values)
        except SQLAlchemyError as error:
            log.warning("outbox.not_recorded", row=values["id"], error=type(error).__name__)
            await asyncio.sleep(pause)
    return await asyncio.to_thread(query, **values)


def _kind(body: dict[str, Any]) -> str:
    return body["interactive"]["type"] if body.get("type") == "interactive" else str(body.get("type"))


def _number(tenant_id: UUID) -> str | None:
    tenant = tenants.by_id(tenant_id)
    return tenant.phone_number_id if tenant else None


def _address(customer_id: UUID) -> str | None:
    with transaction() as session:
        return customers.reply_to(session, customer_id)


def _tell(message_id: int, state: str) -> None:
    with transaction() as session:
        notifications.delivery(session, message_id, state)
