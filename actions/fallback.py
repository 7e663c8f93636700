"""Flow 8, first part: what was not understood, what the channel could not read, and questions asked in between."""

from __future__ import annotations

from actions.base import Conversation, MarcaiAction
from actions.identification import open_or_menu
from actions.misses import not_understood
from actions.schedule import show_other_times
from actions.taking import book, inform
from marcai.conversation import phrases
from marcai.conversation.noise import is_laughter


class ActionFallback(MarcaiAction):
    """The message was not understood."""

    action_name = "action_fallback"
    reads_noise = True

    def respond(self, conversation: Conversation) -> None:
        """An answer that fits the open question, or a service, is taken all the same; otherwise asks what is meant."""
        conversation.greet_once()
        said = conversation.understand()
        names_a_service = bool(said.add)
        if conversation.draft.active and said.only_direction:
            show_other_times(conversation, said)
        elif (conversation.draft.active or names_a_service) and inform(conversation):
            conversation.go_on()
        else:
            not_understood(conversation)


class ActionOutOfScope(MarcaiAction):
    """Something that the establishment's assistant does not do."""

    action_name = "action_out_of_scope"
    reads_noise = True

    def respond(self, conversation: Conversation) -> None:
        """Says so kindly, and helps more each time in a row; a laugh is shared."""
        conversation.greet_once()
        if is_laughter(conversation.text):
            conversation.say("utter_laughter")
            open_or_menu(conversation)
        elif conversation.draft.unclear and inform(conversation):  # "mulher né kkk", asked which of two is meant
            conversation.go_on()
        else:
            not_understood(conversation)


class ActionAnswer(MarcaiAction):
    """Answers a question about the establishment, then goes on where the customer was."""

    action_name = "action_answer"

    def respond(self, conversation: Conversation) -> None:
        """Each intent has its response, `utter_<intent>`."""
        conversation.greet_once()
        tenant = conversation.tenant
        conversation.say(
            f"utter_{conversation.intent}",
            address=tenant.address, business_hours=tenant.business_hours_note, phone=tenant.display_phone_number,
            policy=tenant.policy.cancellation_text, deposit=tenant.policy.deposit_percent,
            example=next((service.name.lower() for service in conversation.salon.services), ""),
        )
        if conversation.intent == "business_address" and phrases.PARKING.search(conversation.text):
            conversation.say("utter_parking", phone=tenant.display_phone_number)
        conversation.ask_again()


class ActionAffirm(MarcaiAction):
    """A yes where no yes-or-no question is open."""

    action_name = "action_affirm"

    def respond(self, conversation: Conversation) -> None:
        """Takes what else the message says, and goes on."""
        conversation.greet_once()
        if conversation.question == "name":
            conversation.ask_again()
            return
        said = conversation.understand()
        if conversation.draft.viewing and not conversation.draft.active and not said.anything:
            book(conversation, said)
        elif not inform(conversation) and conversation.draft.offered:
            conversation.say("utter_choose_one")
        conversation.go_on()
        if conversation.question is None:
            conversation.say("utter_at_your_service")


class ActionDeny(MarcaiAction):
    """A no where no yes-or-no question is open."""

    action_name = "action_deny"

    def respond(self, conversation: Conversation) -> None:
        """Takes what else the message says, and goes on."""
        conversation.greet_once()
        inform(conversation)
        conversation.go_on()
        if conversation.question is None:
            conversation.say("utter_at_your_service")


class ActionContinue(MarcaiAction):
    """She wants to go on after a pause."""

    action_name = "action_continue"

    def respond(self, conversation: Conversation) -> None:
        """Asks the pending question again; after the session has ended, starts with what can be done."""
        conversation.greet_once()
        open_or_menu(conversation)


class ActionMedia(MarcaiAction):
    """An audio, an image, a sticker or something else without text."""

    action_name = "action_media"

    def respond(self, conversation: Conversation) -> None:
        """Says what cannot be read and asks for text; the open question is asked again."""
        conversation.greet_once()
        kind = conversation.metadata.get("media", "unsupported")
        known = {"audio", "image", "video", "document", "sticker", "location", "contacts"}
        conversation.say(f"utter_media_{kind if kind in known else 'unsupported'}")
        conversation.ask_again()


class ActionLateMessage(MarcaiAction):
    """A message that arrived long after it was written: not acted upon as if it were fresh."""

    action_name = "action_late_message"

    def respond(self, conversation: Conversation) -> None:
        """Asks whether it still holds."""
        conversation.greet_once()
        conversation.say("utter_late_message")
        conversation.ask_again()


class ActionExpiredOption(MarcaiAction):
    """A tap on something that is no longer offered."""

    action_name = "action_expired_option"

    def respond(self, conversation: Conversation) -> None:
        """Says so, and asks the current question again."""
        conversation.greet_once()
        conversation.say("utter_expired_option")
        open_or_menu(conversation)
