"""Sending: order per customer, every class of failure, and delivery statuses in any order."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text as sql

from marcai.customers import service as customers
from marcai.notifications import service as notifications
from marcai.platform.database import transaction
from marcai.whatsapp import outbox, statuses, turns
from tests.channel.line import status, text, until

ANA, BIA = "5511988887777", "5521977776666"


def body(words):
    return {"type": "text", "text": {"body": words}}


def one(database, query, **values):
    with database.connect() as connection:
        return connection.execute(sql(query), values).one()


def state(database, row_id):
    return one(database, "SELECT state FROM outbound_messages WHERE id = :id", id=row_id).state


@pytest.fixture
def customer(salon):
    def make(phone):
        with transaction() as session:
            return customers.identify(session, salon.id, wa_id=phone, user_id=None).id
    return make


@pytest.fixture
def enqueue(salon, customer):
    def put(phone, *words, key=None, turn=None, bodies=None):
        with transaction() as session:
            rows = outbox.enqueue(session, tenant_id=salon.id, customer_id=customer(phone), turn_id=turn,
                                  bodies=bodies or [body(one) for one in words], dedupe_key=key or str(uuid4()))
        outbox.wake()
        return rows
    return put


class Worker:
    """A sender as the worker runs it, in a thread with a loop of its own."""

    def __enter__(self):
        self.loop, ready = asyncio.new_event_loop(), threading.Event()

        async def main():
            self.stop, self.sender = asyncio.Event(), outbox.Sender()
            ready.set()
            await self.sender.run(self.stop)

        self.thread = threading.Thread(target=lambda: self.loop.run_until_complete(main()), daemon=True)
        self.thread.start()
        assert ready.wait(5)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(15)


@pytest.fixture
def worker(graph, monkeypatch):
    monkeypatch.setattr(outbox, "POLL_SECONDS", 0.1)
    with Worker() as running:
        yield running


class TestOrder:
    def test_a_customers_messages_leave_one_after_the_other(self, graph, enqueue, monkeypatch):
        monkeypatch.setattr(outbox, "POLL_SECONDS", 0.1)
        graph.delay = 0.02
        for number in range(10):
            enqueue(ANA, f"a{number}")
            enqueue(BIA, f"b{number}", f"b{number}'")
        with Worker(), Worker():
            until(lambda: len(graph.texts()) == 30, 30)
        assert graph.texts(ANA) == [f"a{number}" for number in range(10)]
        assert graph.texts(BIA) == [f"b{number}{mark}" for number in range(10) for mark in ("", "'")]

    def test_a_later_message_waits_for_an_earlier_one_that_is_tried_again(self, graph, enqueue, worker):
        graph.fail(131016, to=ANA, status=500, times=2)
        enqueue(ANA, "um", "dois")
        enqueue(BIA, "outra")
        until(lambda: graph.texts(BIA))
        assert graph.texts(ANA) == []
        until(lambda: len(graph.texts(ANA)) == 2)
        assert graph.texts(ANA) == ["um", "dois"]

    def test_a_reply_waits_for_what_was_queued_before_it(self, line, graph, enqueue, database):
        graph.fail(131016, to=ANA, status=500)
        enqueue(ANA, "aviso")
        line.receive(text(ANA, "oi"))
        until(lambda: len(graph.texts(ANA)) == 2)
        assert graph.texts(ANA) == ["aviso", "eco: oi"]

    def test_the_same_key_is_queued_once(self, graph, enqueue, database):
        assert enqueue(ANA, "um", key="k") and not enqueue(ANA, "um", key="k")

    def test_customers_are_sent_to_side_by_side(self, graph, enqueue, worker):
        graph.delay = 0.2
        began = time.monotonic()
        for number in range(20):
            enqueue(f"55119{number:08d}", "oi")
        until(lambda: len(graph.texts()) == 20)
        assert time.monotonic() - began < 3  # one by one it would be four


class TestEnvelope:
    def test_statuses_can_be_tied_to_the_row(self, graph, enqueue, worker):
        row, = enqueue(ANA, "oi")
        call = until(lambda: graph.sent_to(ANA)[0])
        assert call["biz_opaque_callback_data"] == f"marcai:{row}"
        assert (call["to"], call["messaging_product"]) == (ANA, "whatsapp")

    def test_an_erased_customer_is_sent_nothing(self, graph, enqueue, database, salon, monkeypatch):
        row, = enqueue(ANA, "oi")
        with database.begin() as connection:
            connection.execute(sql("UPDATE customers SET reply_to = NULL"))
        monkeypatch.setattr(outbox, "POLL_SECONDS", 0.1)
        with Worker():
            until(lambda: state(database, row) == "failed")
        assert not graph.calls


class TestFailures:
    @pytest.mark.parametrize("code, status_code", [(2, 503), (131016, 500), (133004, 503), (1, 400), (131000, 500)])
    def test_passing_troubles_are_tried_again_soon(self, graph, enqueue, worker, database, code, status_code):
        graph.fail(code, status=status_code)
        row, = enqueue(ANA, "oi")
        until(lambda: state(database, row) == "sent")
        assert one(database, "SELECT attempts FROM outbound_messages").attempts == 2

    def test_a_server_error_without_a_code_is_tried_again(self, graph, enqueue, worker, database):
        graph.answers["*"] = [(502, "<html>"), (500, {"error": {"message": "x", "is_transient": True, "code": 987}})]
        row, = enqueue(ANA, "oi")
        until(lambda: state(database, row) == "sent")

    def test_tries_end(self, graph, enqueue, worker, database, monkeypatch):
        monkeypatch.setattr(outbox.random, "uniform", lambda low, high: 0.01)
        graph.fail(131000, status=500, times=9)
        row, = enqueue(ANA, "oi")
        enqueue(ANA, "depois")
        until(lambda: state(database, row) == "failed")
        assert len(graph.sent_to(ANA)) >= 3
        graph.answers.clear()
        until(lambda: graph.texts(ANA) == ["depois"])

    @pytest.mark.parametrize("code", [130429, 80007, 4, 131057])
    def test_a_throttled_number_pauses_all_its_messages(self, graph, enqueue, worker, database, code, monkeypatch):
        monkeypatch.setattr(outbox, "NUMBER_PAUSE_SECONDS", (1.0, 1.0))
        monkeypatch.setattr(outbox.random, "uniform", lambda low, high: 1.0)
        graph.fail(code)
        enqueue(ANA, "um")
        until(lambda: graph.calls)
        time.sleep(0.2)
        paused = time.monotonic()
        enqueue(BIA, "dois")
        until(lambda: len(graph.texts()) == 2)
        assert time.monotonic() - paused > 0.4
        assert graph.texts(ANA) == ["um"]

    def test_a_throttled_pair_pauses_only_that_customer_for_four_to_the_power(self, graph, enqueue, worker, database):
        graph.fail(131056, to=ANA, times=2)
        enqueue(ANA, "um", "dois")
        until(lambda: graph.calls)
        enqueue(BIA, "livre")
        until(lambda: graph.texts(BIA))
        until(lambda: len(graph.texts(ANA)) == 2)
        first, second, third = (call["at"] for call in graph.sent_to(ANA)[:3])
        assert 0.8 < second - first < 3 and 3.5 < third - second < 6
        assert graph.texts(ANA) == ["um", "dois"]

    @pytest.mark.parametrize("code", [131047, 131026, 131048, 131049, 132015, 131050, 130472])
    def test_what_cannot_succeed_is_not_tried_again(self, graph, enqueue, worker, database, code):
        graph.fail(code)
        row, = enqueue(ANA, "oi")
        until(lambda: state(database, row) == "failed")
        assert one(database, "SELECT error_code FROM outbound_messages").error_code == code
        time.sleep(0.3)
        assert len(graph.calls) == 1

    @pytest.mark.parametrize("code", [100, 131008, 131009, 131021, 99999])
    def test_a_refused_form_is_sent_once_more_as_text(self, graph, enqueue, worker, database, code):
        graph.fail(code)
        row, = enqueue(ANA, bodies=[{"type": "interactive", "interactive": {
            "type": "button", "body": {"text": "Confirma?"}, "action": {"buttons": [
                {"type": "reply", "reply": {"id": "t", "title": "Sim"}},
                {"type": "reply", "reply": {"id": "u", "title": "Não"}}]}}}])
        until(lambda: state(database, row) == "sent")
        assert graph.texts(ANA) == ["Confirma?\n\n• Sim\n• Não"]

    def test_a_refused_text_is_given_up(self, graph, enqueue, worker, database):
        graph.fail(100)
        row, = enqueue(ANA, "oi")
        until(lambda: state(database, row) == "failed")

    @pytest.mark.parametrize("code, status_code", [(190, 401), (10, 403), (131031, 403), (368, 403), (131042, 400),
                                                   (250, 403)])
    def test_trouble_with_the_account_stops_its_queue(self, graph, enqueue, worker, database, code, status_code):
        graph.fail(code, status=status_code, times=50)
        row, = enqueue(ANA, "um")
        until(lambda: graph.calls)
        time.sleep(0.2)
        enqueue(BIA, "dois")
        time.sleep(0.5)
        assert len(graph.calls) == 1 and state(database, row) == "queued"

    def test_an_unheard_answer_is_in_doubt_and_repeated_once_later(self, graph, enqueue, worker, database,
                                                                  monkeypatch):
        monkeypatch.setattr(outbox, "DOUBT_PAUSE", timedelta(seconds=0.6))
        graph.answers[ANA] = ["hang up"]
        row, = enqueue(ANA, "oi")
        until(lambda: state(database, row) == "sent")
        first, second = graph.sent_to(ANA)
        assert second["at"] - first["at"] > 0.5

    def test_two_unheard_answers_are_the_end(self, graph, enqueue, worker, database, monkeypatch):
        monkeypatch.setattr(outbox, "DOUBT_PAUSE", timedelta(seconds=0.2))
        graph.answers[ANA] = ["hang up"] * 5
        row, = enqueue(ANA, "oi")
        until(lambda: state(database, row) == "failed")
        assert len(graph.sent_to(ANA)) == 2

    def test_a_status_ends_the_doubt(self, line, graph, database):
        graph.answers[ANA] = ["hang up"]
        line.receive(text(ANA, "oi"))
        call = until(lambda: graph.sent_to(ANA)[0])
        until(lambda: one(database, "SELECT doubt FROM outbound_messages").doubt)
        line.tell(status(call["wamid"], "sent", biz_opaque_callback_data=call["biz_opaque_callback_data"]))
        row = one(database, "SELECT state, wamid_key FROM outbound_messages")
        assert row.state == "sent" and row.wamid_key is not None

    def test_an_unreachable_graph_is_tried_until_it_is_back(self, salon, enqueue, database, monkeypatch, graph):
        from marcai.platform.settings import settings

        monkeypatch.setattr(outbox, "POLL_SECONDS", 0.1)
        monkeypatch.setenv("WHATSAPP_GRAPH_URL", "http://127.0.0.1:1")
        settings.cache_clear()
        row, = enqueue(ANA, "oi")
        with Worker() as worker:
            until(lambda: one(database, "SELECT attempts FROM outbound_messages").attempts == 1)
            assert state(database, row) == "queued"
            worker.sender._api._base = f"{graph.url}/v26.0"
            until(lambda: state(database, row) == "sent")


    def test_a_send_that_cannot_be_recorded_at_once_is_not_sent_again(self, line, graph, database, monkeypatch):
        from sqlalchemy.exc import OperationalError

        monkeypatch.setattr(turns, "SEND_LEASE", timedelta(seconds=2))
        real, failures = outbox.RECORD_SENT, []

        def failing(**values):
            if len(failures) < 3:
                failures.append(1)
                raise OperationalError("x", {}, Exception("down"))
            return real(**values)

        monkeypatch.setattr(outbox, "RECORD_SENT", failing)
        line.receive(text(ANA, "oi"))
        until(lambda: one(database, "SELECT state FROM outbound_messages").state == "sent")
        time.sleep(2.5)
        assert graph.texts(ANA) == ["eco: oi"]


class TestStatuses:
    def sent(self, line, graph, database, words="oi", phone=ANA):
        line.receive(text(phone, words))
        call = until(lambda: graph.sent_to(phone)[-1])
        until(lambda: one(database, "SELECT state FROM outbound_messages ORDER BY id DESC LIMIT 1").state == "sent")
        return call["wamid"]

    @pytest.mark.parametrize("told, left", [
        (["sent", "delivered", "read"], "read"), (["read", "delivered", "sent"], "read"), (["delivered"], "delivered"),
        (["read", "sent"], "read"), (["played"], "read"), (["failed", "delivered", "read"], "failed"),
        (["deleted", "warning"], "sent"), (["delivered", "delivered"], "delivered"),
    ])
    @pytest.mark.parametrize("together", [True, False])
    def test_the_highest_rank_stays(self, line, graph, database, told, left, together):
        wamid = self.sent(line, graph, database)
        said = [status(wamid, name, errors=[{"code": 131026}] if name == "failed" else []) for name in told]
        for batch in ([said] if together else [[item] for item in said]):
            line.tell(*batch)
        row = one(database, "SELECT state, error_code, delivered_at, read_at FROM outbound_messages")
        assert row.state == left
        assert row.error_code == (131026 if "failed" in told else None)

    def test_a_status_that_comes_before_the_send_returns(self, line, graph, database):
        graph.on_call = lambda body, wamid: line.tell(status(wamid, "delivered"))
        line.receive(text(ANA, "oi"))
        until(lambda: one(database, "SELECT state FROM outbound_messages").state == "delivered")
        until(lambda: one(database, "SELECT count(*) AS kept FROM delivery_statuses").kept == 0)

    def test_an_early_status_with_our_id_does_not_wait_for_the_send(self, line, graph, database):
        graph.on_call = lambda body, wamid: line.tell(
            status(wamid, "read", biz_opaque_callback_data=body["biz_opaque_callback_data"]))
        line.receive(text(ANA, "oi"))
        until(lambda: one(database, "SELECT state FROM outbound_messages").state == "read")
        assert one(database, "SELECT count(*) AS kept FROM delivery_statuses").kept == 0

    def test_another_establishments_status_touches_nothing(self, line, graph, database):
        wamid = self.sent(line, graph, database)
        with database.begin() as connection:
            connection.execute(sql(
                "INSERT INTO tenants (id, slug, name, timezone, phone_number_id, display_phone_number, policy) "
                "VALUES (gen_random_uuid(), 'x', 'x', 'America/Sao_Paulo', '555', '5', '{}')"))
        from tests.conftest import _forget_cached_rooms

        _forget_cached_rooms()
        row = one(database, "SELECT id FROM outbound_messages").id
        line.post(line.body(line.value(statuses=[
            status(wamid, "read"), status("w", "read", biz_opaque_callback_data=f"marcai:{row}")], number="555")))
        assert state(database, row) == "sent"

    def test_a_failure_of_an_earlier_attempt_does_not_undo_a_later_one(self, line, graph, database):
        wamid = self.sent(line, graph, database)
        row = one(database, "SELECT id FROM outbound_messages").id
        line.tell(status("wamid.EARLIER", "failed", biz_opaque_callback_data=f"marcai:{row}"))
        assert state(database, row) == "sent"
        line.tell(status(wamid, "delivered"))
        assert state(database, row) == "delivered"

    @pytest.mark.parametrize("code", [131000, 131016, 130429, 131056])
    def test_a_failure_that_passes_is_answered_by_one_more_send(self, line, graph, database, monkeypatch, code):
        monkeypatch.setattr(statuses, "RESEND_PAUSE", timedelta(seconds=0.2))
        wamid = self.sent(line, graph, database)
        for _ in range(2):  # the status comes twice
            line.tell(status(wamid, "failed", errors=[{"code": code}]))
        again = until(lambda: graph.sent_to(ANA)[1])
        assert graph.texts(ANA) == ["eco: oi", "eco: oi"]
        until(lambda: one(database, "SELECT state FROM outbound_messages ORDER BY id DESC LIMIT 1").state == "sent")
        line.tell(status(again["wamid"], "failed", errors=[{"code": code}]))
        time.sleep(1.5)
        assert len(graph.sent_to(ANA)) == 2  # once, and no more
        assert count_failed(database) == 2

    def test_a_failure_that_stays_is_not_answered(self, line, graph, database, monkeypatch):
        monkeypatch.setattr(statuses, "RESEND_PAUSE", timedelta(seconds=0.2))
        for code in (131047, 131026, 131042, None):
            wamid = self.sent(line, graph, database)
            line.tell(status(wamid, "failed", errors=[{"code": code}]))
        time.sleep(1.5)
        assert len(graph.sent_to(ANA)) == 4

    def test_a_failure_that_is_told_too_late_is_not_answered(self, line, graph, database, monkeypatch):
        monkeypatch.setattr(statuses, "RESEND_PAUSE", timedelta(seconds=0.2))
        wamid = self.sent(line, graph, database)
        with database.begin() as connection:
            connection.execute(sql("UPDATE outbound_messages SET created_at = now() - interval '11 minutes'"))
        line.tell(status(wamid, "failed", errors=[{"code": 131000}]))
        time.sleep(1.5)
        assert len(graph.sent_to(ANA)) == 1

    def test_a_message_sent_once_more_keeps_its_place_before_later_ones(self, line, graph, database, monkeypatch):
        monkeypatch.setattr(statuses, "RESEND_PAUSE", timedelta(seconds=1))
        wamid = self.sent(line, graph, database)
        line.tell(status(wamid, "failed", errors=[{"code": 131000}]))
        line.receive(text(ANA, "depois"))
        until(lambda: len(graph.sent_to(ANA)) == 3)
        assert graph.texts(ANA) == ["eco: oi", "eco: oi", "eco: depois"]

    def test_an_attendant_sees_a_message_that_was_sent_once_more_as_one(self, line, graph, database, monkeypatch,
                                                                        customer):
        from marcai.whatsapp import history

        monkeypatch.setattr(statuses, "RESEND_PAUSE", timedelta(seconds=0.2))
        wamid = self.sent(line, graph, database)
        line.tell(status(wamid, "failed", errors=[{"code": 131000}]))
        again = until(lambda: graph.sent_to(ANA)[1])
        until(lambda: one(database, "SELECT state FROM outbound_messages ORDER BY id DESC LIMIT 1").state == "sent")
        line.tell(status(again["wamid"], "read"))
        assert [entry.state for entry in history.conversation(customer(ANA)) if entry.by != "customer"] == ["read"]

    def test_a_notification_follows_its_message_to_the_second_send(self, line, graph, enqueue, database, salon,
                                                                   customer, monkeypatch):
        monkeypatch.setattr(statuses, "RESEND_PAUSE", timedelta(seconds=0.2))
        notified(salon, customer(ANA), enqueue, database)
        line.tell(status(graph.sent_to(ANA)[0]["wamid"], "failed", errors=[{"code": 131016}]))
        assert one(database, "SELECT status FROM notifications").status != "failed"
        again = until(lambda: graph.sent_to(ANA)[1])
        until(lambda: one(database, "SELECT state FROM outbound_messages ORDER BY id DESC LIMIT 1").state == "sent")
        line.tell(status(again["wamid"], "delivered"))
        assert one(database, "SELECT status FROM notifications").status == "delivered"

    def test_kept_statuses_are_matched_later(self, line, graph, database):
        from datetime import datetime, timezone

        line.tell(status("wamid.OUT1", "read"))
        line.receive(text(ANA, "oi"))
        until(lambda: one(database, "SELECT state FROM outbound_messages").state == "read")
        assert statuses.match_kept(datetime(2020, 1, 1, tzinfo=timezone.utc)) == 0

    def test_a_notification_learns_what_became_of_its_message(self, line, graph, enqueue, database, salon, customer):
        notified(salon, customer(ANA), enqueue, database)
        line.tell(status(graph.sent_to(ANA)[0]["wamid"], "read"))
        assert one(database, "SELECT status FROM notifications").status == "read"


def notified(salon, customer_id, enqueue, database) -> None:
    """A notification whose message has been sent to Ana."""
    row, = enqueue(ANA, "confirmado")
    with transaction() as session:
        notice = notifications.record(session, tenant_id=salon.id, customer_id=customer_id, booking_id=None,
                                      kind="booking.confirmed", dedupe_key="n1")
        notifications.queued(session, notice, row)
    until(lambda: state(database, row) == "sent")


def count_failed(database) -> int:
    return one(database, "SELECT count(*) AS failed FROM outbound_messages WHERE state = 'failed'").failed


def test_what_a_dead_process_was_sending_counts_as_its_first_try(graph, enqueue, database, monkeypatch):
    monkeypatch.setattr(outbox, "POLL_SECONDS", 0.1)
    row, = enqueue(ANA, "oi")
    with database.begin() as connection:
        connection.execute(sql("UPDATE outbound_messages SET leased_until = now() - interval '1 s'"))
    graph.answers[ANA] = ["hang up"]
    with Worker():
        until(lambda: state(database, row) == "failed")  # in doubt already, unheard again: there is one retry
    assert len(graph.sent_to(ANA)) == 1 and timedelta(seconds=outbox.CHAIN_SECONDS) < turns.SEND_LEASE
