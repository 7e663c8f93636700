"""The tracker store: one row read per turn, and one transaction that writes all a turn leads to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from marcai.platform import actionserver
from marcai.platform.logging import get_logger
from marcai.platform.statements import Statement
from marcai.whatsapp import sealed, snapshots, turns
from marcai.whatsapp.figures import facts_of

LEASES = 5  # of a lane whose actions cannot be run, half a minute in all, before the apology
STORED = "_marcai_stored"  # on a tracker: how many of its events are in the database
SEEN = "_marcai_seen"  # on a tracker: when the state that it was made of was stored

log = get_logger(__name__)

SNAPSHOT = Statement("""
SELECT events, last_message_id, updated_at FROM conversation_snapshots WHERE sender_id = %(sender)s
""")
EVENTS = Statement("SELECT data FROM conversation_events WHERE sender_id = %(sender)s ORDER BY id")
COUNT = Statement("SELECT count(*) AS events FROM conversation_events WHERE sender_id = %(sender)s")
KEYS = Statement("SELECT sender_id FROM conversation_snapshots")
EXISTS = Statement("SELECT 1 FROM conversation_snapshots WHERE sender_id = %(sender)s")


class MarcaiTrackerStore(TrackerStore):
    """Conversations in Marcaí's PostgreSQL (`DATABASE_URL`); `endpoints.yml` names this class as the store's type."""

    def __init__(self, domain: Domain | None = None, event_broker: EventBroker | None = None, host: str | None = None,
                 **kwargs: Any) -> None:
        """Creates the store as Rasa does for classes it does not know.

        Args:
            domain: given later by the agent when the model is loaded.
            event_broker: gets every new event, if there is one.
            host: the endpoint's `url`; the database is the one of Marcaí's settings, so it is not needed.
        """
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes the tracker's new events and its snapshot, and in a turn everything else of the turn with them."""
        if not tracker.events:
            return  # Rasa saves a conversation once before its first message
        turn = turns.current.get()
        if turn is None or turn.committed or not _holds(tracker, turn):
            if turn is not None and not turn.committed:
                return  # the turn's own save, which follows, writes this too
            await self._keep(tracker)
            return
        if tracker.is_paused() and not turn.replies:
            turn.silent = True  # ASSISTED: a person of the establishment answers
        if actionserver.lost.get() and not turn.replies and not turn.silent and turn.lane.attempts < LEASES:
            raise turns.TurnAborted  # the action server, or what it needs, is away for a moment
        stored = getattr(tracker, STORED, 0)
        new, conversation = _new(tracker, stored, str(turn.id))
        if turn.kind != "internal" and not turn.silent:
            conversation = replace(conversation, facts=facts_of(tracker, stored))
        try:
            await asyncio.to_thread(turns.commit, turn, conversation)
        except Exception as error:
            log.error("turn.not_stored", conversation=tracker.sender_id, error=type(error).__name__)
            raise turns.TurnAborted from error
        turn.deliver()  # before Rasa has finished with the turn
        await self._stored(tracker, new)

    async def _keep(self, tracker: DialogueStateTracker) -> None:
        stored = getattr(tracker, STORED, None)
        if stored is None:  # made elsewhere, such as by the HTTP API: what is new comes after what is there
            stored = (await asyncio.to_thread(COUNT, sender=tracker.sender_id))[0].events
        new, conversation = _new(tracker, stored, None)
        await asyncio.to_thread(turns.keep, conversation)
        await self._stored(tracker, new)

    async def _stored(self, tracker: DialogueStateTracker, new: list[Event]) -> None:
        setattr(tracker, STORED, len(tracker.events))
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as its snapshot has it: the slots and the last events."""
        turn = turns.current.get()
        try:
            stored = await self._read(sender_id, turn)
            if stored is None or stored.events is None:
                return None
            tracker = self._rebuilt(sender_id, sealed.unseal(stored.events))
        except Exception as error:
            if turn is None:
                raise
            log.error("conversation.not_read", conversation=sender_id, error=type(error).__name__)
            raise turns.TurnAborted from error
        if turn is not None and not turn.committed and stored.last_message_id == str(turn.id):
            raise turns.AlreadyDone
        setattr(tracker, SEEN, stored.updated_at)
        return tracker

    @staticmethod
    async def _read(sender_id: str, turn: turns.Turn | None) -> Any:
        """What was read when the turn began, once: whoever runs it again begins with the state of then."""
        if turn is not None and turn.stored is not None and sender_id == str(turn.customer_id):
            stored, turn.stored = turn.stored, None
            return stored
        rows = await asyncio.to_thread(SNAPSHOT, sender=sender_id)
        return rows[0] if rows else None

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The conversation with every event it ever had."""
        rows = await asyncio.to_thread(EVENTS, sender=conversation_id)
        if not rows:
            return None
        return self._rebuilt(conversation_id, [sealed.unseal(row.data) for row in rows])

    def _rebuilt(self, sender_id: str, events: list[dict[str, Any]]) -> DialogueStateTracker:
        tracker = snapshots.rebuild(sender_id, events, self.init_tracker(sender_id))
        setattr(tracker, STORED, len(tracker.events))
        return tracker

    async def exists(self, conversation_id: str) -> bool:
        """Whether anything was ever said in the conversation."""
        return bool(await asyncio.to_thread(EXISTS, sender=conversation_id))

    async def keys(self) -> Iterable[str]:
        """Every conversation's id."""
        return [row.sender_id for row in await asyncio.to_thread(KEYS)]


def _holds(tracker: DialogueStateTracker, turn: turns.Turn) -> bool:
    """Whether the turn's user message is in the tracker."""
    last = next((event for event in reversed(tracker.events) if isinstance(event, UserUttered)), None)
    return last is not None and last.message_id == str(turn.id)


def _new(tracker: DialogueStateTracker, stored: int, message_id: str | None) -> tuple[list[Event],
                                                                                     turns.Conversation]:
    new = list(tracker.events)[stored:]
    return new, turns.Conversation(
        sender_id=tracker.sender_id,
        types=[event.type_name for event in new],
        times=[datetime.fromtimestamp(event.timestamp, timezone.utc) for event in new],
        intents=[event.intent_name if isinstance(event, UserUttered) else None for event in new],
        actions=[event.action_name if isinstance(event, ActionExecuted) else None for event in new],
        data=[sealed.seal(snapshots.as_dict(event)) for event in new],
        snapshot=sealed.seal(snapshots.condense(tracker)),
        message_id=message_id,
        question=tracker.get_slot("question") if "question" in tracker.slots else None,
        intent=tracker.latest_message.intent_name if tracker.latest_message else None,
        seen=getattr(tracker, SEEN, None),
    )
