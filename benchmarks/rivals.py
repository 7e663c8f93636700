"""Bookings per second, and the rush for one professional's time, against the bare constrained insert."""

from __future__ import annotations

import gc
import itertools
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import create_engine

from benchmarks import seeding
from benchmarks.figures import Figure, at_least, at_most, counted, median, percentile
from marcai.bookings import service as bookings
from marcai.platform import database
from marcai.platform.settings import settings
from marcai.scheduling import allocations, holds

THREADS = 8
RIVALS, ROUNDS = 50, 30
STARTS = 12  # of the rivals: five minutes apart, an hour long, so that all of them overlap
MINUTES = 30
TABLE = """
CREATE TABLE IF NOT EXISTS bare (
    id uuid NOT NULL, resource_id uuid NOT NULL, during tstzrange NOT NULL, state text NOT NULL,
    EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (state IN ('hold', 'booked')))
"""
INSERT = """INSERT INTO bare (id, resource_id, during, state)
            VALUES (gen_random_uuid(), %s, tstzrange(%s, %s), 'booked') ON CONFLICT DO NOTHING RETURNING id"""
SCRIPT = r"""\set person random(1, 500)
\set slot random(0, 100000)
INSERT INTO bare (id, resource_id, during, state)
SELECT gen_random_uuid(), md5(:person::text)::uuid, tstzrange(at, at + interval '30 min'), 'booked'
  FROM (SELECT timestamptz '2031-01-01' + :slot * interval '30 min' AS at) AS wanted
ON CONFLICT DO NOTHING;
"""
FUTURE = datetime(2031, 3, 4, 12, tzinfo=timezone.utc)


@contextmanager
def pool(size: int) -> Iterator[None]:
    """The process with a connection for every thread, and none of its long-lived objects looked at by the collector.

    A full collection looks at all that the benchmarks' modules hold, Rasa's among them: 100 ms that are nobody's here.
    """
    ours = create_engine(settings().database_url, pool_size=size, max_overflow=0, pool_use_lifo=True, future=True)
    gc.collect()
    gc.freeze()
    before, database.engine = database.engine, lambda: ours
    try:
        yield
    finally:
        gc.unfreeze()
        database.engine = before
        ours.dispose()


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Runs work(0) … work(count - 1) in threads that start at the same moment."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


# -- bookings per second ------------------------------------------------------------------------------------------


def throughput(pgbench: Path, folder: Path, seconds: float, rounds: int) -> list[Figure]:
    """Hold and confirm through the verbs, in one process with eight threads.

    The table has bookings and statistics before: on an empty one PostgreSQL plans to read all of it, until it is
    analysed a minute later.
    """
    script = folder / "insert.sql"
    script.write_text(SCRIPT)
    place = seeding.establish(100)
    who = seeding.customers(place, THREADS)
    seeding.fill([place], FUTURE - timedelta(days=365), 30)
    numbers = itertools.count()
    confirmed: list[UUID] = []
    with pool(THREADS):
        with database.engine().begin() as connection:
            connection.exec_driver_sql(TABLE)
        ours, bench, loop = [], [], []
        for _ in range(rounds):
            bench.append(_pgbench(pgbench, script, seconds))
            loop.append(_bare_loop(place, numbers, seconds))
            ours.append(_book(place, who, numbers, seconds, confirmed))
        with database.engine().connect() as connection:
            kept = connection.exec_driver_sql(
                """SELECT count(*) FROM bookings b JOIN allocations a ON a.visit_id = b.id AND a.state = 'booked'
                    WHERE b.id = ANY(%(ids)s::uuid[])""", {"ids": confirmed}).scalar_one()
    what = f"bookings (hold + confirm), {THREADS} threads of one process"
    return [
        at_least(what, median(ours), "pgbench, bare constrained insert, 8 clients", median(bench), 0.3),
        at_least(what, median(ours), "the bare insert in 8 threads of one Python process", median(loop), 0.3),
        counted(f"of {len(confirmed):,} confirmed bookings, in the table", kept, len(confirmed)),
        counted("overlaps after it", seeding.overlaps(), 0),
    ]


def _pgbench(program: Path, script: Path, seconds: float) -> float:
    out = subprocess.run(
        [program, "-n", "-M", "prepared", "-c", str(THREADS), "-j", "2", "-T", str(max(1, round(seconds))),
         "-f", script, settings().database_url], capture_output=True, text=True, check=True,
        env={key: value for key, value in os.environ.items() if not key.startswith("PG")}).stdout
    return float(re.search(r"tps = ([\d.]+)", out)[1])


