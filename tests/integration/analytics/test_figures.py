"""The figures of a constructed history, against numbers counted by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from marcai.analytics import misunderstood, queries, recording
from marcai.analytics.scope import Scope
from marcai.bookings.models import Booking, BookingItem
from marcai.catalogue.models import ServiceInterest
from marcai.catalogue.service import active_services
from marcai.handoff import service as handoffs
from marcai.notifications.models import Notification
from marcai.platform.database import transaction
from marcai.scheduling.models import SlotCollision, Suggestion
from marcai.staff.service import active_staff
from marcai.web.analytics.tables import TABLES, Report
from tests.history import History

BEGIN = datetime(2026, 11, 2, 13, 0, tzinfo=timezone.utc)  # 10:00 in São Paulo
DAY = date(2026, 11, 2)


@pytest.fixture
def history(salon, monkeypatch):
    """The salon's conversations."""
    return History(salon, monkeypatch, BEGIN)


def read(tenants, name, first=DAY, last=DAY, flow=None):
    """The rows of a table."""
    with queries.reading() as session:
        return [tuple(row) for row in Report(session, Scope.of(tenants, first, last, flow)).table(name).rows]


def totals(tenants, **more):
    with queries.reading() as session:
        return Report(session, Scope.of(tenants, more.get("first", DAY), more.get("last", DAY))).totals


def judged(history):
    history.at(600)
    recording.judge()


def six_sessions(history):
    """Two book, one of them skipping most; one stops at the date, one is silent at the package, one only asks, one
    is silent at the date after two messages that were not understood."""
    history.walk(history.customer(), 0, "name", "service", "add_another", "package", "date", "time", "booking",
                 "booked")
    history.walk(history.customer(), 1, "booking", "booked")
    stops = history.customer()
    history.walk(stops, 2, "service", "date")
    history.turn(stops, 4, None, intent="stop", action="action_stop")
    history.walk(history.customer(), 5, "service", "add_another", "package")
    history.turn(history.customer(), 6, None, intent="ask_address", action="action_answer")
    lost = history.customer()
    history.walk(lost, 7, "service", "date")
    history.missed(lost, 9, 1, "date")
    history.missed(lost, 10, 2, "date")
    judged(history)


class TestFunnel:
    """How far sessions come."""

    def test_flows(self, history, salon):
        six_sessions(history)
        assert read([salon], "funnel") == [
            ("identification", 5, 0, 0.0, 1.0), ("catalogue", 5, 0, 0.0, 1.0), ("package", 5, 1, 0.2, 1.0),
            ("schedule", 4, 2, 0.5, 0.8), ("confirmation", 2, 0, 0.0, 0.4), ("booked", 2, 0, 0.0, 0.4)]
        found = totals([salon])
        assert (found.sessions, found.booking, found.booked, found.abandoned) == (6, 5, 2, 3)
        assert (found.turns, found.missed) == (8 + 2 + 3 + 3 + 1 + 4, 2)

    def test_steps(self, history, salon):
        six_sessions(history)
        assert [row[1:4] for row in read([salon], "steps")] == [
            ("name", 1, 0), ("service", 4, 0), ("add_another", 2, 0), ("package", 2, 1), ("date", 3, 2),
            ("time", 1, 0), ("booking", 2, 0), ("booked", 2, 0)]
        assert [row[1] for row in read([salon], "steps", flow="schedule")] == ["date", "time"]

    def test_abandonments(self, history, salon):
        six_sessions(history)
        assert sorted(read([salon], "abandonments")) == [
            ("package", "package", "timeout", "inform", 1), ("schedule", "date", "fallback", "nlu_fallback", 1),
            ("schedule", "date", "stop", "stop", 1)]
        assert {row[:2] for row in read([salon], "reasons")} == {("timeout", 1), ("fallback", 1), ("stop", 1)}
        assert read([salon], "abandonments", flow="package") == [("package", "package", "timeout", "inform", 1)]
        assert read([salon], "abandoned_by_day") == [(DAY, 3)]

    def test_a_session_under_way_has_reached_its_steps_and_left_none(self, history, salon):
        history.walk(history.customer(), 0, "service", "date")
        assert [row[1:4] for row in read([salon], "steps")] == [("service", 1, 0), ("date", 1, 0)]


