"""Which units of rooms and equipment a visit takes: the best at first, an equal one when somebody was faster."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.resources import calendar
from marcai.scheduling import bits
from marcai.scheduling.visit import Visit

_FREE = text(f"""
{calendar.EQUAL}
   AND NOT EXISTS (SELECT FROM allocations a
                    WHERE a.resource_id = equal.id AND a.during && tstzrange(wanted.starts, wanted.until)
                      AND a.state IN ('hold', 'booked') AND (a.state = 'booked' OR a.expires_at > :now))
 ORDER BY wanted.place, equal.number
""")


def tidiest(free: Sequence[bits.Spans], start: int, until: int, kept: Collection[int]) -> int:
    """The unit to take for [start, until): one that the visit has already, or the one with the shortest fitting gap.

    Args:
        free: when each unit is free; at least one is for all of the time.
        start: minute of the window.
        until: minute of the window.
        kept: the units that the visit has already, as positions.

    Returns:
        Its position.
    """
    able = []
    for number, spans in enumerate(free):
        place = bisect_right(spans, (start, 1 << 40)) - 1
        if place >= 0 and until <= spans[place][1]:
            able.append((number not in kept, spans[place][1] - spans[place][0], number))
    return min(able)[-1]


def with_equal_units(session: Session, visit: Visit) -> Visit | None:
    """The visit with equal units in place of those that somebody has by now, or None when there are none."""
    wanted = [(unit_id, part.start, part.blocked_until) for part in visit.segments for unit_id in part.unit_ids]
    ids, starts, until = zip(*wanted, strict=True)
    rows = session.execute(
        _FREE, {"ids": list(ids), "starts": list(starts), "until": list(until), "now": clock.now()}
    ).all()
    free = {place: [row.unit_id for row in rows if row.place == place] for place in range(1, len(wanted) + 1)}
    chosen = []
    for place, unit_id in enumerate(ids, 1):
        if not free[place]:
            return None
        chosen.append(next((one for one in (unit_id, *chosen) if one in free[place]), free[place][0]))
    units = iter(chosen)
    segments = tuple(
        replace(part, unit_ids=tuple(next(units) for _ in part.unit_ids)) for part in visit.segments
    )
    return replace(visit, segments=segments)
