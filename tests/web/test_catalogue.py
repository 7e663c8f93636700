"""The catalogue over HTTP: what is on offer, page by page, and not sent again when it has not changed."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import text

from marcai.platform.database import transaction
from marcai.tenants import service as tenants
from tests.web.conftest import problem


def retire(salon, code):
    with transaction() as session:
        session.execute(text("UPDATE services SET active = false WHERE tenant_id = :tenant AND code = :code"),
                        {"tenant": salon.id, "code": code})
    tenants.cache.drop(salon.slug)


def test_the_catalogue_says_all_about_each_service(api):
    found = api.get("/services", active="true", tenant_id="bela-vista")
    assert found.status_code == 200
    services = found.json()["services"]
    assert [service["code"] for service in services[:3]] == ["corte-feminino", "corte-masculino", "barba"]
    assert services[0] == {
        "id": api.services["corte-feminino"], "code": "corte-feminino", "name": "Corte feminino", "category": "Cabelo",
        "description": "Lavagem, corte e finalização.", "price": "90.00", "currency": "BRL", "duration_minutes": 60,
        "cleanup_minutes": 0, "preparation": "Venha com o cabelo sem creme.", "image_url": None,
        "incompatible_with": [], "active": True,
    }
    assert len(services) == 15 and found.json()["next_cursor"] is None


def test_one_service_is_told_as_in_the_catalogue(api):
    one = api.get(f"/services/{api.services['barba']}")
    assert one.status_code == 200
    assert one.json() in api.get("/services").json()["services"]


def test_a_service_no_longer_on_offer_is_listed_apart_and_still_told(api, salon):
    retire(salon, "barba")
    assert "barba" not in [service["code"] for service in api.get("/services").json()["services"]]
    (gone,) = api.get("/services", active="false").json()["services"]
    assert (gone["code"], gone["active"]) == ("barba", False)
    assert api.get(f"/services/{gone['id']}").json() == gone


def test_pages_together_are_the_whole_catalogue(api):
    whole = api.get("/services").json()["services"]
    seen, cursor = [], None
    while True:
        page = api.get("/services", limit=4, cursor=cursor).json()
        assert len(page["services"]) <= 4
        seen += page["services"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == whole


def test_an_unchanged_answer_is_not_sent_again(api, salon):
    for path in ("/services", f"/services/{api.services['escova']}"):
        first = api.get(path)
        assert first.headers["cache-control"] == "private, max-age=60"
        assert first.headers["vary"] == "Authorization"
        etag = first.headers["etag"]
        for asked in (etag, f'"x", {etag}', f"W/{etag}", "*"):
            again = api.get(path, headers={"If-None-Match": asked})
            assert again.status_code == 304 and again.content == b""
            assert again.headers["etag"] == etag
        assert api.get(path, headers={"If-None-Match": '"x"'}).status_code == 200
    retire(salon, "barba")
    assert api.get("/services", headers={"If-None-Match": etag}).status_code == 200


def test_the_headers_alone_can_be_asked_for(api):
    whole, head = api.get("/services"), api.call("HEAD", "/services")
    assert head.status_code == 200
    assert head.headers["etag"] == whole.headers["etag"]


WRONG = [
    ({"active": "yes"}, "active"), ({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"limit": "x"}, "limit"),
    ({"cursor": "!"}, "cursor"), ({"cursor": "eHg"}, "cursor"), ({"cursor": "x" * 201}, "cursor"),
    ({"aktive": "true"}, "aktive"), ({"limit": ["3", "4"]}, "limit"),
]


def test_a_parameter_that_is_not_valid_is_named(api):
    for params, name in WRONG:
        body = problem(api.get("/services", **params), 422, "invalid-request")
        assert [(error["in"], error["name"]) for error in body["errors"]] == [("query", name)]


def test_a_cursor_of_a_service_that_is_gone_is_refused(api, salon):
    cursor = api.get("/services", limit=3).json()["next_cursor"]
    retire(salon, "barba")
    problem(api.get("/services", limit=3, cursor=cursor), 422, "invalid-request")


def test_an_unknown_service_is_named(api):
    unknown = str(uuid4())
    body = problem(api.get(f"/services/{unknown}"), 404, "unknown-service")
    assert body["service_id"] == unknown
    problem(api.get("/services/corte"), 422, "invalid-request")
