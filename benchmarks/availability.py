"""Prints how long the availability engine takes, without any database, for the shapes of other schedulers' benchmarks.

30-minute service, starts every 15 minutes, Monday to Saturday 9–12 and 13–18, eight bookings a day for each
professional; then visits of several services in a salon where everybody is able to do most things, first without
rooms, then with every service in one of three rooms that are in use half of the time. Times are the least of many runs,
in milliseconds: `sweep` from spans of minutes to starts, `whole` from weekly shifts to starts.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from uuid import UUID

from marcai.scheduling import bits, walltime
from marcai.scheduling.diary import Diary, Professional, expand
from marcai.scheduling.plan import Search, Task
from marcai.scheduling.ways import Ways

ZONE = "America/Sao_Paulo"
TENANT = SimpleNamespace(timezone=ZONE, holidays=None)
FIRST = date(2027, 3, 1)  # a Monday
HALVES = [*range(540, 720, 30), *range(780, 1080, 30)]
WEEKLY = [(day, start, end) for day in range(6) for start, end in ((540, 720), (780, 1080))]


def diary_of(days: int, staff: int) -> Diary:
    """A made-up diary with eight half-hour bookings a day, the same on every run."""
    chance = random.Random(1)
    base = walltime.minute_of(ZONE, FIRST)
    people = []
    for number in range(staff):
        busy = [
            (day * 1440 + start, day * 1440 + start + 30)
            for day in range(days) if day % 7 != 6
            for start in chance.sample(HALVES, 8)
        ]
        people.append(Professional(UUID(int=number), frozenset(), 30, number, list(WEEKLY), busy=bits.merged(busy)))
    diary = Diary(base, days * 1440, people, [])
    expand(diary, TENANT)
    return diary


def rooms_of(diary: Diary, count: int) -> list[list[bits.Spans]]:
    """When each of some interchangeable rooms is free in a made-up diary: a resource for `Search`."""
    chance = random.Random(2)
    days = range(diary.size // 1440)
    halves = [[(day * 1440 + start, day * 1440 + start + 30) for day in days for start in chance.sample(HALVES, 8)]
              for _ in range(count)]
    return [[bits.without([(0, diary.size)], bits.merged(busy)) for busy in halves]]


def starts_of(diary: Diary, tasks: list[Task], units: Sequence[Sequence[bits.Spans]] = ()) -> list[int]:
    """The starts, from spans."""
    free = [person.free() for person in diary.staff]
    grid = bits.grid(ZONE, diary.base, diary.size, 15)
    return bits.members(Search(tasks, free, grid, diary.size, units).starts())


def best_of(work, seconds: float = 0.5) -> float:
    """The least time of `work` in milliseconds."""
    least, until = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < until:
        begin = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - begin)
    return least * 1000


def visits_of(diary: Diary, tasks: list[Task], units: Sequence[Sequence[bits.Spans]] = ()) -> int:
    """How many starts a window has, every way at each of them worked out."""
    free = [person.free() for person in diary.staff]
    search = Search(tasks, free, bits.grid(ZONE, diary.base, diary.size, 15), diary.size, units)
    ways = Ways(search, free, [30] * len(free))
    return len([ways.at(start) for start in bits.members(search.starts())])


def main() -> None:
    """Prints the tables."""
    print(f"{'window x staff':16} {'starts':>6} {'sweep ms':>9} {'whole ms':>9}")
    for days, staff in ((1, 1), (7, 1), (7, 10), (30, 1), (30, 10)):
        diary = diary_of(days, staff)
        tasks = [Task(30, 0, tuple(range(staff)))]

        def whole(diary: Diary = diary, tasks: list[Task] = tasks) -> None:
            expand(diary, TENANT)
            starts_of(diary, tasks)

        sweep = best_of(lambda diary=diary, tasks=tasks: starts_of(diary, tasks))
        print(f"{days:3} d x {staff:2}       {len(starts_of(diary, tasks)):6} {sweep:9.3f} {best_of(whole):9.3f}")
    print(f"\n{'services x staff':16} {'window':>6} {'rooms':>5} {'starts':>6} {'starts ms':>9} {'visits ms':>9}")
    for services, staff, days in ((1, 10, 30), (2, 4, 1), (3, 4, 1), (5, 4, 1), (5, 4, 30), (5, 10, 1)):
        diary = diary_of(days, staff)
        by = [tuple(person for person in range(staff) if (person + number) % 3) for number in range(services)]
        for units, needs in (([], ()), (rooms_of(diary, 3), (0,))):
            made = (diary, [Task(30, 10 * (number % 2), by[number], needs) for number in range(services)], units)
            count = best_of(lambda made=made: starts_of(*made))
            worked_out = best_of(lambda made=made: visits_of(*made)) if days == 1 else float("nan")
            found, rooms = len(starts_of(*made)), 3 if needs else 0
            print(f"{services} x {staff:2}            {days:4} d {rooms:5} {found:6} {count:9.3f} {worked_out:9.3f}")


if __name__ == "__main__":
    main()
