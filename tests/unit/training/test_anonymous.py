"""A message for review tells nothing of who wrote it."""

import pytest

from marcai.training.anonymous import anonymous


@pytest.mark.parametrize(("text", "left"), [
    ("me liga no (11) 98765-4321 pfv", "me liga no [telefone] pfv"),
    ("meu zap é +55 31 9 8888 7777", "meu zap é [telefone]"),
    ("meu cpf é 123.456.789-09 tá", "meu cpf é [documento] tá"),
    ("manda em joana.silva@exemplo.com.br", "manda em [email]"),
    ("olha https://exemplo.com/x?y=1 que lindo", "olha [link] que lindo"),
    ("me segue @joana_s", "me segue [perfil]"),
    ("pedido 8812345", "pedido [número]"),
])
def test_numbers_links_and_addresses_are_masked(text, left):
    assert anonymous(text) == left


def test_names_are_masked_word_by_word_in_any_case():
    assert anonymous("oi é a JOANA, joana da silva", ["Joana da Silva"]) == "oi é a [nome], [nome] da [nome]"


@pytest.mark.parametrize("text", ["corte e barba sábado às 15h30", "quanto custa? 50 reais?", "dia 27/11 às 10"])
def test_what_a_trainer_needs_stays(text):
    assert anonymous(text) == text
