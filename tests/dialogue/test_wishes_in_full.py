"""All that a message says about when counts: what is ruled out, what is rough, and choices with times of their own."""

import re

import pytest


def hours(talk):
    """The starts on offer, as hours with a fraction, in the order in which they are shown."""
    found = (re.fullmatch(r"(\d+)h(\d*)", title) for title in talk.options)
    return [int(one[1]) + int(one[2] or 0) / 60 for one in found if one]


def days(talk):
    """The days on offer."""
    return [title for title in talk.options if re.search(r"\d/\d\d$", title)]


@pytest.fixture
def asked(talk):
    """A customer who wants a barba and is asked for the day."""
    talk("book_appointment", "quero barba")
    talk("deny", "só isso")
    return talk


# ---- ruled out -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "fits"), [
    ("não pode de manhã", lambda hour: hour >= 12), ("trabalho à tarde", lambda hour: not 12 <= hour < 18),
    ("de manhã eu trabalho", lambda hour: hour >= 12), ("só não pode ser depois das 12h", lambda hour: hour < 12),
    ("não posso de manhã nem à noite", lambda hour: 12 <= hour < 18),
])
def test_a_part_of_the_day_that_is_ruled_out_is_not_offered(asked, words, fits):
    asked("inform", words)
    assert asked.question == "date"
    asked("inform", "sexta")
    assert asked.question == "time" and hours(asked) and all(map(fits, hours(asked)))
    if "🕐 Mais horários" in asked.options:
        asked.tap("🕐")
        assert len(hours(asked)) > 8 and all(map(fits, hours(asked)))


def test_it_may_be_ruled_out_together_with_the_day_or_after_it(talk):
    talk("book_appointment", "quero barba sexta, mas não pode de manhã")
    assert talk.question == "time" and min(hours(talk)) >= 12
    talk("inform", "trabalho à tarde")
    assert talk.draft.when.days[0] == "2026-11-27" and min(hours(talk)) >= 18


def test_a_time_of_one_day_that_is_ruled_out_stands_on_other_days(asked):
    asked("inform", "sexta não posso de manhã")
    asked("inform", "sexta")
    assert min(hours(asked)) >= 12
    asked("inform", "sábado")
    assert min(hours(asked)) < 12


def test_the_weekend_is_ruled_out_in_every_week(talk):
    talk("book_appointment", "quero corte feminino")
    talk("deny", "só isso")
    talk("inform", "qualquer dia, menos no fim de semana")
    assert talk.draft.services == ["corte-feminino"]
    talk("other_times", "outro dia")
    assert days(talk) and not [day for day in days(talk) if day.startswith(("sábado", "domingo"))]
    talk("inform", "pensando bem, pode ser sábado")
    assert talk.draft.when.days[0] == "2026-11-28"


def test_a_day_that_has_only_what_is_ruled_out_is_not_offered(talk):
    talk("book_appointment", "quero massagem")  # Denise works from noon, and on Saturdays from nine
    talk("deny", "só isso")
    talk("inform", "não posso à tarde nem à noite")
    assert {day.split(",")[0] for day in days(talk)} == {"sábado"}
    talk("inform", "quinta")
    assert talk.names[0] == "utter_ask_date_instead" and talk.question == "date"


def test_a_time_that_is_asked_for_after_all_is_no_longer_ruled_out(asked):
    asked("inform", "não pode de manhã")
    asked("inform", "sábado às 10h")
    assert (asked.question, asked.draft.start) == ("booking", "2026-11-28T10:00")


def test_nothing_but_what_is_ruled_out_is_offered_with_a_word(talk):
    talk("book_appointment", "quero massagem")
    talk("deny", "só isso")
    talk("inform", "não posso de manhã nem à tarde nem à noite")
    assert talk.names[0] == "utter_room_only_then" and days(talk)


@pytest.mark.parametrize("intent", ["deny", "inform", "stop", "other_times", "nlu_fallback"])
@pytest.mark.parametrize("words", ["não posso de manhã", "de manhã eu trabalho"])
def test_the_time_of_the_summary_may_be_ruled_out(asked, intent, words):
    asked("inform", "sexta às 10h")
    assert asked.question == "booking"
    asked(intent, words)
    assert asked.question == "time" and asked.draft.when.days[0] == "2026-11-27" and min(hours(asked)) >= 12
    assert asked.draft.services == ["barba"]


