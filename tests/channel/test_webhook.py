"""What the webhook takes, refuses, stores once and answers."""

from __future__ import annotations

import json
import os
import time
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from marcai.whatsapp import inbox, lanes
from tests.channel.line import message, status, text, until

PHONE = "5511988887777"


def count(database, table: str = "inbound_messages", where: str = "true") -> int:
    with database.connect() as connection:
        return connection.execute(sql(f"SELECT count(*) FROM {table} WHERE {where}")).scalar()


class TestHandshake:
    def test_the_right_token_gets_the_bare_challenge(self, line):
        answer = line.client.get(line.url, params={
            "hub.mode": "subscribe", "hub.challenge": "12345", "hub.verify_token": "test-verify-token"})
        assert (answer.status_code, answer.text) == (200, "12345")
        assert answer.headers["content-type"].startswith("text/plain")

    @pytest.mark.parametrize("query", [
        {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "wrong"},
        {"hub.mode": "unsubscribe", "hub.challenge": "1", "hub.verify_token": "test-verify-token"},
        {"hub.challenge": "1"}, {}, {"hub.mode": "subscribe", "hub.verify_token": "é"},
    ])
    def test_anything_else_is_refused(self, line, query):
        assert line.client.get(line.url, params=query).status_code == 403


class TestSignature:
    @pytest.mark.parametrize("signature", [
        None, "", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "0" * 64, "sha256=é",
    ])
    def test_a_missing_or_wrong_signature_gets_403_and_nothing_happens(self, line, graph, database, signature):
        if signature is not None:
            signature = signature.encode("utf-8")
        answer = line.post(line.body(line.value([text(PHONE, "oi")])), signature=signature)
        assert (answer.status_code, answer.content) == (403, b"")
        time.sleep(0.1)
        assert count(database) == 0 and not graph.calls

    def test_the_signature_is_over_the_raw_body(self, line, graph):
        body = json.dumps(line.body(line.value([text(PHONE, "ação")])), indent=3, ensure_ascii=True).encode()
        assert line.post(None, raw=body.replace(b"/", b"\\/")).status_code == 200
        until(lambda: graph.texts(PHONE) == ["eco: ação"])

    def test_a_changed_body_is_refused(self, line):
        import hashlib
        import hmac

        good = json.dumps(line.body(line.value([text(PHONE, "oi")]))).encode()
        signature = "sha256=" + hmac.new(b"test-app-secret", good, hashlib.sha256).hexdigest()
        assert line.post(None, raw=good.replace(b'"oi"', b'"no"'), signature=signature).status_code == 403


class TestOnce:
    def test_the_same_webhook_again_changes_nothing(self, line, graph, database):
        body = line.body(line.value([text(PHONE, "oi")]))
        for _ in range(4):
            assert line.post(body).status_code == 200
        until(lambda: graph.texts(PHONE))
        assert line.post(body).status_code == 200
        time.sleep(0.3)
        assert graph.texts(PHONE) == ["eco: oi"] and count(database) == 1

    def test_messages_batched_differently_are_still_known(self, line, graph, database):
        one, two, three = (text(PHONE, words) for words in ("um", "dois", "três"))
        line.receive(one)
        until(lambda: len(graph.texts()) == 1)
        line.receive(two, one, two)
        until(lambda: len(graph.texts()) == 2)
        assert line.post(line.body(line.value([three]), line.value([two, one]))).status_code == 200
        until(lambda: len(graph.texts()) == 3)
        assert graph.texts(PHONE) == ["eco: um", "eco: dois", "eco: três"] and count(database) == 3

    def test_a_known_message_is_known_after_the_keys_were_rotated(self, line, database, monkeypatch, graph):
        from tests.conftest import forget_cached_connections

        known = text(PHONE, "oi")
        line.receive(known)
        until(lambda: graph.texts())
        monkeypatch.setenv("MARCAI_SECRET_KEYS", "a-new-key-" + "1" * 32 + "," + os.environ["MARCAI_SECRET_KEYS"])
        forget_cached_connections()
        try:
            line.receive(known, text("5511977776666", "nova"))
            until(lambda: graph.texts("5511977776666"))
            assert count(database) == 2
        finally:
            monkeypatch.undo()
            forget_cached_connections()

    def test_the_same_message_sent_to_two_servers_at_once_is_answered_once(self, start_line, graph, database):
        from concurrent.futures import ThreadPoolExecutor

        lines = [start_line(), start_line()]
        said = [text(PHONE, f"m{number}") for number in range(20)]
        bodies = [said, said[::-1], said[10:] + said[:10], said] * 2
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda pair: lines[pair[0] % 2].receive(*pair[1]), enumerate(bodies)))
        assert {answer.status_code for answer in answers} == {200}
        assert count(database) == 20


