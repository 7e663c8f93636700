"""Flow 10, first part: a customer's own bookings, cancelling one, moving one, repeating the last."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from actions.base import Conversation, MarcaiAction
from actions.misses import not_understood
from actions.taking import inform, tell_day
from marcai.bookings import service as bookings
from marcai.bookings.service import BookingInfo
from marcai.conversation import appointments, described, moments
from marcai.conversation.appointments import SHOWN
from marcai.conversation.draft import When
from marcai.platform.text import fold

NO = re.compile(r"\b(n|nao|nunca)\b")
MARKS = {"confirmed": "🟢", "pending_payment": "🟡", "completed": "✅", "cancelled": "❌", "no_show": "⚪"}


class ActionMyAppointments(MarcaiAction):
    """Lists her last bookings, those to come first."""

    action_name = "action_my_appointments"

    def respond(self, conversation: Conversation) -> None:
        """Shows day, time, services and status of each."""
        conversation.greet_once()
        found = bookings.for_customer(conversation.tenant, conversation.customer.id, limit=SHOWN)
        if not found:
            conversation.say("utter_no_appointments")
        else:
            conversation.say("utter_my_appointments", lines="\n".join(_line(conversation, one) for one in found))
        conversation.ask_again()


class ActionCancelAppointment(MarcaiAction):
    """Asks for the booking to cancel, and for a yes; while booking, "cancela" gives up what is under way."""

    action_name = "action_cancel_appointment"

    def respond(self, conversation: Conversation) -> None:
        """Cancels nothing unasked; "cancela", when she is asked for a yes, is one."""
        said = conversation.understand()
        if said.moved_from and said.when and not conversation.tapped:  # "desmarca quinta e coloca no sábado"
            ActionRescheduleAppointment().respond(conversation)
            return
        conversation.greet_once()
        draft = conversation.draft
        if draft.active and not draft.moving and not conversation.entity("booking_code"):
            conversation.drop_visit()
            conversation.say("utter_stopped")
            return
        meant = _meant(conversation, by_time=True) or _in_question(conversation)
        if conversation.question == "cancel" and meant == _in_question(conversation) and not conversation.tapped:
            _keep(conversation) if NO.search(fold(conversation.text)) else _cancel(conversation)
            return
        if draft.moving:  # she was moving it and now gives it up altogether
            conversation.drop_visit()
        one = _the_one(conversation, "cancel", meant)
        if one:
            _ask_for_a_yes(conversation, one)


class ActionConfirmCancellation(MarcaiAction):
    """Cancels the booking that she was asked about."""

    action_name = "action_confirm_cancellation"

    def respond(self, conversation: Conversation) -> None:
        """Cancels it, if it is still there."""
        _cancel(conversation)


class ActionKeepBooking(MarcaiAction):
    """She keeps the booking that she was asked about."""

    action_name = "action_keep_booking"

    def respond(self, conversation: Conversation) -> None:
        """Changes nothing; what she was booking meanwhile goes on."""
        _keep(conversation)


class ActionRescheduleAppointment(MarcaiAction):
    """Looks for another time for a booking; the old one is given up only when the new one is confirmed."""

    action_name = "action_reschedule_appointment"

    def respond(self, conversation: Conversation) -> None:
        """Starts with the same services and professional, and with whatever day or time the message says."""
        conversation.greet_once()
        if conversation.draft.active and not conversation.entity("booking_code"):
            if not inform(conversation) and conversation.question == "booking":
                conversation.ask_for("change_booking")
            else:
                conversation.go_on()
            return
        meant, when = _to_move(conversation)
        one = _the_one(conversation, "move", meant)
        if one:
            _move(conversation, one, when)
        elif conversation.question == "which_to_move":
            conversation.draft.when = when


class ActionChooseAppointment(MarcaiAction):
    """A bare answer while she is asked about her bookings: "a de sexta", "a manicure", "a segunda", or a new time."""

    action_name = "action_choose_appointment"
    reads_noise = True

    def respond(self, conversation: Conversation) -> None:
        """Takes the booking it points at; a time of none of them is where the booking in question is to go."""
        conversation.greet_once()
        said, in_question = conversation.understand(), _in_question(conversation)
        when, moves = said.when, conversation.question == "which_to_move"
        if moves and said.moved_from:  # "de sexta pra quinta"
            ActionRescheduleAppointment().respond(conversation)
            return
        meant = _meant(conversation, by_time=False)
        told_by_time = [] if len(meant) == 1 else _meant(conversation, by_time=True)
        if not meant and not told_by_time and in_question and when:
            _move(conversation, in_question[0], when)
            return
        if not meant and not told_by_time:
            not_understood(conversation)
            return
        one = _the_one(conversation, "move" if moves else "cancel", told_by_time or meant)
        if one and moves:
            _move(conversation, one, (When() if told_by_time else when) or conversation.draft.when)
        elif one:
            _ask_for_a_yes(conversation, one)


class ActionRepeatAppointment(MarcaiAction):
    """Books the same services with the same professional as the last time."""

    action_name = "action_repeat_appointment"

    def respond(self, conversation: Conversation) -> None:
        """Fills the draft from her last booking and asks for the day."""
        conversation.greet_once()
        past = bookings.for_customer(conversation.tenant, conversation.customer.id, limit=1)
        if not past:
            conversation.say("utter_nothing_to_repeat")
            conversation.restart_draft()
            conversation.draft.active = True
        else:
            _start_like(conversation, past[0])
            conversation.draft.when = conversation.understand().when
            conversation.say("utter_repeating", **_values(conversation, past[0]))
        conversation.go_on()


def _meant(conversation: Conversation, *, by_time: bool) -> list[BookingInfo]:
    """The bookings that the message points at; `by_time` where a day in it is the booking's own, and no new one."""
    found = appointments.upcoming(conversation.turn())
    code = conversation.entity("booking_code")
    if code:
        return [one for one in found if one.code == code]
    return appointments.pointed_at(conversation.turn(), found, conversation.understand(), conversation.text,
                                   by_time=by_time)


