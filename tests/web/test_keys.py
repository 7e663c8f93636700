"""Keys: who may call, and that a key sees one establishment only."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.web.conftest import KEY, OTHER_KEY, SECOND_KEY, Api, problem

CALLS = [
    ("GET", "/services"), ("GET", f"/services/{uuid4()}"), ("GET", "/availability"), ("POST", "/bookings"),
    ("GET", "/bookings"), ("GET", f"/bookings/{uuid4()}"), ("POST", f"/bookings/{uuid4()}/cancel"),
    ("POST", f"/bookings/{uuid4()}/reschedule"),
]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", f"Bearer {KEY}x", f"Token {KEY}",
                                    f"Bearer {KEY[:-1]}", "Bearer é"])
def test_without_a_valid_key_nothing_is_told(browser, header):
    headers = {} if header is None else {"Authorization": header.encode()}
    for method, path in CALLS:
        answer = browser.request(method, path, headers=headers, content=b"{not json")
        problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_every_key_of_an_establishment_opens_it(browser, salon):
    for scheme in ("Bearer", "bearer", "BEARER  "):
        for key in (KEY, SECOND_KEY):
            assert browser.get("/services", headers={"Authorization": f"{scheme} {key}"}).status_code == 200


def test_a_key_of_an_establishment_that_is_not_loaded_opens_nothing(browser, salon):
    problem(browser.get("/services", headers={"Authorization": f"Bearer {OTHER_KEY}"}), 403, "no-establishment")


def test_asking_for_another_establishment_is_refused_whether_it_exists_or_not(api, other_api, salon, other_salon):
    for own in ("bela-vista", str(salon.id), str(salon.id).upper()):
        assert api.get("/services", tenant_id=own).status_code == 200
    for other in ("sorriso-claro", str(other_salon.id), "no-such-place", str(uuid4()), "", "bela-vista\x00", "%"):
        for path in ("/services", f"/services/{api.services['barba']}"):
            problem(api.get(path, tenant_id=other), 403, "other-establishment")
    problem(api.get("/services", tenant_id=["bela-vista", "sorriso-claro"]), 403, "other-establishment")


def test_ids_of_another_establishment_do_not_exist(api, other_api):
    mine, theirs = api.booked("barba"), other_api.booked("avaliacao")
    start = api.starts("barba")[0]
    day = api.tomorrow.isoformat()
    clinic, hairdresser = other_api.services["avaliacao"], api.services["barba"]
    problem(api.get(f"/services/{clinic}"), 404, "unknown-service")
    problem(api.get("/availability", service_id=clinic, date=day), 404, "unknown-service")
    doctor = other_api.staff["helena"]
    problem(api.get("/availability", service_id=hairdresser, date=day, staff_id=doctor), 404, "unknown-professional")
    wish = {**api.wish(start, "barba"), "service_ids": [clinic]}
    problem(api.post("/bookings", wish, "foreign-service"), 404, "unknown-service")
    problem(api.post("/bookings", api.wish(start, "barba", staff_id=doctor), "foreign-staff"), 404,
            "unknown-professional")
    for program, booking in ((api, theirs), (other_api, mine)):
        path = f"/bookings/{booking['id']}"
        problem(program.get(path), 404, "unknown-booking")
        problem(program.post(f"{path}/cancel"), 404, "unknown-booking")
        problem(program.post(f"{path}/reschedule", {"start": start}), 404, "unknown-booking")
    assert api.get(f"/bookings/{mine['id']}").json() == mine
    assert other_api.get(f"/bookings/{theirs['id']}").json() == theirs


def test_a_customer_of_two_establishments_is_two_customers(api, other_api):
    mine, theirs = api.booked("barba"), other_api.booked("avaliacao")
    assert mine["customer_id"] != theirs["customer_id"]
    for program, booking in ((api, mine), (other_api, theirs)):
        found = program.get("/bookings", cliente_telefone="11987654321").json()["bookings"]
        assert found == [booking]


def test_an_idempotency_key_is_its_establishments_own(api, other_api):
    start, other_start = api.starts("barba")[0], other_api.starts("avaliacao")[0]
    one = api.post("/bookings", api.wish(start, "barba"), "the-same-key")
    other = other_api.post("/bookings", other_api.wish(other_start, "avaliacao"), "the-same-key")
    assert (one.status_code, other.status_code) == (201, 201)
    again = Api(api.client, api.tenant, SECOND_KEY).post("/bookings", api.wish(start, "barba"), "the-same-key")
    assert again.json() == one.json()
