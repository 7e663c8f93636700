"""Calendar arithmetic: months of different lengths, weekdays, Easter."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date, timedelta

ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), or the last day of that month when it is shorter.

    Raises:
        ValueError: the year would leave 1..9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_start(year: int, month: int) -> date:
    """The first day of a month; months outside 1..12 run into the neighbouring years."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def weekday_after(day: date, weekday: int) -> date:
    """The first such weekday (Monday is 0) strictly after a day."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def weekday_from(day: date, weekday: int) -> date:
    """The first such weekday (Monday is 0) on or after a day."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def exists(year: int, month: int, day: int) -> bool:
    """Whether a year, month and day name a real date."""
    return 1 <= year <= MAXYEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the anonymous algorithm of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
