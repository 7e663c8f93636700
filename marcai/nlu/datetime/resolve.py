"""Places a wish in the calendar: partial values in, moments out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from .arithmetic import ONE_DAY
from .clocks import Clock, ClockRange, UnitsAhead
from .combine import Wish
from .days import Stretch
from .model import END_OF_DAY, Edge, Moment

_MIDNIGHT = time()


def resolve(wish: Wish, now: datetime, forward: bool, span: tuple[int, int]) -> Moment:
    """Places a wish in the calendar.

    Args:
        wish: what was said.
        now: the local time of the message, naive.
        forward: incomplete dates lie ahead (see `days`).
        span: offsets in the original text.

    Raises:
        ValueError, OverflowError: no such day exists.
    """
    if wish.offset is not None:
        return _from_now(wish, now, span)
    if wish.day is None:
        return _clock_only(wish.time, span)
    stretch = wish.day.resolve(now.date(), forward)
    if wish.time is None:
        return _days_only(stretch, span)
    moment = _within_days(stretch, wish.time, span)
    return replace(moment, part_of_day=_part(wish.time), approximate=wish.time.approximate)


def _from_now(wish: Wish, now: datetime, span: tuple[int, int]) -> Moment:
    if isinstance(wish.offset, UnitsAhead):
        step = timedelta(hours=1) if wish.offset.unit == "hour" else timedelta(minutes=1)
        full = now.replace(second=0, microsecond=0)
        start = (full.replace(minute=0) if wish.offset.unit == "hour" else full) + step
        return Moment("interval", wish.offset.unit, start, start + wish.offset.count * step, span)
    return Moment("instant", wish.offset.grain, now.replace(microsecond=0) + wish.offset.delta, None, span)


def _clock_only(said: Clock | ClockRange, span: tuple[int, int]) -> Moment:
    grain = _grain(said)
    if isinstance(said, Clock):
        return Moment(
            "time",
            grain,
            _as_time(said.minutes() % 1440),
            None,
            span,
            part_of_day=said.part,
            approximate=said.approximate,
        )
    low, high = said.minutes()
    start = None if low is None else _as_time(low % 1440)
    if low is not None and high is not None and high <= low % 1440:
        high = 1440  # past midnight: a bare clock range keeps to its day
    return Moment(
        "interval", grain, start, _as_time(high), span, part_of_day=_part(said), approximate=said.approximate
    )


def _days_only(stretch: Stretch, span: tuple[int, int]) -> Moment:
    if stretch.single:
        return Moment(
            "date",
            "day",
            stretch.first,
            None,
            span,
            ambiguous=stretch.alternative is not None,
            alternative=stretch.alternative,
        )
    start = None if stretch.first == date.min else _midnight(stretch.first)
    end = None if stretch.after == date.max else _midnight(stretch.after)
    return Moment("interval", stretch.grain, start, end, span)


def _within_days(stretch: Stretch, said: Clock | ClockRange, span: tuple[int, int]) -> Moment:
    """A clock time or range on a day; on several days it is placed on the first."""
    low, high = (said.minutes(), None) if isinstance(said, Clock) else said.minutes()
    grain = _grain(said)
    if stretch.first == date.min:
        last = _midnight(stretch.after - ONE_DAY)
        edge = high if isinstance(said, ClockRange) and high is not None else low
        return Moment("interval", grain, None, last + timedelta(minutes=edge), span)
    day = _midnight(stretch.first)
    if stretch.after == date.max:
        return Moment("interval", grain, day + timedelta(minutes=low or 0), None, span)
    period = None if stretch.single else (stretch.first, stretch.after)
    start = day + timedelta(minutes=low or 0)
    alternative: Edge = None
    if stretch.alternative is not None:
        alternative = _midnight(stretch.alternative) + timedelta(minutes=low or 0)
    if isinstance(said, Clock):
        kind, end = "instant", None
    else:
        kind, end = "interval", None if high is None else day + timedelta(minutes=high)
        if end is not None and end <= start:
            end += ONE_DAY
    return Moment(
        kind,
        grain,
        start,
        end,
        span,
        ambiguous=alternative is not None,
        alternative=alternative,
        period=period,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, _MIDNIGHT)


def _as_time(minutes: int | None) -> time | None:
    if minutes is None:
        return None
    return END_OF_DAY if minutes == 1440 else time(minutes // 60 % 24, minutes % 60)


def _grain(said: Clock | ClockRange) -> str:
    return "minute" if said.has_minute else "hour"


def _part(said: Clock | ClockRange) -> str | None:
    return said.part
