"""Partial values: what the grammar knows of days before the current date settles them.

Every day value resolves against the current day to a `Stretch` of whole days. `forward` tells whether an
incomplete date means the next such day (usual in bookings) or the one of the current month or year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from .arithmetic import (
    ONE_DAY,
    add_months,
    exists,
    monday_of,
    month_start,
    weekday_after,
    weekday_from,
)
from .holidays import holiday_on

_WEEK = timedelta(weeks=1)
_WEEKDAY_REACH = timedelta(days=62)
_FRIDAY_13TH = (4, 13)
_YEARS_AHEAD = 9  # 29 February comes back within eight years


@dataclass(frozen=True)
class Stretch:
    """Whole days from `first` until the day before `after`.

    Attributes:
        grain: day, week, month or year; a stretch of grain day may still hold several days.
        alternative: the first day of the other common reading of an ambiguous phrase.
        single: the customer named one day, not a stretch.
    """

    first: date
    after: date
    grain: str = "day"
    alternative: date | None = None
    single: bool = False


def _one(day: date, alternative: date | None = None) -> Stretch:
    return Stretch(day, day + ONE_DAY, "day", alternative, single=True)


class Day:
    """A day or a stretch of days, not yet placed in the calendar."""

    def resolve(self, today: date, forward: bool) -> Stretch:
        """Places the value in the calendar.

        Raises:
            ValueError, OverflowError: it lies outside the years 1 to 9999 or cannot be found.
        """
        raise NotImplementedError

    def resolve_from(self, first: date, today: date, forward: bool) -> Stretch:
        """Places the value as the end of a range that begins on `first`."""
        return self.resolve(today, forward)


@dataclass(frozen=True)
class Relative(Day):
    """A number of days, weeks, months and years from today: "amanhã", "daqui a duas semanas"."""

    days: int = 0
    months: int = 0

    def resolve(self, today: date, forward: bool) -> Stretch:
        return _one(add_months(today, self.months) + timedelta(days=self.days))


@dataclass(frozen=True)
class Weekday(Day):
    """A day of the week, Monday is 0.

    Attributes:
        mode: `bare` ("sexta"), `this` ("essa sexta"), `next` ("sexta que vem"), `other` ("na outra sexta")
            or `past`.
        week: weeks after the current one when the week was named ("sexta da semana que vem" is 1).
        later: days added on top ("sexta a oito").
    """

    index: int
    mode: str = "bare"
    week: int | None = None
    later: int = 0

    def resolve(self, today: date, forward: bool) -> Stretch:
        if self.week is not None:
            return _one(monday_of(today) + timedelta(weeks=self.week, days=self.index))
        if self.mode == "past" or (not forward and self.mode == "bare"):
            return _one(
                weekday_after(today, self.index) - timedelta(weeks=1 + (today.weekday() == self.index))
            )
        nearest = weekday_after(today, self.index)
        if self.mode == "other":
            return _one(nearest + timedelta(weeks=1), nearest)
        alternative = None
        if self.mode == "next" and nearest < monday_of(today) + timedelta(weeks=1):
            alternative = nearest + timedelta(weeks=1)
        elif self.mode in ("bare", "this") and today.weekday() == self.index:
            alternative = today
        return _one(nearest + timedelta(days=self.later), alternative)

    def resolve_from(self, first: date, today: date, forward: bool) -> Stretch:
        if self.week is None and self.mode in ("bare", "this"):
            return _one(weekday_after(first, self.index))
        return self.resolve(today, forward)


@dataclass(frozen=True)
class Date(Day):
    """A day of the month, with whatever else was said: month, year, weekday."""

    day: int
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    month_shift: int | None = None  # 1: "do mês que vem"

    def exists(self) -> bool:
        """Whether any year has such a date (or the named year)."""
        if self.month is None:
            return 1 <= self.day <= 31
        return exists(self.year or 2024, self.month, self.day)

    def _in_month(self, first: date) -> date | None:
        if not exists(first.year, first.month, self.day):
            return None
        day = first.replace(day=self.day)
        return day if self.weekday is None or day.weekday() == self.weekday else None

    def resolve(self, today: date, forward: bool) -> Stretch:
        if self.month and self.year:
            return _one(date(self.year, self.month, self.day))
        if self.month_shift is not None:
            start = month_start(today.year, today.month + self.month_shift)
            return _one(start.replace(day=self.day))
        if not forward:
            return _one(date(today.year, self.month or today.month, self.day))
        day = self._first_from(today)
        slip = (
            self.weekday is not None
            and day - today > _WEEKDAY_REACH
            and (self.weekday, self.day) != _FRIDAY_13TH
        )
        if (
            slip
        ):  # "sexta dia 28" when the 28th is a Saturday: the number counts, the weekday is the other reading
            return _one(replace(self, weekday=None)._first_from(today), weekday_after(today, self.weekday))
        return _one(day)

    def _first_from(self, today: date) -> date:
        """The first day on or after `today` that fits everything that was said."""
        step = 12 if self.month else 1
        start = month_start(today.year, self.month or today.month)
        for number in range(_YEARS_AHEAD * 12 // step + 3):
            day = self._in_month(month_start(start.year, start.month + number * step))
            if day and day >= today:
                return day
        return replace(self, weekday=None)._first_from(today)  # a weekday that never fits was a slip

    def resolve_from(self, first: date, today: date, forward: bool) -> Stretch:
        if self.month and self.year:
            return self.resolve(today, forward)
        return replace(self, month_shift=None).resolve(first, True)


@dataclass(frozen=True)
class Holiday(Day):
    """A holiday by name; `shift` days away from it (the eve is -1)."""

    name: str
    shift: int = 0
    year: int | None = None
    next_year: bool = False

    def resolve(self, today: date, forward: bool) -> Stretch:
        if self.year or self.next_year or not forward:
            return _one(
                holiday_on(self.name, self.year or today.year + self.next_year) + timedelta(days=self.shift)
            )
        days = (holiday_on(self.name, today.year + ahead) + timedelta(days=self.shift) for ahead in range(2))
        return _one(next(day for day in days if day >= today))


@dataclass(frozen=True)
class Shifted(Day):
    """A number of days and months from another day: "dois dias depois do natal"."""

    day: Day
    days: int = 0
    months: int = 0

    def resolve(self, today: date, forward: bool) -> Stretch:
        return _one(add_months(self.day.resolve(today, forward).first, self.months) + timedelta(days=self.days))


@dataclass(frozen=True)
class Beside(Day):
    """The last such weekday before, or the first after, another day: "o sábado antes do natal"."""

    index: int
    day: Day
    after: bool

    def resolve(self, today: date, forward: bool) -> Stretch:
        day = self.day.resolve(today, forward).first
        return _one(weekday_after(day, self.index) if self.after else weekday_from(day - _WEEK, self.index))


@dataclass(frozen=True)
class Week(Day):
    """A calendar week, Monday to Sunday, `shift` weeks after the current one; `first` and `days` cut it."""

    shift: int = 0
    first: int = 0
    days: int = 7

    def resolve(self, today: date, forward: bool) -> Stretch:
        start = monday_of(today) + timedelta(weeks=self.shift, days=self.first)
        return Stretch(start, start + timedelta(days=self.days), "week" if self.days == 7 else "day")


@dataclass(frozen=True)
class WeekOf(Day):
    """The calendar week of some day: "a semana do dia 7"."""

    day: Day

    def resolve(self, today: date, forward: bool) -> Stretch:
        start = monday_of(self.day.resolve(today, forward).first)
        return Stretch(start, start + timedelta(weeks=1), "week")


@dataclass(frozen=True)
class Weekend(Day):
    """Saturday and Sunday; `shift` weekends after the coming (or current) one."""

    shift: int = 0

    def resolve(self, today: date, forward: bool) -> Stretch:
        start = monday_of(today) + timedelta(days=5, weeks=self.shift)
        return Stretch(start, start + timedelta(days=2))


@dataclass(frozen=True)
class Month(Day):
    """A month: by name and perhaps year, or `shift` months after the current one.

    `part` cuts days out of it, counted from 0 and half-open; None is the end of the month.
    """

    month: int | None = None
    year: int | None = None
    shift: int = 0
    part: tuple[int, int | None] | None = None

    def start(self, today: date, forward: bool) -> date:
        """The first day of the month."""
        if self.month is None:
            return month_start(today.year, today.month + self.shift)
        year = self.year or today.year + (forward and self.month < today.month)
        return date(year + (self.shift if self.year is None else 0), self.month, 1)

    def resolve(self, today: date, forward: bool) -> Stretch:
        start = self.start(today, forward)
        end = add_months(start, 1)
        if self.part is None:
            return Stretch(start, end, "month")
        first, after = self.part
        return Stretch(start + timedelta(days=first), end if after is None else start + timedelta(days=after))


@dataclass(frozen=True)
class Turn(Day):
    """The turn of a month: its last day and the first of the next."""

    month: Month

    def resolve(self, today: date, forward: bool) -> Stretch:
        turn = add_months(self.month.start(today, forward), 1)
        return Stretch(turn - ONE_DAY, turn + ONE_DAY)


@dataclass(frozen=True)
class Year(Day):
    """A calendar year, by number or `shift` years after the current one."""

    year: int | None = None
    shift: int = 0

    def resolve(self, today: date, forward: bool) -> Stretch:
        year = self.year or today.year + self.shift
        return Stretch(date(year, 1, 1), date(year + 1, 1, 1), "year")


@dataclass(frozen=True)
class Nth(Day):
    """The n-th (or, with -1, the last) weekday, week, weekend or day of a month: "primeira sexta de julho".

    A week belongs to the month of its Monday, as in Duckling and rustling.
    """

    number: int
    what: str  # weekday, week, weekend, day
    month: Month
    index: int = 0  # the weekday

    def resolve(self, today: date, forward: bool) -> Stretch:
        stretch = self._within(self.month.start(today, forward))
        if forward and stretch.after <= today:
            start = self.month.start(today, forward)
            later = 0 if self.month.year or self.month.shift else 12 if self.month.month else 1
            return self._within(month_start(start.year, start.month + later))
        return stretch

    def _within(self, start: date) -> Stretch:
        end = add_months(start, 1)
        if self.what == "day":
            return _one(start + timedelta(days=self.number - 1) if self.number > 0 else end - ONE_DAY)
        index = {"week": 0, "weekend": 5}.get(self.what, self.index)
        if self.number > 0:
            day = weekday_from(start, index) + timedelta(weeks=self.number - 1)
        else:
            day = weekday_after(end - timedelta(weeks=1, days=1), index)
            if self.what == "week" and day + timedelta(weeks=1) > end:
                day -= timedelta(weeks=1)
        if self.what == "weekday":
            return _one(day)
        days = 7 if self.what == "week" else 2
        return Stretch(day, day + timedelta(days=days), "week" if days == 7 else "day")


@dataclass(frozen=True)
class Ahead(Day):
    """The next `count` units after the current one: "próximos 3 dias", "próximas três semanas"."""

    count: int
    unit: str  # day, week, month, year

    def resolve(self, today: date, forward: bool) -> Stretch:
        if self.unit == "day":
            return Stretch(today + ONE_DAY, today + timedelta(days=1 + self.count))
        if self.unit == "week":
            start = monday_of(today) + timedelta(weeks=1)
            return Stretch(start, start + timedelta(weeks=self.count), "week")
        months = self.count * (12 if self.unit == "year" else 1)
        first = (
            month_start(today.year, today.month + 1) if self.unit == "month" else date(today.year + 1, 1, 1)
        )
        return Stretch(first, add_months(first, months), self.unit)


@dataclass(frozen=True)
class DayRange(Day):
    """A range of days; either end may be open. The closing day is included unless `before` is set.

    With `after`, an open range begins when its first stretch is over ("depois do fim de semana").
    """

    first: Day | None
    last: Day | None
    before: bool = False
    after: bool = False

    def resolve(self, today: date, forward: bool) -> Stretch:
        if self.first is None or self.last is None:
            known = (self.first or self.last).resolve(today, forward)
            if self.first is not None:
                return Stretch(known.after if self.after else known.first, date.max)
            return Stretch(date.min, known.first if self.before else known.after)
        first, last = self._ends(today, forward)
        return Stretch(first.first, last.after)

    def _ends(self, today: date, forward: bool) -> tuple[Stretch, Stretch]:
        first = self.first.resolve(today, forward)
        last = self.last.resolve_from(first.first, today, forward)
        if (
            forward
            and isinstance(self.first, Date)
            and self.first.year is None
            and self.first.month_shift is None
        ):
            first, last = self._still_open(today, first, last)
        if last.after <= first.first:
            raise ValueError("the range ends before it begins")
        return first, last

    def _still_open(self, today: date, first: Stretch, last: Stretch) -> tuple[Stretch, Stretch]:
        """Prefers the same range one month (or year) earlier while it is under way."""
        earlier = _one(add_months(first.first, -12 if self.first.month else -1))
        closing = self.last.resolve_from(earlier.first, today, True)
        if earlier.first < today < closing.after <= first.first:
            return earlier, closing
        return first, last
