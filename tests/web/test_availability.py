"""Availability over HTTP: starts for the whole visit in local time, and other dates when there are none."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text

from marcai.catalogue.service import active_services
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.scheduling import availability
from marcai.tenants import service as tenants
from tests.web.conftest import local, problem


def set_policy(salon, **numbers):
    with transaction() as session:
        for name, value in numbers.items():
            session.execute(text("UPDATE tenants SET policy = jsonb_set(policy, :path, to_jsonb(CAST(:value AS int)))"
                                 " WHERE id = :id"), {"path": [name], "value": value, "id": salon.id})
    tenants.cache.drop(salon.slug)
    tenants.forget_cache()


def test_the_starts_are_those_of_scheduling_told_in_local_time(api, salon):
    found = api.availability("escova", "manicure")
    assert found["timezone"] == "America/Sao_Paulo" and found["days"] == 8 and found["next_dates"] == []
    assert found["service_ids"] == [api.services["escova"], api.services["manicure"]]
    first = found["starts"][0]
    assert first["start"].endswith("-03:00")
    services = [one for one in active_services(salon) if one.code in ("escova", "manicure")]
    begin = local(first["start"]).replace(hour=0, minute=0)
    with transaction() as session:
        openings = availability.openings(session, salon, services, since=begin, until=begin + timedelta(days=1))
    same_day = [start for start in found["starts"] if start["start"][:10] == first["start"][:10]]
    assert [local(start["start"]) for start in same_day] == [opening.start for opening in openings]
    best, way = openings[0].visits[0], first["ways"][0]
    assert local(way["end"]) == best.end
    assert [(item["service_id"], item["staff_id"], local(item["start"]), local(item["end"])) for item in way["items"]] \
        == [(str(part.service_id), str(part.staff_id), part.start, part.end) for part in best.segments]
    assert {item["staff_name"] for item in way["items"]} <= {"Ana Souza", "Carla Mendes", "Denise Rocha"}


def test_a_professional_can_be_wished_for(api):
    found = api.availability("sobrancelha", staff_id=api.staff["carla"])
    assert found["staff_id"] == api.staff["carla"] and found["starts"]
    assert {item["staff_id"] for start in found["starts"] for way in start["ways"] for item in way["items"]} \
        == {api.staff["carla"]}


def test_pages_together_are_all_starts(api):
    whole = api.availability("barba", limit=500)["starts"]
    seen, cursor = [], None
    while True:
        page = api.availability("barba", limit=37, **({"cursor": cursor} if cursor else {}))
        assert len(page["starts"]) <= 37
        seen += page["starts"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == whole and len(whole) > 74
    cursor = api.availability("barba", limit=1)["next_cursor"]
    other_dates = {"service_id": api.services["barba"], "date": (api.tomorrow + timedelta(days=20)).isoformat()}
    problem(api.get("/availability", **other_dates, cursor=cursor), 422, "invalid-request")


def test_a_date_without_starts_names_the_next_ones(api, salon):
    sunday = api.tomorrow + timedelta(days=(6 - api.tomorrow.weekday()) % 7)
    found = api.availability("barba", date=sunday.isoformat(), days=1)
    assert found["starts"] == [] and len(found["next_dates"]) == 3
    assert found["next_dates"][0] > sunday.isoformat()
    assert api.starts("barba", date=found["next_dates"][0], days=1)


def test_past_and_far_dates_have_no_starts(api):
    today = clock.local_now("America/Sao_Paulo").date()
    past = api.availability("barba", date=(today - timedelta(days=9)).isoformat(), days=3)
    assert past["starts"] == [] and past["next_dates"][0] >= today.isoformat()
    far = api.availability("barba", date=(today + timedelta(days=200)).isoformat(), days=31)
    assert far["starts"] == [] and far["next_dates"] == []
    for date in ("2000-01-01", "2199-12-31"):
        assert api.availability("barba", date=date, days=31)["starts"] == []


def test_times_are_of_the_establishments_own_zone(other_api):
    assert all(start.endswith("-04:00") for start in other_api.starts("avaliacao"))


def test_nobody_may_keep_the_answer(api):
    found = api.get("/availability", service_id=api.services["barba"], date=api.tomorrow.isoformat())
    assert found.headers["cache-control"] == "no-store"


def test_wrong_parameters_are_named(api, salon):
    good = {"service_id": api.services["barba"], "date": api.tomorrow.isoformat()}
    for wrong, name in (
        ({"service_id": None}, "service_id"), ({"service_id": "barba"}, "service_id.0"), ({"date": None}, "date"),
        ({"date": "1"}, "date"), ({"date": "1700000000"}, "date"), ({"date": "2026-02-30"}, "date"),
        ({"date": "24/11/2026"}, "date"), ({"date": "1999-12-31"}, "date"), ({"date": "9999-12-31"}, "date"),
        ({"date": "٢٠٢٦-١١-٢٤"}, "date"), ({"days": "0"}, "days"), ({"days": "32"}, "days"), ({"days": "1.5"}, "days"),
        ({"staff_id": "ana"}, "staff_id"), ({"limit": "501"}, "limit"), ({"staffid": api.staff["ana"]}, "staffid"),
        ({"date": ["2026-11-24", "2026-11-25"]}, "date"), ({"cursor": "x"}, "cursor"),
        ({"service_id": [api.services["barba"]] * 2}, "service_id"),
    ):
        body = problem(api.get("/availability", **{**good, **wrong}), 422, "invalid-request")
        assert [error["name"] for error in body["errors"]] == [name], wrong


def test_a_visit_that_cannot_be_is_refused_by_name(api, salon):
    def ask(*codes, **more):
        ids = [api.services.get(code, code) for code in codes]
        return api.get("/availability", service_id=ids, date=api.tomorrow.isoformat(), **more)

    unknown = str(uuid4())
    assert problem(ask("barba", unknown), 404, "unknown-service")["service_id"] == unknown
    problem(ask("barba", staff_id=str(uuid4())), 404, "unknown-professional")
    problem(ask("barba", staff_id=api.staff["ana"]), 422, "professional-unable")
    assert "escova and progressiva" in problem(ask("escova", "progressiva"), 422, "incompatible-services")["detail"]
    problem(ask("progressiva", "escova"), 422, "incompatible-services")
    six = ("barba", "escova", "manicure", "pedicure", "sobrancelha", "massagem")
    assert "5" in problem(ask(*six), 422, "too-many-services")["detail"]
    set_policy(salon, max_services_per_visit=1)
    problem(ask("barba", "escova"), 422, "too-many-services")
    assert ask("barba").status_code == 200
