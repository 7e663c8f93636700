"""The diary of a window: reads shifts, time off, bookings and holds in one round trip and says what is free when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.resources import calendar as equipment
from marcai.scheduling import bits, walltime
from marcai.staff import calendar

if TYPE_CHECKING:
    from marcai.tenants.service import TenantInfo

# A hold past its expiry blocks nobody here even while its row still says `hold`; taking its time frees it in the table.
# The first condition repeats the predicate of the exclusion constraint, so that its index serves the search.
_BUSY = """
SELECT 'busy', a.resource_id, NULL, array_agg(floor(extract(epoch FROM lower(a.during)) / 60)::int),
       array_agg(ceil(extract(epoch FROM upper(a.during)) / 60)::int), NULL
  FROM {these} JOIN allocations a ON a.resource_id = {these}.id
 WHERE {wanted}
   AND a.state IN ('hold', 'booked') AND (a.state = 'booked' OR a.expires_at > :now)
   AND a.during && tstzrange(:since, :until)
   AND NOT a.visit_id = ANY(CAST(:for_visit AS uuid[]))
 GROUP BY a.resource_id
"""
_STAFF_ROWS = f"{calendar.ROWS} UNION ALL {_BUSY.format(these='who', wanted='who.ids IS NOT NULL')}"
_UNIT_ROWS = f"{equipment.ROWS} UNION ALL {_BUSY.format(these='units', wanted='true')}"
_STATEMENT = text(f"WITH {calendar.WHO} {_STAFF_ROWS}")
_WITH_UNITS = text(f"WITH {calendar.WHO}, {equipment.UNITS} {_STAFF_ROWS} UNION ALL {_UNIT_ROWS}")


@dataclass
class Professional:
    """One professional in the window; spans are minutes from the window's start."""

    id: UUID
    service_ids: frozenset[UUID]  # of those asked for
    shortest: int
    position: int
    weekly: list[tuple[int, int, int]] = field(default_factory=list)  # weekday, local minutes from and to
    shifts: bits.Spans = field(default_factory=list)
    off: bits.Spans = field(default_factory=list)
    busy: bits.Spans = field(default_factory=list)

    def on_duty(self) -> bits.Spans:
        """When she works: shifts less time off."""
        return bits.without(self.shifts, self.off)

    def free(self) -> bits.Spans:
        """When she works and nobody has taken her time."""
        return bits.without(self.on_duty(), self.busy)


@dataclass
class Unit:
    """One unit of a room or of equipment in the window; spans are minutes from the window's start."""

    id: UUID
    number: int
    off: bits.Spans = field(default_factory=list)
    busy: bits.Spans = field(default_factory=list)


@dataclass
class Diary:
    """A window of an establishment's time, from minute `base` since 1970 for `size` minutes."""

    base: int
    size: int
    staff: list[Professional]
    closed: bits.Spans  # time off of the whole establishment
    units: list[list[Unit]] = field(default_factory=list)  # of each resource asked for, by number

    def usable(self) -> list[list[bits.Spans]]:
        """When each unit could be used, had nobody taken it."""
        return [[bits.without([(0, self.size)], unit.off) for unit in equal] for equal in self.units]

    def unused(self) -> list[list[bits.Spans]]:
        """When each unit could be used and nobody has taken it."""
        return [[bits.without([(0, self.size)], bits.merged(unit.off + unit.busy)) for unit in equal]
                for equal in self.units]


def read(
    session: Session,
    tenant: TenantInfo,
    service_ids: Sequence[UUID],
    *,
    since: datetime,
    until: datetime,
    needs: Sequence[str] = (),
    for_visit: UUID | Sequence[UUID] | None = None,
) -> Diary:
    """The diary from the local midnight before `since` until `until`.

    Args:
        session: a transaction.
        tenant: the establishment.
        service_ids: the services asked for; others' bookings are read for the professionals who do one of them.
        since: aware instant.
        until: aware instant.
        needs: codes of the resources of which units are wanted; their bookings are read too.
        for_visit: the visit, or the visits, whose own hold or booking does not block.
    """
    first = walltime.local_date(tenant.timezone, walltime.floor_minute(since))
    base = walltime.minute_of(tenant.timezone, first)
    size = max(walltime.ceil_minute(until) - base, 0)
    values = {
        "tenant": tenant.id,
        "services": list(service_ids),
        "since": walltime.instant(base),
        "until": walltime.instant(base + size),
        "for_visit": [for_visit] if isinstance(for_visit, UUID) else list(for_visit or ()),
        "now": clock.now(),
    }
    if needs:
        rows = session.execute(_WITH_UNITS, {**values, "needs": list(needs)}).all()
    else:
        rows = session.execute(_STATEMENT, values).all()
    staff: dict[UUID, Professional] = {}
    units: list[list[Unit]] = [[] for _ in needs]
    taken: dict[UUID, Professional | Unit] = {}
    everybody: bits.Spans = []
    for kind, resource_id, ids, a, _, _ in rows:
        if kind == "staff":
            taken[resource_id] = staff[resource_id] = Professional(resource_id, frozenset(ids or ()), a[0], a[1])
        elif kind == "unit":
            taken[resource_id] = unit = Unit(resource_id, a[1])
            units[a[0] - 1].append(unit)
    for kind, resource_id, _, a, b, c in rows:
        if kind == "shift":
            staff[resource_id].weekly = list(zip(a, b, c, strict=True))
        elif kind == "busy":
            taken[resource_id].busy = _clip(zip(a, b, strict=True), base, size)
        elif kind == "off" and resource_id is None:
            everybody = _clip(zip(a, b, strict=True), base, size)
        elif kind == "off" and resource_id in taken:
            taken[resource_id].off = _clip(zip(a, b, strict=True), base, size)
    for person in staff.values():
        person.off = bits.merged(person.off + everybody)
    for equal in units:
        equal.sort(key=lambda unit: unit.number)
    people = sorted(staff.values(), key=lambda person: (person.position, person.id.int))
    diary = Diary(base, size, people, everybody, units)
    expand(diary, tenant)
    return diary


def expand(diary: Diary, tenant: TenantInfo) -> None:
    """Puts the weekly shifts of the professionals on the window's dates.

    A shift belongs to the local date on which it begins: a holiday closes the shifts that begin on it.
    """
    zone = tenant.timezone
    day = walltime.local_date(zone, diary.base) - timedelta(days=1)
    last = walltime.local_date(zone, diary.base + diary.size)
    found: dict[UUID, list[tuple[int, int]]] = {person.id: [] for person in diary.staff}
    by_weekday: list[list[tuple[list[tuple[int, int]], int, int]]] = [[] for _ in range(7)]
    for person in diary.staff:
        for weekday, starts, ends in person.weekly:
            by_weekday[weekday].append((found[person.id], starts, ends))
    while day <= last:
        if not walltime.is_holiday(tenant.holidays, day):
            for spans, starts, ends in by_weekday[day.weekday()]:
                spans.append(walltime.span_of(zone, day, starts, ends))
        day += timedelta(days=1)
    for person in diary.staff:
        person.shifts = _clip(found[person.id], diary.base, diary.size)


def _clip(spans: Iterable[tuple[int, int]], base: int, size: int) -> bits.Spans:
    """Spans of minutes since 1970 as merged spans within the window."""
    found = bits.merged([(start - base, end - base) for start, end in spans if start < end])
    if found and (found[0][0] < 0 or found[-1][1] > size):  # only those at the edges can reach beyond them
        found = [(max(start, 0), min(end, size)) for start, end in found if start < size and end > 0]
    return found
