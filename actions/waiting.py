"""What the assistant does with a message of a customer who waits for a person: it keeps quiet, or takes over again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marcai.conversation import session, wording
from marcai.handoff import service as handoffs
from marcai.handoff.service import Wait

if TYPE_CHECKING:
    from actions.base import Conversation


def keeps_quiet(conversation: Conversation) -> bool:
    """Whether the message is for the person she waits for, and no action answers it.

    A tap on an older choice gets her place in the queue and the way back; when nobody is on duty any more she is told
    so, and the assistant goes on.
    """
    found = handoffs.open_for(conversation.customer.id)
    if found is None or not (found.quiet or found.state == "assisted"):
        return False
    wait = handoffs.waiting(conversation.tenant, conversation.customer.id)
    if wait is not None and not wait.on_duty:
        handoffs.speak_again(conversation.customer.id)
        conversation.say("utter_person_left")
        return False
    session.assist(conversation.tenant.slug, conversation.customer.id, conversation.salon.now)
    if wait is not None and conversation.tapped:
        conversation.say("utter_person_place", **values(wait))
    return True


def values(wait: Wait) -> dict[str, Any]:
    """Her place and about how long, for a response."""
    return {"place": wait.place, "wait": wording.duration(wait.minutes)}
