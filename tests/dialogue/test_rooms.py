"""A pet shop with one bathtub: while it is taken nobody else bathes, and who asks hears so without a word of others."""

from __future__ import annotations

import pytest

from marcai.scheduling import holds
from marcai.tenants import service as tenants
from tests.dialogue.harness import ROOT


@pytest.fixture
def shop(monday, database):
    """The pet shop, where Neide and Josué share the bathtub."""
    tenants.load(ROOT / "tests" / "data" / "bicho-feliz.yml")
    return tenants.by_slug("bicho-feliz")


@pytest.fixture
def pair(customer, shop):
    """Two customers of the pet shop."""
    return customer(tenant=shop), customer("Bia", tenant=shop)


def test_a_bath_with_one_professional_leaves_the_bathtub_to_no_other(pair, customer, shop):
    talk, rival = pair
    rival("book_appointment", "banho quarta às 10h com a Neide")
    assert rival.question == "booking", rival.transcript()
    talk("book_appointment", "banho quarta às 10h20 com o Josué")
    assert "já está ocupado" in talk.text
    assert "Bia" not in talk.text and "Neide" not in talk.text
    assert talk.question == "time"
    assert "8h40" in talk.options and "9h" not in talk.options
    third = customer("Rita", tenant=shop)
    third("book_appointment", "corte de unhas quarta às 10h20 com o Josué")
    assert third.question == "booking", "cutting claws needs no bathtub"


@pytest.mark.parametrize("moment", ["before she taps", "between her look and her hold"])
def test_who_loses_the_bathtub_is_offered_the_nearest_times(pair, monkeypatch, moment):
    talk, rival = pair
    talk("book_appointment", "banho quarta de manhã com o Josué")
    real = holds.hold

    def rival_is_faster(*args, **more):
        monkeypatch.setattr(holds, "hold", real)
        rival("book_appointment", "banho quarta às 10h com a Neide")
        return real(*args, **more)

    if moment == "before she taps":
        rival("book_appointment", "banho quarta às 10h com a Neide")
    else:
        monkeypatch.setattr(holds, "hold", rival_is_faster)
    talk.tap("9h")
    assert rival.question == "booking", rival.transcript()
    assert (talk.question, talk.draft.collisions) == ("time", 1)
    assert "8h40" in talk.options, talk.transcript()
    talk.tap("8h40")
    assert talk.question == "booking", talk.transcript()
