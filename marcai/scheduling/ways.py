"""The ways to do a visit at a start, best first: fewest professionals, shortest, least useless time left, stable."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from marcai.scheduling import bits
from marcai.scheduling.plan import Search, State

MOST_COMPARED = 2000  # ways of one team in the same time that are compared for the tidiest
MOST_TEAMS = 6


class Step(NamedTuple):
    """One service within a visit: which task, by whom, and how many minutes after the start."""

    task: int
    staff: int
    offset: int


class Way(NamedTuple):
    """One way to do a visit: the steps in order, the customer's minutes, and the minutes it makes useless."""

    steps: tuple[Step, ...]
    minutes: int
    useless: int

    @property
    def team(self) -> frozenset[int]:
        """The professionals."""
        return frozenset(step.staff for step in self.steps)


class _Shape(NamedTuple):
    """When a professional is taken within a visit, in minutes after its start."""

    staff: int
    taken: tuple[tuple[int, int], ...]


class _Plan(NamedTuple):
    """Steps that hold for a set of starts."""

    starts: int
    steps: tuple[Step, ...]
    shapes: tuple[_Shape, ...]


@dataclass
class _Level:
    """The visits by teams of one size, for the starts that no smaller team can serve."""

    found: int
    alive: dict[State, int]
    came: dict[State, list[tuple[State | None, int]]]
    complete: list[State]


