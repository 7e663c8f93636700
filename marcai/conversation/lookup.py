"""What the diary has for the visit in the making: days, openings, professionals, and the question for a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from marcai.bookings import service as bookings
from marcai.bookings.service import BookingInfo
from marcai.catalogue.service import ServiceInfo
from marcai.conversation import options, wording
from marcai.conversation.draft import ANY_STAFF, Draft, Stretch, When
from marcai.conversation.question import Question
from marcai.conversation.salon import Salon, first_name
from marcai.conversation.turn import Turn
from marcai.platform.database import transaction
from marcai.scheduling import availability, daycache
from marcai.scheduling.availability import Opening, Visit
from marcai.staff.service import StaffInfo

STARTS_SHOWN = 9  # a WhatsApp list has ten rows, and one is for "another day"; more only when she asks
DAYS_SEARCHED = 21  # at first; the whole booking window when nothing is found in them


def ask_time(turn: Turn, day: date, wanted: Sequence[Opening], others: Sequence[options.Button] = (),
             shown: Sequence[Opening] | None = None) -> Question:
    """Asks for one of the starts of a day: a few of them, unless she asked for all.

    Args:
        turn: the turn.
        day: the local day.
        wanted: its openings.
        others: further choices, to stand first.
        shown: which of the openings to show, where some stand out; more only when she asks.
    """
    turn.draft.when.days = (day.isoformat(), (day + timedelta(days=1)).isoformat())
    all_of_them = turn.draft.all_times or len(wanted) <= STARTS_SHOWN
    if shown is None:
        shown = wanted if all_of_them else availability.rank_for_offer(wanted, limit=STARTS_SHOWN - 1)
    values = {"date": wording.day_near(day, turn.salon.now.date()), **chosen(turn)}
    return Question("time", values, [*others, *options.starts(local_start(turn, opening) for opening in shown)],
                    "" if len(shown) == len(wanted) else "utter_ask_time_some")


def services_of(turn: Turn) -> list[ServiceInfo]:
    """The chosen services."""
    return turn.salon.chosen(turn.draft.services)


def chosen(turn: Turn) -> dict[str, Any]:
    """The chosen services, their time and their price, as values for a response."""
    return totals(turn.salon, turn.draft)


def totals(salon: Salon, draft: Draft) -> dict[str, Any]:
    """The services of a draft, their time and their price, as values for a response."""
    services = salon.chosen(draft.services)
    return {
        "services": wording.listed([service.name for service in services]),
        "duration": wording.duration(sum(service.duration for service in services)),
        "price": wording.money(sum(service.price for service in services), salon.tenant.currency),
    }


def values_of_start(turn: Turn, start: datetime) -> dict[str, Any]:
    """A start and what is chosen, as values for a response."""
    local = turn.salon.local(start)
    values = {"date": wording.day_near(local.date(), turn.salon.now.date()), "time": wording.clock(local),
              **chosen(turn)}
    if turn.draft.staff not in (None, ANY_STAFF):
        values["professional"] = first_name(turn.salon.professional(turn.draft.staff).name)
    return values


def openings(turn: Turn, since: datetime, until: datetime, staff_id: UUID | None = None,
             anybody: bool = False) -> list[Opening]:
    """The openings for the chosen services, without those whom she does not want.

    Args:
        turn: the turn.
        since: first instant of a start.
        until: the instant after the last.
        staff_id: with this professional rather than the one she chose.
        anybody: with anybody, whomever she chose.
    """
    with transaction() as session:
        found = availability.openings(session, turn.salon.tenant, services_of(turn), since=since, until=until,
                                      staff_id=None if anybody else staff_id or turn.staff_id,
                                      for_visit=turn.own_visits)
    unwanted = {person.id for person in turn.salon.staff if person.code in turn.draft.not_staff}
    before, when = _items_moved(turn), turn.draft.when
    if when.rules_out:
        found = [opening for opening in found if when.allows(local_start(turn, opening))]
    if not unwanted and not before:
        return found

    def is_wanted(visit: Visit) -> bool:
        items = {(segment.service_id, segment.staff_id, segment.start) for segment in visit.segments}
        return not unwanted.intersection(visit.staff_ids) and items != before

    ways = ((opening, tuple(filter(is_wanted, opening.visits))) for opening in found)
    return [Opening(opening.start, visits) for opening, visits in ways if visits]


def moved_booking(turn: Turn) -> BookingInfo | None:
    """The booking that is being moved, if one is."""
    return bookings.get(turn.salon.tenant, UUID(turn.draft.moving)) if turn.draft.moving else None


def _items_moved(turn: Turn) -> set[tuple[UUID, UUID, datetime]]:
    """(service, professional, start) of the booking that is being moved: to where it is already it is not moved."""
    booking = moved_booking(turn)
    return {(item.service_id, item.staff_id, item.starts_at) for item in booking.items} if booking else set()


def visits_at(turn: Turn, start: datetime, anybody: bool = False) -> Sequence[Visit]:
    """The ways to do the visit at a start, best first; with anybody, or with the professional she chose."""
    found = openings(turn, start, start + timedelta(minutes=1), anybody=anybody)
    return found[0].visits if found else ()


def single_professionals(turn: Turn, visits: Sequence[Visit]) -> list[StaffInfo]:
    """The professionals who can do a visit alone."""
    ids = dict.fromkeys(visit.staff_ids[0] for visit in visits if len(set(visit.staff_ids)) == 1)
    return [turn.salon.professional_of(staff_id) for staff_id in ids]


def days_with_room(turn: Turn, limit: int, since: date | None = None, staff_id: UUID | None = None) -> list[date]:
    """The first days with room from a day on, within the days and the part of the day asked for if any were."""
    tenant, today = turn.salon.tenant, turn.salon.now.date()
    first, after = since or today, None
    if turn.draft.when.days:
        said_first, said_after = turn.draft.when.days
        first = max(first, date.fromisoformat(said_first)) if said_first else first
        after = date.fromisoformat(said_after) if said_after else None
    whole_window = (today + timedelta(days=tenant.policy.booking_window_days + 1) - first).days
    counts = [(after - first).days] if after else [DAYS_SEARCHED, whole_window]
    for count in counts:
        days = daycache.days(tenant, services_of(turn), first=first, count=count,
                             staff_id=staff_id or turn.staff_id, for_visit=turn.known_visits,
                             clock_times=turn.draft.when.clock_times, accepts=acceptable(turn))
        found = [day.date for day in days if day.starts and turn.draft.when.allows_day(day.date)]
        if found:
            return found[:limit]
    return []


def acceptable(turn: Turn) -> Callable[[datetime], bool] | None:
    """What tells the instants that she can come from others, where that is more than one part of the day."""
    when = turn.draft.when
    return (lambda at: when.fits(turn.salon.local(at))) if when.choices or when.rules_out else None


def time_wished(when: When) -> str:
    """The time of the day that she wishes, in words that follow a day; an empty string when she wishes none."""
    if when.about:
        return f"por volta das {wording.clock(time.fromisoformat(when.about))}"
    told = (" ".join(filter(None, (wording.day(day) if day else "", part)))
            for day, part in (read_choice(choice) for choice in when.choices))
    return wording.listed(told, "ou") or wording.stretch(*when.clock_times)


def read_choice(choice: Stretch) -> tuple[date | None, str]:
    """The day of a choice, if it has one, and its part of the day in words."""
    dated = [edge for edge in choice if edge and "T" in edge]
    since, until = (edge and time.fromisoformat(edge.rpartition("T")[2]) for edge in choice)
    part = "" if (since, until) == (time.min, time.max) else wording.stretch(since, until)
    return (date.fromisoformat(dated[0][:10]) if dated else None), part


def whole_day(salon: Salon, day: date) -> tuple[datetime, datetime]:
    """The instants at which a local day begins and ends."""
    midnight = datetime.combine(day, time())
    return salon.instant(midnight), salon.instant(midnight + timedelta(days=1))


def local_start(turn: Turn, opening: Opening) -> datetime:
    """The start of an opening in local time."""
    return turn.salon.local(opening.start)
