"""Flows 4 and 5: what is offered when a wish cannot be met, so that nobody meets a dead end.

Every alternative keeps the services, the package and whatever else was chosen, and one may move freely between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from marcai.conversation import options, wording
from marcai.conversation.lookup import (
    STARTS_SHOWN,
    acceptable,
    ask_time,
    chosen,
    days_with_room,
    local_start,
    moved_booking,
    openings,
    services_of,
    single_professionals,
    values_of_start,
    visits_at,
    whole_day,
)
from marcai.conversation.question import Question
from marcai.conversation.salon import first_name
from marcai.conversation.turn import Turn
from marcai.platform.database import transaction
from marcai.scheduling import availability, daycache, holds
from marcai.scheduling.availability import Opening, Reason, Visit
from marcai.staff.service import StaffInfo

NEXT_DAYS = 3  # flow 4: the next three dates with room
NEARBY_DAYS = 3  # flow 4: up to three days before and after
PEOPLE_SHOWN, STARTS_EACH = 3, 3  # rows of one WhatsApp list, with one left for another day
OTHERS_SHOWN = 2  # professionals who could do it at the very time for which the chosen one is not to be had
NEAR_MINUTES = (30, 60)  # flow 5: at the first collision, and at later ones


def next_dates(turn: Turn, day: date) -> Question:
    """The day has no room: the next dates that have, and the ways to other professionals and nearby days.

    The clock time that she asked for is kept where some date has room at that time, and otherwise given up.
    """
    draft, today = turn.draft, turn.salon.now.date()
    if turn.asks_why:
        _tell_why(turn, day)
    draft.when.days = None
    draft.around = draft.refused = day.isoformat()
    since = max(day, today) + timedelta(days=1)
    days = days_with_room(turn, NEXT_DAYS, since=since)
    if not days and draft.when.timed:
        draft.when.at_any_time()
        days = days_with_room(turn, NEXT_DAYS, since=since)
    values = {"date": wording.day_near(day, today), **chosen(turn)}
    if not days:
        return Question("date", values, response="utter_ask_date_full")
    return Question("date", values, options.days(days, today),
                    "utter_ask_date_next" if turn.asks_why else "utter_ask_date_instead", suggests="next_dates")


def _tell_why(turn: Turn, day: date) -> None:
    """Notes the reason why a day, or the part of it that she wants, has no start; nothing about anybody's bookings."""
    salon, (since, until) = turn.salon, turn.draft.when.clock_times
    begin, end = whole_day(salon, day)
    begin = salon.instant(datetime.combine(day, since)) if since else begin
    end = salon.instant(datetime.combine(day, until)) if until else end
    with transaction() as session:
        reason = availability.why_none(session, salon.tenant, services_of(turn), since=begin, until=end,
                                       staff_id=turn.staff_id, for_visit=turn.own_visits)
    if reason is not None:
        told = wording.stretch(since, until)
        when = wording.day_near(day, salon.now.date()) + (f", {told}" if told else "")
        _note_reason(turn, "utter_why_none_", reason, {**chosen(turn), "when": when})


def _note_reason(turn: Turn, responses: str, reason: Reason, values: dict[str, Any]) -> None:
    """Notes a reason; of a professional whom she chose it is said by name that she is off."""
    hers = reason is Reason.PROFESSIONAL_OFF and turn.staff_id
    if hers:
        values = {**values, "professional": first_name(turn.salon.professional_of(turn.staff_id).name)}
    turn.note(f"{responses}{reason.value}{'_her' if hers else ''}", **values)


def nearby_days(turn: Turn) -> Question:
    """A small calendar: the days around the one that was full, with how many starts each has."""
    today = turn.salon.now.date()
    around = date.fromisoformat(turn.draft.around) if turn.draft.around else turn.draft.when.single_day or today
    first = max(around - timedelta(days=NEARBY_DAYS), today)
    count = (around - first).days + NEARBY_DAYS + 1
    days = daycache.days(turn.salon.tenant, services_of(turn), first=first, count=count, staff_id=turn.staff_id,
                         for_visit=turn.known_visits, clock_times=turn.draft.when.clock_times,
                         accepts=acceptable(turn))
    free = [day.date for day in days if day.starts]
    if not free:
        return next_dates(turn, first + timedelta(days=count - 1))
    lines = "\n".join(f"{'🟢' if day.starts else '⚪'} {wording.day_near(day.date, today)}"
                      + (f" ({day.starts})" if day.starts else "") for day in days)
    turn.draft.when.days = None
    return Question("date", {"calendar_lines": lines, **chosen(turn)}, options.days(free, today),
                    "utter_ask_date_nearby", suggests="nearby_days")


