"""Flow 6, first part: the last summary is confirmed, changed or given up."""

from __future__ import annotations

from uuid import UUID

from actions.base import Conversation, MarcaiAction
from actions.taking import inform
from marcai.bookings import service as bookings
from marcai.bookings.service import BookingInfo
from marcai.scheduling import suggestions
from marcai.scheduling.visit import Visit


class ActionConfirmBooking(MarcaiAction):
    """Turns the hold into a booking."""

    action_name = "action_confirm_booking"

    def respond(self, conversation: Conversation) -> None:
        """Books, unless the message changes something ("sim, mas às 16h"); the details follow as a notification."""
        draft = conversation.draft
        if inform(conversation) or not draft.held_until:
            conversation.go_on()
            return
        booking = _settle(conversation)
        if booking is None:  # the hold had ended, and somebody else took the time
            draft.held_until = None
            conversation.go_on()
            return
        if draft.suggestion:
            suggestions.booked(UUID(draft.suggestion))
        moved = bool(draft.moving)
        conversation.restart_draft()
        conversation.draft.booked = True
        conversation.say("utter_moved" if moved else "utter_booked")


def _settle(conversation: Conversation) -> BookingInfo | None:
    """Makes the held visit a booking, or moves a booking onto it; None when its time belongs to somebody else now."""
    draft, tenant = conversation.draft, conversation.tenant
    held = UUID(draft.visit_id)
    if draft.moving:
        visit = Visit.from_dict(draft.held_visit) if draft.held_visit else None
        return bookings.reschedule(tenant, UUID(draft.moving), visit, held_as=held)
    return bookings.confirm(tenant, conversation.customer.id, held)


class ActionChangeBooking(MarcaiAction):
    """The last summary is not right: takes the change, or asks what to change."""

    action_name = "action_change_booking"

    def respond(self, conversation: Conversation) -> None:
        """Keeps everything but what she changes; the time stays held meanwhile."""
        if inform(conversation):
            conversation.go_on()
        else:
            conversation.ask_for("change_booking")


class ActionStop(MarcaiAction):
    """Gives up the booking under way; an existing booking is not touched."""

    action_name = "action_stop"

    def respond(self, conversation: Conversation) -> None:
        """Gives the held time back; words that only sound like it, but name a service or a time, are taken as such."""
        conversation.greet_once()
        said = conversation.understand()
        if conversation.draft.active and not said.gives_up and said.what_or_when:
            inform(conversation)
            conversation.go_on()
            return
        conversation.drop_visit()
        conversation.say("utter_stopped")
