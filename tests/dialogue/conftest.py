"""The demonstration salon on a Monday morning, and customers who talk to its assistant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from tests.dialogue.harness import Talk, bring_to, new_customer

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))  # the salon is closed; 28/11 is a Saturday


@pytest.fixture
def monday(tmp_path, monkeypatch):
    """It is Monday, 23 November 2026, ten in the morning."""
    file = tmp_path / "clock"
    file.write_text(str((MONDAY - datetime.now(MONDAY.tzinfo)).total_seconds()))
    monkeypatch.setenv("MARCAI_CLOCK_FILE", str(file))

    def move(moment: datetime) -> None:
        file.write_text(str((moment.replace(tzinfo=MONDAY.tzinfo) - datetime.now(MONDAY.tzinfo)).total_seconds()))

    return move


@pytest.fixture
def customer(monday, salon) -> Callable[..., Talk]:
    """Makes customers: known by name, or new with ``customer(name=None)``."""
    numbers = count(5511900000001)

    def make(name: str | None = "Carla Souza", *, tenant=salon) -> Talk:
        return Talk(tenant, new_customer(tenant, str(next(numbers)), name))

    return make


@pytest.fixture
def talk(customer) -> Talk:
    """A customer whose name is known."""
    return customer()


@pytest.fixture
def new(customer) -> Talk:
    """A customer who writes for the first time."""
    return customer(None)


@pytest.fixture
def at(customer) -> Callable[[str], Talk]:
    """Makes a customer who is asked a question: ``at("date")``; only who is asked her name is new."""
    def make(question: str) -> Talk:
        talk = customer(None if question == "name" else "Carla Souza")
        bring_to(talk, question)
        return talk

    return make
