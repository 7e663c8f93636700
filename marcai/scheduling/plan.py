"""The search: at which minutes can these services be one visit, by whom, and in which order.

Everything is whole minutes within a window. A professional's next service starts when her cleanup after the one before
is done; a change of professional happens at once. The customer never waits otherwise. A stretch [start, end + cleanup)
lies wholly within the professional's free time, and within that of one unit of every resource that the service needs.
A visit's own services never stand in each other's way for a unit, since no two of them happen at once.

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
    """One service to be done: minutes, cleanup after it, who may do it and which resources it needs, as positions."""

    duration: int
    cleanup: int
    by: tuple[int, ...]
    needs: tuple[int, ...] = ()


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
        units: for each resource, the free time of each of its units, like that of the professionals.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        free: Sequence[bits.Spans],
        starts: int,
        size: int,
        units: Sequence[Sequence[bits.Spans]] = (),
    ) -> None:
        self.tasks = tuple(tasks)
        self.needy = any(task.needs for task in self.tasks)
        self._free = [bits.of_spans(spans, size) for spans in free]
        self._units = [[bits.of_spans(spans, size) for spans in equal] for equal in units]
        self._equipped: dict[tuple[int, int], int] = {}
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

    def equipped(self, number: int, offset: int) -> int:
        """The starts of visits at which a unit of all that a service needs is free for it from `offset` on."""
        key = (number, offset)
        if key not in self._equipped:
            task = self.tasks[number]
            length = task.duration + task.cleanup
            both = -1
            for resource in task.needs:
                any_unit = 0
                for free in self._units[resource]:
                    any_unit |= bits.fitting(free, length)
                both &= any_unit
            self._equipped[key] = both >> offset
        return self._equipped[key]

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
            allowed = self._in_some_order() if self.needy else self.allowed
            self._alone = {staff: allowed & self._fit(staff, length) for staff in self.tasks[0].by if staff in able}
        return self._alone

    def _in_some_order(self) -> int:
        """The starts at which what the services need is free for them in some order, were they done by one person."""
        alive = {0: self.allowed}
        for done in range((1 << len(self.tasks)) - 1):  # a set of tasks comes after all of its subsets
            starts = alive.pop(done, 0)
            if not starts:
                continue
            offset = self.minutes_of(done)
            for number in range(len(self.tasks)):
                if not done >> number & 1:
                    still = starts & self.equipped(number, offset)
                    if still:
                        after = done | 1 << number
                        alive[after] = alive.get(after, 0) | still
        return alive.get((1 << len(self.tasks)) - 1, 0)

    def minutes_of(self, done: int) -> int:
        """What the tasks of a mask take of one person, cleanups included."""
        return sum(task.duration + task.cleanup for number, task in enumerate(self.tasks) if done >> number & 1)

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
                if task.needs:
                    alive &= self.equipped(number, 0)
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
                if task.needs:
                    still &= self.equipped(number, offset)
                if still:
                    gone = offset + task.duration
                    if cleaning:
                        cleaning = tuple(sorted(pair for pair in cleaning if pair[1] > gone and pair[0] != staff))
                    done = state.done | 1 << number
                    yield State(done, staff, gone, gone + task.cleanup, team, cleaning), still, number
