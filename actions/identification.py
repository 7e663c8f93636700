"""Flow 1: greeting, the customer's name, the main menu, and the end of a conversation."""

from __future__ import annotations

from actions.base import Conversation, MarcaiAction
from actions.misses import not_understood
from actions.taking import inform
from marcai.catalogue import matching
from marcai.conversation import changes, phrases
from marcai.conversation.noise import is_noise
from marcai.customers import service as customers


class ActionGreet(MarcaiAction):
    """Greets, and asks a new customer's name or shows what can be done."""

    action_name = "action_greet"

    def respond(self, conversation: Conversation) -> None:
        """Greets once a session; later greetings get a short answer and the open question again."""
        if conversation.draft.greeted:
            conversation.say("utter_greet_again")
        conversation.greet_once()
        open_or_menu(conversation)


class ActionSaveName(MarcaiAction):
    """Keeps the customer's name, and goes on with what she wanted."""

    action_name = "action_save_name"
    reads_noise = True

    def respond(self, conversation: Conversation) -> None:
        """Takes the name from the message; a message about a visit is not taken for a name."""
        conversation.greet_once()
        said = conversation.understand()
        if conversation.draft.active and conversation.question != "name" and said.staff:  # "bruno", to "com quem?"
            inform(conversation)
            conversation.go_on()
            return
        name = None if is_noise(conversation.entity("person_name") or conversation.text) else _name_in(conversation)
        about_visit = matching.find(conversation.text, conversation.salon.services) or said.when
        if conversation.entity("person_name") is None and about_visit:
            changes.apply(conversation.draft, said, conversation.salon)
            conversation.draft.active = True
        elif name:
            known = bool(conversation.customer.name)
            conversation.rename(name)
            conversation.say("utter_name_changed" if known else "utter_name_saved")
        elif conversation.question == "name":
            not_understood(conversation)
            return
        open_or_menu(conversation)


def _name_in(conversation: Conversation) -> str | None:
    """The name that the message gives: all of it, where only a part was marked as a name ("Mel Arruda")."""
    marked = customers.clean_name(conversation.entity("person_name") or "")
    whole = customers.clean_name(conversation.text)
    return whole if whole and (not marked or marked in whole) else marked


class ActionMainMenu(MarcaiAction):
    """Shows the main menu; a booking under way may be gone on with, or given up."""

    action_name = "action_main_menu"

    def respond(self, conversation: Conversation) -> None:
        """Leaves every question, and keeps all that was chosen: a way out must not cost her anything.

        Words that say something about the visit while booking are taken.
        """
        conversation.greet_once()
        draft = conversation.draft
        if draft.active and inform(conversation):  # "volta pra Ana"
            conversation.go_on()
            return
        if draft.active and (draft.services or draft.unclear or draft.staff or draft.when):
            conversation.ask(None)
            conversation.say("utter_main_menu_midway")
            return
        conversation.drop_visit()
        conversation.say("utter_main_menu")


class ActionGoodbye(MarcaiAction):
    """Says goodbye; a held time is given back."""

    action_name = "action_goodbye"

    def respond(self, conversation: Conversation) -> None:
        """Ends the conversation; "semana que vem" to an open question is an answer, not a farewell until then."""
        answers = conversation.draft.active and not phrases.FAREWELL.search(conversation.text)
        if answers and inform(conversation):
            conversation.go_on()
            return
        conversation.drop_visit()
        conversation.say("utter_goodbye")


def open_or_menu(conversation: Conversation) -> None:
    """Asks the open question again, or whatever is next; without either, shows the main menu."""
    conversation.ask_again()
    if conversation.question is None:
        conversation.say("utter_main_menu")
