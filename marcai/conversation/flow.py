"""What is asked next: the one place that knows the order of a booking.

A question is asked only for what is still open, so a customer who says everything at once is asked nothing twice,
and whatever she changes later reopens just what depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marcai.catalogue.service import ServiceInfo
from marcai.conversation import alternatives, appointments, options, times, wording
from marcai.conversation.changes import clash_with
from marcai.conversation.draft import Draft
from marcai.conversation.lookup import totals
from marcai.conversation.question import Question
from marcai.conversation.salon import Salon, first_name
from marcai.conversation.turn import Turn
from marcai.platform.database import transaction
from marcai.scheduling import availability
from marcai.scheduling.availability import Feasibility
from marcai.staff.service import StaffInfo

DOABLE = (Feasibility.ONE_PROFESSIONAL, Feasibility.SEQUENCE)


def next_question(turn: Turn) -> Question | None:
    """Finds what to ask next, and takes or renews the hold when everything else is known.

    The draft is completed in place where only one choice is left. None means that she is not booking.
    """
    draft = turn.draft
    if not turn.has_name and not draft.name_asked:
        draft.name_asked = True
        return Question("name")
    if not draft.active:
        return appointments.cancel(turn)
    found = _about_services(turn) or _about_feasibility(turn) or times.about_time(turn)
    found.notes = turn.notes + found.notes
    return found


def question(turn: Turn, name: str | None) -> Question | None:
    """A question by its name, such as the open one that is to be asked again after something else was answered.

    Most are found again in the draft, as what is still open; so is what is next where the question has no point any
    more, or there is none.
    """
    ask = _ASKED_BY_NAME.get(name or "")
    return (ask(turn) if ask else None) or next_question(turn)


def question_again(turn: Turn, name: str | None) -> Question | None:
    """The same after something else was answered: nothing new was noted, and nothing is said to be."""
    found = question(turn, name)
    if found and found.name == name == "add_another":
        found.response = "utter_ask_add_another_again"
    return found


def _name(turn: Turn) -> Question | None:
    return None if turn.has_name or turn.draft.active else Question("name")


def _another_service(turn: Turn) -> Question | None:
    if not turn.draft.services:
        return None
    return Question("another_service", package(turn.salon, turn.draft),
                    options.services(combinable(turn.salon, turn.draft), turn.salon.tenant.currency))


def _change_package(turn: Turn) -> Question | None:
    if not turn.draft.services:
        return None
    return Question("change_package", package(turn.salon, turn.draft),
                    options.removals(turn.salon.chosen(turn.draft.services)))


def _change_booking(turn: Turn) -> Question | None:
    return Question("change_booking") if turn.draft.start else None


def _other_people(turn: Turn) -> Question | None:
    return None if turn.draft.start else alternatives.other_people(turn, able(turn))


_ASKED_BY_NAME: Mapping[str, Callable[[Turn], Question | None]] = {  # those that the draft alone does not tell
    "name": _name, "another_service": _another_service, "change_package": _change_package,
    "change_booking": _change_booking, "professional": _other_people, "cancel": appointments.cancel,
    "which_to_cancel": appointments.which_to_cancel, "which_to_move": appointments.which_to_move,
}


def _about_services(turn: Turn) -> Question | None:
    salon, draft = turn.salon, turn.draft
    draft.services = [service.code for service in salon.chosen(draft.services)]
    if draft.unclear:
        candidates = salon.chosen(draft.unclear[0])
        return Question("which_service", {"services": wording.listed([s.name for s in candidates], "ou")},
                        options.services(candidates, salon.tenant.currency))
    if not draft.services:
        done_by = salon.professional_of(turn.staff_id).service_ids if turn.staff_id else None
        offered = [service for service in salon.services if done_by is None or service.id in done_by]
        return Question("service", buttons=options.services(offered, salon.tenant.currency))
    room_for_more = len(draft.services) < salon.tenant.policy.max_services_per_visit
    if not draft.no_more and room_for_more and combinable(salon, draft):
        return Question("add_another", package(salon, draft))
    draft.no_more = True
    if len(draft.services) == 1:
        draft.package_ok = True  # its name, time and price were on screen with the last question
    if not draft.package_ok:
        return Question("package", package(salon, draft))
    return None


def _about_feasibility(turn: Turn) -> Question | None:
    salon, draft = turn.salon, turn.draft
    chosen = salon.chosen(draft.services)
    unwanted = [person for person in salon.staff if person.code in draft.not_staff]
    if unwanted and not all(_done_by_others(salon, service, draft) for service in chosen):
        turn.note("utter_nobody_else", professional=wording.listed([first_name(person.name) for person in unwanted]),
                  services=wording.listed([service.name for service in chosen]))
        draft.not_staff = []
    with transaction() as session:
        verdict = availability.can_be_done(session, salon.tenant, chosen, turn.staff_id)
        if verdict is Feasibility.NOT_BY_THAT_PROFESSIONAL:
            turn.note("utter_staff_cannot", professional=first_name(salon.professional(draft.staff).name),
                      services=wording.listed([service.name for service in chosen]))
            draft.staff = None
            draft.forget_time()
            verdict = availability.can_be_done(session, salon.tenant, chosen, None)
    if verdict is Feasibility.TWO_VISITS and len(chosen) == 1:
        turn.note("utter_never_fits", **totals(salon, draft), phone=salon.tenant.display_phone_number)
        draft.services, draft.no_more = [], False
        return _about_services(turn)
    if verdict is Feasibility.TWO_VISITS:
        return Question("two_visits", package(salon, draft), options.removals(chosen))
    return None


def _done_by_others(salon: Salon, service: ServiceInfo, draft: Draft) -> bool:
    return any(service.id in person.service_ids and person.code not in draft.not_staff for person in salon.staff)


def able(turn: Turn) -> list[StaffInfo]:
    """The professionals who can do the chosen services, at least in part, except those whom she does not want."""
    salon = turn.salon
    chosen = salon.chosen(turn.draft.services)
    with transaction() as session:
        return [
            person for person in salon.staff
            if person.code not in turn.draft.not_staff and any(service.id in person.service_ids for service in chosen)
            and availability.can_be_done(session, salon.tenant, chosen, person.id) in DOABLE
        ]


def combinable(salon: Salon, draft: Draft) -> list[ServiceInfo]:
    """The services that can still be added to the visit."""
    return [service for service in salon.services
            if service.code not in draft.services and not clash_with(draft, service.code, salon)]


def package(salon: Salon, draft: Draft) -> dict[str, Any]:
    """The chosen services, their total time and their total price, as values for a response."""
    chosen = salon.chosen(draft.services)
    currency = salon.tenant.currency
    return {
        **totals(salon, draft),
        "service_lines": "\n".join(
            f"• {service.name} · {wording.duration(service.duration)} · {wording.money(service.price, currency)}"
            for service in chosen
        ),
        "count": len(chosen),
    }
