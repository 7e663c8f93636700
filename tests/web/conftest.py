"""The web app before two establishments, spoken to as their programs do."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import httpx
import pytest
from fastapi.testclient import TestClient

from marcai.catalogue.service import active_services
from marcai.platform import clock
from marcai.staff.service import active_staff

KEY = "salon-key-" + "a" * 24
SECOND_KEY = "salon-key-" + "b" * 24
OTHER_KEY = "clinic-key-" + "c" * 24
PHONE = "+55 11 98765-4321"


@pytest.fixture
def web_settings(database, monkeypatch):
    """Keys for both establishments, two for the salon; more requests than any test makes."""
    from marcai.platform.settings import settings

    monkeypatch.setenv("MARCAI_API_KEYS", f"bela-vista:{KEY},bela-vista:{SECOND_KEY},sorriso-claro:{OTHER_KEY}")
    monkeypatch.setenv("MARCAI_API_BURST", "100000")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def app(web_settings, salon):
    """The application."""
    from marcai.web.app import create_app

    return create_app()


class Api:
    """A program with a key."""

    def __init__(self, client: httpx.Client, tenant, key: str) -> None:
        self.client, self.tenant, self.key = client, tenant, key
        self.services = {service.code: str(service.id) for service in active_services(tenant)}
        self.staff = {person.code: str(person.id) for person in active_staff(tenant)}

    def call(self, method: str, path: str, **more) -> httpx.Response:
        """A request with the key."""
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def get(self, path: str, **params) -> httpx.Response:
        """A GET; parameters that are None are left out."""
        headers = params.pop("headers", {})
        return self.call("GET", path, params={key: value for key, value in params.items() if value is not None},
                         headers=headers)

    def post(self, path: str, body=None, key: str | None = None, **more) -> httpx.Response:
        """A POST with a JSON body, and an idempotency key if one is given."""
        headers = {**more.pop("headers", {}), **({"Idempotency-Key": key} if key else {})}
        return self.call("POST", path, headers=headers, **({} if body is None else {"json": body}), **more)

    def availability(self, *codes: str, **params) -> dict:
        """The availability of services by their codes, from tomorrow on."""
        params = {"date": self.tomorrow.isoformat(), "days": 8, **params}
        found = self.get("/availability", service_id=[self.services[code] for code in codes], **params)
        assert found.status_code == 200, found.text
        return found.json()

    def starts(self, *codes: str, **params) -> list[str]:
        """The starts of `availability`."""
        return [start["start"] for start in self.availability(*codes, **params)["starts"]]

    @property
    def tomorrow(self) -> date:
        """A local date."""
        return clock.local_now(self.tenant.timezone).date() + timedelta(days=1)

    def wish(self, start: str, *codes: str, phone: str = PHONE, **more) -> dict:
        """The body of a booking."""
        return {"service_ids": [self.services[code] for code in codes], "start": start,
                "customer": {"phone": phone, **({"name": more.pop("name")} if "name" in more else {})}, **more}

    def booked(self, *codes: str, number: int = 0, phone: str = PHONE) -> dict:
        """A booking at one of the starts."""
        start = self.starts(*codes)[number]
        made = self.post("/bookings", self.wish(start, *codes, phone=phone), f"{start}{phone}{codes}".replace(" ", ""))
        assert made.status_code == 201, made.text
        return made.json()


@pytest.fixture
def browser(app):
    """Somebody without a key."""
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture
def api(browser, salon):
    """The salon's program."""
    return Api(browser, salon, KEY)


@pytest.fixture
def other_api(browser, other_salon):
    """The clinic's program."""
    return Api(browser, other_salon, OTHER_KEY)


@pytest.fixture
def at(monkeypatch):
    """Moves the clock: `at(minutes=3)` is three minutes after the beginning of the test."""
    begin = clock.now()

    def move(**later):
        monkeypatch.setattr(clock, "now", lambda: begin + timedelta(**later))

    return move


def problem(response: httpx.Response, status: int, name: str) -> dict:
    """The problem that a response is, checked for its form."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert body["status"] == status
    assert body["type"] == f"urn:marcai:problem:{name}"
    assert body["title"] and body["detail"]
    return body


def local(text: str) -> datetime:
    """A time as the API writes it."""
    return datetime.fromisoformat(text)
