"""What is kept, how long, and that its end is found by an index and changes no figure of the days that stay."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event, func, insert, select, text

from marcai.analytics import queries, recording
from marcai.analytics.models import Abandonment, DialogueTurn
from marcai.analytics.scope import Scope
from marcai.bookings.models import Booking
from marcai.customers import service as customers
from marcai.customers.models import AuditRecord, Customer
from marcai.handoff.models import Handoff
from marcai.migrations.tables import metadata
from marcai.notifications.models import Notification
from marcai.platform import clock, retention, rooms
from marcai.platform.database import engine, transaction
from marcai.platform.events import EventRecord
from marcai.platform.idempotency import IdempotentRequest
from marcai.platform.settings import settings
from marcai.scheduling.models import SlotCollision, Suggestion
from marcai.web.analytics.tables import TABLES, Report
from marcai.whatsapp.models import (
    ConversationEvent,
    ConversationSnapshot,
    DeliveryStatus,
    InboundMessage,
    Lane,
    OfferedOption,
    OutboundMessage,
)
from marcai.worker import jobs as platform
from tests.history import History

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=timezone.utc)
KEPT_FOR_GOOD = {  # business records, and what an establishment's file says
    "bookings", "booking_items", "allocations", "tenants", "services", "service_interest", "staff", "staff_services",
    "shifts", "time_off", "resource_units", "attendants", "canned_replies", "customers",
}
WITH_ANOTHER = {"event_receipts"}  # deleted by a foreign key


def purge() -> None:
    """Every periodic job that deletes or erases, of the platform and of the rooms."""
    rooms.modules("personal")
    every = [*platform.JOBS_OF_THE_PLATFORM, *(job for module in rooms.modules("jobs") for job in module.JOBS)]
    for job in every:
        if job.name.startswith(("purge", "erase")):
            job.work()


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def ago(**time) -> datetime:
    return NOW - timedelta(**time)


def someone(salon, wa_id: str = "5511987654321", seen: datetime = NOW):
    with transaction() as session:
        customer = customers.identify(session, salon.id, wa_id=wa_id, user_id=None)
        customer.last_seen_at = seen
        return customer.id


def row(**values) -> dict:
    return values


def rows_at(salon, customer_id, at: datetime) -> dict:
    """One row of each table that loses rows with time, of an instant."""
    key = uuid4()
    return {
        InboundMessage: row(phone_number_id="1", message_key=key.bytes, kind="text", payload={}, state="done",
                            sent_at=at, received_at=at),
        DeliveryStatus: row(wamid_key=key.bytes, status="read", at=at, received_at=at),
        OfferedOption: row(token=str(key), tenant_id=salon.id, customer_id=customer_id, title="x", payload="/x",
                           created_at=at, expires_at=at),
        OutboundMessage: row(tenant_id=salon.id, customer_id=customer_id, dedupe_key=str(key), payload={},
                             state="read", next_attempt_at=at, created_at=at),
        ConversationEvent: row(sender_id=str(key), type_name="user", timestamp=at, data={}),
        ConversationSnapshot: row(sender_id=str(key), events=[], updated_at=at),
        Lane: row(id=key, tenant_id=salon.id, last_inbound_at=at),
        DialogueTurn: row(tenant_id=salon.id, conversation=key, session_started_at=at, turn_id=key, at=at),
        Abandonment: row(tenant_id=salon.id, conversation=key, session_started_at=at, flow="schedule", step="date",
                         reason="timeout", at=at),
        Suggestion: row(id=key, tenant_id=salon.id, kind="near_30", offered_at=at),
        SlotCollision: row(tenant_id=salon.id, wanted_at=at, round=1, outcome="booked", at=at),
        Notification: row(tenant_id=salon.id, customer_id=customer_id, kind="x", dedupe_key=str(key), created_at=at),
        Handoff: row(tenant_id=salon.id, customer_id=customer_id, state="closed", reason="asked", quiet=True, place=1,
                     requested_at=at, closed_at=at, context={"draft": {}}),
        AuditRecord: row(tenant_id=salon.id, event="exported", at=at),
        EventRecord: row(name="x", payload={}, at=at, relayed_at=at),
        IdempotentRequest: row(tenant_id=salon.id, key_index=key.bytes, content_index=b"", subject_id=key,
                               worker_id=key, leased_until=at, created_at=at),
    }


TIMES = {
    InboundMessage: timedelta(days=8), DeliveryStatus: timedelta(days=8), OfferedOption: timedelta(days=1),
    OutboundMessage: timedelta(days=180), ConversationEvent: timedelta(days=180),
    ConversationSnapshot: timedelta(days=180), Lane: timedelta(days=180), DialogueTurn: timedelta(days=761),
    Abandonment: timedelta(days=761), Suggestion: timedelta(days=761), SlotCollision: timedelta(days=761),
    Notification: timedelta(days=761), Handoff: timedelta(days=761), AuditRecord: timedelta(days=1830),
    EventRecord: timedelta(days=30), IdempotentRequest: timedelta(hours=24),
}


def put(salon, model, *ages: timedelta) -> None:
    customer_id = someone(salon)
    with transaction() as session:
        session.execute(AuditRecord.__table__.delete())  # that she was identified
        for age in ages:
            session.execute(insert(model).values(rows_at(salon, customer_id, NOW - age)[model]))


def count(model, *conditions) -> int:
    with transaction() as session:
        return session.execute(select(func.count()).select_from(model).where(*conditions)).scalar()


@pytest.mark.parametrize("model", TIMES, ids=lambda model: model.__tablename__)
def test_a_row_is_kept_for_its_time_and_no_longer(salon, model):
    put(salon, model, TIMES[model] - timedelta(minutes=1) - (timedelta(days=1) if TIMES[model].days == 761
                                                             else timedelta()), TIMES[model] + timedelta(minutes=1))
    purge()
    assert count(model) == 1


def test_every_table_is_kept_for_good_or_has_its_time():
    assert {model.__tablename__ for model in TIMES} | KEPT_FOR_GOOD | WITH_ANOTHER == set(metadata.tables)


def test_every_table_is_in_the_documentation_of_what_is_kept():
    told = (ROOT / "docs" / "privacy.md").read_text()
    assert {name for name in metadata.tables if f"`{name}" not in told} == set()


def test_what_still_waits_is_never_deleted(salon):
    customer_id, old = someone(salon), ago(days=4000)
    rows = rows_at(salon, customer_id, old)
    with transaction() as session:
        session.execute(insert(InboundMessage).values({**rows[InboundMessage], "state": "waiting"}))
        session.execute(insert(OutboundMessage).values({**rows[OutboundMessage], "state": "queued"}))
        session.execute(insert(Lane).values({**rows[Lane], "waiting": True}))
        session.execute(insert(Handoff).values({**rows[Handoff], "state": "waiting", "closed_at": None}))
        session.execute(insert(EventRecord).values({**rows[EventRecord], "relayed_at": None}))
    purge()
    assert [count(model) for model in (InboundMessage, OutboundMessage, Lane, Handoff, EventRecord)] == [1] * 5
    assert count(Handoff, Handoff.context.is_not(None)) == 1


def test_what_she_had_chosen_when_she_asked_for_a_person_goes_with_the_conversation(salon):
    put(salon, Handoff, timedelta(days=179), timedelta(days=181))
    purge()
    assert count(Handoff) == 2
    assert count(Handoff, Handoff.context.is_not(None)) == 1


def test_an_operator_may_keep_less(salon, monkeypatch):
    monkeypatch.setenv("MARCAI_KEEP_CONVERSATIONS_DAYS", "31")
    settings.cache_clear()
    put(salon, ConversationEvent, timedelta(days=30), timedelta(days=32))
    purge()
    monkeypatch.undo()
    settings.cache_clear()
    assert count(ConversationEvent) == 1


def test_two_workers_delete_many_rows_together_and_miss_none(salon):
    put(salon, ConversationEvent, *[timedelta(days=200)] * 60, timedelta(days=1))

    def work(_):
        return retention.purge(ConversationEvent, ConversationEvent.timestamp < ago(days=180), batch=7)

    with ThreadPoolExecutor(2) as pool:
        deleted = list(pool.map(work, range(2)))
    deleted.append(work(None))
    assert sum(deleted) == 60 and count(ConversationEvent) == 1


def test_the_figures_of_a_kept_day_stay_as_they_were(salon, monkeypatch):
    """Sessions around the midnight at which the kept days begin, at the salon's clocks."""
    monkeypatch.undo()
    history = History(salon, monkeypatch, datetime(2026, 11, 2, 13, 0, tzinfo=timezone.utc))
    for day in (0, 1, 2):
        begin = day * 24 * 60
        history.walk(history.customer(), begin, "service", "date", "time", "booking", "booked")
        history.walk(history.customer(), begin + 60, "service", "date")
        late = history.customer()
        history.walk(late, begin + 60 * 13 + 59, "service", "date")  # begins at 23:59, goes on after midnight
        history.missed(late, begin + 60 * 14 + 3, 1, "date")
        history.at(begin + 60 * 20)
        recording.judge()

    def figures(day: int):
        with queries.reading() as session:
            report = Report(session, Scope.of([salon], date(2026, 11, day), date(2026, 11, day)))
            return report.totals, [report.table(name).rows for name in TABLES]

    before = {day: figures(day) for day in (2, 3, 4)}
    nothing = figures(20)
    assert before[2] != nothing
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 4, 12, 0, tzinfo=timezone.utc))
    monkeypatch.setenv("MARCAI_KEEP_FIGURES_DAYS", "31")  # the kept days begin with 3 November
    settings.cache_clear()
    purge()
    settings.cache_clear()
    assert (figures(3), figures(4)) == (before[3], before[4])
    assert figures(2) == nothing


