"""A customer asks why a time or a day is not to be had: she gets the reason, nothing about others, and what is near."""

from datetime import datetime

import pytest

from marcai.platform.database import engine

BARBA = ("book_appointment", "quero barba com o Bruno na quinta")  # the 26th; Bruno works 10-14 and 15-19


@pytest.fixture
def bruno_is_taken(customer):
    """Somebody else has Bruno on Thursday at 16h, for half an hour."""
    other = customer("Rita Prado")
    other("book_appointment", "barba com o Bruno quinta às 16h")
    other("affirm", "sim")
    return other


@pytest.mark.parametrize("intent", ["inform", "check_availability", "deny", "other_times", "nlu_fallback", "affirm"])
def test_the_reason_is_given_whatever_the_question_was_taken_for(talk, intent):
    talk(*BARBA)
    talk(intent, "por que não às 14h?")
    assert talk.names[0] == "utter_why_not_professional_off_her" and "Às 14h Bruno não está atendendo" in talk.text
    assert talk.question == "time" and {"13h30", "15h"} <= set(talk.options)
    assert talk.draft.services == ["barba"] and talk.draft.staff == "bruno"


@pytest.mark.parametrize(("words", "reason"), [
    ("por que não às 20h?", "closed"), ("pq n tem as 8 da manhã?", "closed"), ("e às 16h não dá?", "taken"),
    ("por que não tem às 16h", "taken"), ("às 18h45 não tem?", "too_long"), ("e às 13h45 não rola?", "too_long"),
    ("porque nao as 15h47?", "gap_too_short"), ("não tem às 10h07?", "off_grid"),
])
def test_each_reason_has_its_words(talk, bruno_is_taken, words, reason):
    talk(*BARBA)
    talk("inform", words)
    assert talk.names[0] == f"utter_why_not_{reason}", talk.text
    assert talk.question == "time" and talk.options


def test_too_soon_past_and_too_far_are_said_as_such(talk, monday):
    monday(datetime(2026, 11, 26, 14, 30))
    talk("book_appointment", "quero barba hoje")
    for words, reason in [("por que não às 15h?", "too_soon"), ("e às 11h não tem?", "past")]:
        talk("inform", words)
        assert talk.names[0] == f"utter_why_not_{reason}"
    talk("inform", "e dia 20 de março não dá?")
    assert talk.names[0] == "utter_why_none_too_far"


def test_nothing_is_said_of_who_has_the_time(talk, bruno_is_taken):
    talk(*BARBA)
    talk("inform", "por que não às 16h?")
    assert "já está ocupado" in talk.text
    assert not {"Rita", "Prado", "cliente", "cliente,"} & set(talk.text.replace("*", "").split())


def test_a_service_that_is_too_long_for_the_gap_is_said_to_be_so(talk, customer):
    other = customer("Rita Prado")
    other("book_appointment", "barba com o Bruno quinta às 16h")
    other("affirm", "sim")
    talk("book_appointment", "quero corte feminino com o Bruno na quinta")
    talk("inform", "por que não às 15h30?")
    assert talk.names[0] == "utter_why_not_gap_too_short" and "leva 1h" in talk.text


@pytest.mark.parametrize(("words", "reason"), [
    ("por que não tem domingo?", "closed"), ("e dia 25 de dezembro não dá?", "holiday"),
    ("porque não tem terça?", "professional_off_her"),
])
def test_a_whole_day_has_its_reason_and_the_next_days_follow(talk, words, reason):
    talk("book_appointment", "quero massagem com a Denise na quinta")
    talk("inform", words)
    assert talk.names == [f"utter_why_none_{reason}", "utter_ask_date_next"], talk.text
    assert len([title for title in talk.options if "/" in title]) == 3
    assert talk.draft.services == ["massagem"]
    talk.tap("🗓️")
    assert talk.question == "date"


def test_a_part_of_a_day_has_its_reason_too(talk):
    talk("book_appointment", "quero massagem na quinta")
    talk("inform", "por que não tem de manhã?")
    assert talk.names[0] == "utter_why_none_professional_off" and "quinta, 26/11, de manhã" in talk.text
    assert talk.question == "time" and talk.options[0] == "12h"


