"""What becomes of a held visit: booked, read back, moved, cancelled, and managed by a link."""

from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from marcai.bookings import service as bookings
from marcai.bookings.confirming import CODE_LENGTH, CODE_LETTERS
from marcai.catalogue.service import active_services
from marcai.platform import clock, database
from marcai.platform.database import transaction
from marcai.platform.settings import settings
from marcai.scheduling import availability, holds
from marcai.tenants import service as tenants


@pytest.fixture
def at(monkeypatch):
    """Moves the clock: `at(minutes=3)` is three minutes after the beginning of the test."""
    begin = clock.now()

    def move(**later):
        monkeypatch.setattr(clock, "now", lambda: begin + timedelta(**later))

    move()
    return move


@pytest.fixture
def customer(salon):
    return new_customer(salon)


def new_customer(salon):
    customer_id = uuid4()
    with transaction() as session:
        session.execute(
            text("INSERT INTO customers (id, tenant_id) VALUES (:id, :tenant)"), {"id": customer_id, "tenant": salon.id}
        )
    return customer_id


def openings(salon, *codes, **more):
    known = {service.code: service for service in active_services(salon)}
    now = clock.now()
    with transaction() as session:
        return availability.openings(session, salon, [known[code] for code in codes], since=now,
                                     until=now + timedelta(days=8), **more)


def booked(salon, customer, *codes, number=0):
    visit_id = uuid4()
    assert holds.hold(salon, customer, openings(salon, *codes)[number].visits[0], visit_id=visit_id)
    return bookings.confirm(salon, customer, visit_id)


def events_of(salon, name):
    with transaction() as session:
        return session.execute(
            text("SELECT payload FROM event_outbox WHERE tenant_id = :tenant AND name = :name ORDER BY id"),
            {"tenant": salon.id, "name": name},
        ).scalars().all()


def test_a_confirmed_visit_says_all_that_the_confirmation_message_needs(salon, customer, at):
    visit = openings(salon, "escova", "manicure")[0].visits[0]
    visit_id = uuid4()
    holds.hold(salon, customer, visit, visit_id=visit_id)
    booking = bookings.confirm(salon, customer, visit_id)
    assert (booking.id, booking.tenant_id, booking.customer_id) == (visit_id, salon.id, customer)
    assert (booking.starts_at, booking.ends_at) == (visit.start, visit.end)
    assert (booking.status, booking.payment_status) == ("confirmed", "on_site")
    assert booking.total_price == Decimal("105.00") == sum(item.price for item in booking.items)
    assert [(item.service_id, item.staff_id, item.starts_at, item.ends_at) for item in booking.items] == [
        (part.service_id, part.staff_id, part.start, part.end) for part in visit.segments
    ]
    assert {item.service_name: item.staff_name for item in booking.items}["Escova"] == "Ana Souza"
    assert len(booking.code) == 6 and set(booking.code) <= set(CODE_LETTERS)
    assert bookings.get(salon, visit_id) == booking == bookings.by_code(salon, f" {booking.code.lower()} ")
    (told,) = events_of(salon, "booking.confirmed")
    assert told["booking_id"] == str(visit_id) and told["starts_at"] == visit.start.isoformat()


def test_items_end_without_the_cleanup_that_blocks_the_diary(salon, customer, at):
    booking = booked(salon, customer, "massagem")
    assert booking.ends_at - booking.starts_at == timedelta(minutes=60)
    with transaction() as session:
        blocked = session.execute(
            text("SELECT upper(during) - lower(during) FROM allocations WHERE visit_id = :id"), {"id": booking.id}
        ).scalar_one()
    assert blocked == timedelta(minutes=70)


def test_confirming_again_gives_the_same_booking_and_tells_of_it_once(salon, customer, at):
    booking = booked(salon, customer, "barba")
    at(minutes=30)
    assert bookings.confirm(salon, customer, booking.id) == booking
    assert len(events_of(salon, "booking.confirmed")) == 1


def test_without_a_hold_nothing_is_booked(salon, customer, at):
    assert bookings.confirm(salon, customer, uuid4()) is None
    visit_id = uuid4()
    holds.hold(salon, customer, openings(salon, "barba")[0].visits[0], visit_id=visit_id)
    assert bookings.confirm(salon, new_customer(salon), visit_id) is None
    holds.release(visit_id)
    assert bookings.confirm(salon, customer, visit_id) is None
    assert events_of(salon, "booking.confirmed") == []


