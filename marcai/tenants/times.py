"""The times in an establishment's file: shifts, periods off and clock times."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from marcai.tenants.nodes import INT, STR, Here

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SHIFT = re.compile(r"(\d\d:\d\d)\s*-\s*(\d\d:\d\d)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d)?")


def shifts(here: Here) -> list[tuple[int, time, time]]:
    """The weekly shifts of one professional: weekday from Monday 0, start, end."""
    found: list[tuple[int, time, time]] = []
    taken: list[tuple[int, int, Here]] = []  # minutes of the week
    for day, it in here.mapping((), WEEKDAYS).items():
        for at in it.items("shifts"):
            match = _SHIFT.fullmatch((at.raw() or "").strip()) if at.node.tag == STR else None
            start = _minutes(match.group(1)) if match else None
            end = _minutes(match.group(2), last=True) if match else None
            if start is None or end is None:
                at.wrong('must be a time range such as "09:00-12:00" (an end of 24:00 or past midnight is fine)')
                continue
            if start == end:
                at.wrong("ends when it starts")
                continue
            weekday = WEEKDAYS.index(day)
            begin = weekday * 1440 + start
            finish = begin + ((end - start) % 1440 or 1440)
            if any(begin < other_end + turn and other_begin + turn < finish
                   for other_begin, other_end, _ in taken for turn in (-10080, 0, 10080)):
                at.wrong("overlaps another shift of the same professional")
                continue
            taken.append((begin, finish, at))
            found.append((weekday, _time(start), _time(end % 1440)))
    return found


def moment(here: Here, tz: ZoneInfo, last: bool) -> datetime | None:
    """A date (its first instant, or its last when it ends a period) or a date with a clock time."""
    raw = here.raw() or ""
    try:
        if not _MOMENT.fullmatch(raw):
            raise ValueError
        if len(raw) > 10:
            return datetime.fromisoformat(raw.replace(" ", "T")).replace(tzinfo=tz)
        day = date.fromisoformat(raw)
        return datetime.combine(day + timedelta(days=1) if last else day, time(), tzinfo=tz)
    except (ValueError, OverflowError):
        here.wrong('must be a date such as 2027-01-04, or with a time such as "2027-01-04 14:00"')
        return None


def clock(here: Here) -> str | None:
    """A clock time; YAML takes some of them for numbers, so what is written decides."""
    raw = here.raw() or ""
    if here.node.tag not in (STR, INT) or not _CLOCK.fullmatch(raw):
        here.wrong('must be a clock time such as "21:00"')
        return None
    return raw


def _minutes(written: str, last: bool = False) -> int | None:
    if last and written == "24:00":
        return 1440
    match = _CLOCK.fullmatch(written)
    return int(match.group(1)) * 60 + int(match.group(2)) if match else None


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