def _slot(number: int, people: int) -> tuple[int, datetime]:
    return number % people, FUTURE + timedelta(minutes=MINUTES * (number // people))


def _for_a_while(seconds: float, work: Callable[[int], bool]) -> float:
    """How often per second the work succeeded."""
    until = time.perf_counter() + seconds

    def run(thread: int) -> int:
        done = 0
        while time.perf_counter() < until:
            done += work(thread)
        return done

    return sum(at_once(THREADS, run)) / seconds


def _bare_loop(place: seeding.Place, numbers: Iterator[int], seconds: float) -> float:
    connections = [database.engine().raw_connection() for _ in range(THREADS)]

    def insert(thread: int) -> bool:
        person, start = _slot(next(numbers), len(place.staff))
        cursor = connections[thread].cursor()
        cursor.execute(INSERT, (place.staff[person], start, start + timedelta(minutes=MINUTES)))
        found = cursor.fetchone()
        connections[thread].commit()
        return found is not None

    try:
        return _for_a_while(seconds, insert)
    finally:
        for connection in connections:
            connection.close()


def _book(place: seeding.Place, who: list[UUID], numbers: Iterator[int], seconds: float, done: list[UUID]) -> float:
    def book(thread: int) -> bool:
        visit_id = uuid4()
        visit = place.visit(*_slot(next(numbers), len(place.staff)))
        held = holds.hold(place.tenant, who[thread], visit, visit_id=visit_id)
        booked = held and bookings.confirm(place.tenant, who[thread], visit_id)
        if booked:
            done.append(visit_id)
        return bool(booked)

    return _for_a_while(seconds, book)


# -- the rush -----------------------------------------------------------------------------------------------------


def rush(rounds: int = ROUNDS) -> list[Figure]:
    """Fifty rivals want overlapping hours of one professional, a new professional each round."""
    place = seeding.establish(rounds, duration=60)
    who = seeding.customers(place, RIVALS)
    times: dict[str, list[float]] = {"bare": [], "hold": []}
    winners: list[int] = []
    deadlocks: list[int] = []
    before, allocations._let_the_other_finish = allocations._let_the_other_finish, deadlocks.append
    try:
        with pool(RIVALS):
            with database.engine().begin() as connection:
                connection.exec_driver_sql(TABLE)
            for person in range(rounds):
                times["bare"] += _bare_rush(place.staff[person])
                took, won = _hold_rush(place, person, who)
                times["hold"] += took
                winners.append(won)
    finally:
        allocations._let_the_other_finish = before
    what = f"hold() by {RIVALS} rivals at once, {rounds} rounds"
    baseline = "bare constrained insert, 50 threads"
    return [
        at_most(f"{what}: p50", median(times["hold"]), baseline, median(times["bare"]), None),
        at_most(f"{what}: p99", percentile(times["hold"], 0.99), baseline, percentile(times["bare"], 0.99), 2),
        counted("winners per round", f"{min(winners)}–{max(winners)}", "1–1"),
        counted("overlaps after it", seeding.overlaps(), 0),
        counted("deadlocks", len(deadlocks), 0),
    ]


def _bare_rush(person: UUID) -> list[float]:
    connections = [database.engine().raw_connection() for _ in range(RIVALS)]
    for connection in connections:  # connected, as hold() finds them
        connection.cursor().execute("SELECT 1")
        connection.commit()

    def insert(rival: int) -> float:
        start = FUTURE + timedelta(minutes=5 * (rival % STARTS))
        began = time.perf_counter()
        cursor = connections[rival].cursor()
        cursor.execute(INSERT, (person, start, start + timedelta(hours=1)))
        cursor.fetchone()
        connections[rival].commit()
        return (time.perf_counter() - began) * 1000

    try:
        return at_once(RIVALS, insert)
    finally:
        for connection in connections:  # back to the pool: hold() takes them from there
            connection.close()


def _hold_rush(place: seeding.Place, person: int, who: list[UUID]) -> tuple[list[float], int]:
    won: list[int] = []

    def hold(rival: int) -> float:
        visit = place.visit(person, FUTURE + timedelta(minutes=5 * (rival % STARTS)))
        began = time.perf_counter()
        if holds.hold(place.tenant, who[rival], visit, visit_id=uuid4()):
            won.append(rival)
        return (time.perf_counter() - began) * 1000

    return at_once(RIVALS, hold), len(won)
