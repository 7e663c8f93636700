"""Wall clock and instants: local dates and times of an IANA zone as whole minutes since 1970 in UTC."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

DAY = 1440
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


def floor_minute(at: datetime) -> int:
    """The minute that an instant falls in."""
    return (at - EPOCH) // MINUTE


def ceil_minute(at: datetime) -> int:
    """The first whole minute at or after an instant."""
    return -((EPOCH - at) // MINUTE)


def instant(minute: int) -> datetime:
    """The aware UTC datetime of a minute."""
    return EPOCH + timedelta(minutes=minute)


def offset_at(zone: str, minute: int) -> int:
    """Minutes by which the wall clock is ahead of UTC at an instant."""
    return instant(minute).astimezone(ZoneInfo(zone)).utcoffset() // MINUTE


def local_date(zone: str, minute: int) -> date:
    """The date that the wall clock shows at an instant."""
    return instant(minute).astimezone(ZoneInfo(zone)).date()


def _change_of_offset(zone: str, low: int, high: int) -> int:
    """The minute in (low, high] at which the offset changes, when it changes once in between."""
    before = offset_at(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


@lru_cache(maxsize=8192)
def minute_of(zone: str, day: date, minutes: int = 0) -> int:
    """The first minute at which the wall clock reads `minutes` past the midnight of `day`, or later.

    A time that the clock skips (São Paulo had no 00:00 on 2018-11-04) is the minute of the jump; a time that comes
    twice is its first coming. `minutes` may be 1440 or more: the next day.
    """
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    there = wall.replace(tzinfo=ZoneInfo(zone))
    minute = floor_minute(there)
    if instant(minute).astimezone(there.tzinfo).replace(tzinfo=None) == wall:
        return minute
    return _change_of_offset(zone, floor_minute(there.replace(fold=1)), minute)


@lru_cache(maxsize=8192)
def _even_day(zone: str, day: date) -> int | None:
    """The first minute of a day of exactly 24 hours without a change of clock, otherwise None."""
    start = minute_of(zone, day)
    return start if minute_of(zone, day + timedelta(days=1)) - start == DAY else None


def span_of(zone: str, day: date, starts: int, ends: int) -> tuple[int, int]:
    """A stretch of local time as minutes, `ends` at or before `starts` meaning the next day."""
    if ends <= starts:
        ends += DAY
    start = _even_day(zone, day)
    if start is not None and ends <= DAY:
        return start + starts, start + ends
    return minute_of(zone, day, starts), minute_of(zone, day, ends)


def even_offsets(zone: str, start: int, end: int) -> list[tuple[int, int, int]]:
    """[start, end) cut where the clock changes: (from, to, minutes ahead of UTC)."""
    pieces: list[tuple[int, int, int]] = []
    offset = offset_at(zone, start)
    at = start
    while at < end:
        to = min(at + DAY, end)
        after = offset_at(zone, to)
        if after != offset:
            to = _change_of_offset(zone, at, to)
        if pieces and pieces[-1][2] == offset:
            pieces[-1] = (pieces[-1][0], to, offset)
        else:
            pieces.append((at, to, offset))
        at, offset = to, after
    return pieces


@lru_cache(maxsize=256)
def _holidays_of(code: str, year: int) -> frozenset[date]:
    country, _, part = code.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))


def is_holiday(code: str | None, day: date) -> bool:
    """Whether a day is a public holiday of an ISO 3166-2 region such as ``BR-SP``."""
    return bool(code) and day in _holidays_of(code, day.year)
