"""Idempotency keys: whatever is repeated, there is one booking and one answer."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from marcai.bookings import service as bookings
from marcai.platform import clock, idempotency
from marcai.platform.database import transaction
from marcai.web.api import repeating
from tests.web.conftest import KEY, problem


def count(table="bookings"):
    with transaction() as session:
        return session.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_a_repeated_request_gets_the_same_answer(api):
    wish = api.wish(api.starts("barba")[0], "barba", name="Maria")
    first = api.post("/bookings", wish, "repeated")
    written_otherwise = {**wish, "customer": {"name": " Maria ", "phone": "11987654321"}}
    for body in (wish, dict(reversed(wish.items())), written_otherwise):
        again = api.post("/bookings", body, "repeated")
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["location"] == first.headers["location"]
        assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert count() == 1


def test_a_repeated_request_is_told_what_was_told_even_when_the_booking_has_changed(api):
    wish = api.wish(api.starts("barba")[0], "barba")
    first = api.post("/bookings", wish, "repeated")
    api.post(f"{first.headers['location']}/cancel")
    assert api.post("/bookings", wish, "repeated").json()["status"] == "confirmed"


def test_a_refusal_is_repeated_too(api):
    booked = api.booked("massagem")
    wish = api.wish(booked["start"], "massagem", phone="11 3333-4444")
    first = api.post("/bookings", wish, "refused")
    problem(first, 409, "start-taken")
    api.post(f"/bookings/{booked['id']}/cancel")
    again = api.post("/bookings", wish, "refused")
    assert problem(again, 409, "start-taken") == first.json()
    assert api.post("/bookings", wish, "another").status_code == 201


def test_a_key_serves_one_request_only(api):
    starts = api.starts("barba")
    assert api.post("/bookings", api.wish(starts[0], "barba"), "one-key").status_code == 201
    for other in (api.wish(starts[5], "barba"), api.wish(starts[0], "barba", phone="11 3333-4444"),
                  api.wish(starts[0], "corte-masculino")):
        problem(api.post("/bookings", other, "one-key"), 422, "idempotency-key-reused")
    assert count() == 1


def test_a_key_is_needed_and_has_a_form(api):
    wish = api.wish(api.starts("barba")[0], "barba")
    for key in (None, " ", "with space", "x" * 256, "á"):
        headers = {} if key is None else {"Idempotency-Key": key.encode()}
        body = problem(api.post("/bookings", wish, headers=headers), 422, "invalid-request")
        assert [(error["in"], error["name"]) for error in body["errors"]] == [("header", "Idempotency-Key")]
    assert count() == 0


def test_nothing_personal_is_kept_in_clear(api):
    wish = api.wish(api.starts("barba")[0], "barba", name="Maria Quitéria")
    told = api.post("/bookings", wish, "order-of-11987654321").json()
    with transaction() as session:
        row = session.execute(text("SELECT * FROM idempotent_requests")).mappings().one()
    kept = b" ".join(bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                     for value in row.values())
    for secret in (b"98765", b"Maria", b"order", told["code"].encode()):
        assert secret not in kept
    assert str(row["subject_id"]) == told["id"]


def test_a_key_is_free_again_after_a_day(api, at):
    starts = api.starts("barba")
    assert api.post("/bookings", api.wish(starts[0], "barba"), "daily").status_code == 201
    at(hours=23, minutes=59)
    problem(api.post("/bookings", api.wish(starts[-1], "barba"), "daily"), 422, "idempotency-key-reused")
    at(hours=24, minutes=1)
    assert api.post("/bookings", api.wish(starts[-1], "barba"), "daily").status_code == 201
    assert (count(), count("idempotent_requests")) == (2, 1)
    at(hours=48, minutes=2)
    idempotency.forget_old()
    assert count("idempotent_requests") == 0


def test_a_rotated_secret_still_knows_the_keys_of_before(api, monkeypatch):
    from marcai.platform import crypto
    from marcai.platform.settings import settings

    def forget():
        for cached in (settings, crypto._vault, crypto._index_keys):
            cached.cache_clear()

    wish = api.wish(api.starts("barba")[0], "barba")
    first = api.post("/bookings", wish, "rotated")
    with monkeypatch.context() as patched:
        patched.setenv("MARCAI_SECRET_KEYS", "a-new-key-" + "1" * 32 + "," + settings().secret_keys)
        forget()
        assert api.post("/bookings", wish, "rotated").content == first.content
    forget()


def test_many_at_once_with_one_key_are_one_booking(api, live):
    wish = api.wish(api.starts("massagem")[0], "massagem")
    answers = together(live, [(wish, "at-once")] * 12)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (count(), count("idempotent_requests"), count("customers")) == (1, 1, 1)


def test_many_at_once_for_one_start_are_one_booking(api, live):
    start = api.starts("massagem")[0]
    answers = together(live, [(api.wish(start, "massagem", phone=f"11 3333-44{number:02}"), f"rival-{number}")
                              for number in range(12)])
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
    for answer in answers:
        if answer.status_code == 409:
            problem(answer, 409, "start-taken")
    assert count() == 1


def test_two_professionals_serve_two_rivals(api, live):
    start = next(one["start"] for one in api.availability("sobrancelha")["starts"] if len(one["ways"]) > 1)
    free = len(next(one["ways"] for one in api.availability("sobrancelha")["starts"] if one["start"] == start))
    answers = together(live, [(api.wish(start, "sobrancelha", phone=f"11 3333-44{number:02}"), f"rival-{number}")
                              for number in range(8)])
    assert [answer.status_code for answer in answers].count(201) == free == count()


def together(live, requests):
    barrier = threading.Barrier(len(requests))

    def send(request):
        body, key = request
        with httpx.Client(base_url=live, timeout=30) as client:
            barrier.wait()
            return client.post("/bookings", json=body, headers={
                "Authorization": f"Bearer {KEY}", "Idempotency-Key": key})

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_failure_keeps_no_answer_and_a_repetition_finishes_the_work(api, monkeypatch, moment):
    wish = api.wish(api.starts("barba")[0], "barba")
    real, done = bookings.confirm, []

    def confirm(*args):
        if not done:
            done.append(real(*args) if moment == "after" else None)
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        return real(*args)

    monkeypatch.setattr(bookings, "confirm", confirm)
    failed = api.post("/bookings", wish, "broken")
    problem(failed, 503, "unavailable")
    assert failed.headers["retry-after"]
    again = api.post("/bookings", wish, "broken")
    assert again.status_code == 201 and count() == 1
    assert api.post("/bookings", wish, "broken").content == again.content


def test_a_process_that_died_at_work_is_followed_by_another(api, salon, at, monkeypatch):
    monkeypatch.setattr(repeating, "PATIENCE", 0.1)
    wish = api.wish(api.starts("barba")[0], "barba")
    monkeypatch.setattr(idempotency, "give_up", lambda claimed: None)
    monkeypatch.setattr(idempotency, "keep", lambda claimed, answer: (_ for _ in ()).throw(KeyError("killed")))
    problem(api.post("/bookings", wish, "killed"), 500, "internal-error")
    monkeypatch.undo()
    monkeypatch.setattr(repeating, "PATIENCE", 0.1)
    busy = api.post("/bookings", wish, "killed")
    problem(busy, 409, "request-in-progress")
    assert busy.headers["retry-after"] == "1"
    begin = clock.now()
    monkeypatch.setattr(clock, "now", lambda: begin + timedelta(seconds=31))
    again = api.post("/bookings", wish, "killed")
    assert again.status_code == 201 and count() == 1


def test_a_process_taken_for_dead_changes_no_answer_any_more(salon, at):
    late = idempotency.claim(salon.id, "key", "content")
    at(seconds=31)
    quick = idempotency.claim(salon.id, "key", "content")
    assert quick.subject_id == late.subject_id
    idempotency.keep(quick, {"status": 201})
    idempotency.keep(late, {"status": 500})
    assert idempotency.claim(salon.id, "key", "content").value == {"status": 201}


def test_the_hashed_content_holds_all_that_is_asked_for(api, monkeypatch):
    seen = []
    real = idempotency.claim
    monkeypatch.setattr(idempotency, "claim", lambda *args: seen.append(args) or real(*args))
    wish = api.wish(api.starts("barba")[0], "barba", name="Maria")
    api.post("/bookings", wish, "all")
    operation, body = seen[0][2].split("\n")
    assert operation == "book"
    assert set(json.loads(body)) == set(wish) | {"staff_id"} and "5511987654321" in body and "Maria" in body