# ---- rough -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["sexta lá pelas 16h", "sexta umas 16h", "sexta por volta das 16h"])
def test_a_rough_time_offers_the_nearest_first(asked, words):
    asked("inform", words)
    assert asked.question == "time" and hours(asked)[0] == 16
    distances = [abs(hour - 16) for hour in hours(asked)]
    assert distances == sorted(distances) and distances[-1] <= 1


def test_a_rough_time_that_is_taken_offers_what_is_around_it(asked, customer):
    other = customer("Bia")
    other("book_appointment", "barba com o Bruno sexta às 16h")
    other("affirm", "sim")
    asked("inform", "sexta, com o Bruno, lá pelas 16h")
    assert asked.question == "time" and 16 not in hours(asked) and max(abs(hour - 16) for hour in hours(asked)) <= 1


def test_a_rough_time_is_kept_until_the_day_is_known(asked):
    asked("inform", "lá pelas 16h")
    assert asked.question == "date" and "por volta das 16h" in asked.text
    asked.tap("sexta")
    assert hours(asked)[0] == 16
    asked.tap("🕐")
    assert len(hours(asked)) > 9


def test_a_rough_time_without_room_near_it_offers_the_nearest_there_is(asked):
    asked("inform", "sexta lá pelas 23h")
    assert asked.names[0] == "utter_no_room_at_that_time" and asked.question == "time" and max(hours(asked)) >= 17


# ---- choices ---------------------------------------------------------------------------------------------------------


def test_each_of_two_days_keeps_its_own_part_of_the_day(asked):
    asked("inform", "quinta de manhã ou sábado de tarde")
    assert [(one["title"], one.get("description")) for one in asked.said[0]["buttons"]] == [
        ("quinta, 26/11", "de manhã"), ("sábado, 28/11", "à tarde")]
    asked.tap("sábado")
    assert hours(asked) and min(hours(asked)) >= 12
    asked("inform", "quinta de manhã ou sábado de tarde")
    asked("inform", "quinta")
    assert hours(asked) and max(hours(asked)) < 12


def test_each_of_two_days_keeps_its_own_clock_time(asked):
    asked("inform", "quinta às 10h ou sábado às 15h")
    asked.tap("sábado")
    assert (asked.question, asked.draft.start) == ("booking", "2026-11-28T15:00")


def test_two_parts_of_one_day_leave_out_what_is_between(asked):
    asked("inform", "sexta de manhã ou de noite")
    assert hours(asked) and not [hour for hour in hours(asked) if 12 <= hour < 18]


def test_a_choice_is_given_up_for_a_new_time(asked):
    asked("inform", "quinta de manhã ou sábado de tarde")
    asked("inform", "sexta às 15h")
    assert (asked.question, asked.draft.start) == ("booking", "2026-11-27T15:00")


def test_a_choice_without_room_is_given_up_with_a_word(talk):
    talk("book_appointment", "quero massagem")
    talk("deny", "só isso")
    talk("inform", "quarta de manhã ou quinta bem cedo, às 8h")
    assert talk.question == "date" and days(talk)


# ---- two readings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["sexta que vem às 10h", "próxima sexta às 10h"])
def test_a_day_with_two_readings_is_told_and_the_other_one_is_a_phrase_away(asked, words):
    asked("inform", words)
    assert "Entendi *sexta, 27/11*. Se for *sexta, 04/12*, é só escrever *dia 04/12*" in asked.text
    assert (asked.question, asked.draft.start) == ("booking", "2026-11-27T10:00")
    asked("inform", "dia 04/12")
    assert (asked.question, asked.draft.start) == ("booking", "2026-12-04T10:00")
    assert "utter_day_understood" not in asked.names


def test_a_day_with_two_readings_is_told_for_a_move_too(asked):
    asked("inform", "sábado às 10h")
    asked("affirm", "sim")
    asked("reschedule_appointment", "muda pra sexta que vem")
    assert asked.names == ["utter_moving", "utter_day_understood", "utter_ask_time_some"]


@pytest.mark.parametrize("words", ["sexta", "sexta, 27/11", "segunda que vem", "semana que vem"])
def test_a_day_with_one_reading_is_not_told(asked, words):
    asked("inform", words)
    assert "utter_day_understood" not in asked.names
