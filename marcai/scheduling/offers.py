"""Which of the openings to show: a few, well chosen, and the nearest ones when a start was just taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from marcai.scheduling.visit import Opening


def rank_for_offer(
    openings: Sequence[Opening],
    wanted_from: datetime | None = None,
    wanted_to: datetime | None = None,
    limit: int = 9,
) -> list[Opening]:
    """At most `limit` openings to show, in order of time.

    Those within the time asked for come first; when they are too many they are spread evenly over it, the earliest
    always among them, and of neighbours the one that leaves the least useless time in the diary. When they are too
    few, the nearest others fill up.

    Args:
        openings: in order of time.
        wanted_from: start of the time asked for, None for no beginning.
        wanted_to: its end, exclusive; the same as `wanted_from` for a single instant; None for no end.
        limit: how many fit on the screen.
    """
    if limit <= 0 or not openings:
        return []

    def distance(opening: Opening) -> timedelta:
        if wanted_from is not None and opening.start < wanted_from:
            return wanted_from - opening.start
        if wanted_to is not None and opening.start >= wanted_to and opening.start != wanted_from:
            return opening.start - wanted_to + timedelta(minutes=1)
        return timedelta()

    wanted = [opening for opening in openings if not distance(opening)]
    if len(wanted) >= limit:
        return _spread(wanted, limit)
    others = sorted((opening for opening in openings if distance(opening)), key=lambda o: (distance(o), o.start))
    chosen = wanted + others[: limit - len(wanted)]
    return sorted(chosen, key=lambda opening: opening.start)


def nearest(openings: Sequence[Opening], at: datetime, within_minutes: int) -> list[Opening]:
    """The openings at most `within_minutes` before or after an instant, nearest first, tidier first of two as near."""
    reach = timedelta(minutes=within_minutes)
    close = [opening for opening in openings if abs(opening.start - at) <= reach]
    return sorted(close, key=lambda o: (abs(o.start - at), *_untidiness(o), o.start))


def _spread(openings: Sequence[Opening], limit: int) -> list[Opening]:
    """`limit` openings evenly from the first to the last: the first, and near each even place the tidiest."""
    chosen = [openings[0]]
    for number in range(1, limit):
        place = round(number * (len(openings) - 1) / (limit - 1))
        reach = ((len(openings) - 1) // (limit - 1) - 1) // 2  # so that no two places have an opening in common
        near = range(max(place - reach, 1), min(place + reach + 1, len(openings)))
        best = min(near, key=lambda index, place=place: (*_untidiness(openings[index]), abs(index - place)))
        chosen.append(openings[best])
    return chosen


def _untidiness(opening: Opening) -> tuple[int, int]:
    visit = opening.visits[0]
    return len(visit.staff_ids), visit.useless_minutes
