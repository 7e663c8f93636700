"""The draft of a visit: everything a customer has chosen so far, kept in the Rasa slot `draft`.

Being part of the tracker, it is saved in the same transaction as the turn that changed it: a turn that is repeated
after a crash starts from the same draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, time
from typing import Any

ANY_STAFF = "any"  # the customer said that any professional will do


@dataclass
class When:
    """When the customer wants to come, in the establishment's local time.

    `days` is a half-open range of ISO dates, `clock` a half-open range of ISO times; either end may be None.
    `exact` is one clock time that was asked for; `prefer` is first, last or soonest; `not_days` are ISO dates that
    were ruled out.
    """

    days: tuple[str | None, str | None] | None = None
    clock: tuple[str | None, str | None] | None = None
    exact: str | None = None
    prefer: str | None = None
    not_days: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.days or self.clock or self.exact or self.prefer or self.not_days)

    @property
    def single_day(self) -> date | None:
        """The one day that is meant, if it is one."""
        if not self.days or not self.days[0] or not self.days[1]:
            return None
        first, after = date.fromisoformat(self.days[0]), date.fromisoformat(self.days[1])
        return first if (after - first).days == 1 else None

    @property
    def clock_times(self) -> tuple[time | None, time | None]:
        """The part of the day that is meant, the exact time included; either end may be open."""
        if self.exact:
            at = time.fromisoformat(self.exact)
            return at, at.replace(second=1)
        since, until = self.clock or (None, None)
        return since and time.fromisoformat(since), until and time.fromisoformat(until)

    def accepts(self, start: datetime) -> bool:
        """Whether a local start lies within what was asked for."""
        day = start.date().isoformat()
        first, after = self.days or (None, None)
        if day in self.not_days or (first and day < first) or (after and day >= after):
            return False
        if self.exact:
            return start.time() == time.fromisoformat(self.exact)
        if self.clock:
            since, until = self.clock
            said = start.time().isoformat()
            return (not since or said >= since) and (not until or said < until)
        return True


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
