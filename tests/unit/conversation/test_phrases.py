"""Turns of phrase that mean the same at every question, whatever NLU makes of them."""

import pytest

from marcai.conversation import phrases


@pytest.mark.parametrize("text", ["espera", "Peraí", "pera aí", "perai", "calma", "só um minutinho",
                                  "um momento por favor", "não, espera", "já volto", "deixa eu ver com ele",
                                  "espera aí um minutinho que vou ver com ele", "deixa eu ver aqui"])
def test_patience_is_asked_for(text):
    assert phrases.WAIT.search(text)


@pytest.mark.parametrize("text", ["pode ser", "sim", "quanto espera?", "às 10", "deixa pra lá", "1", "um corte",
                                  "10 min"])
def test_no_patience_is_asked_for(text):
    assert not phrases.WAIT.search(text)


@pytest.mark.parametrize("text", ["tá bom assim", "isso aí", "só isso mesmo", "é isso", "assim tá bom",
                                  "é só isso, obrigada", "sim, só isso", "já tá bom"])
def test_that_is_enough(text):
    assert phrases.ENOUGH.search(text)


@pytest.mark.parametrize("text", ["sim", "isso", "tá bom", "quero sim", "isso e uma escova", "só isso e barba"])
def test_that_may_not_be_enough(text):
    assert not phrases.ENOUGH.search(text)


@pytest.mark.parametrize("text", ["qualquer um", "qq um", "vc que sabe", "o que for melhor", "pode ser qualquer uma"])
def test_any_of_them_will_do(text):
    assert phrases.ANY_OF_THEM.search(text) and phrases.ANY_STAFF.search(text)
