"""Bookings over HTTP: made, read, moved and cancelled, and every refusal told."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text

from marcai.bookings import service as bookings
from marcai.customers import service as customers
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.scheduling import holds
from tests.web.conftest import PHONE, local, problem
from tests.web.test_catalogue import retire


def test_a_visit_is_booked_and_told_whole(api, salon):
    start = api.starts("escova", "manicure")[0]
    made = api.post("/bookings", api.wish(start, "escova", "manicure", name="Maria da Silva"), "first-visit")
    assert made.status_code == 201
    told = made.json()
    assert made.headers["location"] == f"/bookings/{told['id']}" and made.headers["cache-control"] == "no-store"
    assert (told["status"], told["payment_status"], told["start"]) == ("confirmed", "on_site", start)
    assert (told["total_price"], told["currency"], len(told["code"])) == ("105.00", "BRL", 6)
    assert {item["service_code"]: item["price"] for item in told["items"]} == {"escova": "70.00", "manicure": "35.00"}
    assert told["items"][0]["start"] == start and told["items"][-1]["end"] == told["end"]
    assert api.get(made.headers["location"]).json() == told
    kept = bookings.by_code(salon, told["code"])
    assert (str(kept.id), str(kept.customer_id)) == (told["id"], told["customer_id"])
    assert customers.get(kept.customer_id).name == "Maria da Silva"
    assert start not in api.starts("escova", staff_id=api.staff["ana"])


def test_the_link_of_a_booking_opens_its_page(api, browser):
    told = api.booked("barba")
    page = browser.get(told["manage_url"].removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200 and told["code"] in page.text


def test_nothing_personal_is_in_an_answer(api):
    told = api.post("/bookings", api.wish(api.starts("barba")[0], "barba", name="Maria Quitéria"), "private")
    again = api.get("/bookings", cliente_telefone=PHONE)
    for answer in (told, again):
        assert "98765" not in answer.text and "Quit" not in answer.text
        assert not any("98765" in value for value in answer.headers.values())


def test_the_wished_professional_does_it(api):
    start = api.starts("corte-feminino", staff_id=api.staff["bruno"])[0]
    told = api.post("/bookings", api.wish(start, "corte-feminino", staff_id=api.staff["bruno"]), "with-bruno").json()
    assert [item["staff_id"] for item in told["items"]] == [api.staff["bruno"]]


def test_a_start_may_be_written_in_any_offset(api):
    start = api.starts("barba")[0]
    utc = local(start).astimezone(clock.now().tzinfo).isoformat().replace("+00:00", "Z")
    told = api.post("/bookings", api.wish(utc, "barba"), "utc").json()
    assert told["start"] == start


def test_a_known_customer_is_found_however_her_number_is_written_and_stays_as_she_is(api, salon):
    with transaction() as session:
        known = customers.identify(session, salon.id, wa_id="551187654321", user_id=None).id
    customers.set_name(known, "Maria")
    for number, phone in enumerate(("+55 11 98765-4321", "(11) 98765-4321", "011 98765 4321", "5511987654321")):
        start = api.starts("barba")[number * 4]
        told = api.post("/bookings", api.wish(start, "barba", phone=phone, name="Mariana"), f"number-{number}").json()
        assert told["customer_id"] == str(known)
    assert customers.get(known).name == "Maria"
    with transaction() as session:
        assert customers.reply_to(session, known) == "551187654321"


def test_a_taken_start_is_refused_with_the_nearest_ones(api):
    booked = api.booked("massagem", number=8)
    body = problem(api.post("/bookings", api.wish(booked["start"], "massagem", phone="11 3333-4444"), "late"), 409,
                   "start-taken")
    wanted = local(booked["start"])
    assert 0 < len(body["alternatives"]) <= 6
    for other in body["alternatives"]:
        assert other["start"] in api.starts("massagem") and other["ways"][0]["items"]
        assert abs(local(other["start"]) - wanted) < timedelta(days=1)
    took = api.post("/bookings", api.wish(body["alternatives"][0]["start"], "massagem", phone="11 3333-4444"), "other")
    assert took.status_code == 201


def test_a_room_that_one_professional_has_is_refused_to_another_with_the_nearest_starts(other_api):
    def starts(who, first):
        return other_api.starts("avaliacao", staff_id=other_api.staff[who], date=first.isoformat())

    def book(who, phone):
        wish = other_api.wish(start, "avaliacao", staff_id=other_api.staff[who], phone=phone)
        return other_api.post("/bookings", wish, f"with-{who}")

    weeks = (other_api.tomorrow + timedelta(weeks=number) for number in range(10))
    first, start = next((week, both[0]) for week in weeks
                        if (both := sorted({*starts("helena", week)} & {*starts("marina", week)})))
    assert book("helena", PHONE).status_code == 201
    assert start not in starts("marina", first), "there are two chairs, but one X-ray room"
    body = problem(book("marina", "92 3333-4444"), 409, "start-taken")
    assert body["alternatives"] and "helena" not in json.dumps(body).lower()
    assert {other["start"] for other in body["alternatives"]} <= set(starts("marina", first))


def test_alternatives_are_within_half_an_hour_when_there_are_any_so_near(api):
    booked = api.booked("barba", number=10)
    body = problem(api.post("/bookings", api.wish(booked["start"], "barba", phone="11 3333-4444"), "late"), 409,
                   "start-taken")
    distances = [abs(local(other["start"]) - local(booked["start"])) for other in body["alternatives"]]
    assert max(distances) <= timedelta(minutes=30) and body["next_dates"] == []


def test_when_nothing_is_left_of_the_day_other_dates_are_named(api, salon):
    start = api.starts("barba")[0]
    with transaction() as session:
        session.execute(text("INSERT INTO time_off (tenant_id, starts_at, ends_at) VALUES (:tenant, :from, :to)"),
                        {"tenant": salon.id, "from": local(start) - timedelta(hours=12),
                         "to": local(start) + timedelta(hours=15)})
    body = problem(api.post("/bookings", api.wish(start, "barba"), "closed"), 422, "start-not-possible")
    assert body["reason"] in ("closed", "professional_off")
    assert body["alternatives"] == [] and len(body["next_dates"]) == 3


def test_a_start_that_cannot_be_is_refused_with_its_reason(api, salon):
    start = local(api.starts("barba")[4])
    now = clock.now()
    sunday = start + timedelta(days=(6 - start.weekday()) % 7)
    for number, (when, reason) in enumerate((
        (now - timedelta(days=1), "past"), (now + timedelta(minutes=2), "too_soon"),
        (now + timedelta(days=100), "too_far"), (sunday, "closed"), (start + timedelta(minutes=1), "off_grid"),
        (start + timedelta(seconds=30), "off_grid"), (start.replace(hour=3), "closed"),
    )):
        answer = api.post("/bookings", api.wish(when.isoformat(), "barba"), f"reason-{number}")
        assert problem(answer, 422, "start-not-possible")["reason"] == reason
    late = start.replace(hour=18, minute=45)
    body = problem(api.post("/bookings", api.wish(late.isoformat(), "barba"), "long"), 422, "start-not-possible")
    assert body["reason"] == "too_long"
    assert api.get("/bookings", cliente_telefone=PHONE).json()["bookings"] == []


def test_a_body_that_is_not_valid_is_told_in_all_its_errors(api):
    start = api.starts("barba")[0]
    good = api.wish(start, "barba")
    for wrong, name in (
        ({"service_ids": []}, "service_ids"), ({"service_ids": ["barba"]}, "service_ids.0"),
        ({"service_ids": good["service_ids"] * 2}, "service_ids"), ({"start": start[:-6]}, "start"),
        ({"start": 1700000000}, "start"), ({"start": "amanhã"}, "start"),
        ({"start": "0001-01-01T00:00+23:59"}, "start"),
        ({"start": "2026-11-24T25:00:00Z"}, "start"), ({"staff_id": "ana"}, "staff_id"), ({"extra": 1}, "extra"),
        ({"customer": {}}, "customer.phone"), ({"customer": {"phone": "987654321"}}, "customer.phone"),
        ({"customer": {"phone": "not a number"}}, "customer.phone"), ({"customer": {"phone": 1}}, "customer.phone"),
        ({"customer": {"phone": PHONE, "name": "\x00"}}, "customer.name"),
        ({"customer": {"phone": PHONE, "name": "a\ud800"}}, "customer.name"),
        ({"customer": {"phone": PHONE, "name": "123"}}, "customer.name"),
        ({"customer": {"phone": PHONE, "name": "x" * 81}}, "customer.name"), ({"customer": "me"}, "customer"),
    ):
        body = problem(api.call("POST", "/bookings", content=json.dumps({**good, **wrong}), headers={
            "Idempotency-Key": "wrong", "Content-Type": "application/json"}), 422, "invalid-request")
        assert [(error["in"], error["name"]) for error in body["errors"]] == [("body", name)], wrong
        assert "987654321" not in str(body)
    assert len(problem(api.post("/bookings", {}, "empty"), 422, "invalid-request")["errors"]) == 3
    assert api.post("/bookings", good, "wrong").status_code == 201


def test_a_body_that_is_no_json_is_refused(api):
    def send(content, kind="application/json"):
        return api.call("POST", "/bookings", content=content, headers={"Idempotency-Key": "k", "Content-Type": kind})

    problem(send(b"{"), 400, "malformed-body")
    problem(send(b"\xff\xfe"), 400, "malformed-body")
    problem(send(b"a=b", "application/x-www-form-urlencoded"), 415, "unsupported-media-type")
    problem(send(b" " * 70_000), 413, "content-too-large")
    problem(send(iter([b" " * 40_000] * 2)), 413, "content-too-large")
    problem(send(b"[]"), 422, "invalid-request")
    problem(send(b""), 422, "invalid-request")


def test_a_customers_bookings_come_latest_first_page_by_page(api):
    made = [api.booked("barba", number=number) for number in (0, 6, 12)]
    api.booked("barba", number=3, phone="11 3333-4444")
    latest_first = made[::-1]
    assert api.get("/bookings", cliente_telefone=PHONE).json() == {"bookings": latest_first, "next_cursor": None}
    seen, cursor = [], None
    for _ in made:
        page = api.get("/bookings", cliente_telefone="5511987654321", limit=1, cursor=cursor).json()
        seen += page["bookings"]
        cursor = page["next_cursor"]
    assert seen == latest_first and cursor is None
    first = api.get("/bookings", cliente_telefone=PHONE, limit=2, upcoming="true").json()
    rest = api.get("/bookings", cliente_telefone=PHONE, limit=2, upcoming="true", cursor=first["next_cursor"]).json()
    assert first["bookings"] + rest["bookings"] == made


def test_upcoming_bookings_leave_out_what_is_cancelled_or_over(api, at):
    first, second = api.booked("barba"), api.booked("barba", number=30)
    api.post(f"/bookings/{second['id']}/cancel")
    assert api.get("/bookings", cliente_telefone=PHONE, upcoming="true").json()["bookings"] == [first]
    at(days=10)
    assert api.get("/bookings", cliente_telefone=PHONE, upcoming="true").json()["bookings"] == []
    assert len(api.get("/bookings", cliente_telefone=PHONE).json()["bookings"]) == 2


def test_an_unknown_number_has_no_bookings_and_a_wrong_one_is_refused(api):
    assert api.get("/bookings", cliente_telefone="+1 202 555 0123").json()["bookings"] == []
    assert api.call("GET", "/bookings?cliente_telefone=+5511987654321").status_code == 200
    for wrong in ({"cliente_telefone": None}, {"cliente_telefone": "123"}, {"cliente_telefone": "maria"},
                  {"cliente_telefone": PHONE, "limit": 51}, {"cliente_telefone": PHONE, "upcoming": "1"},
                  {"cliente_telefone": PHONE, "cursor": "eHg"}):
        problem(api.get("/bookings", **wrong), 422, "invalid-request")


def test_cancelling_frees_the_time_and_may_be_repeated(api, salon):
    told = api.booked("massagem")
    path = f"/bookings/{told['id']}/cancel"
    done = api.post(path, {"by": "staff", "reason": "ill"})
    assert done.status_code == 200 and done.json() == {**told, "status": "cancelled"}
    assert api.post(path).json() == done.json()
    assert told["start"] in api.starts("massagem")
    with transaction() as session:
        (event,) = session.execute(text("SELECT payload FROM event_outbox WHERE name = 'booking.cancelled'")).scalars()
    assert (event["by"], event["reason"]) == ("staff", "ill")


def test_what_is_over_can_be_neither_cancelled_nor_moved(api, salon, at):
    told, start = api.booked("barba"), api.starts("barba")[9]
    for status in ("completed", "no_show"):
        with transaction() as session:
            session.execute(text("UPDATE bookings SET status = :status"), {"status": status})
        assert status in problem(api.post(f"/bookings/{told['id']}/cancel"), 409, "booking-closed")["detail"]
        problem(api.post(f"/bookings/{told['id']}/reschedule", {"start": start}), 409, "booking-closed")
    with transaction() as session:
        session.execute(text("UPDATE bookings SET status = 'confirmed'"))
    at(days=9)
    problem(api.post(f"/bookings/{told['id']}/cancel"), 409, "booking-closed")
    problem(api.post(f"/bookings/{told['id']}/reschedule", {"start": start}), 409, "booking-closed")


def test_wrong_wishes_about_a_booking_are_refused(api):
    told = api.booked("barba")
    path = f"/bookings/{told['id']}"
    for action, body in (("cancel", {"by": "me"}), ("cancel", {"reason": "Maria is ill"}), ("cancel", {"x": 1}),
                         ("reschedule", {}), ("reschedule", {"start": "x"}), ("reschedule", None)):
        problem(api.post(f"{path}/{action}", body), 422, "invalid-request")
    unknown = f"/bookings/{uuid4()}"
    problem(api.get(unknown), 404, "unknown-booking")
    problem(api.post(f"{unknown}/cancel"), 404, "unknown-booking")
    problem(api.post(f"{unknown}/reschedule", {"start": told["start"]}), 404, "unknown-booking")
    problem(api.post("/bookings/1/cancel"), 422, "invalid-request")


def test_a_booking_is_moved_with_its_code_and_professionals(api, salon):
    told = api.booked("sobrancelha")
    staff = told["items"][0]["staff_id"]
    new = next(start for start in api.starts("sobrancelha", staff_id=staff) if start > told["end"])
    moved = api.post(f"/bookings/{told['id']}/reschedule", {"start": new})
    assert moved.status_code == 200
    assert (moved.json()["id"], moved.json()["code"], moved.json()["start"]) == (told["id"], told["code"], new)
    assert moved.json()["items"][0]["staff_id"] == staff
    assert api.post(f"/bookings/{told['id']}/reschedule", {"start": new}).json() == moved.json()
    assert told["start"] in api.starts("sobrancelha", staff_id=staff)
    with transaction() as session:
        count = session.execute(text("SELECT count(*) FROM event_outbox WHERE name = 'booking.rescheduled'")).scalar()
    assert count == 1


def test_a_booking_may_change_its_professional_at_the_same_time(api):
    told = api.booked("sobrancelha")
    others = {person for code, person in api.staff.items() if code in ("ana", "carla", "denise")}
    other = next(person for person in others - {told["items"][0]["staff_id"]}
                 if told["start"] in api.starts("sobrancelha", staff_id=person))
    moved = api.post(f"/bookings/{told['id']}/reschedule", {"start": told["start"], "staff_id": other}).json()
    assert (moved["start"], moved["items"][0]["staff_id"]) == (told["start"], other)
    problem(api.post(f"/bookings/{told['id']}/reschedule", {"start": told["start"], "staff_id": api.staff["bruno"]}),
            422, "professional-unable")


def test_a_booking_that_cannot_be_moved_stays(api):
    told, other = api.booked("massagem"), api.booked("massagem", number=12, phone="11 3333-4444")
    body = problem(api.post(f"/bookings/{told['id']}/reschedule", {"start": other["start"]}), 409, "start-taken")
    assert body["alternatives"]
    night = local(told["start"]).replace(hour=3).isoformat()
    problem(api.post(f"/bookings/{told['id']}/reschedule", {"start": night}), 422, "start-not-possible")
    assert api.get(f"/bookings/{told['id']}").json() == told


def test_a_booking_of_a_service_no_longer_on_offer_can_still_be_moved(api, salon):
    told, new = api.booked("massagem"), api.starts("massagem")[-1]
    retire(salon, "massagem")
    moved = api.post(f"/bookings/{told['id']}/reschedule", {"start": new})
    assert (moved.status_code, moved.json()["start"]) == (200, new)
    problem(api.post("/bookings", {**api.wish(told["start"], "barba"), "service_ids": [api.services["massagem"]]},
                     "retired"), 404, "unknown-service")


def test_when_the_best_professional_is_taken_at_the_last_moment_another_one_does_it(api, monkeypatch):
    start = next(one["start"] for one in api.availability("sobrancelha")["starts"] if len(one["ways"]) > 1)
    real, refused = holds.hold, []

    def hold(tenant, customer_id, visit, *, visit_id):
        if not refused:
            refused.append(visit.staff_ids)
            return None
        return real(tenant, customer_id, visit, visit_id=visit_id)

    monkeypatch.setattr(holds, "hold", hold)
    told = api.post("/bookings", api.wish(start, "sobrancelha"), "second-best").json()
    assert told["start"] == start and told["items"][0]["staff_id"] != str(refused[0][0])


def test_a_start_lost_at_the_last_moment_is_recorded_as_a_collision(api, salon, monkeypatch):
    monkeypatch.setattr(holds, "hold", lambda *_, **__: None)
    start = api.starts("barba")[3]
    assert problem(api.post("/bookings", api.wish(start, "barba"), "lost"), 409, "start-taken")["alternatives"]
    with transaction() as session:
        assert session.execute(text("SELECT count(*) FROM slot_collisions")).scalar() == 1
