"""A customer changes her mind at any point: the rest stays, and what is still open is asked."""

import pytest


def at(talk, *turns):
    """Has these turns."""
    for intent, words in turns:
        talk(intent, words)
    return talk


BOOKING = ("book_appointment", "barba sábado às 10h")


@pytest.mark.parametrize("question", ["add_another", "package", "date", "time", "booking"])
def test_a_day_may_be_said_at_any_question(talk, question):
    at(talk, ("book_appointment", "quero barba e manicure"))
    for intent, words in [("deny", "só isso"), ("affirm", "sim"), ("inform", "sexta"), ("inform", "às 10h")]:
        if talk.question == question:
            break
        talk(intent, words)
    assert talk.question == question
    talk("inform", "na verdade sábado")
    assert talk.draft.when.days[0] == "2026-11-28"
    assert talk.draft.services == ["barba", "manicure"]
    assert talk.question in ("time", "booking")


def test_another_day_keeps_the_clock_time(talk):
    at(talk, BOOKING, ("inform", "na verdade sexta"))
    assert (talk.question, talk.draft.start) == ("booking", "2026-11-27T10:00")


def test_another_clock_time_keeps_the_day(talk):
    at(talk, BOOKING, ("inform", "às 16h"))
    assert (talk.question, talk.draft.start) == ("booking", "2026-11-28T16:00")


def test_a_closed_day_instead_offers_others_and_keeps_the_clock_time(talk):
    at(talk, BOOKING, ("inform", "na verdade domingo"))
    assert talk.question == "date" and "Não temos horários disponíveis" in talk.text
    talk.tap("terça")
    assert (talk.question, talk.draft.start) == ("booking", "2026-12-01T10:00")


@pytest.mark.parametrize(("words", "check"), [
    ("tem mais tarde?", lambda hours: all(hour >= 10 for hour in hours)),
    ("tem mais cedo?", lambda hours: all(hour < 10 for hour in hours)),
])
def test_later_and_earlier_stay_on_the_day(talk, words, check):
    at(talk, BOOKING, ("other_times", words))
    assert talk.draft.when.days[0] == "2026-11-28"
    hours = [int(title.split("h")[0]) for title in talk.options if title[0].isdigit()]
    assert "10h" not in talk.options
    assert check(hours) or talk.question == "booking"


def test_another_time_stays_on_the_day_and_another_day_does_not(talk):
    at(talk, BOOKING, ("other_times", "tem outro horário?"))
    assert (talk.question, talk.draft.when.days[0]) == ("time", "2026-11-28")
    talk("other_times", "outro dia")
    assert talk.question == "date"


def test_other_times_with_a_day_in_the_message_take_the_day(talk):
    at(talk, BOOKING, ("other_times", "tem outro horário na sexta?"))
    assert talk.draft.when.days[0] == "2026-11-27"


def test_a_no_to_the_times_offers_other_days(talk):
    at(talk, ("book_appointment", "barba sábado"), ("deny", "nenhum desses"))
    assert talk.question == "date" and not [title for title in talk.options if "28/11" in title]


def test_a_day_that_is_ruled_out_is_not_offered(talk):
    at(talk, ("book_appointment", "quero barba"), ("deny", "só isso"), ("inform", "menos sexta"))
    assert talk.question == "date" and not [title for title in talk.options if "27/11" in title]


def test_two_days_to_choose_from_are_both_offered_and_no_other(talk):
    at(talk, ("book_appointment", "quero barba"), ("deny", "só isso"), ("inform", "quinta ou sábado"))
    assert [title for title in talk.options if "/" in title] == ["quinta, 26/11", "sábado, 28/11"]


def test_everything_may_change_in_one_message(talk):
    at(talk, BOOKING, ("inform", "troca a barba por corte feminino, sexta às 15h com o Bruno"))
    assert talk.question == "booking"
    assert "Corte feminino" in talk.text and "sexta, 27/11" in talk.text and "👤 Bruno" in talk.text


def test_booking_again_in_the_middle_adds_to_what_is_under_way(talk):
    at(talk, ("book_appointment", "quero barba"), ("book_appointment", "quero marcar manicure também"))
    assert talk.draft.services == ["barba", "manicure"]


