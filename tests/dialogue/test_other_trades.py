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


def test_somebody_who_does_not_work_here_is_answered_with_who_does(customer, house):
    talk = customer(tenant=house("sorriso-claro"))
    talk("book_appointment", "avaliação com a doutora Yasmin", professional="doutora Yasmin")
    assert "Não encontrei *doutora Yasmin*" in talk.text and "Dra. Helena, Dr. Otávio e Dra. Marina" in talk.text


def test_services_that_share_no_day_leave_one_for_another_visit_named_in_words(customer, house):
    talk = customer(tenant=house("sorriso-claro"))
    talk("book_appointment", "placa de bruxismo e extração de siso na segunda")
    assert talk.question == "two_visits"
    talk("inform", "a placa de bruxismo fica pra outro dia")
    assert talk.draft.services == ["siso"] and talk.question == "time" and "segunda, 30/11" in talk.text


def test_only_one_of_the_services_may_stay(customer, house):
    talk = customer(tenant=house("sorriso-claro"))
    talk("book_appointment", "placa de bruxismo e extração de siso")
    talk("deny", "na verdade só o siso")
    assert talk.draft.services == ["siso"]


@pytest.mark.parametrize("intent", ["main_menu", "stop"])
def test_a_service_named_while_booking_is_never_the_end_of_it(customer, house, intent):
    talk = customer(tenant=house("sorriso-claro"))
    talk("book_appointment", "quero clarear os dentes")
    talk(intent, "e fazer uma restauração tb")
    assert talk.draft.services == ["clareamento", "restauracao"]


def test_words_about_a_time_are_no_service(customer, house):
    talk = customer(tenant=house("agulha-fina"))
    talk("book_appointment", "tatuagem pequena domingo à meia-noite", service="meia-noite")
    assert "meia-noite" not in talk.text


def test_a_question_about_something_that_is_not_offered_is_answered_with_what_there_is(customer, house):
    talk = customer(tenant=house("sorriso-claro"))
    talk("book_appointment", "quero clarear os dentes")
    for intent in ("service_details", "ask_price", "ask_duration", "list_services"):
        talk(intent, "e limpeza de pele?", service="limpeza de pele")
        assert "*limpeza de pele* a gente não faz" in talk.text and "Profilaxia" in talk.options, intent
    assert talk.draft.services == ["clareamento"]


def test_a_name_is_taken_whole_though_only_a_part_of_it_was_marked(customer, house):
    talk = customer(None, tenant=house("agulha-fina"))
    talk("greet", "oi")
    assert "Prazer, Mel!" in talk("provide_name", "Mel Arruda", person_name="Arruda")


def test_a_name_given_in_the_first_sentence_is_not_asked_for_again(customer, house):
    talk = customer(None, tenant=house("sorriso-claro"))
    talk("book_appointment", "Boa tarde, aqui é o Anderson Okamoto. Queria uma limpeza dental com a Marina dia "
         "26/11 às 15h")
    assert talk.question == "booking"
    assert "Prontinho, Anderson!" in talk("affirm", "sim")