def test_a_full_day_is_said_to_be_full(talk, customer):
    for hour in ("10h", "12h", "15h", "17h"):
        other = customer()
        other("book_appointment", f"corte masculino, barba e hidratação com o Bruno terça às {hour}")
        other("affirm", "sim")
        assert other.slots["draft"].get("booked"), other.transcript()
    talk("book_appointment", "corte feminino com o Bruno terça")
    assert talk.question == "date"
    talk("deny", "por que não?")
    assert talk.names[0] == "utter_why_none_taken" and "amanhã, 24/11" in talk.text


def test_why_not_alone_is_about_what_was_refused_last(talk):
    talk("book_appointment", "quero manicure domingo")
    talk("deny", "por que não?")
    assert talk.names[0] == "utter_why_none_closed"
    talk.tap("terça")
    talk("inform", "às 13h com a Carla")
    talk("inform", "ué, por quê?")
    assert talk.names[0] == "utter_why_not_professional_off_her" and "13h" in talk.text


def test_what_is_to_be_had_after_all_is_taken(talk):
    talk(*BARBA)
    talk("inform", "por que não às 15h?")
    assert talk.names == ["utter_there_is_room", "utter_ask_booking"] and talk.draft.start == "2026-11-26T15:00"
    talk("inform", "e sábado não dá?")
    assert talk.names[0] == "utter_there_is_room" and talk.draft.when.days[0] == "2026-11-28"


def test_somebody_else_who_could_do_it_then_is_offered_first(talk):
    talk("book_appointment", "quero corte feminino com a Ana no sábado")
    talk("inform", "por que não às 17h?")
    assert talk.names[0] == "utter_why_not_professional_off_her" and talk.options[0] == "17h com Bruno"
    talk.tap("17h com Bruno")
    assert (talk.question, talk.draft.start, talk.draft.staff) == ("booking", "2026-11-28T17:00", "bruno")


def test_why_not_with_somebody_does_not_rule_her_out(talk):
    talk("book_appointment", "quero corte feminino no sábado às 17h")
    talk("inform", "por que não com a Ana?")
    assert talk.names[0] == "utter_why_not_professional_off_her" and "Ana não está atendendo" in talk.text
    assert talk.draft.staff == "ana" and talk.draft.not_staff == []


def test_at_the_summary_the_reason_is_given_and_her_time_stays_hers_until_she_chooses(talk):
    talk("book_appointment", "quero barba com o Bruno na quinta às 15h")
    assert talk.question == "booking"
    talk("deny", "por que não às 14h?")
    assert talk.names[0] == "utter_why_not_professional_off_her" and "15h" in talk.options
    with engine().connect() as connection:
        states = connection.exec_driver_sql("SELECT state FROM allocations").scalars().all()
    assert states == ["hold"]


@pytest.mark.parametrize("words", ["por que não posso pagar com pix?", "por que não tem desconto?", "por quê?"])
def test_why_of_something_else_changes_nothing(talk, words):
    talk("book_appointment", "quero barba na quinta")
    before = talk.draft.when
    talk("payment_options", words)
    assert talk.names[0] == "utter_payment_options"
    assert talk.draft.when == before


@pytest.mark.parametrize("intent", ["affirm", "deny", "inform", "nlu_fallback", "out_of_scope", "list_services"])
@pytest.mark.parametrize("words", ["Por que não?", "ué, pq n?", "mas por que não?"])
def test_why_not_before_anything_was_refused_is_answered_kindly(talk, intent, words):
    talk(intent, words)
    assert talk.names[-2:] == ["utter_nothing_refused", "utter_main_menu"] and talk.question is None
    talk("book_appointment", "quero marcar")
    talk(intent, words)
    assert talk.names == ["utter_nothing_refused", "utter_ask_service"] and talk.question == "service"


def test_why_not_after_a_price_is_no_question_why(talk):
    talk("ask_price", "quanto é a escova?")
    talk("affirm", "por que não?")
    assert talk.draft.services == ["escova"]
