"""The web app as a whole: errors, health, numbers, and its document."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from marcai.catalogue import service as catalogue
from marcai.platform import health
from marcai.web import app as web
from marcai.web.api import catalogue as calls
from tests.web.conftest import KEY, PHONE, problem


@pytest.fixture(autouse=True)
def ask_anew(monkeypatch):
    monkeypatch.setattr(web, "_last", (-10.0, []))


def test_it_is_alive(browser):
    assert browser.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_all_it_stands_on_answers(browser, monkeypatch):
    monkeypatch.setattr(health, "checks", lambda: dict.fromkeys(health.DEPENDENCIES, lambda: None))
    found = browser.get("/readyz")
    assert found.status_code == 200 and found.json()["status"] == "ready"
    assert set(found.json()["checks"]) == {"postgres", "redis", "rasa", "actions", "worker"}
    assert all(check["ready"] for check in found.json()["checks"].values())


def test_it_says_what_is_away_and_not_where(browser, monkeypatch):
    def away():
        raise ConnectionError("tcp://secret-host:5432")

    monkeypatch.setattr(health, "checks", lambda: {**dict.fromkeys(health.DEPENDENCIES, lambda: None), "redis": away})
    found = browser.get("/readyz")
    assert found.status_code == 503 and found.json()["status"] == "not ready"
    assert found.json()["checks"]["redis"]["problem"] == "ConnectionError"
    assert found.json()["checks"]["postgres"]["ready"]
    assert "secret-host" not in found.text


def test_real_dependencies_are_asked_and_asked_once_a_second(browser, monkeypatch):
    first = browser.get("/readyz").json()
    assert first["checks"]["postgres"]["ready"] and first["checks"]["redis"]["ready"]
    assert not first["checks"]["worker"]["ready"]
    monkeypatch.setattr(health, "readiness", lambda: pytest.fail("asked again"))
    assert browser.get("/readyz").json() == first


def test_addresses_that_are_none_are_problems(browser):
    problem(browser.get("/nothing/here"), 404, "not-found")
    problem(browser.get("/%00"), 404, "not-found")


def test_a_wrong_method_is_told_all_that_are_allowed(api):
    for path, allowed in (("/services", "GET, HEAD"), ("/bookings", "GET, HEAD, POST"), ("/bookings/1/cancel", "POST"),
                          ("/healthz", "GET")):
        for method in ("DELETE", "PUT", "PATCH"):
            refused = api.call(method, path)
            problem(refused, 405, "method-not-allowed")
            assert refused.headers["allow"] == allowed


def test_a_failure_is_a_problem_without_a_reason_and_the_log_has_it(api, monkeypatch, capsys):
    def fail(*_):
        raise RuntimeError("the secret of +55 11 98765-4321")

    monkeypatch.setattr(calls, "active_services", fail)
    body = problem(api.get("/services"), 500, "internal-error")
    assert "secret" not in str(body) and "Traceback" not in str(body)
    logged = capsys.readouterr().out
    assert body["instance"] in logged and "RuntimeError" in logged and "98765" not in logged


def test_a_database_that_is_away_is_told_as_such(api, monkeypatch):
    def fail(*_):
        raise OperationalError("SELECT 1", {}, Exception("could not connect to secret-host"))

    monkeypatch.setattr(catalogue, "retired_services", fail)
    monkeypatch.setattr(calls, "retired_services", fail)
    answer = api.get("/services", active="false")
    assert "secret" not in str(problem(answer, 503, "unavailable"))
    assert answer.headers["retry-after"]


def test_numbers_are_kept_by_template_and_status_and_name_nobody(api, browser):
    booked = api.booked("barba")
    api.get(f"/bookings/{booked['id']}")
    api.get("/bookings", cliente_telefone=PHONE)
    browser.get("/m/some-token.signature")
    browser.get("/nothing/here")
    browser.request("BREW", "/services")
    text = browser.get("/metrics").text
    for line in (
        'marcai_http_requests_total{method="POST",route="/bookings",status="201"}',
        'marcai_http_requests_total{method="GET",route="/bookings/{booking_id}",status="200"}',
        'marcai_http_requests_total{method="GET",route="/m/{token}",status="404"}',
        'marcai_http_requests_total{method="GET",route="none",status="404"}',
        'marcai_http_requests_total{method="other",route="/services",status="405"}',
        'marcai_http_seconds_bucket{le="0.05",route="/availability"}',
    ):
        assert line in text
    for secret in (booked["id"], "98765", "some-token", KEY, "nothing/here", "BREW"):
        assert secret not in text


def test_logs_hold_no_numbers_and_no_keys(api, live, capsys):
    start = api.starts("barba")[0]
    with httpx.Client(base_url=live, headers={"Authorization": f"Bearer {KEY}"}) as client:
        client.get("/bookings", params={"cliente_telefone": PHONE})
        client.get("/bookings", params={"cliente_telefone": "98765"})
        client.post("/bookings", json=api.wish(start, "barba", name="Maria Quitéria"), headers={"Idempotency-Key": "k"})
    written = capsys.readouterr()
    for secret in ("98765", "Quit", KEY):
        assert secret not in written.out + written.err


def test_a_body_that_never_ends_is_not_read(live, salon):
    def endless():
        for _ in range(10_000):
            yield b" " * 10_000

    began = time.monotonic()
    try:
        answer = httpx.post(f"{live}/bookings", content=endless(), headers={"Authorization": f"Bearer {KEY}"})
        problem(answer, 413, "content-too-large")
    except (httpx.WriteError, httpx.RemoteProtocolError):  # it was cut off while sending
        pass
    assert time.monotonic() - began < 5


def test_nobody_guesses_the_type_of_an_answer(browser):
    for path in ("/healthz", "/services", "/nothing", "/privacidade", "/metrics"):
        assert browser.get(path).headers["x-content-type-options"] == "nosniff"


def test_the_document_is_complete(browser):
    document = browser.get("/openapi.json").json()
    assert set(document["paths"]) >= {
        "/healthz", "/readyz", "/metrics", "/services", "/services/{service_id}", "/availability", "/bookings",
        "/bookings/{booking_id}", "/bookings/{booking_id}/cancel", "/bookings/{booking_id}/reschedule",
    }
    assert document["components"]["securitySchemes"]["key"] == {
        "type": "http", "scheme": "bearer", "description": "A key from `MARCAI_API_KEYS`."}
    names = []
    for path, methods in document["paths"].items():
        for call in methods.values():
            names.append(call["operationId"])
            if not {"services", "availability", "bookings"} & set(call.get("tags", ())):
                continue
            assert call["security"] == [{"key": []}], path
            assert call["summary"] and call["description"]
            assert {"401", "403", "422", "429", "500", "503"} <= set(call["responses"])
            for status, response in call["responses"].items():
                if int(status) >= 400:
                    assert set(response["content"]) == {"application/problem+json"}
    assert len(names) == len(set(names)) >= 11
    known = set(document["components"]["schemas"])
    assert set(re.findall(r"#/components/schemas/(\w+)", str(document))) <= known


@pytest.mark.browser
def test_the_page_of_the_api_shows_every_call_and_asks_nobody_else_for_anything(chromium, live):
    context = chromium.new_context()
    page = context.new_page()
    asked, problems = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("response", lambda response: problems.append(response.url) if response.status >= 400 else None)
    page.goto(f"{live}/docs")
    page.get_by_text("/bookings/{booking_id}/reschedule").wait_for(timeout=20_000)
    assert page.locator(".opblock").count() >= 11
    context.close()
    assert problems == []
    assert len(asked) >= 4 and not [url for url in asked if not url.startswith((live, "data:"))]


def test_every_redirect_keeps_the_address_it_was_asked_under(browser):
    moved = browser.get("/services/")
    assert moved.status_code == 307 and moved.headers["location"].endswith("/services")
