"""The search: at which minutes can these services be one visit, by whom, and in which order.

Everything is whole minutes within a window. A professional's next service starts when her cleanup after the one before
is done; a change of professional happens at once. The customer never waits otherwise. A stretch [start, end + cleanup)
lies wholly within the professional's free time.

A partial visit is a state (services done, last professional, minutes gone, …) with the set of starts for which it fits,
an integer of one bit per minute (`bits`). States that differ only in how they came about are one state, so that orders
and professionals are tried together for every start of the window at once, and the result is the one of trying all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from marcai.scheduling import bits


@dataclass(frozen=True)
class Task:
    """One service to be done: minutes, cleanup after it, and the positions of the professionals who may do it."""

    duration: int
    cleanup: int
    by: tuple[int, ...]


class State(NamedTuple):
    """A visit as far as it is planned."""

    done: int  # mask of tasks
    last: int  # the professional of the last task
    gone: int  # minutes from the start to the end of the last task
    ready: int  # minutes from the start until the last professional has cleaned up
    team: int  # mask of professionals, or 0 when nobody counts them
    cleaning: tuple[tuple[int, int], ...]  # other professionals still cleaning up after `gone`, and until when


class Search:
    """The search over one window.

    Args:
        tasks: the services, in the customer's order.
        free: each professional's free time as merged spans of minutes within [0, size).
        starts: the minutes at which a visit may start, as a set.
        size: the length of the window.
    """

    def __init__(self, tasks: Sequence[Task], free: Sequence[bits.Spans], starts: int, size: int) -> None:
        self.tasks = tuple(tasks)
        self._free = [bits.of_spans(spans, size) for spans in free]
        self._fits: dict[tuple[int, int], int] = {}
        self._shifted: dict[tuple[int, int, int], int] = {}
        self._teams = sorted({by for task in self.tasks for by in task.by})
        self._alone: dict[int, int] | None = None
        self._known: int | None = None
        self.allowed = self._attended(starts)

    def _fit(self, staff: int, length: int) -> int:
        key = (staff, length)
        if key not in self._fits:
            self._fits[key] = bits.fitting(self._free[staff], length)
        return self._fits[key]

    def fit_after(self, staff: int, length: int, offset: int) -> int:
        """The starts of visits at which a professional is free for `length` minutes from `offset` on."""
        key = (staff, length, offset)
        if key not in self._shifted:
            self._shifted[key] = self._fit(staff, length) >> offset
        return self._shifted[key]

    def _attended(self, starts: int) -> int:
        """The starts from which at every minute of the visit at least one professional is free: the others fail."""
        if len(self.tasks) == 1:
            return starts
        anybody = 0
        for staff in self._teams:
            anybody |= self._free[staff]
        length = sum(task.duration for task in self.tasks) + min(task.cleanup for task in self.tasks)
        return starts & bits.fitting(anybody, length)

    def alone(self) -> dict[int, int]:
        """For each professional able to do everything, the starts at which she can, as a set."""
        if self._alone is None:
            able = set.intersection(*(set(task.by) for task in self.tasks))
            length = sum(task.duration + task.cleanup for task in self.tasks)
            self._alone = {
                staff: self.allowed & self._fit(staff, length) for staff in self.tasks[0].by if staff in able
            }
        return self._alone

    def starts(self) -> int:
        """Every start at which the visit can be done in some way, as a set."""
        if self._known is None:
            found = 0
            for minutes in self.alone().values():
                found |= minutes
            rest = self.allowed & ~found
            if rest and len(self.tasks) > 1 and len(self._teams) > 1:
                found |= self._any_team(rest)
            self._known = found
        return self._known

    def _any_team(self, allowed: int) -> int:
        layer = self.first(allowed, 0)
        for _ in range(len(self.tasks) - 1):
            further: dict[State, int] = {}
            for state, alive in layer.items():
                for after, still, _ in self.following(state, alive, 0):
                    further[after] = further.get(after, 0) | still
            layer = further
        found = 0
        for alive in layer.values():
            found |= alive
        return found

    def first(self, allowed: int, count: int) -> dict[State, int]:
        """The states after one service, each with its starts among those allowed; `count` as in `following`."""
        out = {}
        for number, task in enumerate(self.tasks):
            for staff in task.by:
                alive = allowed & self._fit(staff, task.duration + task.cleanup)
                if alive:
                    team = 1 << staff if count else 0
                    out[State(1 << number, staff, task.duration, task.duration + task.cleanup, team, ())] = alive
        return out

    def following(self, state: State, alive: int, count: int) -> Iterator[tuple[State, int, int]]:
        """The states one service further, for teams of at most `count` (0: of any size, and not told apart)."""
        for number, task in enumerate(self.tasks):
            if state.done >> number & 1:
                continue
            length = task.duration + task.cleanup
            for staff in task.by:
                cleaning = state.cleaning
                if staff == state.last:
                    offset = state.ready
                else:
                    offset = state.gone
                    if any(who == staff and until > offset for who, until in cleaning):
                        continue
                    if state.ready > state.gone:
                        cleaning = (*cleaning, (state.last, state.ready))
                team = state.team | 1 << staff if count else 0
                if team.bit_count() > count:
                    continue
                still = alive & self.fit_after(staff, length, offset)
                if still:
                    gone = offset + task.duration
                    if cleaning:
                        cleaning = tuple(sorted(pair for pair in cleaning if pair[1] > gone and pair[0] != staff))
                    done = state.done | 1 << number
                    yield State(done, staff, gone, gone + task.cleanup, team, cleaning), still, number
