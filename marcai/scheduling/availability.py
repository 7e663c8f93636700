"""Availability: when a visit can start, on which days, whether it can be done at all, and why not at a given time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.scheduling import bits, walltime
from marcai.scheduling.diary import Diary, Professional, read
from marcai.scheduling.offers import nearest, rank_for_offer
from marcai.scheduling.plan import Search, Task
from marcai.scheduling.units import tidiest
from marcai.scheduling.visit import DayRoom, Feasibility, Opening, Reason, Segment, Visit
from marcai.scheduling.ways import Step, Way, Ways

if TYPE_CHECKING:
    from marcai.catalogue.service import ServiceInfo
    from marcai.tenants.service import TenantInfo

__all__ = [
    "DayRoom", "Feasibility", "Opening", "Reason", "Segment", "Visit",
    "can_be_done", "days", "nearest", "openings", "rank_for_offer", "visit_at", "why_none", "why_not",
]

_new = object.__new__


@dataclass(frozen=True)
class _Rules:
    """What the policy of an establishment says about starts, in minutes since 1970."""

    earliest: int
    end: int  # the first minute after the last bookable local date
    step: int

    @classmethod
    def of(cls, tenant: TenantInfo) -> _Rules:
        now, policy = clock.now(), tenant.policy
        today = walltime.local_date(tenant.timezone, walltime.floor_minute(now))
        return cls(
            walltime.ceil_minute(now + timedelta(minutes=policy.min_notice_minutes)),
            walltime.minute_of(tenant.timezone, today + timedelta(days=policy.booking_window_days + 1)),
            policy.slot_step_minutes,
        )


def openings(
    session: Session,
    tenant: TenantInfo,
    services: Sequence[ServiceInfo],
    *,
    since: datetime,
    until: datetime,
    staff_id: UUID | None = None,
    for_visit: UUID | Sequence[UUID] | None = None,
) -> list[Opening]:
    """The starts in [since, until) at which the whole visit can be booked now, in order of time.

    Args:
        session: a transaction; one statement is sent.
        tenant: the establishment; its policy sets grid, notice and booking window.
        services: what is to be done, in the customer's order; the order may be changed to fit.
        since: aware instant.
        until: aware instant.
        staff_id: a preferred professional: she does every service that she is able to do, and at least one.
        for_visit: the customer's own visit, or visits, whose hold or booking does not stand in her way.
    """
    since, until = _within(tenant, since, until)
    if not services or since >= until:
        return []
    diary = _read(session, tenant, services, since, until, for_visit)
    people = [person for person in diary.staff if person.service_ids]
    tasks = _tasks(services, people, staff_id)
    if tasks is None:
        return []
    free, units = [person.free() for person in people], diary.unused()
    search = Search(tasks, free, _starts(tenant, diary, since, until), diary.size, units)
    ways = Ways(search, free, [person.shortest for person in people])
    visits = _Visits(diary, services, people, tasks, units)

    def at(start: int) -> tuple[Visit, ...]:
        return tuple([visits.of(start, way) for way in ways.at(start)])

    starts = bits.members(search.starts())
    return [Opening(walltime.instant(diary.base + start), partial(at, start)) for start in starts]


def visit_at(
    session: Session,
    tenant: TenantInfo,
    services: Sequence[ServiceInfo],
    at: datetime,
    *,
    staff_id: UUID | None = None,
    for_visit: UUID | Sequence[UUID] | None = None,
) -> Visit | None:
    """The best visit that starts at an instant, or None when none can be booked now."""
    found = openings(
        session, tenant, services, since=at, until=at + walltime.MINUTE, staff_id=staff_id, for_visit=for_visit
    )
    return found[0].visits[0] if found and found[0].start == at else None


def days(
    session: Session,
    tenant: TenantInfo,
    services: Sequence[ServiceInfo],
    *,
    first: date,
    count: int,
    staff_id: UUID | None = None,
    for_visit: UUID | Sequence[UUID] | None = None,
    clock_times: tuple[time | None, time | None] = (None, None),
    accepts: Callable[[datetime], bool] | None = None,
) -> list[DayRoom]:
    """How many starts each of `count` local dates has from `first` on, days without any included.

    With `clock_times` only starts from the one until before the other count; either may be open. With `accepts` only
    those instants count that it says yes to.
    """
    dates = [first + timedelta(days=number) for number in range(count)]
    zone = tenant.timezone
    since, until = _within(
        tenant,
        walltime.instant(walltime.minute_of(zone, first)),
        walltime.instant(walltime.minute_of(zone, first + timedelta(days=count))),
    )
    starts, base = 0, 0
    if services and since < until:
        diary = _read(session, tenant, services, since, until, for_visit)
        people = [person for person in diary.staff if person.service_ids]
        tasks = _tasks(services, people, staff_id)
        if tasks is not None:
            free, grid = [person.free() for person in people], _starts(tenant, diary, since, until)
            starts, base = Search(tasks, free, grid, diary.size, diary.unused()).starts(), diary.base
    opens, closes = (at and at.hour * 60 + at.minute + bool(at.second) for at in clock_times)
    rooms = []
    for day in dates:
        low = max(walltime.minute_of(zone, day, opens or 0) - base, 0)
        high = max(walltime.minute_of(zone, day, walltime.DAY if closes is None else closes) - base, low)
        found = (starts >> low) & bits.between(0, high - low)
        if accepts is None:
            rooms.append(DayRoom(day, found.bit_count()))
        else:
            minutes = (minute + low + base for minute in bits.members(found))
            rooms.append(DayRoom(day, sum(accepts(walltime.instant(minute)) for minute in minutes)))
    return rooms


def can_be_done(
    session: Session, tenant: TenantInfo, services: Sequence[ServiceInfo], staff_id: UUID | None = None
) -> Feasibility:
    """Whether the services can be one visit at some time of the booking window, had nobody booked anything."""
    since, until = _within(tenant, clock.now(), walltime.instant(_Rules.of(tenant).end))
    diary = _read(session, tenant, services, since, until, None)
    people = [person for person in diary.staff if person.service_ids]
    tasks = _tasks(services, people, staff_id)
    if tasks is not None:
        duty = [person.on_duty() for person in people]
        search = Search(tasks, duty, _starts(tenant, diary, since, until), diary.size, diary.usable())
        if any(search.alone().values()):
            return Feasibility.ONE_PROFESSIONAL
        if search.starts():
            return Feasibility.SEQUENCE
    return Feasibility.TWO_VISITS if staff_id is None else Feasibility.NOT_BY_THAT_PROFESSIONAL


def why_not(
    session: Session,
    tenant: TenantInfo,
    services: Sequence[ServiceInfo],
    at: datetime,
    staff_id: UUID | None = None,
    *,
    for_visit: UUID | Sequence[UUID] | None = None,
) -> Reason:
    """The reason why the visit cannot start at an instant, the first that applies.

    CLOSED means that nobody of the establishment works then, PROFESSIONAL_OFF that others do but none who could begin
    the visit, TOO_LONG that it would not end in time whatever is booked, GAP_TOO_SHORT that it could begin but not end
    before what is booked next. TAKEN is a professional's time as well as a room or equipment, booked or out of use. To
    be asked about a start that is no opening: one that has become free in the meantime is TAKEN, as it was when the
    customer asked.
    """
    rules, minute = _Rules.of(tenant), walltime.floor_minute(at)
    if at < clock.now():
        return Reason.PAST
    if minute >= rules.end:
        return Reason.TOO_FAR
    if minute < rules.earliest:
        return Reason.TOO_SOON
    diary = _read(session, tenant, services, at, at + walltime.MINUTE, for_visit)
    minute -= diary.base

    def works(spans: bits.Spans) -> bool:
        return any(start <= minute < end for start, end in spans)

    if not any(works(bits.without(person.shifts, diary.closed)) for person in diary.staff):
        holiday = walltime.is_holiday(tenant.holidays, walltime.local_date(tenant.timezone, minute + diary.base))
        return Reason.HOLIDAY if holiday else Reason.CLOSED
    people = [person for person in diary.staff if person.service_ids]
    tasks = _tasks(services, people, staff_id)
    if tasks is None:
        return Reason.PROFESSIONAL_OFF
    duty = [person.on_duty() for person in people]
    if not any(works(duty[by]) for task in tasks for by in task.by):
        return Reason.PROFESSIONAL_OFF
    if not Search(_without_needs(tasks), duty, 1 << minute, diary.size).starts():
        return Reason.TOO_LONG
    free = [person.free() for person in people]
    if Search(tasks, free, 1 << minute, diary.size, diary.unused()).starts():
        on_grid = _starts(tenant, diary, at, at + walltime.MINUTE) >> minute & 1
        return Reason.TAKEN if on_grid else Reason.OFF_GRID
    begun = any(works(free[by]) for task in tasks for by in task.by)
    fits = Search(_without_needs(tasks), free, 1 << minute, diary.size).starts()  # but for a room or equipment
    return Reason.GAP_TOO_SHORT if begun and not fits else Reason.TAKEN


def why_none(
    session: Session,
    tenant: TenantInfo,
    services: Sequence[ServiceInfo],
    *,
    since: datetime,
    until: datetime,
    staff_id: UUID | None = None,
    for_visit: UUID | Sequence[UUID] | None = None,
) -> Reason | None:
    """The reason why no visit can start in [since, until), a local day or a part of it; None when one can.

    As with `why_not`, of all reasons the first that applies. TOO_SOON means that there were starts, and that they are
    past or too near; TAKEN that others have booked all that could be.
    """
    rules, low, high = _Rules.of(tenant), walltime.ceil_minute(since), walltime.ceil_minute(until)
    if until <= clock.now():
        return Reason.PAST
    if low >= rules.end:
        return Reason.TOO_FAR
    diary = _read(session, tenant, services, since, until, for_visit)

    def works(spans: bits.Spans) -> bool:
        return any(start < high - diary.base and end > low - diary.base for start, end in spans)

    if not any(works(bits.without(person.shifts, diary.closed)) for person in diary.staff):
        holiday = walltime.is_holiday(tenant.holidays, walltime.local_date(tenant.timezone, low))
        return Reason.HOLIDAY if holiday else Reason.CLOSED
    people = [person for person in diary.staff if person.service_ids]
    tasks = _tasks(services, people, staff_id)
    duty = [person.on_duty() for person in people]
    if tasks is None or not all(any(works(duty[by]) for by in task.by) for task in tasks):
        return Reason.PROFESSIONAL_OFF
    starts = _starts(tenant, diary, since, until)
    if not Search(_without_needs(tasks), duty, starts, diary.size).starts():
        return Reason.TOO_LONG
    free = Search(tasks, [person.free() for person in people], starts, diary.size, diary.unused()).starts()
    if free & bits.between(max(rules.earliest - diary.base, 0), diary.size):
        return None
    return Reason.TOO_SOON if free else Reason.TAKEN


def _without_needs(tasks: Sequence[Task]) -> list[Task]:
    """The same work as if there were rooms and equipment enough."""
    return [replace(task, needs=()) for task in tasks]


def _within(tenant: TenantInfo, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The part of [since, until) in which the policy lets a visit start."""
    rules = _Rules.of(tenant)
    return max(since, walltime.instant(rules.earliest)), min(until, walltime.instant(rules.end))


