"""The draft of a visit: everything a customer has chosen so far, kept in the Rasa slot `draft`.

Being part of the tracker, it is saved in the same transaction as the turn that changed it: a turn that is repeated
after a crash starts from the same draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any

ANY_STAFF = "any"  # the customer said that any professional will do
ABOUT = timedelta(hours=1)  # how far from a time that was asked for roughly a start may lie

Stretch = tuple[str | None, str | None]  # half-open: ISO times of any day, or ISO date-times; either end may be None


def lies_in(start: datetime, stretch: Stretch) -> bool:
    """Whether a local start lies in a stretch."""
    since, until = stretch
    dated = any(edge and "T" in edge for edge in stretch)
    at = (start.replace(tzinfo=None) if dated else start.time()).isoformat()
    return (not since or at >= since) and (not until or at < until)


@dataclass
class When:
    """When the customer wants to come, in the establishment's local time.

    `days` is a half-open range of ISO dates, `clock` a half-open range of ISO times; either end may be None.
    `exact` is one clock time that was asked for, `about` one that was asked for roughly, and `choices` are stretches
    any of which will do, each perhaps of a day of its own; `prefer` is first, last or soonest. Ruled out are
    `not_days`, ISO dates, `not_weekdays`, 0 for Monday, and `not_times`.
    """

    days: tuple[str | None, str | None] | None = None
    clock: Stretch | None = None
    exact: str | None = None
    about: str | None = None
    choices: list[Stretch] = field(default_factory=list)
    prefer: str | None = None
    not_days: list[str] = field(default_factory=list)
    not_weekdays: list[int] = field(default_factory=list)
    not_times: list[Stretch] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())

    @property
    def timed(self) -> bool:
        """Whether a time of the day was asked for, be it exact, rough, a part of the day or a choice."""
        return bool(self.exact or self.about or self.clock or self.choices)

    @property
    def rules_out(self) -> bool:
        """Whether something was ruled out that is not merely a date."""
        return bool(self.not_weekdays or self.not_times)

    def at_any_time(self) -> None:
        """Gives up the time of the day, in place; what was ruled out stays so."""
        self.exact = self.about = self.clock = None
        self.choices = []

    @property
    def single_day(self) -> date | None:
        """The one day that is meant, if it is one."""
        if not self.days or not self.days[0] or not self.days[1]:
            return None
        first, after = date.fromisoformat(self.days[0]), date.fromisoformat(self.days[1])
        return first if (after - first).days == 1 else None

    @property
    def clock_times(self) -> tuple[time | None, time | None]:
        """The part of the day that is meant, an exact or a rough time included; either end may be open.

        Choices are no part of the day: `fits` knows them.
        """
        if self.exact:
            at = time.fromisoformat(self.exact)
            return at, at.replace(second=1)
        if self.about:
            at = datetime.combine(date(2000, 1, 2), time.fromisoformat(self.about))
            since, until = at - ABOUT, at + ABOUT
            return (since.time() if since.day == at.day else None,
                    until.time().replace(second=1) if until.day == at.day else None)
        since, until = self.clock or (None, None)
        return since and time.fromisoformat(since), until and time.fromisoformat(until)

    def accepts(self, start: datetime) -> bool:
        """Whether a local start lies within what was asked for."""
        day = start.date().isoformat()
        first, after = self.days or (None, None)
        if (first and day < first) or (after and day >= after):
            return False
        return self.fits(start)

    def fits(self, start: datetime) -> bool:
        """The same whatever days were asked for: whether the time of the day is right, and nothing rules it out."""
        if not self.allows(start):
            return False
        if self.choices:
            return any(lies_in(start, choice) for choice in self.choices)
        since, until = self.clock_times
        return (not since or start.time() >= since) and (not until or start.time() < until)

    def allows(self, start: datetime) -> bool:
        """Whether a local start has not been ruled out."""
        return self.allows_day(start.date()) and not any(lies_in(start, stretch) for stretch in self.not_times)

    def allows_day(self, day: date) -> bool:
        """Whether a day has not been ruled out."""
        return day.isoformat() not in self.not_days and day.weekday() not in self.not_weekdays


@dataclass
class Draft:
    """A visit in the making. Services and professionals are the codes of the establishment's file."""

    active: bool = False  # the customer is booking
    services: list[str] = field(default_factory=list)
    unclear: list[list[str]] = field(default_factory=list)  # words that fit several services: their codes
    staff: str | None = None  # a code, ANY_STAFF, or None while nothing was said
    not_staff: list[str] = field(default_factory=list)  # whom she does not want
    when: When = field(default_factory=When)
    start: str | None = None  # the chosen start, local ISO date-time
    all_times: bool = False  # she asked to see every start of the day
    no_more: bool = False  # "no other service"
    package_ok: bool = False  # the package was confirmed, or said whole at once
    visit_id: str | None = None
    held_until: str | None = None  # UTC ISO date-time
    held_with: list[str] = field(default_factory=list)  # codes of the professionals of the held visit
    held_visit: dict[str, Any] | None = None  # the visit onto which a booking is to be moved, as JSON
    collisions: int = 0  # how often the chosen time was just taken
    around: str | None = None  # the day that was full: nearby days are counted from it
    refused: str | None = None  # the day or local start that was not to be had last, for "por que não?"
    suggestion: str | None = None  # id of the alternatives offered last
    viewing: list[list[str]] = field(default_factory=list)  # services she has just asked about, as in `Said.add`
    offered: list[str] = field(default_factory=list)  # payloads of the last choices, for "o primeiro"
    name_asked: bool = False
    greeted: bool = False
    misses: int = 0  # messages in a row that were not understood
    booked: bool = False  # the last thing that happened is a booking
    moving: str | None = None  # id of the booking that this visit replaces
    cancelling: str | None = None  # id of the booking that she is asked about

    @classmethod
    def from_slot(cls, value: Mapping[str, Any] | None) -> Draft:
        """The draft in a slot; an empty slot gives an empty draft, and unknown keys of older versions are left out."""
        known = {f.name for f in fields(cls)}
        values = {key: item for key, item in (value or {}).items() if key in known}
        if "when" in values:
            when = dict(values["when"])
            for name in ("days", "clock"):
                when[name] = tuple(when[name]) if when.get(name) else None
            for name in ("choices", "not_times"):
                when[name] = [tuple(stretch) for stretch in when.get(name, ())]
            values["when"] = When(**when)
        return cls(**values)

    def to_slot(self) -> Mapping[str, Any]:
        """The draft as JSON for the slot, without what is empty."""
        values = asdict(self)
        values["when"] = {key: item for key, item in values["when"].items() if item}
        return {key: item for key, item in values.items() if item}

    def forget_time(self) -> None:
        """Drops the chosen start; the hold is released by whoever releases `visit_id`."""
        self.start = None
        self.held_until = None

    def restarted(self) -> Draft:
        """A fresh draft for the same conversation."""
        return Draft(greeted=self.greeted, name_asked=self.name_asked)
