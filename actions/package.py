"""Flow 3: starting a booking, and choosing the services of one visit."""

from __future__ import annotations

from actions.base import Conversation, MarcaiAction
from actions.misses import not_understood
from actions.schedule import change_by_name, show_other_times
from actions.taking import book, inform
from marcai.conversation import phrases


class ActionBook(MarcaiAction):
    """Starts a booking with all that the message says, or goes on with the one under way."""

    action_name = "action_book"

    def respond(self, conversation: Conversation) -> None:
        """Takes services, professional, day and time from the message, and asks for the rest."""
        conversation.greet_once()
        book(conversation, conversation.understand())
        conversation.go_on()


class ActionInform(MarcaiAction):
    """Takes an answer, or a change of mind, at any point of a booking."""

    action_name = "action_inform"
    reads_noise = True

    def respond(self, conversation: Conversation) -> None:
        """Takes whatever the message says; data alone, outside a booking, starts one."""
        conversation.greet_once()
        if conversation.question == "change_booking" and change_by_name(conversation):
            return
        said = conversation.understand()
        if conversation.draft.active and said.only_direction:
            show_other_times(conversation, said)
        elif inform(conversation):
            conversation.go_on()
        else:
            not_understood(conversation)


class ActionAddAnother(MarcaiAction):
    """Offers the services that go with those already chosen."""

    action_name = "action_add_another"

    def respond(self, conversation: Conversation) -> None:
        """Shows the list; a service named with the yes is taken at once."""
        draft = conversation.draft
        enough = bool(phrases.ENOUGH.search(conversation.text))
        if inform(conversation) or enough or not draft.services:
            draft.no_more = draft.no_more or enough
            conversation.go_on()
            return
        draft.no_more = draft.package_ok = False
        conversation.ask_for("another_service")


class ActionNoMoreServices(MarcaiAction):
    """The services are complete: sums up the package, or goes on to the day."""

    action_name = "action_no_more_services"

    def respond(self, conversation: Conversation) -> None:
        """Goes on."""
        inform(conversation)
        conversation.draft.no_more = True
        conversation.go_on()


class ActionConfirmPackage(MarcaiAction):
    """The package is confirmed: goes on to the day."""

    action_name = "action_confirm_package"

    def respond(self, conversation: Conversation) -> None:
        """Goes on; what else the message says is taken too."""
        conversation.draft.no_more = conversation.draft.package_ok = True
        inform(conversation)
        conversation.go_on()


class ActionChangePackage(MarcaiAction):
    """The package is not right: offers to take something out or to add."""

    action_name = "action_change_package"

    def respond(self, conversation: Conversation) -> None:
        """Takes the change if the message says it, otherwise asks for it."""
        if inform(conversation):
            conversation.go_on()
            return
        conversation.draft.package_ok = False
        conversation.ask_for("change_package")