def _read(
    session: Session,
    tenant: TenantInfo,
    services: Sequence[ServiceInfo],
    since: datetime,
    until: datetime,
    for_visit: UUID | Sequence[UUID] | None,
) -> Diary:
    """The diary from `since` until the longest visit that starts before `until` is over."""
    longest = timedelta(minutes=sum(service.duration + service.cleanup for service in services))
    ids = list(dict.fromkeys(service.id for service in services))
    return read(session, tenant, ids, since=since, until=until + longest, needs=_needs(services), for_visit=for_visit)


def _needs(services: Sequence[ServiceInfo]) -> list[str]:
    """The resources that services need, in the order of the diary's units."""
    return sorted({code for service in services for code in service.needs})


def _starts(tenant: TenantInfo, diary: Diary, since: datetime, until: datetime) -> int:
    """The minutes of the grid within [since, until), as a set."""
    low = walltime.ceil_minute(since) - diary.base
    high = min(walltime.ceil_minute(until) - diary.base, diary.size)
    grid = bits.grid(tenant.timezone, diary.base, diary.size, tenant.policy.slot_step_minutes)
    return grid & bits.between(low, high)


def _tasks(
    services: Sequence[ServiceInfo], people: Sequence[Professional], staff_id: UUID | None
) -> list[Task] | None:
    """The services with those who may do each; None when one has nobody, or the preferred professional does none."""
    tasks = []
    preferred = None
    resources = _needs(services)
    for service in services:
        by = tuple(number for number, person in enumerate(people) if service.id in person.service_ids)
        mine = tuple(number for number in by if people[number].id == staff_id)
        preferred = preferred or mine
        if not by:
            return None
        needs = tuple(resources.index(code) for code in service.needs)
        tasks.append(Task(service.duration, service.cleanup, mine or by, needs))
    return tasks if staff_id is None or preferred else None


