"""Values are written as a Brazilian receptionist would write them."""

from datetime import date, time
from decimal import Decimal

import pytest

from marcai.conversation import wording
from marcai.conversation.salon import first_name


@pytest.mark.parametrize(("amount", "written"), [
    ("90.00", "R$ 90"), ("90.50", "R$ 90,50"), ("1320.00", "R$ 1.320"), ("0.00", "R$ 0"),
])
def test_money_drops_the_cents_only_when_there_are_none(amount, written):
    assert wording.money(Decimal(amount)) == written


@pytest.mark.parametrize(("minutes", "written"), [(30, "30 min"), (60, "1h"), (90, "1h30"), (125, "2h05")])
def test_a_duration_is_written_in_hours_and_minutes(minutes, written):
    assert wording.duration(minutes) == written


def test_a_clock_time_drops_the_minutes_only_when_there_are_none():
    assert [wording.clock(time(9)), wording.clock(time(15, 30)), wording.clock(time(0, 5))] == ["9h", "15h30", "0h05"]


def test_a_day_is_named_without_the_word_feira():
    assert wording.day(date(2026, 11, 27)) == "sexta, 27/11"
    assert wording.day(date(2026, 11, 28)) == "sábado, 28/11"


def test_today_and_tomorrow_are_called_so():
    today = date(2026, 11, 23)
    written = [wording.day_near(date(2026, 11, day), today) for day in (22, 23, 24, 25)]
    assert written == ["domingo, 22/11", "hoje, 23/11", "amanhã, 24/11", "quarta, 25/11"]


def test_a_list_ends_with_and():
    assert wording.listed([]) == ""
    assert wording.listed(["corte"]) == "corte"
    assert wording.listed(["corte", "barba"]) == "corte e barba"
    assert wording.listed(["corte", "barba", "escova"], "ou") == "corte, barba ou escova"


@pytest.mark.parametrize(("name", "called"), [
    ("Carla Souza", "Carla"), ("Dona Lurdes Reis", "Dona Lurdes"), ("Dra. Lia Monteiro", "Dra. Lia"), ("", ""),
    ("Dona", "Dona"),
])
def test_people_are_called_by_their_first_name_and_a_title_where_they_have_one(name, called):
    assert first_name(name) == called


@pytest.mark.parametrize(("name", "article"), [
    ("Salão Bela Vista", "o"), ("Clínica Sorriso Claro", "a"), ("Pet Shop Bicho Feliz", "o"),
    ("Dra. Lia Estética", "a"), ("Barbearia do Zé", "a"), ("Spa da Serra", "o"), ("", "o"),
])
def test_an_establishment_has_the_article_of_its_first_word(name, article):
    assert wording.article(name) == article