def other_people(turn: Turn, people: Sequence[StaffInfo]) -> Question | None:
    """Other professionals with their next times: on the day in question, or on the first day that has room."""
    salon, buttons = turn.salon, []
    wanted = turn.draft.when.single_day or (date.fromisoformat(turn.draft.around) if turn.draft.around else None)
    for person in people[:PEOPLE_SHOWN]:
        day = next(iter(days_with_room(turn, 1, since=wanted, staff_id=person.id)), None)
        if day is None:
            continue
        free = openings(turn, *whole_day(salon, day), staff_id=person.id)
        wished = [opening for opening in free if turn.draft.when.accepts(local_start(turn, opening))]
        found = availability.rank_for_offer(wished or free, limit=STARTS_EACH)
        buttons += options.starts_with(person, [local_start(turn, opening) for opening in found])
    if not buttons:
        return None
    return Question("professional", chosen(turn), buttons, "utter_ask_other_professional",
                    suggests="other_professionals")


def other_times(turn: Turn, day: date, all_day: Sequence[Opening]) -> Question:
    """The day has room, but not at the time asked for: why not, and what is nearest.

    When somebody else than the professional she chose could do it at that very time, that is offered first.
    """
    when, salon = turn.draft.when, turn.salon
    wanted = when.exact or when.about or (when.clock and (when.clock[0] or when.clock[1])) or "12:00"
    local = datetime.combine(day, time.fromisoformat(wanted))
    at = salon.instant(local)
    others = []
    booking = moved_booking(turn) if when.exact else None
    if booking is not None and booking.starts_at == at:
        turn.note("utter_that_is_your_time", **values_of_start(turn, at))
    elif when.exact:
        with transaction() as session:
            reason = availability.why_not(session, salon.tenant, services_of(turn), at, turn.staff_id,
                                          for_visit=turn.own_visits)
            by_unwanted = turn.draft.not_staff and availability.visit_at(
                session, salon.tenant, services_of(turn), at, staff_id=turn.staff_id, for_visit=turn.own_visits)
        if by_unwanted:
            turn.note("utter_only_with_unwanted", **values_of_start(turn, at), unwanted=wording.listed(
                first_name(salon.professional_of(staff_id).name) for staff_id in by_unwanted.staff_ids))
        else:
            _note_reason(turn, "utter_why_not_", reason, values_of_start(turn, at))
        turn.draft.refused = local.isoformat(timespec="minutes")
        if turn.staff_id:
            people = single_professionals(turn, visits_at(turn, at, anybody=True))
            others = [options.start_by(person, salon.local(at)) for person in people[:OTHERS_SHOWN]]
    elif turn.asks_why:
        _tell_why(turn, day)
    else:
        turn.note("utter_no_room_at_that_time")
    nearest = availability.nearest(all_day, at, within_minutes=24 * 60)[:STARTS_SHOWN - len(others)]
    when.at_any_time()
    question = ask_time(turn, day, sorted(nearest, key=lambda opening: opening.start), others)
    question.suggests = "other_times"
    return question


def after_collision(turn: Turn, start: datetime, lost: Sequence[Visit] = ()) -> Question:
    """Flow 5: somebody was faster. The nearest starts, at first within 30 minutes, then within 60, then other days.

    Args:
        turn: the turn.
        start: the start that was taken.
        lost: the ways to do it that were lost in this moment, to another customer whose hold may not be stored yet;
            none when the start had been taken before.
    """
    draft = turn.draft
    draft.forget_time()
    draft.refused = turn.salon.local(start).replace(tzinfo=None).isoformat(timespec="minutes")
    draft.collisions += 1
    again = draft.collisions > 1
    if lost:
        holds.record_collision(turn.salon.tenant, turn.customer_id, start, draft.collisions)
    day = turn.salon.local(start).date()
    all_day = _clear_of(lost, openings(turn, *whole_day(turn.salon, day)))
    near = availability.nearest(all_day, start, within_minutes=NEAR_MINUTES[again])
    values = values_of_start(turn, start)
    draft.when.at_any_time()
    draft.around = day.isoformat()
    if near:
        shown = near[:STARTS_SHOWN] if again else near[:2]  # with "another day", three quick replies
        return Question("time", values,
                        options.starts(sorted(local_start(turn, opening) for opening in shown)),
                        "utter_ask_time_taken_again" if again else "utter_ask_time_taken",
                        suggests=f"near_{NEAR_MINUTES[again]}")
    turn.note("utter_time_taken", **values)
    return ask_time(turn, day, all_day) if all_day else next_dates(turn, day)


def _clear_of(lost: Sequence[Visit], found: Sequence[Opening]) -> list[Opening]:
    """The openings that do not need anybody at a time that has just been lost to a hold that is not stored yet.

    A way to such a time is still among the openings; what is stored they know about.
    """
    offered = {visit for opening in found for visit in opening.visits}
    unseen = [way for way in lost if way in offered]

    def is_clear(visit: Visit) -> bool:
        return not any(one.staff_id == other.staff_id and one.start < other.blocked_until
                       and other.start < one.blocked_until
                       for way in unseen for one in way.segments for other in visit.segments)

    ways = ((opening, tuple(filter(is_clear, opening.visits))) for opening in found)
    return [Opening(opening.start, visits) for opening, visits in ways if visits]