class _Moments(dict):
    """The instants of minutes since 1970, each made once: hundreds of visits share their starts and ends."""

    def __missing__(self, minute: int) -> datetime:
        self[minute] = walltime.instant(minute)
        return self[minute]


class _Visits:
    """Makes visits of ways. There are thousands, so that what is alike in them is worked out once for each way's steps,
    and the frozen dataclasses are filled without their own `__init__`, which takes three times as long."""

    def __init__(
        self,
        diary: Diary,
        services: Sequence[ServiceInfo],
        people: Sequence[Professional],
        tasks: Sequence[Task],
        units: Sequence[Sequence[bits.Spans]],
    ) -> None:
        self._diary, self._base, self._services, self._people = diary, diary.base, services, people
        self._tasks, self._units = tasks, units
        self._moments = _Moments()
        self._parts: dict[tuple[Step, ...], list[tuple[UUID, UUID, int, int, int]]] = {}

    def of(self, start: int, way: Way) -> Visit:
        """The visit that begins at a minute of the window."""
        start, moments, segments = start + self._base, self._moments, []
        for service_id, staff_id, offset, end, until in self._parts.get(way.steps) or self._worked_out(way.steps):
            segment = _new(Segment)
            fields = segment.__dict__
            fields["service_id"], fields["staff_id"] = service_id, staff_id
            fields["start"], fields["end"] = moments[start + offset], moments[start + end]
            fields["blocked_until"] = moments[start + until]
            segments.append(segment)
        if self._units:
            self._equip(segments, start - self._base, way)
        visit = _new(Visit)
        fields = visit.__dict__
        fields["start"], fields["end"] = segments[0].start, segment.end
        fields["segments"], fields["useless_minutes"] = tuple(segments), way.useless
        return visit

    def _equip(self, segments: Sequence[Segment], start: int, way: Way) -> None:
        """Chooses the units of a visit's services."""
        kept: dict[int, set[int]] = {}  # of each resource, the units that the visit has
        for segment, step in zip(segments, way.steps, strict=True):
            task, begin, unit_ids = self._tasks[step.task], start + step.offset, []
            for resource in task.needs:
                mine = kept.setdefault(resource, set())
                mine.add(unit := tidiest(self._units[resource], begin, begin + task.duration + task.cleanup, mine))
                unit_ids.append(self._diary.units[resource][unit].id)
            segment.__dict__["unit_ids"] = tuple(unit_ids)

    def _worked_out(self, steps: tuple[Step, ...]) -> list[tuple[UUID, UUID, int, int, int]]:
        parts = []
        for task, staff, offset in steps:
            service = self._services[task]
            end = offset + service.duration
            parts.append((service.id, self._people[staff].id, offset, end, end + service.cleanup))
        self._parts[steps] = parts
        return parts
