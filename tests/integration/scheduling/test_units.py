"""Rooms and equipment are held and booked like professionals: a unit is never sold twice, and equal ones stand in."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from establishments import TUESDAY, customer_of, establish, insert_allocation, insert_time_off, overlaps, rows_of
from sqlalchemy import text

from marcai.bookings import service as bookings
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.scheduling import availability, holds
from marcai.scheduling.availability import Reason

NOW = TUESDAY - timedelta(days=1)
PEOPLE = 4


@pytest.fixture
def place(servers, monkeypatch):
    """Four professionals, one room and two chairs.

    Service 0 (an hour, ten minutes of cleanup) needs the room, 1 (half an hour) a chair, 2 (half an hour) nothing.
    """
    monkeypatch.setattr(clock, "now", lambda: NOW)
    shifts = [(1, "09:00", "18:00")]
    return establish([(60, 10, "sala"), (30, 0, "cadeira"), (30, 0)], [([0, 1, 2], shifts)] * PEOPLE,
                     resources={"sala": 1, "cadeira": 2})


def in_room(place, person, minutes):
    """A visit in the room."""
    return place.visit((0, person, minutes, place.units["sala"][0]))


def on_chair(place, person, minutes, chair=0):
    """A visit on a chair."""
    return place.visit((1, person, minutes, place.units["cadeira"][chair]))


def held(place, visit, visit_id=None, customer=None):
    return holds.hold(place.tenant, customer or customer_of(place.tenant), visit, visit_id=visit_id or uuid4())


def units_of(place, visit_id, *states):
    """The units that a visit has, as (code, number, minutes after nine)."""
    names = {unit: (code, number) for code, equal in place.units.items() for number, unit in enumerate(equal)}
    return [
        (*names[row.resource_id], int((row.starts - TUESDAY).total_seconds() // 60))
        for row in rows_of(visit_id, *states) if row.resource_id in names
    ]


def starts(place, service, **more):
    with transaction() as session:
        found = availability.openings(session, place.tenant, [place.services[service]], since=TUESDAY,
                                      until=TUESDAY + timedelta(hours=9), **more)
    return [int((opening.start - TUESDAY).total_seconds() // 60) for opening in found]


def test_a_room_that_one_professional_has_is_taken_for_all_others_until_it_is_clean(place):
    visit_id = uuid4()
    assert held(place, in_room(place, 0, 60), visit_id)
    assert units_of(place, visit_id, "hold") == [("sala", 0, 60)]
    for minutes in (0, 60, 120):
        assert held(place, in_room(place, 1, minutes)) is None
    assert held(place, place.visit((2, 1, 60)))
    assert held(place, in_room(place, 2, 130))
    assert overlaps() == 0


def test_a_start_is_offered_with_the_unit_that_it_takes_only_while_one_is_free(place):
    assert starts(place, 0)[:3] == [0, 15, 30]
    insert_allocation(place.tenant, place.units["sala"][0], TUESDAY, TUESDAY + timedelta(minutes=90))
    assert starts(place, 0)[0] == 90
    insert_allocation(place.tenant, place.units["cadeira"][0], TUESDAY, TUESDAY + timedelta(hours=9))
    assert starts(place, 1)[0] == 0
    insert_allocation(place.tenant, place.units["cadeira"][1], TUESDAY, TUESDAY + timedelta(minutes=20))
    assert starts(place, 1)[0] == 30


def test_a_unit_that_is_off_is_not_offered_and_an_equal_one_is(place):
    insert_time_off(place.tenant, TUESDAY, TUESDAY + timedelta(hours=2), unit_id=place.units["sala"][0])
    insert_time_off(place.tenant, TUESDAY, TUESDAY + timedelta(hours=2), unit_id=place.units["cadeira"][0])
    assert starts(place, 0)[0] == 120
    with transaction() as session:
        visit = availability.visit_at(session, place.tenant, [place.services[1]], TUESDAY)
    assert visit.unit_ids == (place.units["cadeira"][1],)


def test_visits_are_put_on_the_unit_where_they_leave_the_longest_stretch_elsewhere(place):
    insert_allocation(place.tenant, place.units["cadeira"][1], TUESDAY, TUESDAY + timedelta(hours=1))
    with transaction() as session:
        visit = availability.visit_at(session, place.tenant, [place.services[1]], TUESDAY + timedelta(hours=1))
    assert visit.unit_ids == (place.units["cadeira"][1],)


def test_an_equal_unit_is_taken_when_somebody_was_faster_and_nothing_when_none_is_left(place):
    first, second = uuid4(), uuid4()
    assert held(place, on_chair(place, 0, 0), first)
    assert held(place, on_chair(place, 1, 15), second)
    assert units_of(place, first, "hold") == [("cadeira", 0, 0)]
    assert units_of(place, second, "hold") == [("cadeira", 1, 15)]
    third = uuid4()
    assert held(place, on_chair(place, 2, 15), third) is None
    assert rows_of(third, "hold", "booked", "released") == []
    assert held(place, on_chair(place, 0, 30, chair=1)), "the first chair is free again"


def test_a_unit_that_is_off_or_retired_does_not_stand_in(place):
    assert held(place, on_chair(place, 0, 0))
    insert_time_off(place.tenant, TUESDAY, TUESDAY + timedelta(hours=2), unit_id=place.units["cadeira"][1])
    assert held(place, on_chair(place, 1, 0)) is None
    assert held(place, on_chair(place, 1, 120))
    with transaction() as session:
        session.execute(text("UPDATE resource_units SET active = false WHERE id = :id"),
                        {"id": place.units["cadeira"][1]})
    assert held(place, on_chair(place, 2, 120)) is None


def test_holding_again_keeps_the_equal_unit_that_stood_in(place, monkeypatch):
    customer, visit_id, wanted = customer_of(place.tenant), uuid4(), on_chair(place, 1, 0)
    assert held(place, on_chair(place, 0, 0))
    first = held(place, wanted, visit_id, customer)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=2))
    again = held(place, wanted, visit_id, customer)
    assert again.expires_at == first.expires_at + timedelta(minutes=2)
    assert units_of(place, visit_id, "hold", "released", "booked") == [("cadeira", 1, 0)]
    assert bookings.confirm(place.tenant, customer, visit_id)
    assert units_of(place, visit_id, "booked") == [("cadeira", 1, 0)]


def test_choosing_another_time_gives_up_the_unit_of_the_one_before(place):
    customer, visit_id = customer_of(place.tenant), uuid4()
    assert held(place, in_room(place, 0, 0), visit_id, customer)
    for person, minutes in ((1, 30), (2, 240)):  # another professional, the same room, at first in its own time
        assert held(place, in_room(place, person, minutes), visit_id, customer)
        assert units_of(place, visit_id, "hold", "booked") == [("sala", 0, minutes)]
    assert held(place, in_room(place, 0, 0))


def test_a_customer_s_own_unit_stands_in_for_her_new_time(place):
    customer, visit_id = customer_of(place.tenant), uuid4()
    assert held(place, on_chair(place, 0, 0, chair=1), visit_id, customer)
    assert held(place, on_chair(place, 1, 15))
    assert held(place, on_chair(place, 2, 15), visit_id, customer)
    assert units_of(place, visit_id, "hold", "booked") == [("cadeira", 1, 15)]


def test_two_services_of_a_visit_use_one_unit_one_after_the_other(place):
    room = place.units["sala"][0]
    visit = place.visit((0, 0, 0, room), (0, 1, 60, room))
    customer, visit_id = customer_of(place.tenant), uuid4()
    with transaction() as session:
        found = availability.visit_at(session, place.tenant, [place.services[0]] * 2, TUESDAY)
    assert found.unit_ids == (room, room)
    assert held(place, visit, visit_id, customer)
    assert held(place, visit, visit_id, customer), "it is the same visit when it is read back"
    rooms = [row for row in rows_of(visit_id, "hold") if row.resource_id == room]
    assert [(row.starts, row.until) for row in rooms] == [
        (TUESDAY, TUESDAY + timedelta(minutes=60)),
        (TUESDAY + timedelta(minutes=60), TUESDAY + timedelta(minutes=130)),
    ]
    booking = bookings.confirm(place.tenant, customer, visit_id)
    assert [item.staff_id for item in booking.items] == place.staff[:2]


def test_a_hold_that_ran_out_is_confirmed_on_an_equal_unit_when_its_own_is_taken(place, monkeypatch):
    customer, visit_id = customer_of(place.tenant), uuid4()
    first = held(place, on_chair(place, 0, 0), visit_id, customer)
    monkeypatch.setattr(clock, "now", lambda: first.expires_at)
    rival = uuid4()
    assert held(place, on_chair(place, 1, 0), rival)
    assert units_of(place, rival, "hold") == [("cadeira", 0, 0)]
    assert bookings.confirm(place.tenant, customer, visit_id)
    assert units_of(place, visit_id, "booked") == [("cadeira", 1, 0)]


def booked(place, visit):
    visit_id, customer = uuid4(), customer_of(place.tenant)
    assert held(place, visit, visit_id, customer)
    return bookings.confirm(place.tenant, customer, visit_id)


def test_cancelling_frees_the_room(place):
    booking = booked(place, in_room(place, 0, 0))
    assert 0 not in starts(place, 0)
    bookings.cancel(place.tenant, booking.id, by="customer")
    assert units_of(place, booking.id, "released") == [("sala", 0, 0)]
    assert 0 in starts(place, 0)


def test_moving_a_booking_takes_the_room_along(place):
    booking = booked(place, in_room(place, 0, 0))
    rival = booked(place, in_room(place, 1, 240))
    assert bookings.reschedule(place.tenant, booking.id, in_room(place, 0, 200)) is None
    assert units_of(place, booking.id, "booked") == [("sala", 0, 0)]
    for minutes in (30, 90):  # the first time onto part of its own time
        assert bookings.reschedule(place.tenant, booking.id, in_room(place, 0, minutes))
        assert units_of(place, booking.id, "booked") == [("sala", 0, minutes)]
    assert units_of(place, rival.id, "booked") == [("sala", 0, 240)]
    assert held(place, in_room(place, 2, 0))


def test_a_booking_moves_onto_its_customer_s_hold_with_the_unit_that_was_held(place):
    booking = booked(place, on_chair(place, 0, 0))
    assert held(place, on_chair(place, 1, 60))
    new, wanted = uuid4(), on_chair(place, 0, 60)
    assert held(place, wanted, new, booking.customer_id)
    assert bookings.reschedule(place.tenant, booking.id, wanted, held_as=new).starts_at == wanted.start
    assert units_of(place, booking.id, "booked") == [("cadeira", 1, 60)]
    assert units_of(place, booking.id, "released") == [("cadeira", 0, 0)]


def test_a_booking_on_a_unit_that_was_retired_stays_and_can_be_cancelled(place):
    booking = booked(place, in_room(place, 0, 0))
    with transaction() as session:
        session.execute(text("UPDATE resource_units SET active = false WHERE id = :id"), {"id": place.units["sala"][0]})
    assert bookings.get(place.tenant, booking.id).status == "confirmed"
    assert starts(place, 0) == []
    assert bookings.cancel(place.tenant, booking.id, by="staff").status == "cancelled"
    assert units_of(place, booking.id, "released") == [("sala", 0, 0)]


def test_a_taken_room_is_said_to_be_taken_and_an_absent_professional_to_be_absent(place):
    at = TUESDAY + timedelta(minutes=30)

    def why(when, staff_id=None):
        with transaction() as session:
            return availability.why_not(session, place.tenant, [place.services[0]], when, staff_id)

    assert held(place, in_room(place, 0, 0))
    assert why(at) is why(at, place.staff[1]) is Reason.TAKEN
    insert_time_off(place.tenant, TUESDAY + timedelta(hours=4), TUESDAY + timedelta(hours=6),
                    unit_id=place.units["sala"][0])
    assert why(TUESDAY + timedelta(hours=5)) is Reason.TAKEN
    assert why(TUESDAY + timedelta(hours=8, minutes=30)) is Reason.TOO_LONG
    assert why(TUESDAY + timedelta(hours=2, minutes=7)) is Reason.OFF_GRID
    insert_time_off(place.tenant, TUESDAY, TUESDAY + timedelta(hours=1), place.staff[1])
    assert why(at, place.staff[1]) is Reason.PROFESSIONAL_OFF


def test_what_needs_a_unit_that_is_always_off_cannot_be_done(place):
    def verdict(*services):
        with transaction() as session:
            return availability.can_be_done(session, place.tenant, [place.services[number] for number in services])

    insert_allocation(place.tenant, place.units["sala"][0], NOW, NOW + timedelta(days=90))
    assert verdict(0, 1) is availability.Feasibility.ONE_PROFESSIONAL, "whatever is booked"
    insert_time_off(place.tenant, NOW - timedelta(days=1), NOW + timedelta(days=90), unit_id=place.units["sala"][0])
    assert verdict(0, 1) is availability.Feasibility.TWO_VISITS
    assert verdict(1) is availability.Feasibility.ONE_PROFESSIONAL
