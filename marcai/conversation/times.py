"""The questions about when and with whom: day, time, professional, the hold, and the last summary."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from uuid import UUID

from marcai.conversation import options, wording
from marcai.conversation.alternatives import after_collision, next_dates, other_times
from marcai.conversation.lookup import (
    STARTS_SHOWN,
    ask_time,
    chosen,
    days_with_room,
    local_start,
    openings,
    read_choice,
    single_professionals,
    time_wished,
    values_of_start,
    visits_at,
    whole_day,
)
from marcai.conversation.question import Question
from marcai.conversation.salon import Salon, first_name
from marcai.conversation.turn import Turn
from marcai.scheduling import availability, holds, moving, suggestions
from marcai.scheduling.availability import Visit

DAYS_SHOWN = 9  # a WhatsApp list has ten rows, and one is for "another day"


def about_time(turn: Turn) -> Question:
    """Asks for the day, the time and the professional as far as they are open, then holds and sums up."""
    draft = turn.draft
    if draft.start:
        return _about_start(turn)
    day = draft.when.single_day
    if draft.when.prefer == "soonest" or (draft.when.prefer == "first" and day is None):
        first = next(iter(days_with_room(turn, 1)), None)
        day = first or day
    if day is None:
        return _ask_day(turn)
    return _about_day(turn, day)


def _about_day(turn: Turn, day: date) -> Question:
    draft = turn.draft
    all_day = openings(turn, *whole_day(turn.salon, day))
    if not all_day:
        return next_dates(turn, day)
    wanted = [opening for opening in all_day if draft.when.accepts(local_start(turn, opening))]
    if not wanted:
        return other_times(turn, day, all_day)
    if turn.asks_why:
        turn.note("utter_there_is_room")
    if len(wanted) == 1 or draft.when.exact or draft.when.prefer in ("first", "last", "soonest"):
        picked = wanted[-1] if draft.when.prefer == "last" else wanted[0]
        draft.start = local_start(turn, picked).replace(tzinfo=None).isoformat(timespec="minutes")
        return _about_start(turn)
    if draft.when.about:
        at = turn.salon.instant(datetime.combine(day, clock_time.fromisoformat(draft.when.about)))
        near = availability.nearest(wanted, at, within_minutes=24 * 60)
        return ask_time(turn, day, all_day, shown=near[:STARTS_SHOWN - 1])
    return ask_time(turn, day, wanted)


def _ask_day(turn: Turn) -> Question:
    when = turn.draft.when
    days = days_with_room(turn, DAYS_SHOWN)
    if not days and when.timed:
        turn.note("utter_no_room_at_any_such_time", stretch=time_wished(when))
        when.at_any_time()
        days = days_with_room(turn, DAYS_SHOWN)
    if not days and when.days:
        turn.note("utter_no_room_then")
        when.days = None
        days = days_with_room(turn, DAYS_SHOWN)
    if not days and when.rules_out:
        turn.note("utter_room_only_then")
        when.not_weekdays, when.not_times = [], []
        days = days_with_room(turn, DAYS_SHOWN)
    if not days:
        return Question("date", chosen(turn), response="utter_ask_date_full")
    parts = {day: part for day, part in map(read_choice, when.choices) if day and part}
    part = "" if parts else time_wished(when)
    return Question("date", {**chosen(turn), "stretch": part}, options.days(days, turn.salon.now.date(), parts),
                    "utter_ask_date_at" if part else "")


def _about_start(turn: Turn) -> Question:
    draft = turn.draft
    start = turn.salon.instant(datetime.fromisoformat(draft.start))
    visits = visits_at(turn, start)
    if not visits:
        return after_collision(turn, start)
    if draft.staff is None:
        people = single_professionals(turn, visits)
        if len(people) > 1:
            return Question("professional", values_of_start(turn, start), options.professionals(people))
    held = next(filter(None, (_hold(turn, visit) for visit in visits)), None)
    if held is None:
        return after_collision(turn, start, lost=visits)
    if draft.suggestion:
        suggestions.held(UUID(draft.suggestion))
    draft.held_until = held.expires_at.isoformat()
    draft.held_with = [turn.salon.professional_of(staff_id).code for staff_id in dict.fromkeys(held.visit.staff_ids)]
    draft.when.days = (start.date().isoformat(), (start.date() + timedelta(days=1)).isoformat())
    if not turn.has_name:
        return Question("name", response="utter_ask_name_to_book")
    return Question("booking", summary(turn.salon, held.visit))


def _hold(turn: Turn, visit: Visit) -> holds.Hold | None:
    """Holds a visit; while a booking is being moved, only what that booking does not have already."""
    tenant, draft = turn.salon.tenant, turn.draft
    if not draft.moving:
        return holds.hold(tenant, turn.customer_id, visit, visit_id=turn.visit_id())
    held = moving.hold_beside(tenant, turn.customer_id, visit, visit_id=turn.visit_id(), booking_id=UUID(draft.moving))
    draft.held_visit = held and dict(visit.as_dict())
    return held


def summary(salon: Salon, visit: Visit) -> dict[str, Any]:
    """A held visit as values for a response: services with their professionals, day, times, total and time held."""
    currency = salon.tenant.currency
    services = [salon.service_of(segment.service_id) for segment in visit.segments]
    people = [first_name(salon.professional_of(segment.staff_id).name) for segment in visit.segments]
    lines = [
        f"• {service.name} · {wording.clock(salon.local(segment.start))} · {person}"
        for service, segment, person in zip(services, visit.segments, people, strict=True)
    ]
    start, end = salon.local(visit.start), salon.local(visit.end)
    return {
        "service_lines": "\n".join(lines),
        "services": wording.listed([service.name for service in services]),
        "professional": wording.listed(dict.fromkeys(people)),
        "date": wording.day_near(start.date(), salon.now.date()),
        "time": wording.clock(start),
        "end_time": wording.clock(end),
        "duration": wording.duration(int((visit.end - visit.start).total_seconds() // 60)),
        "price": wording.money(sum(service.price for service in services), currency),
        "hold_minutes": salon.tenant.policy.hold_minutes,
    }
