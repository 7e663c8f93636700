"""Many customers want the same time at once, and processes die: nobody is ever booked twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from establishments import TUESDAY, customer_of, establish, overlaps, rows_of
from sqlalchemy import create_engine, text

from marcai.bookings import service as bookings
from marcai.platform import clock, database
from marcai.platform.redis import client
from marcai.platform.settings import settings
from marcai.scheduling import allocations, availability, holds, locks

RIVALS = 50
NOW = TUESDAY - timedelta(days=1)


@pytest.fixture
def deadlocks(servers, monkeypatch):
    """The process with a connection for every rival, and a list that every deadlock broken by PostgreSQL goes into."""
    engine = create_engine(settings().database_url, pool_size=RIVALS, max_overflow=0, future=True)
    monkeypatch.setattr(database, "engine", lambda: engine)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    seen = []
    monkeypatch.setattr(allocations, "_let_the_other_finish", seen.append)
    yield seen
    engine.dispose()


def without_redis(monkeypatch):
    monkeypatch.setattr(locks, "client", lambda: redis.Redis(port=1, socket_connect_timeout=0.2))
    monkeypatch.setattr(locks, "_asleep_until", 0.0)


def at_once(count, work):
    """Runs work(0) … work(count - 1) in threads that all start at the same moment."""
    barrier = threading.Barrier(count)

    def run(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.parametrize("redis_is", ["up", "down"])
def test_of_fifty_rivals_for_overlapping_starts_of_one_professional_exactly_one_wins(deadlocks, monkeypatch, redis_is):
    if redis_is == "down":
        without_redis(monkeypatch)
    rounds = 8
    place = establish([(60, 0)], [([0], []) for _ in range(rounds)])
    customers = [customer_of(place.tenant) for _ in range(RIVALS)]
    for person in range(rounds):
        won = at_once(RIVALS, lambda rival, person=person: holds.hold(
            place.tenant, customers[rival], place.visit((0, person, 5 * (rival % 12))), visit_id=uuid4()))
        assert sum(hold is not None for hold in won) == 1
    assert overlaps() == 0
    assert deadlocks == []


@pytest.mark.parametrize("redis_is", ["up", "down"])
def test_visits_of_several_services_racing_each_other_are_taken_whole(deadlocks, monkeypatch, redis_is):
    if redis_is == "down":
        without_redis(monkeypatch)
    place = establish([(45, 0), (30, 15)], [([0, 1], []) for _ in range(4)])
    chance = random.Random(7)
    wanted = []
    for _ in range(RIVALS * 8):
        people, start = chance.sample(range(4), 3), 15 * chance.randint(0, 20)
        wanted.append(place.visit(*((chance.randint(0, 1), who, start + 45 * i) for i, who in enumerate(people))))
    customer = customer_of(place.tenant)
    ids = [uuid4() for _ in wanted]

    def rival(number):
        for index in range(number, len(wanted), RIVALS):
            if holds.hold(place.tenant, customer, wanted[index], visit_id=ids[index]):
                won.add(ids[index])
                if index % 3 == 0:
                    holds.release(ids[index])
                    won.discard(ids[index])

    won = set()
    at_once(RIVALS, rival)
    assert overlaps() == 0
    assert won
    assert all(len(rows_of(visit_id, "hold")) == (3 if visit_id in won else 0) for visit_id in ids)
    assert deadlocks == []


def test_when_holds_expire_while_everybody_wants_their_time_nobody_shares_it(deadlocks, monkeypatch):
    place = establish([(60, 0)], [([0], []) for _ in range(3)])
    customer = customer_of(place.tenant)
    for turn in range(6):
        monkeypatch.setattr(clock, "now", lambda turn=turn: NOW + turn * timedelta(minutes=5))
        won = at_once(RIVALS, lambda rival: holds.hold(
            place.tenant, customer,
            place.visit((0, rival % 3, 20 * (rival % 4)), (0, (rival + 1) % 3, 20 * (rival % 4) + 60)),
            visit_id=uuid4()))
        assert any(won)
        assert overlaps() == 0


def test_redis_emptied_in_the_middle_of_a_race_changes_nothing(deadlocks):
    place = establish([(60, 0)], [([0], []) for _ in range(6)])
    customer = customer_of(place.tenant)
    stop = threading.Event()

    def empty():
        while not stop.is_set():
            client().flushdb()

    emptier = threading.Thread(target=empty)
    emptier.start()
    try:
        for person in range(6):
            won = at_once(RIVALS, lambda rival, person=person: holds.hold(
                place.tenant, customer, place.visit((0, person, 5 * (rival % 12))), visit_id=uuid4()))
            assert sum(hold is not None for hold in won) == 1
    finally:
        stop.set()
        emptier.join()
    assert overlaps() == 0


def test_two_customers_who_want_each_others_time_keep_their_own(deadlocks):
    place = establish([(60, 0)], [([0], [])])
    customers, ids = [customer_of(place.tenant) for _ in range(2)], [uuid4(), uuid4()]
    visits = [place.visit((0, 0, 0)), place.visit((0, 0, 60))]
    for _ in range(10):
        for number in range(2):
            assert holds.hold(place.tenant, customers[number], visits[number], visit_id=ids[number])
        at_once(2, lambda number: holds.hold(place.tenant, customers[number], visits[1 - number], visit_id=ids[number]))
        assert overlaps() == 0
        assert all(len(rows_of(visit_id, "hold")) == 1 for visit_id in ids)
    assert deadlocks == []


def test_a_visit_held_at_several_times_at_once_has_one_of_them(deadlocks):
    place = establish([(60, 0)], [([0], [])])
    customer = customer_of(place.tenant)
    for _ in range(10):
        visit_id = uuid4()
        held = at_once(6, lambda n, visit_id=visit_id: holds.hold(
            place.tenant, customer, place.visit((0, 0, 60 * n)), visit_id=visit_id))
        assert all(held)
        assert len(rows_of(visit_id, "hold")) == 1
        holds.release(visit_id)


def test_a_visit_confirmed_many_times_at_once_is_booked_once(deadlocks):
    place = establish([(60, 0), (30, 0)], [([0, 1], []) for _ in range(2)])
    customer, visit_id = customer_of(place.tenant), uuid4()
    holds.hold(place.tenant, customer, place.visit((0, 0, 0), (1, 1, 60)), visit_id=visit_id)
    booked = at_once(20, lambda _: bookings.confirm(place.tenant, customer, visit_id))
    assert len(set(booked)) == 1 and booked[0].id == visit_id
    assert events_of(place.tenant, "booking.confirmed") == 1
    assert len(rows_of(visit_id, "booked")) == 2


def test_confirming_an_expired_hold_races_fairly_with_whoever_wants_its_time(deadlocks, monkeypatch):
    place = establish([(60, 0)], [([0], []) for _ in range(10)])
    customer, rival = customer_of(place.tenant), customer_of(place.tenant)
    for person in range(10):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        visit_id = uuid4()
        held = holds.hold(place.tenant, customer, place.visit((0, person, 0)), visit_id=visit_id)
        monkeypatch.setattr(clock, "now", lambda held=held: held.expires_at)
        outcomes = at_once(6, lambda number, person=person, visit_id=visit_id: (
            bookings.confirm(place.tenant, customer, visit_id) if number == 0
            else holds.hold(place.tenant, rival, place.visit((0, person, 10 * number)), visit_id=uuid4())))
        assert sum(outcome is not None for outcome in outcomes) == 1
    assert overlaps() == 0


def test_bookings_that_move_onto_each_others_time_never_overlap(deadlocks):
    place = establish([(60, 0)], [([0], []) for _ in range(2)])
    customer = customer_of(place.tenant)
    ids = [uuid4() for _ in range(6)]
    for number, visit_id in enumerate(ids):
        holds.hold(place.tenant, customer, place.visit((0, number % 2, 60 * (number // 2))), visit_id=visit_id)
        bookings.confirm(place.tenant, customer, visit_id)
    chance = random.Random(3)
    for _ in range(5):
        targets = [place.visit((0, chance.randint(0, 1), 15 * chance.randint(0, 16))) for _ in ids]
        at_once(len(ids), lambda n, targets=targets: bookings.reschedule(place.tenant, ids[n], targets[n]))
        assert overlaps() == 0
        for visit_id in ids:
            (row,) = rows_of(visit_id, "booked")
            assert bookings.get(place.tenant, visit_id).starts_at == row.starts


HOLDER = """
import json, sys, time
from uuid import UUID
from datetime import datetime
from marcai.platform import clock
from marcai.scheduling import allocations, holds
from marcai.scheduling.visit import Visit
from marcai.tenants.service import Policy, TenantInfo
it = json.loads(sys.argv[1])
clock.now = lambda: datetime.fromisoformat(it["now"])
tenant = TenantInfo(UUID(it["tenant"]), "", "", "America/Sao_Paulo", "", "", "", "", None, None, None, Policy())
if it["die"] == "inside":
    def hang(*_):
        print("locked", flush=True)
        time.sleep(600)
    allocations.take_first = hang
