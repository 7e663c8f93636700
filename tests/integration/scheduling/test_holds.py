"""What a customer can rely on when she holds a time."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from establishments import TUESDAY, customer_of, establish, insert_allocation, overlaps, rows_of
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from marcai.bookings import service as bookings
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.platform.redis import client
from marcai.scheduling import allocations, holds, locks, moving

START = TUESDAY - timedelta(days=1)


@pytest.fixture
def place(servers, monkeypatch):
    """Two professionals; both do service 0 (an hour, ten minutes of cleanup) and service 1 (half an hour)."""
    monkeypatch.setattr(clock, "now", lambda: START)
    shifts = [(1, "09:00", "18:00")]
    return establish([(60, 10), (30, 0)], [([0, 1], shifts), ([0, 1], shifts)])


def held(place, visit, visit_id=None, customer=None):
    return holds.hold(place.tenant, customer or customer_of(place.tenant), visit, visit_id=visit_id or uuid4())


def test_postgresql_refuses_an_overlap_written_straight_into_the_table(place):
    insert_allocation(place.tenant, place.staff[0], TUESDAY, TUESDAY + timedelta(hours=1))
    for minutes in (-30, 0, 30, 59):
        with pytest.raises(IntegrityError, match="ex_allocations_no_overlap"):
            at = TUESDAY + timedelta(minutes=minutes)
            insert_allocation(place.tenant, place.staff[0], at, at + timedelta(hours=1), state="hold", expires_at=START)
    insert_allocation(place.tenant, place.staff[0], TUESDAY + timedelta(hours=1), TUESDAY + timedelta(hours=2))
    with pytest.raises(IntegrityError, match="not_empty"):
        insert_allocation(place.tenant, place.staff[0], TUESDAY, TUESDAY)


def test_a_held_time_is_refused_to_others_cleanup_included_and_may_be_touched(place):
    first = held(place, place.visit((0, 0, 0)))
    assert first.expires_at == START + timedelta(minutes=place.tenant.policy.hold_minutes)
    assert held(place, place.visit((1, 0, 65))) is None
    assert held(place, place.visit((1, 0, 70))) is not None
    assert held(place, place.visit((0, 1, 0))) is not None


def test_holding_the_same_visit_again_renews_it(place, monkeypatch):
    customer, visit_id, visit = customer_of(place.tenant), uuid4(), place.visit((0, 0, 0), (1, 0, 70))
    first = held(place, visit, visit_id, customer)
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(minutes=2))
    again = held(place, visit, visit_id, customer)
    assert again.expires_at == first.expires_at + timedelta(minutes=2)
    assert len(rows_of(visit_id, "hold", "released", "booked")) == 2


def test_choosing_another_time_gives_up_the_one_before_in_the_same_step(place):
    customer, visit_id = customer_of(place.tenant), uuid4()
    held(place, place.visit((0, 0, 0)), visit_id, customer)
    for minutes in (240, 270):  # the second overlaps the first
        assert held(place, place.visit((0, 0, minutes)), visit_id, customer)
        assert [row.starts for row in rows_of(visit_id, "hold", "booked")] == [TUESDAY + timedelta(minutes=minutes)]
    assert held(place, place.visit((0, 0, 0)))


@pytest.mark.parametrize("minutes", [0, 30], ids=["elsewhere", "overlapping her own time"])
def test_choosing_a_taken_time_keeps_the_one_before(place, minutes):
    customer, visit_id = customer_of(place.tenant), uuid4()
    held(place, place.visit((0, 0, 0)), visit_id, customer)
    held(place, place.visit((1, 0, 75)))
    assert held(place, place.visit((0, 0, minutes + 30)), visit_id, customer) is None
    assert [row.starts for row in rows_of(visit_id, "hold")] == [TUESDAY]


def test_a_visit_of_several_services_is_held_whole_or_not_at_all(place):
    held(place, place.visit((0, 1, 60)))
    visit_id = uuid4()
    assert held(place, place.visit((0, 0, 0), (1, 1, 60)), visit_id) is None
    assert rows_of(visit_id, "hold", "booked", "released") == []
    assert held(place, place.visit((0, 0, 0), (1, 0, 70)))


def test_an_expired_hold_gives_way_in_the_same_statement_without_the_sweeper(place, monkeypatch):
    old, new = uuid4(), uuid4()
    first = held(place, place.visit((0, 0, 0), (1, 1, 60)), old)
    monkeypatch.setattr(clock, "now", lambda: first.expires_at - timedelta(seconds=1))
    assert held(place, place.visit((0, 0, 30)), new) is None
    monkeypatch.setattr(clock, "now", lambda: first.expires_at)
    assert held(place, place.visit((0, 0, 30)), new)
    assert [row.state for row in rows_of(old, "hold", "booked", "released")] == ["released", "hold"]
    assert overlaps() == 0


def test_an_expired_hold_stays_when_whoever_wanted_its_time_fails_elsewhere(place, monkeypatch):
    old = uuid4()
    first = held(place, place.visit((0, 0, 0)), old)
    monkeypatch.setattr(clock, "now", lambda: first.expires_at)
    insert_allocation(place.tenant, place.staff[1], TUESDAY + timedelta(hours=1), TUESDAY + timedelta(hours=2))
    assert held(place, place.visit((0, 0, 0), (1, 1, 60))) is None
    assert [row.state for row in rows_of(old, "hold", "released")] == ["hold"]


def test_a_released_time_is_free_at_once(place):
    visit_id = uuid4()
    held(place, place.visit((0, 0, 0)), visit_id)
    holds.release(visit_id)
    holds.release(visit_id)
    assert held(place, place.visit((0, 0, 0)))


def test_another_customers_visit_id_holds_nothing(place):
    visit_id = uuid4()
    held(place, place.visit((0, 0, 0)), visit_id)
    assert held(place, place.visit((0, 0, 120)), visit_id) is None


def test_the_sweeper_releases_what_expired_and_later_forgets_it(place, monkeypatch):
    expired, live = uuid4(), uuid4()
    first = held(place, place.visit((0, 0, 0)), expired)
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(minutes=3))
    held(place, place.visit((0, 1, 0)), live)
    monkeypatch.setattr(clock, "now", lambda: first.expires_at)
    holds.sweep()
    assert rows_of(expired, "released") and rows_of(live, "hold")
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=2))
    holds.sweep()
    assert rows_of(expired, "hold", "released", "booked") == []


def test_a_rivals_lock_says_taken_at_once(place):
    visit, token = place.visit((0, 0, 0)), "someone.else"
    key = f"lock:slot:{place.staff[0]}:2031-03-04T12:00:00+00:00"
    assert locks.keys(visit) == [key]
    client().set(key, token, nx=True, ex=60)
    assert held(place, visit) is None
    assert client().get(key) == token


def test_no_lock_outlives_a_hold_whether_it_succeeds_or_fails(place):
    visit = place.visit((0, 0, 0), (1, 1, 60))
    for expected in (True, False):
        assert bool(held(place, visit)) is expected
        assert not client().exists(*locks.keys(visit))


def test_while_a_hold_is_written_its_starts_are_locked_for_at_most_a_minute(place):
    visit, visit_id = place.visit((0, 0, 0), (1, 1, 60)), uuid4()
    with locks.choosing({visit_id: visit}) as free:
        assert free == {visit_id}
        assert all(0 < client().ttl(key) <= 60 for key in locks.keys(visit))
        with locks.choosing({uuid4(): visit}) as rival:
            assert not rival
        assert all(client().exists(key) for key in locks.keys(visit))


def test_a_lock_that_another_took_over_is_not_released(place):
    visit = place.visit((0, 0, 0))
    with locks.choosing({uuid4(): visit}):
        client().set(locks.keys(visit)[0], "another")
    assert client().get(locks.keys(visit)[0]) == "another"
    client().delete(*locks.keys(visit))


def test_without_redis_holding_works_and_two_still_cannot_share(place, monkeypatch):
    asked = []

    def away():
        asked.append(1)
        return redis.Redis(port=1, socket_connect_timeout=0.2)

    monkeypatch.setattr(locks, "client", away)
    monkeypatch.setattr(locks, "_asleep_until", 0.0)
    assert held(place, place.visit((0, 0, 0)))
    assert held(place, place.visit((0, 0, 30))) is None
    assert len(asked) == 1  # nobody waits for a Redis that has just failed


def test_a_collision_is_recorded_with_its_event_and_counts_as_abandoned_when_nothing_follows(place, monkeypatch):
    customer = customer_of(place.tenant)
    collision = holds.record_collision(place.tenant, customer, TUESDAY, 1)
    with transaction() as session:
        told = session.execute(
            text("SELECT payload FROM event_outbox WHERE name = 'slot.collision' AND tenant_id = :tenant"),
            {"tenant": place.tenant.id},
        ).scalar_one()
    assert told["collision_id"] == str(collision) and told["round"] == 1
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(hours=2))
    holds.sweep()
    with transaction() as session:
        outcome = session.execute(
            text("SELECT outcome FROM slot_collisions WHERE id = :id"), {"id": collision}
        ).scalar_one()
    assert outcome == "abandoned"


@pytest.mark.parametrize(("moved_by", "held_time"), [
    (30, (70, 100)), (-30, (-30, 0)), (70, (70, 140)), (-100, (-100, -30)), (0, None),
])
def test_for_a_move_only_the_time_that_the_booking_does_not_have_is_held(place, moved_by, held_time):
    customer, visit_id, booking_id = customer_of(place.tenant), uuid4(), uuid4()
    held(place, place.visit((0, 0, 0)), booking_id, customer)
    booking = bookings.confirm(place.tenant, customer, booking_id)
    new = place.visit((0, 0, moved_by))
    kept = moving.hold_beside(place.tenant, customer, new, visit_id=visit_id, booking_id=booking_id)
    assert (kept.visit, kept.visit_id) == (new, visit_id)
    with transaction() as session:
        spans = [((row.starts - TUESDAY) // timedelta(minutes=1), (row.until - TUESDAY) // timedelta(minutes=1))
                 for row in allocations.rows_of(session, visit_id)]
    assert spans == ([held_time] if held_time else [])
    moved = bookings.reschedule(place.tenant, booking_id, new, held_as=visit_id)
    assert (moved.id, moved.starts_at, moved.code) == (booking.id, new.start, booking.code)
    assert len(rows_of(booking_id, "booked")) == 1 and rows_of(visit_id, "hold", "booked") == []
    assert overlaps() == 0


def test_a_move_is_held_around_a_booking_in_its_middle_and_refused_where_others_are(place):
    customer, visit_id, booking_id = customer_of(place.tenant), uuid4(), uuid4()
    held(place, place.visit((1, 0, 30)), booking_id, customer)
    bookings.confirm(place.tenant, customer, booking_id)
    around = place.visit((0, 0, 0))
    assert moving.hold_beside(place.tenant, customer, around, visit_id=visit_id, booking_id=booking_id)
    assert len(rows_of(visit_id, "hold")) == 2 and held(place, place.visit((1, 0, -15))) is None
    stranger = customer_of(place.tenant)
    assert moving.hold_beside(place.tenant, stranger, around, visit_id=uuid4(), booking_id=booking_id) is None
    assert bookings.reschedule(place.tenant, booking_id, around, held_as=visit_id).starts_at == TUESDAY
    assert overlaps() == 0
