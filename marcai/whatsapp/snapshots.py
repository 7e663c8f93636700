"""A tracker in few events: its slots as they are, and the last turn, so that a turn's cost never grows.

Rules look at one user turn, forms at their own events, session expiry at the last user message. What came before is
kept as its effect: a `SlotSet` for each slot, an `ActiveLoop`, a `ConversationPaused`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    ConversationPaused,
    Event,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses

LOOP_EVENTS = 200  # a form that is open for longer than this is rebuilt from its effect, too
HEAVY_KEYS = ("text_tokens", "response_selector")  # of parse data; nobody reads them again


def condense(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """The events from which `DialogueStateTracker.from_dict` makes a tracker in the same state."""
    events = list(tracker.events)
    start = _start(tracker, events)
    kept = events[start:]
    if any(isinstance(event, (UserUtteranceReverted, ActionReverted)) for event in kept):
        # What they take back may lie before the part that is kept: keep what is left after them instead.
        events = tracker.applied_events()
        start = _start(tracker, events)
        kept = events[start:]
    at = (kept[0].timestamp if kept else events[-1].timestamp) if events else 0.0
    before: list[Event] = []
    before += [SlotSet(slot.name, slot.value, timestamp=at) for slot in tracker.slots.values()
               if slot.value != slot.initial_value]
    if tracker.active_loop_name and not any(isinstance(event, ActiveLoop) for event in kept):
        before.append(ActiveLoop(tracker.active_loop_name, timestamp=at))
    if tracker.is_paused() and not any(isinstance(event, ConversationPaused) for event in kept):
        before.append(ConversationPaused(timestamp=at))
    return [as_dict(event) for event in [*before, *kept]]


def _start(tracker: DialogueStateTracker, events: list[Event]) -> int:
    """Where the part begins that must be kept: the turn of the last user message that counts, or of the open form."""
    counting = tracker.get_last_event_for(UserUttered)
    places = [place for place, event in enumerate(events)
              if isinstance(event, UserUttered) and (event is counting or counting is None)]
    if not places:
        return max(0, len(events) - LOOP_EVENTS)
    start = places[-1]
    if tracker.active_loop_name:
        opened = [place for place, event in enumerate(events)
                  if isinstance(event, ActiveLoop) and event.name == tracker.active_loop_name]
        said = [place for place in range(opened[-1], -1, -1) if isinstance(events[place], UserUttered)] \
            if opened else []
        if said and len(events) - said[0] <= LOOP_EVENTS:
            start = min(start, said[0])
    while start > 0:
        start -= 1
        event = events[start]
        if isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME:
            break
        if isinstance(event, UserUttered):  # the conversation is paused: nobody listened in between
            start += 1
            break
    return start


def as_dict(event: Event) -> dict[str, Any]:
    """An event as JSON, without what the NLU leaves in a user message for nobody."""
    data = event.as_dict()
    if isinstance(event, UserUttered) and isinstance(data.get("parse_data"), dict):
        data["parse_data"] = {key: value for key, value in data["parse_data"].items() if key not in HEAVY_KEYS}
    return data


def rebuild(sender_id: str, events: list[dict[str, Any]], tracker: DialogueStateTracker) -> DialogueStateTracker:
    """A tracker from stored events; slots that the domain no longer has are left out.

    Args:
        sender_id: the conversation.
        events: as `condense` gave them.
        tracker: an empty tracker with the domain's slots.
    """
    known = set(tracker.slots)
    kept = [event for event in events if event.get("event") != SlotSet.type_name or event.get("name") in known]
    made = [_kinds()[event["event"]]._from_parameters(event) for event in kept]
    return DialogueStateTracker.from_events(sender_id, made, tracker.slots.values())


@cache
def _kinds() -> dict[str, type[Event]]:
    """Every kind of event by its name; Rasa looks through all classes for each event."""
    return {kind.type_name: kind for kind in all_subclasses(Event) if kind.type_name}