holds.hold(tenant, UUID(it["customer"]), Visit.from_dict(it["visit"]), visit_id=UUID(it["visit_id"]))
print("held", flush=True)
time.sleep(600)
"""


def die_while_holding(place, customer, visit, visit_id, where):
    """A process of its own holds the visit and is killed (-9): after the hold, or between the lock and the hold."""
    it = {"now": NOW.isoformat(), "tenant": str(place.tenant.id), "customer": str(customer), "visit": visit.as_dict(),
          "visit_id": str(visit_id), "die": where}
    process = subprocess.Popen([sys.executable, "-c", HOLDER, json.dumps(it)], stdout=subprocess.PIPE, text=True)
    said = process.stdout.readline().strip()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return said


def test_a_holder_killed_before_confirming_keeps_the_time_until_it_expires_and_can_come_back(deadlocks, monkeypatch):
    place = establish([(60, 0)], [([0], [])])
    customer, visit_id, visit = customer_of(place.tenant), uuid4(), place.visit((0, 0, 0))
    assert die_while_holding(place, customer, visit, visit_id, "after") == "held"
    assert not client().exists(*locks.keys(visit))
    assert holds.hold(place.tenant, customer_of(place.tenant), place.visit((0, 0, 30)), visit_id=uuid4()) is None
    assert bookings.confirm(place.tenant, customer, visit_id).id == visit_id

    visit_id, visit = uuid4(), place.visit((0, 0, 120))
    assert die_while_holding(place, customer, visit, visit_id, "after") == "held"
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=5))
    assert holds.hold(place.tenant, customer_of(place.tenant), place.visit((0, 0, 150)), visit_id=uuid4())
    assert bookings.confirm(place.tenant, customer, visit_id) is None


def test_a_process_killed_between_lock_and_hold_stops_nobody_for_long_and_its_own_customer_not_at_all(deadlocks):
    place = establish([(60, 0)], [([0], [])])
    customer, visit_id, visit = customer_of(place.tenant), uuid4(), place.visit((0, 0, 0))
    assert die_while_holding(place, customer, visit, visit_id, "inside") == "locked"
    (key,) = locks.keys(visit)
    assert 0 < client().ttl(key) <= 60
    assert holds.hold(place.tenant, customer_of(place.tenant), visit, visit_id=uuid4()) is None
    assert rows_of(visit_id, "hold") == []
    assert holds.hold(place.tenant, customer, visit, visit_id=visit_id)


@pytest.mark.parametrize("redis_is", ["up", "down"])
def test_of_rivals_with_different_professionals_for_the_only_room_exactly_one_wins(deadlocks, monkeypatch, redis_is):
    if redis_is == "down":
        without_redis(monkeypatch)
    rivals, rounds = 24, 6
    place = establish([(60, 10, "sala")], [([0], [(1, "09:00", "18:00")])] * rivals, resources={"sala": 1})
    customers = [customer_of(place.tenant) for _ in range(rivals)]
    for turn in range(rounds):
        at = TUESDAY + timedelta(days=7 * turn)
        won = at_once(rivals, lambda rival, at=at: holds.hold(
            place.tenant, customers[rival],
            place.visit((0, rival, 5 * (rival % 12), place.units["sala"][0]), at=at), visit_id=uuid4()))
        assert sum(hold is not None for hold in won) == 1
        lost = next(number for number, hold in enumerate(won) if hold is None)
        with database.transaction() as session:
            found = availability.openings(session, place.tenant, place.services, since=at,
                                          until=at + timedelta(hours=9), staff_id=place.staff[lost])
        winner = next(hold.visit for hold in won if hold is not None)
        near = availability.nearest(found, winner.segments[0].blocked_until, 30)
        assert near, "the one who lost is offered what is nearest"
        assert all(opening.start >= winner.segments[0].blocked_until for opening in near)
    assert overlaps() == 0
    assert deadlocks == []


def test_of_rivals_who_all_want_the_first_of_three_equal_chairs_three_win(deadlocks):
    rivals, rounds = 12, 6
    place = establish([(30, 0, "cadeira")], [([0], [])] * rivals, resources={"cadeira": 3})
    customer = customer_of(place.tenant)
    for turn in range(rounds):
        won = at_once(rivals, lambda rival, turn=turn: holds.hold(
            place.tenant, customer, place.visit((0, rival, 60 * turn, place.units["cadeira"][0])), visit_id=uuid4()))
        assert sum(hold is not None for hold in won) == 3
    assert overlaps() == 0
    assert deadlocks == []


def test_visits_that_race_for_rooms_and_professionals_are_taken_whole(deadlocks):
    rivals = 16
    place = establish([(45, 0, "sala"), (30, 15, "cadeira", "sala")], [([0, 1], [])] * 4,
                      resources={"sala": 2, "cadeira": 1})
    chance = random.Random(11)
    rooms, chairs = place.units["sala"], place.units["cadeira"]
    wanted = []
    for _ in range(rivals * 8):
        start, people = 15 * chance.randint(0, 20), chance.sample(range(4), 2)
        wanted.append(place.visit((0, people[0], start, chance.choice(rooms)),
                                  (1, people[1], start + 45, chairs[0], chance.choice(rooms))))
    customer, ids, won = customer_of(place.tenant), [uuid4() for _ in wanted], set()

    def rival(number):
        for index in range(number, len(wanted), rivals):
            if holds.hold(place.tenant, customer, wanted[index], visit_id=ids[index]):
                won.add(ids[index])
                if index % 3 == 0:
                    holds.release(ids[index])
                    won.discard(ids[index])

    at_once(rivals, rival)
    assert overlaps() == 0
    assert won
    assert all(len(rows_of(visit_id, "hold")) == (5 if visit_id in won else 0) for visit_id in ids)
    assert deadlocks == []


def events_of(tenant, name):
    with database.transaction() as session:
        return session.execute(
            text("SELECT count(*) FROM event_outbox WHERE tenant_id = :tenant AND name = :name"),
            {"tenant": tenant.id, "name": name},
        ).scalar_one()
