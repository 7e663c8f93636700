"""What the parser answers with: moments, and everything else a message says about when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

#: The end of a bare clock range that lasts until midnight ("à noite"); written `24:00:00` in JSON.
END_OF_DAY = time.max

Edge = date | datetime | time | None


@dataclass(frozen=True)
class Moment:
    """One point or stretch of time that a customer named.

    Attributes:
        kind: `date` (a day), `time` (a clock time without a day), `instant` (a day with a clock time) or
            `interval` (half-open; either end may be open).
        grain: the finest unit that was said: second, minute, hour, day, week, month or year.
        start: a `date` for kind date, a naive local `datetime` for instants and dated intervals, a `time` for
            times and bare clock ranges; None for an interval that is open at the start.
        end: the exclusive end of an interval, of the same type as `start`; None otherwise or when open.
            A bare clock range until midnight ends at `END_OF_DAY`.
        span: character offsets (start, end) in the original text.
        preference: `first`, `last`, `any` or `soonest` when the customer said so of this stretch.
        part_of_day: the part of the day that was named: madrugada, manhã, tarde, noite, almoço …
        approximate: said with "lá pelas", "umas", "por volta de" …
        ambiguous: a second reading is common; `alternative` holds it.
        alternative: the start of that second reading.
        period: (first day, day after the last) of a longer stretch whose first day carries a clock time or
            a part of the day: "semana que vem de manhã" is next Monday morning, in the period of that week.
        impossible: words next to this moment that name no real date or time ("31/02 às 10h").
    """

    kind: str
    grain: str
    start: Edge
    end: Edge
    span: tuple[int, int]
    preference: str | None = None
    part_of_day: str | None = None
    approximate: bool = False
    ambiguous: bool = False
    alternative: Edge = None
    period: tuple[date, date] | None = None
    impossible: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The dictionary of the `marcai datetime` contract: kind, grain, from, to and span."""
        until = "24:00:00" if self.end == END_OF_DAY else _iso(self.end)
        return {
            "kind": self.kind,
            "grain": self.grain,
            "from": _iso(self.start),
            "to": until,
            "span": list(self.span),
        }


@dataclass(frozen=True)
class Reading:
    """Everything that one message says about when.

    Attributes:
        moments: the wishes in the order of the text; corrected and excluded ones are left out.
        preference: `soonest`, `first`, `last` or `any`, when the message asks for it.
        impossible: spans of dates and times that do not exist, such as "31/02" or "25h".
        alternatives: the moments are a choice ("terça ou quarta").
        direction: a wish without a date: `later`, `earlier`, `other_day` or `other_time`.
        excluded: what the customer ruled out ("sem ser segunda").
        moved_from: where a visit should be moved from ("de terça para quinta").
    """

    moments: list[Moment] = field(default_factory=list)
    preference: str | None = None
    impossible: list[tuple[int, int]] = field(default_factory=list)
    alternatives: bool = False
    direction: str | None = None
    excluded: list[Moment] = field(default_factory=list)
    moved_from: list[Moment] = field(default_factory=list)


def _iso(edge: Edge) -> str | None:
    return None if edge is None else edge.isoformat()
