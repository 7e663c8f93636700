"""Flow 8, last part: the customer asks for a person, goes back to the assistant, or is given back to it."""

from __future__ import annotations

import contextlib
from uuid import UUID

from actions import waiting
from actions.base import Conversation, MarcaiAction
from actions.identification import open_or_menu
from marcai.conversation.draft import Draft
from marcai.handoff import service as handoffs
from marcai.handoff.service import HandoffInfo


class ActionTalkToHuman(MarcaiAction):
    """The customer wants a person."""

    action_name = "action_talk_to_human"
    while_waiting = True

    def respond(self, conversation: Conversation) -> None:
        """Puts her in the queue and tells place and wait; with nobody on duty, says so, and goes on meanwhile."""
        conversation.greet_once()
        reason = "not_understood" if conversation.draft.misses > 1 else "asked"
        known = conversation.metadata.get("handoff") == "waiting"
        wait = handoffs.request(conversation.tenant, conversation.customer.id, {
            "draft": dict(conversation.draft.to_slot()), "question": conversation.question}, reason)
        conversation.assisted = True
        if wait.handoff.state == "assisted":  # somebody has just taken her
            conversation.stay_quiet()
            return
        if wait.on_duty:
            conversation.say("utter_person_place" if known else "utter_person_coming", **waiting.values(wait))
            return
        tenant = conversation.tenant
        conversation.say("utter_person_later", phone=tenant.display_phone_number)
        if tenant.business_hours_note:
            conversation.say("utter_business_hours", business_hours=tenant.business_hours_note)
        conversation.say("utter_person_promise")
        conversation.ask_again()


class ActionBackToBot(MarcaiAction):
    """She does not want to wait any longer, or needs the person no more."""

    action_name = "action_back_to_bot"
    while_waiting = True

    def respond(self, conversation: Conversation) -> None:
        """Takes her out of the queue and goes on where she was."""
        left = handoffs.leave(conversation.tenant, conversation.customer.id)
        restore(conversation, left)
        conversation.greet_once()
        conversation.say("utter_back_to_bot" if left else "utter_greet_again")
        open_or_menu(conversation)


class ActionResume(MarcaiAction):
    """The person has closed the conversation: the assistant goes on with all that was chosen."""

    action_name = "action_resume"
    while_waiting = True

    def respond(self, conversation: Conversation) -> None:
        """Says a word, and asks the pending question again."""
        found = None
        with contextlib.suppress(ValueError):
            found = handoffs.get(conversation.tenant.id, UUID(conversation.entity("handoff") or ""))
        restore(conversation, found)
        conversation.draft.greeted = True
        conversation.say("utter_back_from_person")
        open_or_menu(conversation)


def restore(conversation: Conversation, found: HandoffInfo | None) -> None:
    """Brings back what she had chosen, when the session has ended while she talked with a person."""
    if found is not None and not conversation.draft.greeted and found.context.get("draft"):
        conversation.draft = Draft.from_slot(found.context["draft"])
        conversation.question = found.context.get("question")
