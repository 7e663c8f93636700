"""Figures that are worked out from the rows of a statement: the funnel, and how the levels of not understanding end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from marcai.analytics.steps import FLOW_OF, FUNNEL, ORDER


@dataclass(frozen=True)
class Totals:
    """Sessions altogether; `booking` are those that came to any step of a booking."""

    sessions: int
    booking: int
    booked: int
    abandoned: int
    turns: int
    missed: int


@dataclass(frozen=True)
class Level:
    """The sessions whose worst moment was this many messages in a row that were not understood (3 and more are 3)."""

    level: int
    sessions: int
    booked: int
    abandoned: int
    handed_off: int


def totals(rows: Iterable[Any]) -> Totals:
    """Sums up the rows of `queries.SESSIONS`."""
    rows = list(rows)
    return Totals(
        sessions=sum(row.sessions for row in rows), booking=sum(row.sessions for row in rows if row.depth > 0),
        booked=sum(row.sessions for row in rows if row.booked),
        abandoned=sum(row.sessions for row in rows if row.reason is not None),
        turns=sum(int(row.turns) for row in rows), missed=sum(int(row.missed) for row in rows))


def funnel(rows: Iterable[Any]) -> list[tuple[str, int, int]]:
    """For each flow of a booking, and `booked`: sessions that came at least as far, and that were given up in it.

    Whoever says everything at once has come past the flows that she was not asked about.
    """
    rows = list(rows)
    found = []
    for depth, flow in enumerate((*FUNNEL, "booked"), 1):
        reached = sum(row.sessions for row in rows if row.depth >= depth)
        found.append((flow, reached, sum(row.sessions for row in rows if row.flow == flow)))
    return found


def levels(rows: Iterable[Any]) -> list[Level]:
    """How sessions ended, by the level of not understanding that they reached."""
    rows = list(rows)
    found = []
    for level in (1, 2, 3):
        those = [row for row in rows if min(row.worst, 3) == level]
        found.append(Level(
            level, sum(row.sessions for row in those), sum(row.sessions for row in those if row.booked),
            sum(row.sessions for row in those if row.reason is not None),
            sum(row.sessions for row in those if row.reason == "handoff")))
    return found


def in_order(rows: Iterable[Any]) -> list[tuple[str, str, int, int]]:
    """The rows of `queries.STEPS` in the order of a booking, each with its flow."""
    known = [row for row in rows if row.step in FLOW_OF]
    return [(FLOW_OF[row.step], row.step, row.reached, row.abandoned)
            for row in sorted(known, key=lambda row: ORDER[row.step])]
