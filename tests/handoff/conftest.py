"""The attendants' page before two establishments: people who sign in, and customers who wait."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from marcai.handoff import attendants, passwords

PASSWORD = "uma-senha-comprida"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    """Hashing that costs nothing, so that tests need not wait for what is slow on purpose."""
    monkeypatch.setattr(passwords, "COST", 4)
    monkeypatch.setattr(passwords, "PARALLEL", 1)


@pytest.fixture
def julia(salon):
    """An attendant of the salon."""
    return attendants.add(salon, "julia", "Júlia Prado", PASSWORD)


@pytest.fixture
def rita(salon):
    """Another attendant of the salon."""
    return attendants.add(salon, "rita", "Rita Alves", PASSWORD)


@pytest.fixture
def marta(salon):
    """The salon's manager."""
    return attendants.add(salon, "marta", "Marta Reis", PASSWORD, "manager")


@pytest.fixture
def app(salon):
    """The application."""
    from marcai.web.app import create_app

    return create_app()


class Person:
    """Somebody with a browser at the page."""

    def __init__(self, app) -> None:
        self.client = TestClient(app, raise_server_exceptions=False, follow_redirects=False,
                                 base_url="http://127.0.0.1:8000")

    def sign_in(self, login: str = "julia", password: str = PASSWORD, slug: str = "bela-vista", **more):
        """Sends the form."""
        return self.client.post("/atendimento/entrar", data={"salao": slug, "login": login, "senha": password}, **more)

    def get(self, path: str = "", **more):
        """A page."""
        return self.client.get(f"/atendimento{path}", **more)

    @property
    def csrf(self) -> str:
        """The token in her page's forms."""
        return re.search(r'name="csrf" value="([^"]+)"', self.get().text)[1]

    def post(self, path: str, csrf: str | None = None, headers: dict | None = None, **form):
        """A form of the page; by default with the right token."""
        return self.client.post(f"/atendimento{path}", headers=headers or {},
                                data={"csrf": self.csrf if csrf is None else csrf, **form})

    def state(self, handoff_id="") -> dict:
        """What the page's script gets."""
        return self.client.get(f"/atendimento/estado?c={handoff_id}", headers={"Accept": "application/json"}).json()


@pytest.fixture
def person(app):
    """Makes people; with a login they are signed in."""

    def make(login: str | None = None) -> Person:
        made = Person(app)
        if login:
            assert made.sign_in(login).status_code == 303
        return made

    return make
