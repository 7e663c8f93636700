"""What analysts are told of a turn, read from the tracker."""

from __future__ import annotations

from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, Event, Restarted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from marcai.analytics import recording


def facts_of(tracker: DialogueStateTracker, stored: int) -> recording.Facts | None:
    """What analysts may know of the turn just run; None when nobody answered.

    Args:
        tracker: after the turn.
        stored: how many of its events are older than the turn.
    """
    events = list(tracker.events)
    place = next((place for place in range(len(events) - 1, stored - 1, -1)
                  if isinstance(events[place], UserUttered)), None)
    if place is None:
        return None
    said: UserUttered = events[place]
    action = next((event.action_name for event in events[place:]
                   if isinstance(event, ActionExecuted) and event.action_name != ACTION_LISTEN_NAME), None)
    return recording.facts(
        intent=said.intent_name, action=action, ranking=(said.parse_data or {}).get("intent_ranking") or [],
        before=_slot(events[:place], "draft") or {}, asked=_slot(events[:place], "question"),
        after=_now(tracker, "draft") or {}, question=_now(tracker, "question"),
    )


def _slot(events: list[Event], name: str) -> Any:
    """A slot's value after these events."""
    for event in reversed(events):
        if isinstance(event, SlotSet) and event.key == name:
            return event.value
        if isinstance(event, (SessionStarted, Restarted)):
            return None
    return None


def _now(tracker: DialogueStateTracker, name: str) -> Any:
    return tracker.get_slot(name) if name in tracker.slots else None