class TestBatches:
    def test_every_entry_change_message_and_status_is_read(self, line, graph, database):
        body = {"object": "whatsapp_business_account", "entry": [
            {"id": "1", "changes": [{"field": "messages", "value": line.value([text("551191", "a")])},
                                    {"field": "messages", "value": line.value(
                                        [text("551192", "b"), text("551193", "c")], [status("wamid.X", "sent")])}]},
            {"id": "2", "changes": [{"field": "account_update", "value": {"event": "x"}},
                                    {"field": "messages", "value": line.value([text("551194", "d")])}]}]}
        assert line.post(body).status_code == 200
        until(lambda: len(graph.texts()) == 4)
        assert sorted(graph.texts()) == ["eco: a", "eco: b", "eco: c", "eco: d"]
        assert count(database, "delivery_statuses") == 1

    def test_a_thousand_messages_in_one_post(self, line, graph, database):
        line.agent.ready = False
        said = [text(f"55119{number % 200:08d}", f"m{number}") for number in range(1000)]
        body = line.body(line.value(said[:500]), line.value(said[500:], [
            status(f"wamid.S{number}", "delivered") for number in range(500)]))
        began = time.monotonic()
        assert line.post(body).status_code == 200
        took = time.monotonic() - began
        assert count(database) == 1000 and count(database, "lanes", "waiting") == 200
        assert count(database, "delivery_statuses") == 500
        assert took < 5, took
        assert line.post(body).status_code == 200 and count(database) == 1000

    def test_a_body_of_three_megabytes_is_taken(self, line, graph, database):
        line.agent.ready = False
        said = [text(f"55119{number:08d}", "á" * 1500) for number in range(1000)]
        body = json.dumps(line.body(line.value(said)), ensure_ascii=False).encode()
        assert len(body) > 3_000_000
        assert line.post(None, raw=body).status_code == 200
        assert count(database) == 1000


class TestOdd:
    @pytest.mark.parametrize("raw", [
        b"", b"not json", b"{", b"[]", b"null", b"42", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"entry": null}',
        b'{"entry": [null, 1, "x", {"changes": [null, {"field": "messages", "value": null}]}]}',
        b'{"entry":[{"changes":[{"field":"messages","value":{"metadata":null,"messages":[{}]}}]}]}',
    ])
    def test_a_signed_body_gets_200_whatever_is_inside(self, line, raw):
        assert line.post(None, raw=raw).status_code == 200

    def test_what_cannot_be_read_is_kept_for_a_person(self, line, database):
        line.post(None, raw=b"not json at all")
        line.receive({"type": "text", "text": {"body": "no id, nobody"}})
        assert count(database, where="kind = 'malformed' AND state = 'failed'") == 2
        assert b"not json" not in open_payload(database)  # encrypted

    @pytest.mark.parametrize("change", [
        {"timestamp": None}, {"timestamp": "soon"}, {"timestamp": "9" * 30}, {"timestamp": -5}, {"timestamp": []},
        {"text": None}, {"text": []}, {"text": {"body": 5}}, {"text": {"body": "\ud800 oi \x00 ok"}}, {"type": None},
        {"type": "x\x00y"}, {"type": {"a": 1}}, {"type": "interactive"}, {"type": "interactive", "interactive": {
            "type": "button_reply", "button_reply": {"id": 7}}}, {"context": 5}, {"referral": "x"},
        {"extra": 2**80}, {"extra": 1e308}, {"errors": [1]},
    ])
    def test_odd_fields_never_stop_the_message_nor_the_next(self, line, graph, database, change):
        assert line.post(line.body(line.value([{**text(PHONE, "oi"), **change}]))).status_code == 200
        until(lambda: count(database, where="state = 'done'") == 1)
        line.receive(text(PHONE, "depois"))
        until(lambda: graph.texts(PHONE)[-1] == "eco: depois")

    def test_a_number_of_no_establishment_is_accepted_and_left(self, line, graph, database):
        assert line.post(line.body(line.value([text(PHONE, "oi")], number="999"))).status_code == 200
        time.sleep(0.2)
        assert count(database) == 0 and not graph.calls

    def test_contacts_are_matched_by_id_not_by_place(self, line, graph, database):
        line.receive(message(PHONE, "text", content={"body": "oi"}), contacts=[
            {"profile": {"name": "Outra"}, "wa_id": "5521900001111", "user_id": "BR.outra"},
            {"profile": {"name": "Ela"}, "wa_id": PHONE, "user_id": "BR.ela"}])
        until(lambda: graph.texts(PHONE))
        from marcai.customers.models import Customer
        from marcai.platform.database import transaction

        with transaction() as session:
            assert [one.user_id for one in session.query(Customer)] == ["BR.ela"]

    def test_only_a_failure_to_store_asks_whatsapp_to_come_again(self, line, monkeypatch):
        from sqlalchemy.exc import OperationalError

        from marcai.whatsapp import inbox

        def broken(_):
            raise OperationalError("x", {}, Exception("down"))

        body = line.body(line.value([text(PHONE, "oi")]))
        with monkeypatch.context() as patch:
            patch.setattr(inbox, "store", broken)
            assert line.post(body).status_code == 503
        assert line.post(body).status_code == 200