def test_asking_what_is_free_does_not_lose_the_services(talk):
    at(talk, ("book_appointment", "quero barba"), ("check_availability", "tem horário sábado à tarde?"))
    assert (talk.question, talk.draft.services) == ("time", ["barba"])


def test_asking_what_is_free_before_anything_else_asks_for_the_service_and_keeps_the_day(talk):
    at(talk, ("check_availability", "tem horário sábado à tarde?"))
    assert talk.question == "service"
    talk("inform", "barba")
    assert talk.question == "time" and "sábado, 28/11" in talk.text


def test_a_cancellation_in_the_middle_gives_up_only_what_is_under_way(talk):
    at(talk, BOOKING, ("affirm", "sim"), ("book_appointment", "quero manicure"), ("cancel_appointment", "cancela"))
    assert talk.names == ["utter_stopped"]
    talk("my_appointments", "meus horários")
    assert "🟢" in talk.text and "Barba" in talk.text


def test_after_giving_up_she_may_start_again(talk):
    at(talk, BOOKING, ("stop", "deixa pra lá"), ("book_appointment", "quero manicure"))
    assert (talk.draft.services, talk.question) == (["manicure"], "add_another")


def test_words_about_a_visit_start_one_even_without_a_verb(talk):
    at(talk, ("inform", "barba sábado às 10h"))
    assert talk.question == "booking"


def test_a_new_wish_after_a_booking_begins_a_new_visit(talk):
    at(talk, BOOKING, ("affirm", "sim"), ("inform", "e manicure sexta às 10h"))
    assert talk.draft.services == ["manicure"]
    assert talk.state != "BOOKED"


def test_asking_for_other_times_after_a_booking_does_not_touch_it(talk):
    at(talk, BOOKING, ("affirm", "sim"), ("other_times", "tem mais tarde?"))
    assert talk.state != "BOOKED" and talk.question == "service"


def test_words_that_only_sound_like_giving_up_are_taken_for_what_they_say(talk):
    at(talk, ("book_appointment", "barba sábado"), ("stop", "quero só depois das 15h"))
    assert talk.question == "time" and talk.draft.services == ["barba"]
    assert all(int(title.split("h")[0]) >= 15 for title in talk.options if title[0].isdigit())


def test_a_weekday_after_a_week_is_the_day_of_that_week(talk):
    at(talk, ("book_appointment", "barba semana que vem"), ("inform", "terça"))
    assert (talk.question, talk.draft.when.days[0]) == ("time", "2026-12-01")


@pytest.mark.parametrize("words", ["deixa pra lá, sábado não vai dar", "desisti da barba", "esquece a barba"])
def test_giving_up_in_so_many_words_gives_up(talk, words):
    at(talk, ("book_appointment", "barba sábado às 10h"), ("stop", words))
    assert talk.names == ["utter_stopped"]


@pytest.mark.parametrize("intent", ["stop", "inform", "deny", "affirm", "book_appointment", "nlu_fallback"])
@pytest.mark.parametrize("words", ["quero mais uma coisa", "espera, faltou outro serviço", "queria mais um serviço",
                                   "falta uma coisa"])
def test_one_more_that_is_not_named_asks_which_and_loses_nothing(talk, intent, words):
    at(talk, ("book_appointment", "quero barba"), (intent, words))
    assert (talk.question, talk.draft.services) == ("another_service", ["barba"])
    talk("inform", "manicure")
    assert talk.draft.services == ["barba", "manicure"]


def test_one_more_may_be_wanted_at_the_last_question(talk):
    at(talk, BOOKING, ("stop", "quero mais uma coisa"), ("inform", "manicure"))
    assert talk.draft.services == ["barba", "manicure"] and talk.draft.when.exact == "10:00:00"


@pytest.mark.parametrize("intent", ["stop", "deny", "inform"])
def test_nothing_more_is_no_giving_up(talk, intent):
    at(talk, ("book_appointment", "quero barba"), (intent, "não quero mais nada, obrigada"))
    assert (talk.question, talk.draft.services) == ("date", ["barba"])
