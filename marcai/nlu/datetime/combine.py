"""Joins days and clock times into wishes, and drops what was corrected, ruled out or moved away from."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import date

from .clocks import Clock, ClockRange, Offset, UnitsAhead
from .corrections import fates
from .days import Date, Day, Month, Relative, Weekday, Year
from .grammar_periods import narrowed
from .tokens import VALUES, Token

Time = Clock | ClockRange


@dataclass
class Wish:
    """A day, a time, or both, as partial values, with the folded span of their words.

    Attributes:
        link: how the wish follows the one before: `or`, `and` or `plain`.
    """

    day: Day | None = None
    time: Time | None = None
    offset: Offset | UnitsAhead | None = None
    start: int = 0
    end: int = 0
    link: str = "plain"

    @property
    def empty(self) -> bool:
        """Whether nothing has been said yet."""
        return self.day is None and self.time is None and self.offset is None

    def cover(self, token: Token) -> None:
        """Stretches the span over a token."""
        self.start = token.start if self.empty else min(self.start, token.start)
        self.end = max(self.end, token.end)


@dataclass
class Wishes:
    """The wishes of a message: those that stand, those ruled out, and those to be moved away from."""

    kept: list[Wish] = field(default_factory=list)
    excluded: list[Wish] = field(default_factory=list)
    moved_from: list[Wish] = field(default_factory=list)


def combine(tokens: list[Token], today: date) -> Wishes:
    """Builds the wishes of a message from its reduced tokens."""
    places = [index for index, token in enumerate(tokens) if token.is_a(*VALUES)]
    if not places:
        return Wishes()
    found = fates(tokens, places)
    chosen = {
        fate: [place for place in places if found.get(place, "kept") == fate]
        for fate in ("kept", "excluded", "moved")
    }
    return Wishes(*(_build(tokens, chosen[fate], today) for fate in ("kept", "excluded", "moved")))


def _build(tokens: list[Token], places: list[int], today: date) -> list[Wish]:
    wishes: list[Wish] = []
    previous = None
    for place in places:
        link = "plain" if previous is None else _link(tokens[previous + 1 : place])
        _add(wishes, tokens[place], link, today)
        previous = place
    _share(wishes)
    return wishes


def _link(gap: list[Token]) -> str:
    if any(token.is_a("OU", "NEM") for token in gap):
        return "or"
    return "and" if gap and all(token.is_a("E", "COMMA", "LINK", "AS") for token in gap) else "plain"


def _add(wishes: list[Wish], token: Token, link: str, today: date) -> None:
    if token.is_a("CHOICE"):
        for number, value in enumerate(token.value):
            _add_value(wishes, token, value, "or" if number else link, today)
    elif token.is_a("PAIR"):
        _add_value(wishes, token, token.value[0], link, today)
        _add_value(wishes, token, token.value[1], "plain", today)
    else:
        _add_value(wishes, token, token.value, link, today)


def _add_value(wishes: list[Wish], token: Token, value, link: str, today: date) -> None:
    wish = wishes[-1] if wishes else None
    if wish is not None and link == "or":
        value = _same_week(value, wish.day)
    if wish is None or link == "or" or not _join(wish, value, link, today):
        wish = Wish(link=link)
        wishes.append(wish)
        _join(wish, value, link, today, token)
        return
    wish.cover(token)


def _same_week(value, beside: Day | None):
    """Lets "quinta ou sexta" keep the week that was named for one of them."""
    if (
        isinstance(value, Weekday)
        and isinstance(beside, Weekday)
        and value.mode == "bare"
        and value.week is None
    ):
        return replace(value, week=beside.week)
    return value


def _join(wish: Wish, value, link: str, today: date, token: Token | None = None) -> bool:
    """Adds a value to a wish when the two belong together."""
    if token is not None:
        wish.cover(token)
    if isinstance(value, Offset | UnitsAhead):
        if not wish.empty:
            return False
        wish.offset = value
        return True
    if wish.offset is not None:
        return False
    if isinstance(value, Day):
        merged = value if wish.day is None else _same_day(wish.day, value, today)
        if merged is None:
            return False
        wish.day = merged
        return True
    merged = value if wish.time is None else _same_time(wish.time, value)
    if merged is None:
        return False
    wish.time = merged
    return True


def _same_day(one: Day, other: Day, today: date) -> Day | None:
    """One value for two that name the same day ("amanhã, dia 28"), or a day within a period."""
    within = narrowed(one, other) or narrowed(other, one)
    if isinstance(one, Year) and isinstance(other, Month | Date) and other.month and other.year is None:
        within = replace(other, year=one.year or today.year + one.shift)  # "ano que vem, em fevereiro"
    if within is not None:
        return within
    if isinstance(one, Weekday) and isinstance(other, Date) and other.weekday is None and not other.year:
        other = Date(other.day, other.month, None, one.index, other.month_shift)
    elif isinstance(one, Date) and isinstance(other, Weekday) and one.weekday is None and other.mode == "bare":
        other = replace(one, weekday=other.index)  # "dia 5, sábado"
    try:
        first, second = one.resolve(today, True), other.resolve(today, True)
    except (ValueError, OverflowError):
        return None
    if first.single and second.single and first.first == second.first:
        return one if isinstance(one, Relative) else other
    return None


def _same_time(one: Time, other: Time) -> Time | None:
    """One value for a clock time and the part of the day it lies in, or for the two ends of a range."""
    merged = None
    if isinstance(one, ClockRange) and one.part:
        merged = other.within(one.part) if isinstance(other, Clock) or not other.part else other
    elif isinstance(other, ClockRange) and other.part:
        merged = one.within(other.part)
    elif isinstance(one, ClockRange) and isinstance(other, ClockRange):
        if one.end is None and other.start is None:
            merged = ClockRange(one.start, other.end)
        elif one.start is None and other.end is None:
            merged = ClockRange(other.start, one.end)
    return merged if isinstance(merged, Clock) or (merged is not None and merged.runs_forward) else None


def _share(wishes: list[Wish]) -> None:
    """Lets "terça ou quarta às 15h" and "amanhã às 10 ou 11" share their time and their day."""
    for wish, later in zip(reversed(wishes[:-1]), reversed(wishes[1:]), strict=False):
        linked = later.link in ("or", "and")
        if later.link == "or":
            wish.day = _same_week(wish.day, later.day)
        if linked and wish.day is not None and wish.time is None and later.day is not None:
            wish.time = later.time
    for earlier, wish in itertools.pairwise(wishes):
        if wish.day is None and wish.offset is None and earlier.day is not None:
            wish.day = earlier.day
    for wish, later in zip(reversed(wishes[:-1]), reversed(wishes[1:]), strict=False):
        if wish.day is None and wish.offset is None and later.day is not None and later.link in ("or", "and"):
            wish.day = later.day
