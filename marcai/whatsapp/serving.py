"""Answering one planned turn: who speaks, what it stands for, Rasa's answer, and what happens when there is none."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from rasa.core.channels.channel import OutputChannel, UserMessage

from marcai.catalogue import service as catalogue
from marcai.customers import numbers
from marcai.platform import actionserver, metrics
from marcai.platform.database import transaction
from marcai.platform.logging import get_logger
from marcai.platform.statements import Statement
from marcai.tenants import service as tenants
from marcai.whatsapp import assistance, beginning, payloads, turns
from marcai.whatsapp.lanes import Lane
from marcai.whatsapp.options import parse_data, parsed
from marcai.whatsapp.payloads import Incoming
from marcai.whatsapp.planning import Planned

CHANNEL = "whatsapp"
TURN_SECONDS = 25.0  # an action that takes longer is broken; the typing indicator lasts as long
ATTEMPTS = 2  # runs of a turn that raises, before the apology
LEASES = 5  # leases of a lane without a commit: its first turn kills the process, so it is not run again

log = get_logger(__name__)


class Collector(OutputChannel):
    """Collects a turn's responses; it never sends and never raises, because that would end the turn unsaved."""

    def __init__(self, turn: turns.Turn) -> None:
        """Collects into a turn."""
        self._turn = turn

    @classmethod
    def name(cls) -> str:
        """The channel's name, for response variants."""
        return CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keeps one response."""
        self._turn.replies.append(dict(message))


class Service:
    """Answers planned turns."""

    def __init__(self, handle: Callable[[UserMessage], Awaitable[Any]], said: Callable[[], turns.Said],
                 greet: Callable[[tenants.TenantInfo, str], None], send: Callable[[list[dict[str, Any]]], None],
                 ) -> None:
        """Says how to reach the rest of the process.

        Args:
            handle: gives a message to Rasa.
            said: the channel's own words, from the domain.
            greet: shows the customer that her message is read and an answer being written; returns at once.
            send: sends rows that a commit has leased to this process; returns at once.
        """
        self._handle, self._said, self._greet, self._send = handle, said, greet, send

    async def answer(self, lane: Lane, planned: Planned, *, last: bool) -> bool:
        """Answers one planned turn and stores it.

        Args:
            lane: the customer's lane, under lease.
            planned: what she said.
            last: nothing else of hers is in hand.

        Returns:
            whether the lane has been given back.

        Raises:
            turns.TurnAborted: it could not be stored; it is run again later.
        """
        started = time.perf_counter()
        try:
            turn = await self._begin(lane, planned, last)
        except Exception as error:
            if lane.attempts <= LEASES:
                raise
            log.error("turn.given_up", lane=str(lane.id), leases=lane.attempts, error=type(error).__name__)
            turn = turns.Turn(lane, None, lane.customer_id, [one.id for one in planned.messages], self._said(),
                              last=last)
            planned = Planned("broken", planned.messages)
        if planned.kind in ("reaction", "change", "silent", "broken"):
            turn.silent, turn.state = True, "failed" if planned.kind == "broken" else "done"
            await self._quietly(turn, planned)
            await asyncio.to_thread(turns.commit, turn)
        elif lane.handoff == "assisted" and (turn.option is None or turn.option.payload != assistance.BACK):
            turn.silent = True  # a person answers; what the customer wrote is kept for her to read
            await asyncio.to_thread(assistance.heard, turn.tenant, turn.customer_id)
            await asyncio.to_thread(turns.commit, turn)
        elif lane.attempts > LEASES:
            log.error("turn.given_up", conversation=str(turn.customer_id), leases=lane.attempts)
            await self._apologise(turn)
        else:
            if lane.handoff is None:  # else nobody is typing
                turn.greet = partial(self._greet, turn.tenant, planned.messages[-1].wamid)
            await self._run(turn, planned)
            turn.greeted()  # if no action was asked
            metrics.TURN_SECONDS.labels(turn.kind).observe(time.perf_counter() - started)
            metrics.TURNS.labels(turn.state).inc()
        lane.attempts = 0
        if turn.tap:
            lane.last_tap, lane.last_tap_at = turn.tap, turn.tap_at
        turn.deliver()
        return turn.released

    async def _begin(self, lane: Lane, planned: Planned, last: bool) -> turns.Turn:
        newest, tapped = planned.messages[-1], planned.kind == "tap"
        found = await asyncio.to_thread(beginning.begin, lane, newest, tapped=tapped)
        turn = turns.Turn(lane, found.tenant, lane.customer_id, [message.id for message in planned.messages],
                          self._said(), address=newest.wa_id, kind=planned.kind, last=last, send=self._send,
                          stored=found.stored, option=found.option)
        if tapped:
            turn.tap, turn.tap_at = newest.token, newest.sent_at
        return turn

    async def _run(self, turn: turns.Turn, planned: Planned) -> None:
        """Has Rasa answer; a turn that raises is run once more from the stored state, then the customer is told."""
        message = self._message(turn, planned)
        if message is None:  # the next page of a list: no news for Rasa
            await asyncio.to_thread(turns.commit, turn)
            return
        for attempt in range(1, ATTEMPTS + 1):
            turn.replies.clear()
            mark, idle = turns.current.set(turn), actionserver.meanwhile.set(turn.greeted)
            try:
                await asyncio.wait_for(self._handle(message()), TURN_SECONDS)
                break
            except turns.Overtaken:
                if attempt == ATTEMPTS:
                    raise
            except turns.AlreadyDone:
                turn.silent, turn.replies = True, []
                metrics.TURNS.labels("repeated").inc()
                break
            except Exception as error:
                log.error("turn.raised", conversation=str(turn.customer_id), attempt=attempt,
                          error=type(error).__name__, exc_info=True)
                if turn.committed:
                    return
                if attempt == ATTEMPTS:
                    return await self._apologise(turn)
            finally:
                turns.current.reset(mark)
                actionserver.meanwhile.reset(idle)
        if not turn.committed:
            await asyncio.to_thread(turns.commit, turn)

    async def _apologise(self, turn: turns.Turn) -> None:
        turn.replies, turn.state = [turn.said.apology], "failed"
        await asyncio.to_thread(turns.commit, turn)

    def _message(self, turn: turns.Turn, planned: Planned) -> Callable[[], UserMessage] | None:
        """What Rasa is to be given, made anew for each run; None when the channel answers by itself."""
        newest = planned.messages[-1]
        text, data = planned.text, None
        metadata = {"tenant": turn.tenant.slug, "customer": str(turn.customer_id), "kind": planned.kind}
        if turn.lane.handoff:
            metadata["handoff"] = turn.lane.handoff
        for one in planned.messages:
            metadata = {**one.metadata, **metadata}
        if planned.kind == "tap":
            option = turn.option
            if option is not None and option.page:
                turn.pages = option.page
                return None
            text = option.title if option else text
            data = parsed(option.payload, text) if option else parse_data("expired_option", text)
            text = text if data else option.payload
        elif planned.kind == "internal":
            text = f"[{newest.token[1:].partition('{')[0]}]"
            data = parsed(newest.token, text)
        elif planned.kind == "media":
            text = text or f"[{newest.media}]"
            metadata["media"] = newest.media
            data = parse_data("media_message", text)
        elif planned.kind == "late":
            text = text or f"[{newest.media or planned.kind}]"
            data = parse_data("late_message", text)
        return lambda: UserMessage(
            text, Collector(turn), str(turn.customer_id), parse_data=data and {**data}, input_channel=CHANNEL,
            message_id=str(turn.id), metadata=dict(metadata))

    async def _quietly(self, turn: turns.Turn, planned: Planned) -> None:
        """Reactions and changes of number: no turn, and no reason to stop the lane when they cannot be used."""
        work = {"reaction": _count_reaction, "change": _change_number}.get(planned.kind)
        if work is None:
            return
        try:
            await asyncio.to_thread(work, turn, planned.messages[0])
        except Exception as error:
            log.error(f"{planned.kind}.not_used", error=type(error).__name__)


REACTED_TO = Statement("""
SELECT about FROM outbound_messages WHERE wamid_key = ANY(%(keys)s::bytea[]) AND customer_id = %(customer)s LIMIT 1
""")


def _count_reaction(turn: turns.Turn, message: Incoming) -> None:
    """Counts a like or dislike of what the bubble shows."""
    liked = payloads.liked(message.text)
    if liked is None or not message.target:
        return
    rows = REACTED_TO(keys=payloads.wamid_keys(message.target), customer=turn.customer_id)
    service_id = rows[0].about.get("service_id") if rows else None
    with contextlib.suppress(ValueError):
        if service_id:
            catalogue.count_reaction(turn.tenant, UUID(service_id), liked)


def _change_number(turn: turns.Turn, message: Incoming) -> None:
    """The customer writes from another number, or under another user id, from now on."""
    with transaction() as session:
        numbers.change(session, turn.tenant.id, turn.customer_id, message.target)