@pytest.mark.parametrize("meanwhile", ["nothing", "swept", "taken and given back"])
def test_an_expired_hold_is_confirmed_when_its_time_is_still_free(salon, customer, at, meanwhile):
    visit_id, visit = uuid4(), openings(salon, "escova", "manicure")[0].visits[0]
    holds.hold(salon, customer, visit, visit_id=visit_id)
    at(minutes=6)
    if meanwhile == "swept":
        assert holds.sweep() == 2
    if meanwhile == "taken and given back":
        rival = uuid4()
        assert holds.hold(salon, new_customer(salon), visit, visit_id=rival)
        holds.release(rival)
    booking = bookings.confirm(salon, customer, visit_id)
    assert [item.starts_at for item in booking.items] == [part.start for part in visit.segments]
    assert bookings.confirm(salon, customer, visit_id) == booking


def test_an_expired_hold_is_not_confirmed_when_part_of_its_time_was_taken_or_is_past(salon, customer, at):
    visit_id, visit = uuid4(), openings(salon, "escova", "manicure")[0].visits[0]
    holds.hold(salon, customer, visit, visit_id=visit_id)
    at(minutes=6)
    alone = next(o for o in openings(salon, "manicure") if o.start == visit.segments[1].start).visits
    last = next(other for other in alone if other.staff_ids == (visit.segments[1].staff_id,))
    assert holds.hold(salon, new_customer(salon), last, visit_id=uuid4())
    assert bookings.confirm(salon, customer, visit_id) is None

    visit_id, visit = uuid4(), openings(salon, "barba")[0].visits[0]
    holds.hold(salon, customer, visit, visit_id=visit_id)
    at(days=9)
    assert bookings.confirm(salon, customer, visit_id) is None


def test_a_cancelled_booking_frees_its_time_once(salon, customer, at):
    booking = booked(salon, customer, "escova", "manicure")
    start = booking.starts_at
    assert start not in [opening.start for opening in openings(salon, "escova")]
    cancelled = bookings.cancel(salon, booking.id, by="customer")
    assert cancelled.status == "cancelled" and cancelled.items == booking.items
    assert bookings.cancel(salon, booking.id, by="customer") == cancelled
    assert start in [opening.start for opening in openings(salon, "escova", "manicure")]
    (told,) = events_of(salon, "booking.cancelled")
    assert told["by"] == "customer" and told["booking_id"] == str(booking.id)
    assert bookings.confirm(salon, customer, booking.id) == cancelled
    assert booked(salon, customer, "escova", "manicure").starts_at == start


def test_an_unknown_or_another_establishments_booking_cannot_be_touched(salon, customer, at):
    with pytest.raises(bookings.UnknownBooking):
        bookings.cancel(salon, uuid4(), by="customer")
    assert bookings.get(salon, uuid4()) is None
    assert bookings.by_code(salon, "CCCCCC") is None


def test_a_moved_booking_keeps_its_code_and_prices_and_frees_the_old_time(salon, customer, at):
    booking = booked(salon, customer, "escova", "manicure")
    with transaction() as session:
        session.execute(text("UPDATE services SET price = price * 2"))
    target = openings(salon, "escova", "manicure", for_visit=booking.id)[-1].visits[0]
    moved = bookings.reschedule(salon, booking.id, target)
    assert (moved.id, moved.code, moved.total_price) == (booking.id, booking.code, booking.total_price)
    assert [(item.staff_id, item.starts_at) for item in moved.items] == [
        (part.staff_id, part.start) for part in target.segments
    ]
    assert booking.starts_at in [opening.start for opening in openings(salon, "escova", "manicure")]
    (told,) = events_of(salon, "booking.rescheduled")
    assert (told["from_starts_at"], told["starts_at"]) == (booking.starts_at.isoformat(), target.start.isoformat())
    assert bookings.reschedule(salon, booking.id, target) == moved
    assert len(events_of(salon, "booking.rescheduled")) == 1


def test_a_booking_moves_onto_part_of_its_own_time(salon, customer, at):
    booking = booked(salon, customer, "massagem")
    later = next(o for o in openings(salon, "massagem", for_visit=booking.id)
                 if o.start == booking.starts_at + timedelta(minutes=15))
    assert bookings.reschedule(salon, booking.id, later.visits[0]).starts_at == later.start


