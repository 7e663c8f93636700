"""Taking what a message says about a visit into the draft, and telling what could not be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marcai.conversation import changes, phrases, understanding, wording
from marcai.conversation.draft import ANY_STAFF, When
from marcai.conversation.salon import first_name

if TYPE_CHECKING:
    from actions.base import Conversation


def inform(conversation: Conversation) -> bool:
    """Takes what the message says about the visit; says whether there was anything."""
    said = conversation.understand()
    _read_by_question(conversation, said)
    if not said.anything and conversation.draft.offered:
        said = understanding.chosen_by_place(conversation.text, conversation.draft.offered)
    if not said.anything:
        return False
    book(conversation, said)
    return True


def book(conversation: Conversation, said: understanding.Said) -> None:
    """Begins a booking, or goes on with the one under way; with no service said, for what she has just asked about."""
    draft = conversation.draft
    if not (draft.active or said.add or said.remove or said.unknown_services):
        said.add = [list(group) for group in draft.viewing]
    conversation.begin()
    take(conversation, said)


def _read_by_question(conversation: Conversation, said: understanding.Said) -> None:
    """Short answers mean what was asked: "1" is a place in a list, a day or a time, "tanto faz" any of them."""
    draft, question = conversation.draft, conversation.question
    about_time = question in ("time", "professional", "booking", "change_booking")
    digits = conversation.text.strip()
    if digits.isdigit() and not about_time:
        said.when = When()
    if digits.isdigit() and question == "date" and int(digits) > len(draft.offered):  # no place in the list
        said.when = conversation.understand(f"dia {digits}").when
    if draft.unclear and not said.add:
        picked = understanding.pick(conversation.text, conversation.salon.chosen(draft.unclear[0]))
        if picked:
            said.add.append([picked.code])
    if question in ("two_visits", "change_package"):  # "qual deixamos para outro dia?", "o que eu tiro?": "a barba"
        named = [code for group in said.add for code in group if code in draft.services]
        if len(named) < len(draft.services) and not said.only:
            said.add = [group for group in said.add if not set(group) & set(named)]
            said.remove += named
    if said.indifferent and question in ("date", "time") and not said.when:
        said.staff = None
        said.when.prefer = "soonest" if question == "date" else "first"
    elif said.indifferent and question == "professional":
        said.staff = said.staff or ANY_STAFF
    elif question == "professional" and phrases.SOMEBODY.search(conversation.text):  # "prefiro homem"
        said.add = []


def take(conversation: Conversation, said: understanding.Said) -> None:
    """Applies what was said, and tells what could not be taken and why."""
    salon = conversation.salon
    result = changes.apply(conversation.draft, said, salon)
    names = salon.service_by_code
    for refused, because in result.incompatible:
        conversation.say("utter_incompatible", service=names[refused].name, other=names[because].name)
    if result.too_many:
        conversation.say("utter_too_many_services", limit=salon.tenant.policy.max_services_per_visit)
    if result.removed:
        conversation.say("utter_service_removed", services=wording.listed(names[code].name for code in result.removed))
    if result.unknown_services and not said.add:
        conversation.say("utter_service_unknown", services=wording.listed(result.unknown_services))
    if result.unknown_staff:
        conversation.say("utter_professional_unknown", professional=wording.listed(result.unknown_staff),
                         team=wording.listed(first_name(person.name) for person in salon.staff))
    for words in result.impossible:
        conversation.say("utter_impossible_date", words=words)
    tell_day(conversation, said)


def tell_day(conversation: Conversation, said: understanding.Said) -> None:
    """Tells how a day that has two common readings was understood, and how to say the other one."""
    day, other, today = conversation.draft.when.single_day, said.other_day, conversation.salon.now.date()
    if day and other and day == said.when.single_day:
        conversation.say("utter_day_understood", date=wording.day_near(day, today),
                         other=wording.day_near(other, today), words=f"dia {other:%d/%m}")
