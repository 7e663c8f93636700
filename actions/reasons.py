"""Flow 4: "por que não às 15h?" is answered with the reason, at any point of a booking."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from actions.taking import take
from marcai.conversation import flow, understanding
from marcai.conversation.draft import When

if TYPE_CHECKING:
    from actions.base import Conversation


def told_why(conversation: Conversation) -> bool:
    """Answers a question why something is not to be had, whatever intent it was taken for; says whether it was one.

    What is asked about counts as wished: if it is to be had after all, it is taken; otherwise the reason is said, and
    what is nearest. "Por que não?" is asked about what was refused last.
    """
    draft = conversation.draft
    if not draft.services and not draft.viewing and _answered_nothing_refused(conversation):
        return True
    if not (draft.active and draft.services) or draft.unclear or not understanding.asks_why(conversation.text):
        return False
    said = conversation.understand()
    if understanding.asks_only_why(conversation.text) and draft.refused:
        said.when = _refused(draft.refused)
    if not said.asks_why or said.direction or not (said.when or said.staff):
        return False
    draft.misses = 0
    take(conversation, said)
    turn = conversation.turn()
    turn.asks_why = True
    conversation.ask(flow.next_question(turn))
    return True


def _answered_nothing_refused(conversation: Conversation) -> bool:
    """Answers "por que não?" before a service is chosen, when nothing was refused; says whether it was that."""
    if conversation.question not in (None, "name", "service") or not understanding.asks_why_not(conversation.text):
        return False
    conversation.greet_once()
    conversation.say("utter_nothing_refused")
    if conversation.question:
        conversation.ask_again()
    else:
        conversation.say("utter_main_menu")
    return True


def _refused(wish: str) -> When:
    """The day, or the start, that was refused last, as a wish."""
    day = date.fromisoformat(wish[:10])
    after = date.fromordinal(day.toordinal() + 1)
    exact = datetime.fromisoformat(wish).time().isoformat() if "T" in wish else None
    return When(days=(day.isoformat(), after.isoformat()), exact=exact)