def test_a_booking_whose_new_time_is_taken_stays_where_it_was(salon, customer, at):
    booking = booked(salon, customer, "massagem")
    target = openings(salon, "massagem", for_visit=booking.id)[5].visits[0]
    rival = uuid4()
    assert holds.hold(salon, new_customer(salon), target, visit_id=rival)
    assert bookings.reschedule(salon, booking.id, target) is None
    assert bookings.get(salon, booking.id) == booking
    assert booking.starts_at not in [opening.start for opening in openings(salon, "massagem")]
    assert events_of(salon, "booking.rescheduled") == []


@pytest.mark.parametrize("minutes", [1, 6], ids=["live", "expired"])
def test_a_booking_moves_onto_the_time_its_customer_holds(salon, customer, at, minutes):
    booking = booked(salon, customer, "massagem")
    held, target = uuid4(), openings(salon, "massagem")[5].visits[0]
    assert holds.hold(salon, customer, target, visit_id=held)
    at(minutes=minutes)
    if minutes > 5:
        holds.sweep()
    assert bookings.reschedule(salon, booking.id, held_as=held).starts_at == target.start
    assert bookings.confirm(salon, customer, held) is None
    cancelled = bookings.cancel(salon, booking.id, by="customer")
    assert bookings.reschedule(salon, cancelled.id, target) is None
    assert target.start in [opening.start for opening in openings(salon, "massagem")]


def test_a_customer_sees_her_own_bookings_the_latest_first_or_the_next_first(salon, customer, at):
    first, second, third = (booked(salon, customer, "barba", number=number) for number in (0, 9, 18))
    booked(salon, new_customer(salon), "barba", number=3)
    assert bookings.for_customer(salon, customer) == (third, second, first)
    assert bookings.for_customer(salon, customer, limit=2) == (third, second)
    bookings.cancel(salon, second.id, by="staff")
    assert bookings.for_customer(salon, customer, upcoming_only=True) == (first, third)
    at(days=10)
    assert bookings.for_customer(salon, customer, upcoming_only=True) == ()
    assert len(bookings.for_customer(salon, customer)) == 3


def test_a_manage_link_opens_its_booking_and_no_other(salon, customer, at):
    booking, other = booked(salon, customer, "barba"), booked(salon, customer, "barba")
    link = bookings.manage_link(salon, booking, "https://marcai.example/")
    assert link.startswith("https://marcai.example/m/")
    token = link.rsplit("/", 1)[1]
    tenant, found = bookings.open_link(token)
    assert (tenant.id, found) == (salon.id, booking)
    value, _, signature = token.partition(".")
    others = bookings.manage_link(salon, other, "").rsplit("/", 1)[1].partition(".")
    for wrong in ("", ".", value, f"{value}.", f"{value}.{signature[:-1]}", f"{others[0]}.{signature}", f"{value}.é",
                  f"{value}.{signature}x", f"x.{signature}"):
        assert bookings.open_link(wrong) is None


def test_a_manage_link_is_opened_with_one_connection_at_a_time(salon, customer, at, monkeypatch):
    token = bookings.manage_link(salon, booked(salon, customer, "barba"), "").rsplit("/", 1)[1]
    only_one = create_engine(settings().database_url, pool_size=1, max_overflow=0, pool_timeout=1, future=True)
    monkeypatch.setattr(database, "engine", lambda: only_one)
    tenants.forget_cache()
    try:
        assert bookings.open_link(token)[0].id == salon.id
    finally:
        only_one.dispose()


def test_a_collision_that_ends_in_a_booking_is_recorded_as_booked(salon, customer, at):
    collision = holds.record_collision(salon, customer, clock.now(), 1)
    booked(salon, customer, "barba")
    with transaction() as session:
        outcome = session.execute(
            text("SELECT outcome FROM slot_collisions WHERE id = :id"), {"id": collision}
        ).scalar_one()
    assert outcome == "booked"


def test_codes_are_drawn_again_when_the_establishment_has_used_one(salon, customer, at, monkeypatch):
    all_alike = sum(len(CODE_LETTERS) ** place for place in range(CODE_LENGTH))
    drawn = iter((0, 0, all_alike))
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))
    assert booked(salon, customer, "barba").code == "CCCCCC"
    assert booked(salon, customer, "barba").code == "DDDDDD"