def test_who_has_not_been_here_for_years_is_erased(salon):
    old, new = someone(salon, "5511987654321", ago(days=1831)), someone(salon, "5511987654322", ago(days=1829))
    purge()
    with transaction() as session:
        assert session.get(Customer, old).phone is None and session.get(Customer, old).erased_at is not None
        assert session.get(Customer, new).phone is not None
        said = session.execute(select(AuditRecord.event, AuditRecord.detail).where(AuditRecord.customer_id == old)
                               .order_by(AuditRecord.id.desc())).first()
    assert tuple(said) == ("erased", {"why": "silent"})


def test_who_was_here_by_another_door_is_not_erased(salon):
    customer_id = someone(salon, seen=ago(days=4000))
    with transaction() as session:
        session.add(Booking(tenant_id=salon.id, customer_id=customer_id, code="ABC", starts_at=ago(days=300),
                            ends_at=ago(days=300), total_price=Decimal(1)))
    purge()
    with transaction() as session:
        assert session.get(Customer, customer_id).phone is not None


def test_every_deletion_finds_its_rows_by_an_index(salon):
    customer_id = someone(salon, seen=ago(days=4000))
    with transaction() as session:
        for model, values in rows_at(salon, customer_id, ago(days=4000)).items():
            session.execute(insert(model).values(values))
    seen: dict[str, tuple] = {}

    @event.listens_for(engine(), "before_cursor_execute")
    def keep(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith(("DELETE", "UPDATE", "SELECT customers")):
            seen.setdefault(statement, (parameters,))

    try:
        purge()
    finally:
        event.remove(engine(), "before_cursor_execute", keep)
    deleted = {statement.split()[2] for statement in seen if statement.startswith("DELETE")}
    assert deleted >= {model.__tablename__ for model in TIMES}
    with engine().begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, (parameters,) in seen.items():
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar()
            plan = plan if isinstance(plan, list) else json.loads(plan)
            assert not list(without_condition(plan[0]["Plan"])), statement


def without_condition(node: dict):
    """The parts of a plan that read a whole table."""
    reads = node.get("Relation Name") and node["Node Type"] not in ("ModifyTable", "Bitmap Heap Scan")
    if reads and "Index Cond" not in node and "TID Cond" not in node:
        yield node
    for child in node.get("Plans", ()):
        yield from without_condition(child)
