"""A customer's own bookings: which of them her words point at, and the questions about them (flow 10)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from marcai.bookings import service as bookings
from marcai.bookings.service import BookingInfo
from marcai.conversation import described, options, understanding
from marcai.conversation.options import Button
from marcai.conversation.question import Question
from marcai.conversation.turn import Turn
from marcai.conversation.understanding import Said

SHOWN = 5  # flow 10: the last five


def upcoming(turn: Turn) -> list[BookingInfo]:
    """Her bookings that are still to come, the next one first."""
    return bookings.for_customer(turn.salon.tenant, turn.customer_id, limit=SHOWN, upcoming_only=True)


def pointed_at(turn: Turn, found: Sequence[BookingInfo], said: Said, text: str, *, by_time: bool) -> list[BookingInfo]:
    """The bookings that a message points at; none when it points at none of them.

    Args:
        turn: the turn.
        found: the bookings that may be meant, in the order in which they were shown.
        said: what the message says about a visit.
        text: the message.
        by_time: whether a day or a time in it is the booking's, and not the one it is to be moved to.
    """
    named = [one for one in found if one.code in text.upper().split()]
    if named:
        return named
    services = {code for group in said.add for code in group} | set(said.remove)
    people = {person.id for person in turn.salon.staff if person.code == said.staff}
    left = list(found)
    if services:
        left = [one for one in left if services & {item.service_code for item in one.items}]
    if people:
        left = [one for one in left if people & {item.staff_id for item in one.items}]
    if by_time and said.when:
        left = [one for one in left if said.when.accepts(turn.salon.local(one.starts_at))]
    if left and (services or people or (by_time and said.when)):
        return left
    place = understanding.place(text) if by_time else None
    return [found[place]] if place is not None and -1 <= place < len(found) else []


def which_to_cancel(turn: Turn) -> Question | None:
    """Asks which of her bookings is to be cancelled."""
    choices = _choices(turn, "cancel_appointment")
    return Question("which_to_cancel", buttons=choices) if choices else None


def which_to_move(turn: Turn) -> Question | None:
    """Asks which of her bookings is to be moved."""
    choices = _choices(turn, "reschedule_appointment")
    return Question("which_to_move", buttons=choices) if choices else None


def cancel(turn: Turn) -> Question | None:
    """Asks for a yes to the cancellation of the booking in question; None when there is none, or none any more."""
    booking = being_cancelled(turn)
    if booking is None:
        turn.draft.cancelling = None
        return None
    return Question("cancel", described.booking(turn.salon.tenant, booking, turn.salon.now.date()))


def being_cancelled(turn: Turn) -> BookingInfo | None:
    """The booking that she is asked about, as long as it can be cancelled."""
    booking = turn.draft.cancelling and bookings.get(turn.salon.tenant, UUID(turn.draft.cancelling))
    return booking if booking and booking.status in bookings.OPEN else None


def _choices(turn: Turn, intent: str) -> list[Button]:
    told = (described.booking(turn.salon.tenant, one, turn.salon.now.date()) for one in upcoming(turn))
    return [options.button(f"{values['date']} {values['time']}", intent, description=values["services"],
                           booking_code=values["code"]) for values in told]