def _to_move(conversation: Conversation) -> tuple[list[BookingInfo], When]:
    """The bookings that a wish to move points at, and when it wants them to be.

    A day in it is that of the booking where it is said so ("de quinta para sexta"), where she rules it out, and where
    it stands as what she has ("a consulta de quinta") and she has something then.
    """
    turn, said = conversation.turn(), conversation.understand()
    meant = _meant(conversation, by_time=False) or _in_question(conversation)
    if conversation.entity("booking_code"):  # tapped, after it was said when
        return meant, conversation.draft.when if conversation.question == "which_to_move" else When()

    def then(when: When, by_weekday: bool) -> list[BookingInfo]:
        starts = [(one, turn.salon.local(one.starts_at)) for one in meant or appointments.upcoming(turn) if when]
        found = [one for one, start in starts if when.accepts(start)]
        if found or not (by_weekday and when.single_day):
            return found
        return [one for one, start in starts if start.weekday() == when.single_day.weekday() and when.fits(start)]

    moved = then(said.moved_from, said.from_weekday)
    for day in said.when.not_days:
        moved = moved or then(moments.of_day(date.fromisoformat(day)), False)
    named = then(said.when, said.from_weekday) if said.names_hers and not moved else []
    if said.names_hers and said.direction and not (named or moved):  # she has nothing then, and wants to be elsewhere
        return meant, When()
    if not (named or (moved and not said.when.days)):
        return moved or meant, said.when
    found = named or moved
    when = When(not_days=said.when.not_days) if named else said.when
    if len(found) == 1:
        same_day = said.moved_from and when.timed  # "das 10h pras 15h"
        _follow(said.direction or ("other_time" if same_day else None), turn.salon.local(found[0].starts_at), when)
    return found, when


def _follow(direction: str | None, start: datetime, when: When) -> None:
    """"Por outro dia", "pra mais tarde": a wish, in place, that is told from when the booking is."""
    if direction in ("later", "earlier", "other_time"):
        when.days = moments.of_day(start.date()).days
        if direction != "other_time":
            after, at = start.time().replace(second=1).isoformat(), start.time().isoformat()
            when.clock = (after, None) if direction == "later" else (None, at)
    elif direction == "other_day":
        when.not_days = list(dict.fromkeys([*when.not_days, start.date().isoformat()]))


def _in_question(conversation: Conversation) -> list[BookingInfo]:
    """The booking that she is asked about, or is moving."""
    known = conversation.draft.cancelling or conversation.draft.moving
    return [one for one in appointments.upcoming(conversation.turn()) if str(one.id) == known]


def _the_one(conversation: Conversation, wish: str, meant: list[BookingInfo]) -> BookingInfo | None:
    """The booking for a wish, "cancel" or "move"; says that there is none, or asks which of several."""
    found = meant or appointments.upcoming(conversation.turn())
    if len(found) == 1:
        return found[0]
    if found:
        conversation.draft.cancelling = None
        conversation.ask_for(f"which_to_{wish}")
    else:
        conversation.say(f"utter_nothing_to_{wish}")
    return None


def _ask_for_a_yes(conversation: Conversation, booking: BookingInfo) -> None:
    conversation.draft.cancelling = str(booking.id)
    conversation.ask_for("cancel")


def _keep(conversation: Conversation) -> None:
    conversation.draft.cancelling = None
    conversation.say("utter_kept")
    conversation.go_on()


def _cancel(conversation: Conversation) -> None:
    booking_id, conversation.draft.cancelling = conversation.draft.cancelling, None
    if booking_id:
        booking = bookings.cancel(conversation.tenant, UUID(booking_id), by="customer")
        conversation.say("utter_cancelled", **_values(conversation, booking))
    else:
        conversation.say("utter_nothing_to_cancel")
    conversation.go_on()


def _move(conversation: Conversation, booking: BookingInfo, when: When) -> None:
    _start_like(conversation, booking)
    conversation.draft.moving = str(booking.id)
    conversation.draft.when = when
    conversation.say("utter_moving", **_values(conversation, booking))
    tell_day(conversation, conversation.understand())
    conversation.go_on()


def _start_like(conversation: Conversation, booking: BookingInfo) -> None:
    conversation.drop_visit()
    draft = conversation.draft
    draft.active = draft.no_more = draft.package_ok = True
    draft.services = [item.service_code for item in booking.items]
    people = {item.staff_id for item in booking.items}
    draft.staff = next((person.code for person in conversation.salon.staff if people == {person.id}), None)


def _values(conversation: Conversation, booking: BookingInfo) -> dict:
    return described.booking(conversation.tenant, booking, conversation.salon.now.date())


def _line(conversation: Conversation, booking: BookingInfo) -> str:
    values = _values(conversation, booking)
    told = " · ".join(values[name] for name in ("time", "services", "professional"))
    return f"{MARKS[booking.status]} *{values['date']}* · {told}"
