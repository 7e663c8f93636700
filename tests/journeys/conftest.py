"""The running product, and customers who write to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.people import Desk, Person, Records, Webhook, new_number, simulator


@pytest.fixture(scope="session")
def records(system) -> Records:
    """PostgreSQL and Redis of the running product."""
    return Records(system.env)


@pytest.fixture(scope="session")
def whatsapp(system):
    """The pretended Cloud API."""
    with simulator(system.env) as client:
        yield client


@pytest.fixture(scope="session")
def webhook(system) -> Webhook:
    """The webhook, for what a phone cannot do."""
    return Webhook(system.env)


@pytest.fixture
def somebody(whatsapp, records) -> Callable[..., Person]:
    """Makes people who have never written."""

    def make(slug: str = "bela-vista", **settings) -> Person:
        return Person(records, whatsapp.phone(settings.pop("number", None) or new_number(), **settings), slug)

    return make


@pytest.fixture
def stranger(somebody) -> Person:
    """Somebody who has never written."""
    return somebody()


@pytest.fixture
def carla(somebody) -> Person:
    """A customer who has given her name."""
    return somebody().introduce_herself()


@pytest.fixture
def desk(system):
    """An attendant who has just come."""
    made = Desk(system)
    made.sign_in()
    yield made
    made.leave()
    made.client.close()
