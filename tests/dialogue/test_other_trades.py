"""The assistant of a clinic, a pet shop or a tattoo studio speaks of that house, and not of a hair salon."""

import pytest
from sqlalchemy import text

from marcai.platform.database import engine
from marcai.tenants import service as tenants
from tests.conftest import ROOT


@pytest.fixture
def house(salon):
    """Loads one of the other establishments."""
    def load(name):
        tenants.load(ROOT / "tests" / "data" / f"{name}.yml")
        return tenants.by_slug(name)

    return load


@pytest.mark.parametrize(("name", "called"), [
    ("sorriso-claro", "da *Clínica Sorriso Claro*"), ("bicho-feliz", "do *Pet Shop Bicho Feliz*"),
    ("agulha-fina", "do *Estúdio Agulha Fina*"),
])
def test_an_establishment_is_called_with_its_article(customer, house, name, called):
    talk = customer(None, tenant=house(name))
    assert called in talk("greet", "oi")


def test_help_gives_an_example_of_the_house_s_own_services(customer, house):
    talk = customer(tenant=house("bicho-feliz"))
    assert "*banho sexta à tarde*" in talk("help", "como funciona?")


def test_a_service_of_another_trade_is_not_booked_as_one_of_the_house(customer, house):
    talk = customer(tenant=house("sorriso-claro"))
    talk("book_appointment", "quero limpeza de pele", service="limpeza de pele")  # as NLU marks it
    assert "*limpeza de pele* a gente não faz" in talk.text and talk.draft.services == []
    assert talk.question == "service" and "Profilaxia" in talk.options


def test_a_service_that_fits_into_nobody_s_shift_is_said_to_be_so_and_another_is_asked_for(customer, house):
    studio = house("agulha-fina")
    with engine().begin() as connection:  # what is left on Saturday is eight hours, without time to clean up
        connection.execute(text("DELETE FROM shifts WHERE staff_id = (SELECT id FROM staff WHERE code = 'rafa') "
                                "AND weekday = 2"))
    talk = customer(tenant=studio)
    talk("book_appointment", "quero fechamento de braço sábado")
    assert "*Fechamento de braço* (8h)" in talk.text and "+55 21 3000-0004" in talk.text
    assert (talk.question, talk.draft.services) == ("service", [])
    talk("inform", "então um retoque")
    assert talk.draft.services == ["retoque"] and talk.draft.when.days[0] == "2026-11-28"