def open_payload(database) -> bytes:
    with database.connect() as connection:
        rows = connection.execute(sql("SELECT payload FROM inbound_messages")).scalars()
        return b"".join(map(bytes, rows))


def test_nothing_personal_is_readable_in_the_tables(line, graph, database):
    wamid = f"wamid.{uuid.uuid4().hex}"
    line.receive(text(PHONE, "segredo da cliente", id=wamid))
    until(lambda: graph.texts())
    wanted = [PHONE.encode(), wamid.encode(), b"segredo"]
    with database.connect() as connection:
        names = connection.execute(sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        for name in names:
            for row in connection.execute(sql(f'SELECT * FROM "{name}"')):
                for value in row:
                    seen = bytes(value) if isinstance(value, memoryview) else str(value).encode()
                    assert not any(secret in seen for secret in wanted), name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([
        "entry", "changes", "field", "value", "messages", "statuses", "contacts", "metadata", "phone_number_id", "id",
        "from", "type", "text", "body", "interactive", "button_reply", "errors", "code", "status", "timestamp",
        "wa_id", "user_id"]) | st.text(max_size=5), inner, max_size=5), max_leaves=30)


@hypothesis_settings(max_examples=80, deadline=None,
                     suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(inside=JSON, place=st.sampled_from(["body", "value", "message", "part", "status"]))
def test_signed_garbage_always_gets_200(line, inside, place):
    kind = "text"
    bodies = {
        "body": inside, "value": line.body(inside), "message": line.body(line.value([inside])),
        "part": line.body(line.value([{**text(PHONE, "x"), kind: inside}])),
        "status": line.body(line.value(statuses=[inside, {"id": "w", "status": "sent", "errors": inside}])),
    }
    assert line.post(None, raw=json.dumps(bodies[place]).encode()).status_code == 200


def test_the_server_serves_after_all_that(line, graph):
    line.receive(text("5511900000001", "ainda aqui?"))
    until(lambda: graph.texts("5511900000001") == ["eco: ainda aqui?"])


class TestLease:
    """A message whose customer nobody serves is leased to the process that stores it, in the same transaction."""

    def stored(self, line, *phones, places):
        value = line.value([text(phone, "oi") for phone in phones])
        return inbox.store(json.dumps(line.body(value)).encode(), lambda: places)

    def leases(self, database):
        with database.connect() as connection:
            return [row.leased_by for row in connection.exec_driver_sql("SELECT leased_by FROM lanes ORDER BY id")]

    @pytest.fixture
    def line(self, line):
        line.agent.ready = False  # nothing is taken by itself
        return line

    def test_it_comes_back_with_what_a_turn_needs(self, line, database):
        stored = self.stored(line, PHONE, places=1)
        assert not stored.waiting and len(stored.rows) == 1 and stored.rows[0].payload
        assert self.leases(database) == [stored.token]

    def test_another_message_of_hers_waits_for_the_turn_under_way(self, line, database):
        first = self.stored(line, PHONE, places=5)
        second = self.stored(line, PHONE, places=5)
        assert second.waiting and not second.rows
        assert self.leases(database) == [first.token]

    def test_more_customers_than_places_all_wait_in_order(self, line, database):
        stored = self.stored(line, PHONE, "5511977770000", places=1)
        assert stored.waiting and not stored.rows
        assert self.leases(database) == [None, None]

    def test_a_process_that_dies_right_after_storing_leaves_the_message_to_the_next(self, line, graph, monkeypatch):
        monkeypatch.setattr(lanes, "LEASE", timedelta(seconds=0.5))
        self.stored(line, PHONE, places=1)
        line.agent.ready = True
        until(lambda: graph.texts(PHONE) == ["eco: oi"])