class Ways:
    """Finds the ways at single starts of a search; what is found for one start serves the next.

    Args:
        search: the search over the window.
        free: each professional's free time, as given to the search.
        shortest: minutes of each professional's shortest service; smaller pieces of her time are useless.
    """

    def __init__(self, search: Search, free: Sequence[bits.Spans], shortest: Sequence[int]) -> None:
        self._search = search
        self._tasks = search.tasks
        self._length = sum(task.duration + task.cleanup for task in self._tasks)
        self._lasts = sorted(range(len(self._tasks)), key=lambda number: (-self._tasks[number].cleanup, -number))
        self._usual = self._with_last(self._lasts[0])
        self._free = free
        self._shortest = shortest
        self._levels: list[_Level] = []
        self._uncovered: int | None = None
        self._plans: dict[State, list[_Plan]] = {}
        self._useless_of: dict[tuple[_Shape, int], int] = {}
        self._by_one: dict[int, list[tuple[int, int]]] | None = None
        self._steps: dict[tuple[int, tuple[int, ...]], tuple[Step, ...]] = {}

    def at(self, start: int) -> list[Way]:
        """The ways at a start, one for each team of the smallest size that can do it, at most `MOST_TEAMS`."""
        if self._by_one is None:
            self._by_one = self._alone()
        if start in self._by_one:
            order = self._order(start) if self._search.needy else self._usual
            minutes = self._length - self._tasks[order[-1]].cleanup
            alone = sorted(self._by_one[start])[:MOST_TEAMS]
            return [Way(self._steps_of(staff, order), minutes, useless) for useless, staff in alone]
        if len(self._tasks) == 1 or not self._search.starts() >> start & 1:
            return []
        ways = self._by_team(start)
        ways.sort(key=lambda way: (way.minutes, way.useless, sorted(way.team)))
        return ways[:MOST_TEAMS]

    def _alone(self) -> dict[int, list[tuple[int, int]]]:
        """For each start the professionals who can do everything, each after the minutes that it makes useless.

        The whole visit lies in one span of her free time, so that its pieces before and after are all that is left.
        """
        found: dict[int, list[tuple[int, int]]] = {}
        for staff, starts in self._search.alone().items():
            spans, shortest = iter(self._free[staff]), self._shortest[staff]
            until = 0
            for start in bits.members(starts):
                while until <= start:
                    since, until = next(spans)
                before, after = start - since, until - start - self._length
                useless = (before if before < shortest else 0) + (after if after < shortest else 0)
                found.setdefault(start, []).append((useless, staff))
        return found

    def _steps_of(self, staff: int, order: tuple[int, ...]) -> tuple[Step, ...]:
        """What a professional does who does everything."""
        key = (staff, order)
        if key not in self._steps:
            steps, at = [], 0
            for number in order:
                steps.append(Step(number, staff, at))
                at += self._tasks[number].duration + self._tasks[number].cleanup
            self._steps[key] = tuple(steps)
        return self._steps[key]

    def _with_last(self, last: int) -> tuple[int, ...]:
        """The customer's order but for the service that comes last."""
        return (*(number for number in range(len(self._tasks)) if number != last), last)

    def _order(self, start: int) -> tuple[int, ...]:
        """The order for one professional: the longest cleanup last, when the customer has left, otherwise her own.

        Both only as far as what the services need is free for them.
        """
        return next(filter(None, (self._equipped_order(start, last) for last in self._lasts)))

    def _equipped_order(self, start: int, last: int) -> tuple[int, ...] | None:
        """The first of the orders with a service last, or None when what they need leaves none."""
        hopeless: set[int] = set()

        def rest(done: int) -> tuple[int, ...] | None:
            open_ = [number for number in self._with_last(last)[:-1] if not done >> number & 1] or [last]
            offset = self._search.minutes_of(done)
            for number in open_:
                after = done | 1 << number
                if after not in hopeless and self._search.equipped(number, offset) >> start & 1:
                    following = () if number == last else rest(after)
                    if following is not None:
                        return (number, *following)
                    hopeless.add(after)
            return None

        return rest(0)

    def _by_team(self, start: int) -> list[Way]:
        level = next((level for level in self._levels if level.found >> start & 1), None)
        while level is None:
            deeper = self._deepen(len(self._levels) + 2)
            self._levels.append(deeper)
            if deeper.found >> start & 1:
                level = deeper
        teams: dict[int, list[State]] = {}
        for state in level.complete:
            if level.alive[state] >> start & 1:
                best = teams.setdefault(state.team, [state])
                if state.gone < best[0].gone:
                    teams[state.team] = [state]
                elif state.gone == best[0].gone and state is not best[0]:
                    best.append(state)
        ways = []
        for states in teams.values():
            best: tuple[int, tuple[Step, ...]] | None = None
            for state in states:
                for plan in self._plans_of(level, state):
                    if plan.starts >> start & 1:
                        useless = sum(self._useless(shape, start) for shape in plan.shapes)
                        if best is None or (useless, plan.steps) < best:
                            best = (useless, plan.steps)
            if best is None:  # more ways than are compared, and none of those was for this start
                plan = next(self._histories(level, states[0], 1 << start, ()))
                best = (sum(self._useless(shape, start) for shape in plan.shapes), plan.steps)
            ways.append(Way(best[1], states[0].gone, best[0]))
        return ways

    def _deepen(self, count: int) -> _Level:
        search = self._search
        if self._uncovered is None:
            self._uncovered = search.starts()
            for starts in search.alone().values():
                self._uncovered &= ~starts
        layer = search.first(self._uncovered, count)
        level = _Level(0, dict(layer), {state: [(None, state.done.bit_length() - 1)] for state in layer}, [])
        for _ in range(len(self._tasks) - 1):
            further: dict[State, int] = {}
            for state, alive in layer.items():
                for after, still, number in search.following(state, alive, count):
                    further[after] = further.get(after, 0) | still
                    level.came.setdefault(after, []).append((state, number))
            level.alive.update(further)
            layer = further
        level.complete = list(layer)
        for alive in layer.values():
            level.found |= alive
        self._uncovered &= ~level.found
        return level

    def _plans_of(self, level: _Level, state: State) -> list[_Plan]:
        if state not in self._plans:
            histories = self._histories(level, state, level.alive[state], ())
            self._plans[state] = list(islice(histories, MOST_COMPARED))
        return self._plans[state]

    def _histories(self, level: _Level, state: State, starts: int, tail: tuple[Step, ...]) -> Iterator[_Plan]:
        """The steps that lead to a state and go on with `tail`, without orders that occupy everybody just the same."""
        for before, number in level.came[state]:
            task = self._tasks[number]
            step = Step(number, state.last, state.gone - task.duration)
            if self._is_twin(step, tail):
                continue
            still = starts & self._search.fit_after(step.staff, task.duration + task.cleanup, step.offset)
            if task.needs:
                still &= self._search.equipped(number, step.offset)
            steps = (step, *tail)
            if before is None:
                if still:
                    yield _Plan(still, steps, self._shapes(steps))
            else:
                still &= level.alive[before]
                if still:
                    yield from self._histories(level, before, still, steps)

    def _shapes(self, steps: Sequence[Step]) -> tuple[_Shape, ...]:
        taken: dict[int, list[tuple[int, int]]] = {}
        for step in steps:
            task = self._tasks[step.task]
            span = (step.offset, step.offset + task.duration + task.cleanup)
            spans = taken.setdefault(step.staff, [])
            if spans and spans[-1][1] == span[0]:
                spans[-1] = (spans[-1][0], span[1])
            else:
                spans.append(span)
        return tuple(_Shape(staff, tuple(spans)) for staff, spans in taken.items())

    def _is_twin(self, step: Step, tail: tuple[Step, ...]) -> bool:
        """Whether the step before `tail` is an order of one professional's services of which another is kept.

        What one professional does without a break occupies her alike in every order, but for the cleanup at its end:
        kept is the customer's order, and last any service whose cleanup none after it in her order has too. Orders are
        not alike when services need rooms or equipment, which may be free for one and not for another.
        """
        if self._search.needy:
            return False
        stretch = []
        for later in tail:
            if later.staff != step.staff:
                break
            stretch.append(later)
        if not stretch:
            return False
        if len(stretch) > 1 and step.task > stretch[0].task:
            return True
        last = stretch[-1].task
        return step.task > last and self._tasks[step.task].cleanup == self._tasks[last].cleanup

    def _useless(self, shape: _Shape, start: int) -> int:
        """The minutes that a visit at a start leaves in pieces too short for any service of their professional."""
        key = (shape, start)
        if key not in self._useless_of:
            free = self._free[shape.staff]
            taken = [(start + since, start + until) for since, until in shape.taken]
            touched = sorted({bisect_right(free, (since, 1 << 40)) - 1 for since, _ in taken})
            left = bits.without([free[index] for index in touched], taken)
            self._useless_of[key] = sum(b - a for a, b in left if b - a < self._shortest[shape.staff])
        return self._useless_of[key]
