"""The words of scheduling: a visit and its segments, an opening, and the answers about what can be done."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID


class Claim(NamedTuple):
    """What a visit takes of one resource's time, a professional's or a unit's: a row of `allocations`."""

    resource_id: UUID
    service_id: UUID
    position: int  # of the service within the visit
    start: datetime
    end: datetime | None  # of the service, for the customer; None for a unit
    until: datetime


@dataclass(frozen=True)
class Segment:
    """One service of a visit: the customer's from `start` to `end`, the professional is taken until `blocked_until`.

    So are the units of rooms and equipment in `unit_ids`. Equal ones may stand in for them when the visit is taken, so
    visits that differ in nothing else are the same visit.
    """

    service_id: UUID
    staff_id: UUID
    start: datetime
    end: datetime
    blocked_until: datetime
    unit_ids: tuple[UUID, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Visit:
    """One block of the customer's time, with its services in the order in which they are done."""

    start: datetime
    end: datetime
    segments: tuple[Segment, ...]
    useless_minutes: int = field(default=0, compare=False)  # left in the diary in pieces too short for any service

    @property
    def staff_ids(self) -> tuple[UUID, ...]:
        """The professionals, each once, in order of appearance."""
        return tuple(dict.fromkeys(segment.staff_id for segment in self.segments))

    @property
    def unit_ids(self) -> tuple[UUID, ...]:
        """The units of rooms and equipment, as often as services use them, in order of appearance."""
        return tuple(unit_id for segment in self.segments for unit_id in segment.unit_ids)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All that the visit takes, no two stretches of one resource overlapping.

        A unit goes from one of the visit's services to the next at once, before the cleanup after the first: that goes
        on for as long as it would have, but within the next stretch.
        """
        found: list[Claim] = []
        latest: dict[UUID, int] = {}  # of each unit, the place of its last stretch in `found`
        for position, part in enumerate(self.segments):
            found.append(Claim(part.staff_id, part.service_id, position, part.start, part.end, part.blocked_until))
            for unit_id in part.unit_ids:
                until, before = part.blocked_until, latest.get(unit_id)
                if before is not None and found[before].until > part.start:
                    until = max(until, found[before].until)
                    found[before] = found[before]._replace(until=part.start)
                latest[unit_id] = len(found)
                found.append(Claim(unit_id, part.service_id, position, part.start, None, until))
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:
        """The visit as JSON values, to be kept in an option or a session."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "segments": [
                [str(part.service_id), str(part.staff_id)]
                + [at.isoformat() for at in (part.start, part.end, part.blocked_until)]
                + [str(unit_id) for unit_id in part.unit_ids]
                for part in self.segments
            ],
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Visit:
        """The visit that `as_dict` described."""
        at = datetime.fromisoformat
        return cls(
            at(value["start"]),
            at(value["end"]),
            tuple(
                Segment(UUID(service), UUID(staff), at(start), at(end), at(until), tuple(map(UUID, units)))
                for service, staff, start, end, until, *units in value["segments"]
            ),
        )


class Opening:
    """A start at which the whole visit fits, with the ways to do it, which are worked out when they are looked at.

    Of a month's openings a page shows a few, and of the others nobody asks more than the start.

    Args:
        start: aware instant.
        visits: the ways, best first, never empty; or what makes them, called once at most.
    """

    __slots__ = ("_visits", "start")

    def __init__(self, start: datetime, visits: tuple[Visit, ...] | Callable[[], tuple[Visit, ...]]) -> None:
        self.start, self._visits = start, visits

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The ways to do the visit, best first, never empty."""
        if not isinstance(self._visits, tuple):
            self._visits = self._visits()
        return self._visits


@dataclass(frozen=True)
class DayRoom:
    """How many starts a local day has."""

    date: date
    starts: int


class Feasibility(enum.Enum):
    """Whether services can be one visit at all, whatever is booked already."""

    ONE_PROFESSIONAL = "one_professional"
    SEQUENCE = "sequence"
    TWO_VISITS = "two_visits"
    NOT_BY_THAT_PROFESSIONAL = "not_by_that_professional"


class Reason(enum.Enum):
    """Why a visit cannot start at an instant."""

    PAST = "past"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    PROFESSIONAL_OFF = "professional_off"
    TOO_LONG = "too_long"
    GAP_TOO_SHORT = "gap_too_short"
    TAKEN = "taken"
    OFF_GRID = "off_grid"