class TestMisunderstanding:
    """What was not understood, and how it ended."""

    def test_levels(self, history, salon):
        saved, gone, person = history.customer(), history.customer(), history.customer()
        history.missed(saved, 0, 1, "date")
        history.walk(saved, 1, "booking", "booked")
        for place in (1, 2, 3, 4):
            history.missed(gone, place, place, "date")
        for place in (1, 2, 3):
            history.missed(person, place, place, "time")
        history.at(4)
        handoffs.request(salon, person, {}, "not_understood")
        history.turn(person, 5, "time", intent="talk_to_human", action="action_talk_to_human")
        judged(history)
        assert read([salon], "levels") == [(1, 1, 1, 0, 0, 1.0), (2, 0, 0, 0, 0, None), (3, 2, 0, 2, 1, 0.0)]
        assert [row[:6] for row in read([salon], "handoffs")] == [("not_understood", 1, 0, 0, 1, None)]

    def test_over_time_and_by_flow(self, history, salon):
        ana = history.customer()
        history.turn(ana, 0, "date")
        history.missed(ana, 1, 1, "date")
        history.missed(ana, 2, 2, "date")
        history.turn(ana, 3, "service", intent="ask_price")
        history.missed(ana, 24 * 60, 1, "service")
        days = {"first": DAY - timedelta(days=1), "last": DAY + timedelta(days=1)}
        assert read([salon], "missed_by_day", **days) == [
            (DAY - timedelta(days=1), 0, 0, 0), (DAY, 1, 1, 0), (DAY + timedelta(days=1), 1, 0, 0)]
        assert read([salon], "missed_by_day", flow="schedule") == [(DAY, 1, 1, 0)]
        assert read([salon], "missed_by_day", flow="package") == []

    def test_confusions_tell_what_came_next(self, history, salon):
        for place in range(3):
            ana = history.customer()
            history.missed(ana, place, 1, None)
            history.turn(ana, place + 0.5, None, intent="ask_price")
        (row,) = read([salon], "confusions")
        assert row[:3] == ("ask_price", "ask_duration", 3) and row[3] == pytest.approx(0.4) and row[4] == "ask_price"

    def test_the_words_are_masked_and_each_look_is_written_down(self, history, salon, database):
        bia = history.customer("Beatriz Lima")
        history.missed(bia, 0, 1, "date", text="oi sou a Beatriz, liga pro 11 98765-4321 ou bia@x.com")
        history.missed(bia, 1, 2, "date", text="a minha filha Júlia quer hena")
        found = misunderstood.recent(Scope.of([salon], DAY, DAY), {"attendant": "x"})
        assert [one.text for one in found] == [
            "a minha filha [nome] quer hena", "oi sou a [nome], liga pro [número] ou [contato]"]
        assert [(one.level, one.asked, one.guess) for one in found] == [
            (2, "date", "ask_price"), (1, None, "ask_price")]
        with database.connect() as connection:
            assert connection.execute(text("SELECT customer_id, detail FROM audit_records "
                                           "WHERE event = 'misunderstood_read'")).all() == [(bia, {"attendant": "x"})]

    def test_the_words_of_somebody_erased_are_gone(self, history, salon):
        import marcai.whatsapp.personal  # noqa: F401
        from marcai.customers import rights

        bia = history.customer("Beatriz Lima")
        history.missed(bia, 0, 1, "date", text="segredo")
        rights.erase_customer(salon, bia)
        assert [one.text for one in misunderstood.recent(Scope.of([salon], DAY, DAY), {})] == ["[apagada]"]


