"""The flows of a booking and their steps, in the order in which a customer comes to them."""

from __future__ import annotations

BOOKED = "booked"
LIST, DETAILS = "list", "details"  # steps of the catalogue that are no questions of a booking

# A step is the name of an open question (the slot `question`), or one of the three above.
FLOWS: dict[str, tuple[str, ...]] = {
    "identification": ("name",),
    "catalogue": (LIST, DETAILS, "service", "which_service"),
    "package": ("add_another", "another_service", "package", "change_package", "two_visits"),
    "schedule": ("date", "time", "professional"),
    "confirmation": ("booking", "change_booking", BOOKED),
    "appointments": ("which_to_cancel", "cancel", "which_to_move"),  # not a part of booking: a customer's own bookings
}
FUNNEL = ("identification", "catalogue", "package", "schedule", "confirmation")  # with BOOKED as its end

FLOW_OF = {step: flow for flow, steps in FLOWS.items() for step in steps}
ORDER = {step: place for place, step in enumerate(FLOW_OF)}
DEPTH = {step: FUNNEL.index(flow) + 1 for step, flow in FLOW_OF.items() if flow in FUNNEL} | {BOOKED: len(FUNNEL) + 1}

REASONS = ("timeout", "stop", "fallback", "handoff", "lost_window")
