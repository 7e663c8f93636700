"""Days from the cache are the days as computed, whatever happens in between; and a hit asks the database nothing."""

from __future__ import annotations

from datetime import timedelta, timezone
from uuid import uuid4

import pytest
import redis
from establishments import TUESDAY, customer_of, establish
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from marcai.bookings import service as bookings
from marcai.platform import clock
from marcai.platform.database import engine, transaction
from marcai.platform.redis import client
from marcai.scheduling import availability, daycache, holds
from marcai.tenants import cache

START = TUESDAY - timedelta(days=1)
FIRST = START.astimezone(timezone.utc).date()
DAYS = 12
SHIFTS = [(day, "09:00", "12:00") for day in range(1, 6)] + [(6, "21:00", "23:30")]


@pytest.fixture
def place(servers, monkeypatch):
    """Two professionals for two services; nobody works for long, so that days fill up."""
    monkeypatch.setattr(clock, "now", lambda: START)
    client().flushdb()
    return establish([(90, 10), (60, 0)], [([0, 1], SHIFTS), ([1], SHIFTS)])


def computed(place, services, **given):
    with transaction() as session:
        return availability.days(session, place.tenant, services, first=FIRST, count=DAYS, **given)


def cached(place, services, **given):
    return daycache.days(place.tenant, services, first=FIRST, count=DAYS, **given)


class TestWhateverHappens:
    ACTS = st.lists(st.tuples(
        st.sampled_from(["look", "hold", "hold", "again", "release", "confirm", "cancel", "move", "load", "wait"]),
        st.integers(0, 5), st.integers(0, 3), st.sampled_from([0, 30, 60, 90])), min_size=4, max_size=14)

    @settings(max_examples=25, deadline=None, derandomize=True,
              suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(acts=ACTS)
    def test_every_answer_is_the_one_that_is_computed(self, servers, monkeypatch, acts):
        now = [START]
        monkeypatch.setattr(clock, "now", lambda: now[0])
        place = establish([(90, 10), (60, 0)], [([0, 1], SHIFTS), ([1], SHIFTS)])
        customer, ids, booked = customer_of(place.tenant), [], []
        for act, day, which, minutes in acts:
            visit = place.visit((which % 2, which // 2 if which % 2 else 0, 0),
                                at=TUESDAY + timedelta(days=day, minutes=minutes))
            if act in ("hold", "again"):
                visit_id = ids[-1] if act == "again" and ids else uuid4()
                if holds.hold(place.tenant, customer, visit, visit_id=visit_id) and visit_id not in ids:
                    ids.append(visit_id)
            elif act == "release" and ids:
                holds.release(ids.pop())
            elif act == "confirm" and ids:
                found = bookings.confirm(place.tenant, customer, ids.pop())
                booked += [found.id] if found else []
            elif act == "cancel" and booked:
                bookings.cancel(place.tenant, booked.pop(), by="customer")
            elif act == "move" and booked:
                bookings.reschedule(place.tenant, booked[-1], visit)
            elif act == "load":
                cache.drop(place.tenant.slug)
            elif act == "wait":  # holds run out, and a minute later everybody has seen it
                now[0] += timedelta(minutes=place.tenant.policy.hold_minutes, seconds=daycache.KEPT_SECONDS)
            for services in ([place.services[0]], [place.services[1]], place.services):
                assert cached(place, services) == computed(place, services), act


def test_what_was_looked_up_once_asks_the_database_nothing(place):
    services, statements = [place.services[0]], []
    first = cached(place, services)

    def note(connection, cursor, statement, *_):
        statements.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        assert cached(place, services) == first
        assert daycache.days(place.tenant, services, first=FIRST + timedelta(days=2), count=3) == first[2:5]
        assert statements == []
        cached(place, services, staff_id=place.staff[0])
        assert statements != []
    finally:
        event.remove(engine(), "before_cursor_execute", note)


def test_a_change_drops_the_days_it_touches_and_no_others(place, monkeypatch):
    services, asked = [place.services[0]], []
    cached(place, services)
    real = availability.days

    def noted(session, tenant, services, *, first, count, **given):
        asked.append((first, count))
        return real(session, tenant, services, first=first, count=count, **given)

    monkeypatch.setattr(availability, "days", noted)
    assert holds.hold(place.tenant, customer_of(place.tenant), place.visit((0, 0, 0)), visit_id=uuid4())
    assert cached(place, services)[1].starts < cached(place, services)[2].starts
    # The Monday, too: its last three hours belong to the Tuesday in UTC, by which changes are noted.
    assert asked == [(TUESDAY.date() - timedelta(days=1), 2)]


def test_her_own_hold_does_not_stand_in_her_way_nor_reaches_others(place):
    services, visit_id = [place.services[0]], uuid4()
    before = cached(place, services)
    assert holds.hold(place.tenant, customer_of(place.tenant), place.visit((0, 0, 0)), visit_id=visit_id)
    assert cached(place, services, for_visit=visit_id) == before
    assert cached(place, services) == computed(place, services) != before


def test_without_redis_every_day_is_computed(place, monkeypatch):
    away = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    monkeypatch.setattr(daycache, "client", lambda: away)
    assert cached(place, [place.services[0]]) == computed(place, [place.services[0]])
    assert holds.hold(place.tenant, customer_of(place.tenant), place.visit((0, 0, 0)), visit_id=uuid4())
    assert cached(place, [place.services[0]]) == computed(place, [place.services[0]])


class TestAHoldThatRanOut:
    """Others see its time as free, and no longer when its customer comes back for it."""

    @pytest.fixture
    def ran_out(self, place, monkeypatch):
        visit_id, customer, visit = uuid4(), customer_of(place.tenant), place.visit((0, 0, 0))
        assert holds.hold(place.tenant, customer, visit, visit_id=visit_id)
        later = START + timedelta(minutes=place.tenant.policy.hold_minutes, seconds=daycache.KEPT_SECONDS)
        monkeypatch.setattr(clock, "now", lambda: later)
        self.free = cached(place, [place.services[0]])
        return visit_id, customer, visit

    def is_right(self, place):
        found = cached(place, [place.services[0]])
        return found == computed(place, [place.services[0]]) and found != self.free

    def test_and_is_renewed(self, place, ran_out):
        visit_id, customer, visit = ran_out
        assert holds.hold(place.tenant, customer, visit, visit_id=visit_id)
        assert self.is_right(place)

    def test_and_is_confirmed(self, place, ran_out):
        visit_id, customer, _ = ran_out
        assert bookings.confirm(place.tenant, customer, visit_id)
        assert self.is_right(place)

    def test_and_a_booking_is_moved_onto_it(self, place, ran_out):
        visit_id, customer, _ = ran_out
        other = uuid4()
        assert holds.hold(place.tenant, customer, place.visit((0, 1, 0), at=TUESDAY + timedelta(days=3)),
                          visit_id=other)
        assert bookings.confirm(place.tenant, customer, other)
        self.free = cached(place, [place.services[0]])
        assert bookings.reschedule(place.tenant, other, held_as=visit_id)
        assert self.is_right(place)