class TestTheAgenda:
    """What other rooms write down."""

    @pytest.fixture(autouse=True)
    def _made(self, history, salon):
        ana, bia = history.customer(), history.customer()
        cut, other = active_services(salon)[:2]
        staff = active_staff(salon)[0]
        bookings = [(BEGIN, "confirmed", [cut, other]), (BEGIN + timedelta(hours=1), "cancelled", [cut]),
                    (BEGIN + timedelta(days=1), "confirmed", [cut])]
        with transaction() as session:
            def add(model, **values):
                session.execute(insert(model).values(tenant_id=salon.id, **values))

            for place, (at, status, services) in enumerate(bookings):
                found = uuid4()
                add(Booking, id=found, customer_id=ana, code=f"C{place}", starts_at=at, ends_at=at, status=status,
                    total_price=10, created_at=at)
                for position, service in enumerate(services):
                    session.execute(insert(BookingItem).values(
                        booking_id=found, position=position, service_id=service.id, staff_id=staff.id, starts_at=at,
                        ends_at=at, price=5))
            for kind, held, booked in (("near_30", True, True), ("near_30", True, False), ("next_dates", False, False)):
                add(Suggestion, id=uuid4(), kind=kind, offered_at=BEGIN, held_at=BEGIN if held else None,
                    booked_at=BEGIN if booked else None)
            for number, outcome in ((1, "booked"), (1, "abandoned"), (2, None), (5, "booked")):
                add(SlotCollision, customer_id=bia, wanted_at=BEGIN, round=number, outcome=outcome, at=BEGIN)
            for place, status in enumerate(("read", "delivered", "failed", "queued")):
                add(Notification, customer_id=ana, kind="reminder.24h", dedupe_key=str(place), status=status,
                    created_at=BEGIN)
            for day, views in ((DAY, 4), (DAY + timedelta(days=1), 3)):
                session.execute(insert(ServiceInterest).values(service_id=cut.id, day=day, views=views, liked=1))
        self.cut, self.other = cut.name, other.name

    def test_bookings(self, salon):
        assert read([salon], "bookings_by_day", last=DAY + timedelta(days=1)) == [
            (DAY, 1, 1), (DAY + timedelta(days=1), 1, 0)]

    def test_alternatives(self, salon):
        assert read([salon], "suggestions") == [("near_30", 2, 2, 1, 0.5), ("next_dates", 1, 0, 0, 0.0)]

    def test_collisions(self, salon):
        assert read([salon], "collisions") == [(1, 2, 1, 1, 0), (2, 1, 0, 0, 1), (3, 1, 1, 0, 0)]

    def test_services(self, salon):
        assert read([salon], "services") == [(self.cut, 4, 2, 1, 0), (self.other, 0, 1, 0, 0)]

    def test_notifications(self, salon):
        assert read([salon], "notifications") == [("reminder.24h", 4, 2, 1, 1, 1, 0.5)]

    def test_another_establishment_sees_nothing_of_it(self, other_salon):
        assert all(not read([other_salon], name) for name in TABLES)

    def test_another_day_sees_nothing_of_it(self, salon):
        days = {"first": DAY - timedelta(days=9), "last": DAY - timedelta(days=1)}
        assert all(not read([salon], name, **days) for name in TABLES)


def test_nothing_happened(salon):
    assert all(not read([salon], name) for name in TABLES)
    assert set(vars(totals([salon])).values()) == {0}


def test_establishments_are_kept_apart_and_added_up(history, salon, other_salon, monkeypatch):
    six_sessions(history)
    clinic = History(other_salon, monkeypatch, BEGIN)
    clinic.walk(clinic.customer(), 0, "service")
    judged(clinic)
    assert [totals(those).sessions for those in ([salon], [other_salon], [salon, other_salon])] == [6, 1, 7]
    assert [row[:3] for row in read([other_salon], "steps")] == [("catalogue", "service", 1)]
    assert misunderstood.recent(Scope.of([other_salon], DAY, DAY), {}) == []


def test_days_are_those_of_the_establishment(history, salon):
    ana, bia = history.customer(), history.customer()
    history.turn(ana, 13 * 60 + 59, "date")  # 23:59 in São Paulo
    history.turn(bia, 14 * 60 + 1, "date")  # 00:01 of the next day
    assert totals([salon]).sessions == 1
    assert totals([salon], last=DAY + timedelta(days=1)).sessions == 2


def test_a_long_period_has_a_column_for_each_week(history, salon):
    history.walk(history.customer(), 0, "date")
    judged(history)
    rows = read([salon], "abandoned_by_day", first=DAY - timedelta(days=60), last=DAY)
    assert len(rows) == 10 and rows[-1] == (DAY, 1) and all(day.weekday() == 0 for day, _ in rows)


@pytest.mark.parametrize(("first", "last", "flow"), [
    (DAY, DAY - timedelta(days=1), None), (DAY - timedelta(days=400), DAY, None), (DAY, DAY, "nothing")])
def test_a_scope_has_an_end(salon, first, last, flow):
    with pytest.raises(ValueError):
        Scope.of([salon], first, last, flow)
    with pytest.raises(ValueError):
        Scope.of([], DAY, DAY)
