"""Flow 10, first part: a customer's own bookings, cancelling one, moving one, repeating the last."""

from __future__ import annotations

from uuid import UUID

from actions.base import Conversation, MarcaiAction
from actions.taking import inform
from marcai.bookings import service as bookings
from marcai.bookings.service import BookingInfo
from marcai.conversation import described, options
from marcai.conversation.question import Question

SHOWN = 5  # flow 10: the last five
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
        conversation.go_on()


class ActionCancelAppointment(MarcaiAction):
    """Asks for the booking to cancel, and for a yes; while booking, "cancela" gives up what is under way."""

    action_name = "action_cancel_appointment"

    def respond(self, conversation: Conversation) -> None:
        """Cancels nothing by itself."""
        conversation.greet_once()
        draft, upcoming = conversation.draft, _upcoming(conversation)
        if draft.active and not draft.moving and not conversation.entity("booking_code"):
            conversation.drop_visit()
            conversation.say("utter_stopped")
            return
        if draft.moving:  # she was moving it and now gives it up altogether
            upcoming = [one for one in upcoming if str(one.id) == draft.moving]
            conversation.drop_visit()
        if not upcoming:
            conversation.say("utter_nothing_to_cancel")
        elif len(upcoming) > 1:
            conversation.say("utter_which_appointment_to_cancel",
                             _choices(conversation, upcoming, "cancel_appointment"))
        else:
            conversation.draft.cancelling = str(upcoming[0].id)
            conversation.ask(Question("cancel", _values(conversation, upcoming[0])))


class ActionConfirmCancellation(MarcaiAction):
    """Cancels the booking that she was asked about."""

    action_name = "action_confirm_cancellation"

    def respond(self, conversation: Conversation) -> None:
        """Cancels, and offers another time."""
        booking_id, conversation.draft.cancelling = conversation.draft.cancelling, None
        conversation.question = None
        if booking_id:
            booking = bookings.cancel(conversation.tenant, UUID(booking_id), by="customer")
            conversation.say("utter_cancelled", **_values(conversation, booking))
        else:
            conversation.say("utter_nothing_to_cancel")


class ActionKeepBooking(MarcaiAction):
    """She keeps the booking that she was asked about."""

    action_name = "action_keep_booking"

    def respond(self, conversation: Conversation) -> None:
        """Changes nothing."""
        conversation.draft.cancelling = None
        conversation.question = None
        conversation.say("utter_kept")


class ActionRescheduleAppointment(MarcaiAction):
    """Looks for another time for a booking; the old one is given up only when the new one is confirmed."""

    action_name = "action_reschedule_appointment"

    def respond(self, conversation: Conversation) -> None:
        """Starts with the same services and professional, and with whatever day or time the message says."""
        conversation.greet_once()
        upcoming = _upcoming(conversation)
        if conversation.draft.active and not conversation.entity("booking_code"):
            inform(conversation)
            conversation.go_on()
        elif not upcoming:
            conversation.say("utter_nothing_to_move")
        elif len(upcoming) > 1:
            conversation.say("utter_which_appointment_to_move",
                             _choices(conversation, upcoming, "reschedule_appointment"))
        else:
            _start_like(conversation, upcoming[0])
            conversation.draft.moving = str(upcoming[0].id)
            said = conversation.understand().when
            conversation.draft.when = said
            conversation.say("utter_moving", **_values(conversation, upcoming[0]))
            conversation.go_on()


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


def _upcoming(conversation: Conversation) -> list[BookingInfo]:
    found = bookings.for_customer(conversation.tenant, conversation.customer.id, limit=SHOWN, upcoming_only=True)
    written = conversation.text.upper().split()
    named = [one for one in found if one.code == conversation.entity("booking_code") or one.code in written]
    return named or found


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


def _choices(conversation: Conversation, found: list[BookingInfo], intent: str) -> list:
    return [
        options.button(f"{values['date']} {values['time']}", intent, description=values["services"],
                       booking_code=values["code"])
        for values in (_values(conversation, one) for one in found)
    ]
