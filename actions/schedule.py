"""Flow 4: which times are free, other times and days, and another professional."""

from __future__ import annotations

from datetime import date, timedelta

from actions.base import Conversation, MarcaiAction
from actions.taking import book, inform, take
from marcai.conversation import alternatives, flow, phrases, wording
from marcai.conversation.draft import ANY_STAFF
from marcai.conversation.salon import first_name
from marcai.conversation.understanding import Said


class ActionCheckAvailability(MarcaiAction):
    """Shows which times are free; choosing one of them books it."""

    action_name = "action_check_availability"

    def respond(self, conversation: Conversation) -> None:
        """Takes what the message says and shows what is free for it, asking for the service if it is not known."""
        conversation.greet_once()
        said = conversation.understand()
        if conversation.draft.active and said.only_direction:
            show_other_times(conversation, said)
            return
        if not inform(conversation):
            book(conversation, conversation.understand())
        conversation.go_on()


class ActionOtherTimes(MarcaiAction):
    """Shows other times or days while booking."""

    action_name = "action_other_times"

    def respond(self, conversation: Conversation) -> None:
        """A day or time in the message is taken; otherwise "later" and "earlier" move within the day."""
        show_other_times(conversation, conversation.understand())


class ActionOtherProfessional(MarcaiAction):
    """Somebody else: a name in the message is whom she does not want, or wants instead."""

    action_name = "action_other_professional"

    def respond(self, conversation: Conversation) -> None:
        """Opens the choice of the professional again, at the same time; whoever was chosen is left out."""
        conversation.begin()
        draft = conversation.draft
        said = conversation.understand()
        chosen = draft.held_with if draft.staff in (None, ANY_STAFF) else [draft.staff]
        if not said.staff and not said.not_staff:
            said.not_staff += chosen
        if not said.staff or said.staff == draft.staff:  # "outra pessoa que não seja a Ana"
            said.not_staff += [said.staff] if said.staff else []
            said.staff, draft.staff, draft.held_until = None, None, None
        take(conversation, said)
        timed = draft.start or draft.when.exact
        others = [] if timed or draft.staff or draft.unclear else flow.able(conversation.turn())
        choice = alternatives.other_people(conversation.turn(), others) if len(others) > 1 else None
        if len(others) == 1:
            unwanted = [first_name(person.name) for person in conversation.salon.staff
                        if person.code in draft.not_staff]
            conversation.say("utter_only_other_professional" if unwanted else "utter_only_professional",
                             professional=first_name(others[0].name), unwanted=wording.listed(unwanted))
        conversation.ask(choice or flow.next_question(conversation.turn()))


class ActionAnyProfessional(MarcaiAction):
    """Any professional will do."""

    action_name = "action_any_professional"

    def respond(self, conversation: Conversation) -> None:
        """Leaves the choice to us and goes on."""
        if not inform(conversation):
            conversation.draft.staff = ANY_STAFF
        conversation.go_on()


def change_by_name(conversation: Conversation) -> bool:
    """Takes "o dia", "a hora", "o profissional" or "o serviço" for what to change; says whether it was that."""
    what = phrases.what_to_change(conversation.text)
    if what == "professional":
        ActionOtherProfessional().respond(conversation)
    elif what == "service":
        conversation.ask_for("change_package")
    elif what:
        show_other_times(conversation, Said(direction=what))
    return bool(what)


def show_other_times(conversation: Conversation, said: Said) -> None:
    """Takes the day or time that was said, or moves the wish, and shows what there is."""
    conversation.begin()
    draft = conversation.draft
    direction = said.direction
    day, start = draft.when.single_day, draft.start
    draft.forget_time()
    take(conversation, said)
    if direction == "nearby" and draft.services:
        conversation.ask(alternatives.nearby_days(conversation.turn()))
        return
    if not said.when:
        draft.when.exact = draft.when.prefer = None
        move(conversation, direction, day, start)
    conversation.go_on()


def move(conversation: Conversation, direction: str | None, day: date | None, start: str | None) -> None:
    """Moves the wish: later or earlier on the same day (from the chosen start, if any), or to another day."""
    when = conversation.draft.when
    if direction == "all":
        conversation.draft.all_times, when.about = True, None
        return
    when.at_any_time()
    if direction == "later" and day and start:
        when.clock = (f"{start[11:]}:01", None)
    elif direction == "earlier" and day and start:
        when.clock = (None, start[11:])
    elif direction == "later" and day:
        when.clock = ("12:00", None)
    elif direction == "earlier" and day:
        when.clock = (None, "12:00")
    elif direction not in ("same_day", "other_time"):
        when.days = ((day + timedelta(days=1)).isoformat(), None) if day else None
