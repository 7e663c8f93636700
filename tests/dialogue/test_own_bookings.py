"""A customer's own bookings: listed, cancelled, moved, repeated."""

from datetime import datetime

import pytest
from sqlalchemy import text

from marcai.platform.database import engine


def statuses():
    """(status, local start) of every booking, oldest first."""
    with engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(
            "SELECT status, to_char(starts_at AT TIME ZONE 'America/Sao_Paulo', 'DD HH24:MI') FROM bookings "
            "ORDER BY created_at"))]


def book(talk, words="barba sábado às 10h"):
    """Books in one breath."""
    talk("book_appointment", words)
    if talk.question == "professional":
        talk.tap("Tanto faz")
    talk("affirm", "sim")
    assert "utter_booked" in talk.names or "utter_moved" in talk.names, talk.transcript()


@pytest.mark.parametrize(("intent", "answer"), [
    ("my_appointments", "utter_no_appointments"), ("cancel_appointment", "utter_nothing_to_cancel"),
    ("reschedule_appointment", "utter_nothing_to_move"), ("repeat_appointment", "utter_nothing_to_repeat"),
])
def test_without_a_booking_each_wish_is_answered(talk, intent, answer):
    talk(intent)
    assert answer in talk.names


def test_bookings_are_listed_with_day_time_services_and_status(talk):
    book(talk)
    book(talk, "manicure sexta às 10h")
    talk("my_appointments", "meus horários")
    assert "sábado, 28/11" in talk.text and "10h · Barba · Bruno" in talk.text and "🟢" in talk.text
    assert "sexta, 27/11" in talk.text and "Manicure" in talk.text
    assert talk.options == ["Remarcar", "Cancelar", "Repetir o último"]


def test_a_booking_is_cancelled_only_after_a_yes(talk):
    book(talk)
    talk("cancel_appointment", "preciso desmarcar")
    assert talk.question == "cancel" and statuses()[0][0] == "confirmed"
    assert "Barba" in talk.text and "sábado, 28/11" in talk.text and "24 horas" in talk.text
    talk("affirm", "sim")
    assert statuses() == [("cancelled", "28 10:00")]
    assert talk.names == ["utter_cancelled"]


@pytest.mark.parametrize(("intent", "words"), [("deny", "não"), ("deny", "melhor não")])
def test_a_no_keeps_the_booking(talk, intent, words):
    book(talk)
    talk("cancel_appointment", "quero cancelar")
    talk(intent, words)
    assert talk.names == ["utter_kept"] and statuses()[0][0] == "confirmed"


def test_a_cancelled_time_is_free_for_others(talk, customer):
    book(talk)
    talk("cancel_appointment", "cancela")
    talk("affirm", "sim")
    book(customer("Bia"))
    assert [status for status, _ in statuses()] == ["cancelled", "confirmed"]


def test_of_several_bookings_she_chooses_the_one_to_cancel(talk):
    book(talk)
    book(talk, "manicure sexta às 10h")
    talk("cancel_appointment", "quero cancelar")
    assert talk.names == ["utter_ask_which_to_cancel"] and len(talk.options) == 2
    talk.tap("sexta")
    assert talk.question == "cancel" and "Manicure" in talk.text
    talk("affirm", "sim")
    assert sorted(statuses()) == [("cancelled", "27 10:00"), ("confirmed", "28 10:00")]


def test_a_yes_long_after_the_question_about_cancelling_cancels_nothing(talk):
    book(talk)
    talk("cancel_appointment", "quero cancelar")
    talk("main_menu", "menu")
    talk("affirm", "sim")
    assert statuses()[0][0] == "confirmed"


def test_a_booking_is_moved_with_its_services_and_professional(talk):
    book(talk)
    talk("reschedule_appointment", "dá pra remarcar pra sexta às 15h?")
    assert "Vamos mudar *Barba*" in talk.text
    assert (talk.question, talk.draft.start) == ("booking", "2026-11-27T15:00")
    talk("affirm", "sim")
    assert talk.names == ["utter_moved"]
    assert ("confirmed", "27 15:00") in statuses()
    assert [status for status, _ in statuses()].count("confirmed") == 1


def allocations():
    """(state, local time) of all time that is taken, in order."""
    with engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(
            "SELECT state, to_char(lower(during) AT TIME ZONE 'America/Sao_Paulo', 'HH24:MI') || '-' || "
            "to_char(upper(during) AT TIME ZONE 'America/Sao_Paulo', 'HH24:MI') FROM allocations "
            "WHERE state <> 'released' ORDER BY lower(during)"))]


HOUR = "corte feminino com a Ana sábado às 10h"


@pytest.mark.parametrize(("words", "moved_to", "held"), [
    ("às 10h30", "10:30-11:30", ("hold", "11:00-11:30")), ("às 9h15", "09:15-10:15", ("hold", "09:15-10:00")),
])
def test_a_booking_may_be_moved_onto_part_of_its_own_time(talk, words, moved_to, held):
    book(talk, HOUR)
    talk("reschedule_appointment", f"dá pra mudar pra sábado {words}?")
    assert talk.question == "booking" and "utter_why_not_taken" not in talk.names, talk.text
    assert sorted(allocations()) == sorted([("booked", "10:00-11:00"), held])
    talk("affirm", "sim")
    assert talk.names == ["utter_moved"] and allocations() == [("booked", moved_to)]
    assert statuses() == [("confirmed", f"28 {moved_to[:5]}")]


def test_the_starts_around_her_own_time_are_offered_for_a_move_and_her_own_start_is_not(talk):
    book(talk, HOUR)
    talk("reschedule_appointment", "quero mudar pra mais tarde no sábado")
    talk("other_times", "quero ver todos os horários")
    talk("inform", "sábado entre 9h e 11h30")
    assert {"9h15", "9h45", "10h15", "11h"} <= set(talk.options) and "10h" not in talk.options
    talk("inform", "às 10h")
    assert talk.names[0] == "utter_that_is_your_time" and talk.question == "time"


def test_what_is_new_of_a_moved_time_is_hers_until_she_confirms(talk, customer):
    book(talk, HOUR)
    talk("reschedule_appointment", "muda pra sábado às 10h30")
    rival = customer("Bia")
    rival("book_appointment", "corte feminino com a Ana sábado às 11h")
    assert rival.question == "time" and "utter_booked" not in rival.names
    talk("affirm", "sim")
    assert talk.names == ["utter_moved"]
    book(rival, "corte feminino com a Ana sábado às 9h30")
    assert allocations() == [("booked", "09:30-10:30"), ("booked", "10:30-11:30")]


def test_a_move_onto_her_own_time_that_somebody_else_prevents_leaves_the_booking(talk, customer, monday):
    book(talk, HOUR)
    talk("reschedule_appointment", "muda pra sábado às 10h30")
    monday(datetime(2026, 11, 23, 10, 30))  # what was held is free again
    book(customer("Bia"), "corte feminino com a Ana sábado às 11h")
    talk("affirm", "sim")
    assert "utter_moved" not in talk.names and talk.question == "time"
    assert allocations() == [("booked", "10:00-11:00"), ("booked", "11:00-12:00")]
    talk.tap(talk.options[0])
    talk("affirm", "sim")
    assert talk.names == ["utter_moved"] and len(allocations()) == 2


def test_giving_up_a_move_onto_her_own_time_gives_back_only_what_was_new(talk):
    book(talk, HOUR)
    talk("reschedule_appointment", "muda pra sábado às 10h30")
    talk("stop", "deixa pra lá")
    assert allocations() == [("booked", "10:00-11:00")]


def test_a_move_with_something_less_may_lie_within_her_own_time(talk):
    book(talk, "corte feminino e hidratação com a Ana sábado às 10h")
    talk("reschedule_appointment", "quero mudar pra sábado às 10h30")
    talk("inform", "tira a hidratação")
    assert talk.question == "booking", talk.text
    assert allocations() == [("booked", "10:00-11:00"), ("booked", "11:00-11:40")]
    talk("affirm", "sim")
    assert talk.names == ["utter_moved"] and allocations() == [("booked", "10:30-11:30")]


def test_a_move_that_is_given_up_leaves_the_booking(talk):
    book(talk)
    talk("reschedule_appointment", "quero remarcar")
    talk("stop", "deixa pra lá")
    assert statuses() == [("confirmed", "28 10:00")]


def test_a_move_that_is_repeated_after_a_crash_moves_once(talk):
    book(talk)
    talk("reschedule_appointment", "remarcar pra sexta às 15h", again=True, message_id="one")
    assert talk.question == "booking", talk.transcript()
    talk("affirm", "sim", again=True, message_id="two")
    assert [status for status, _ in statuses()].count("confirmed") == 1


def test_the_last_booking_is_repeated_with_the_same_professional(talk):
    book(talk, "corte feminino com o Bruno sábado às 10h")
    talk("repeat_appointment", "quero o mesmo da última vez")
    assert "Corte feminino" in talk.text and "Bruno" in talk.text
    assert (talk.question, talk.draft.staff) == ("date", "bruno")
    talk("inform", "sexta às 15h")
    assert talk.question == "booking" and "👤 Bruno" in talk.text


def test_repeating_gives_back_a_time_that_was_held(talk):
    book(talk)
    talk("book_appointment", "manicure sexta às 10h")
    talk("repeat_appointment", "quero o mesmo da última vez")
    with engine().connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM allocations WHERE state = 'hold'")).scalar() == 0


def test_another_customers_bookings_are_not_seen(talk, customer):
    book(talk)
    other = customer("Bia")
    other("my_appointments", "meus horários")
    assert "utter_no_appointments" in other.names
    other("cancel_appointment", "quero cancelar")
    assert "utter_nothing_to_cancel" in other.names


@pytest.fixture
def two(talk):
    """A customer with two bookings: manicure on Friday, barba on Saturday."""
    book(talk)
    book(talk, "manicure com a Carla sexta às 10h")
    return talk


@pytest.mark.parametrize(("words", "service"), [
    ("a de sexta", "Manicure"), ("a manicure", "Manicure"), ("sábado", "Barba"), ("a segunda", "Barba"),
    ("o primeiro", "Manicure"), ("a do Bruno", "Barba"), ("a das 10h de sábado", "Barba"),
])
@pytest.mark.parametrize("intent", ["inform", "nlu_fallback"])
def test_which_booking_may_be_answered_in_words(two, words, service, intent):
    two("cancel_appointment", "quero cancelar")
    two(intent, words)
    assert two.question == "cancel" and f"Cancelar *{service}*" in two.text
    two("reschedule_appointment", "Remarcar")
    assert f"Vamos mudar *{service}*" in two.text


@pytest.mark.parametrize("way", ["typed", "tapped"])
def test_moving_the_booking_that_is_about_to_be_cancelled_asks_nothing_twice(two, way):
    two("cancel_appointment", "quero cancelar a manicure")
    assert two.question == "cancel"
    if way == "typed":
        two("reschedule_appointment", "na verdade quero remarcar")
    else:
        two.tap("Remarcar")
    assert "Vamos mudar *Manicure*" in two.text and two.question == "date"
    two("inform", "quinta às 15h")
    two("affirm", "sim")
    assert sorted(statuses())[-2:] == [("confirmed", "26 15:00"), ("confirmed", "28 10:00")]


def test_a_new_time_instead_of_a_yes_moves_the_booking_in_question(two):
    two("cancel_appointment", "quero cancelar a manicure")
    two("inform", "pode ser quinta às 15h")
    assert "Vamos mudar *Manicure*" in two.text and (two.question, two.draft.start) == ("booking", "2026-11-26T15:00")


def test_moving_before_it_is_said_which_asks_once_which(two):
    two("cancel_appointment", "quero cancelar")
    two("reschedule_appointment", "não, remarcar")
    assert (two.names, two.question) == (["utter_ask_which_to_move"], "which_to_move")
    two("inform", "a de sexta")
    assert "Vamos mudar *Manicure*" in two.text and two.question == "date"
    assert not two.draft.when, "the day told which, not when"


def test_which_to_move_and_when_may_be_said_at_once(two):
    two("reschedule_appointment", "quero remarcar")
    two("inform", "a manicure, pra quinta às 15h")
    assert (two.question, two.draft.start) == ("booking", "2026-11-26T15:00")


def test_another_one_may_be_named_when_a_yes_is_asked_for(two):
    two("cancel_appointment", "quero cancelar a manicure")
    two("inform", "não, a barba")
    assert two.question == "cancel" and "Cancelar *Barba*" in two.text


@pytest.mark.parametrize(("words", "cancels"), [("cancela", True), ("pode cancelar", True), ("não cancela não", False)])
def test_saying_cancel_again_is_a_yes_unless_there_is_a_no_in_it(two, words, cancels):
    two("cancel_appointment", "quero cancelar a manicure")
    two("cancel_appointment", words)
    assert (two.names == ["utter_cancelled"]) is cancels
    assert ("cancelled", "27 10:00") in statuses() or not cancels


def test_a_tap_on_cancel_is_no_yes(two):
    two("cancel_appointment", "quero cancelar a manicure")
    two("cancel_appointment", "Cancelar", metadata={"kind": "tap"})
    assert two.question == "cancel"


@pytest.mark.parametrize("intent", ["cancel_appointment", "reschedule_appointment"])
def test_none_of_them_keeps_them_all(two, intent):
    two(intent, "quero mexer no meu horário")
    two("deny", "nenhum")
    assert (two.names, two.question) == (["utter_kept"], None)
    assert [status for status, _ in statuses()] == ["confirmed", "confirmed"]


def test_giving_up_a_cancellation_keeps_the_booking_and_says_so(two):
    two("cancel_appointment", "quero cancelar a manicure")
    two("stop", "deixa pra lá")
    assert (two.names, two.question, two.draft.cancelling) == (["utter_kept"], None, None)


def test_a_booking_that_is_being_moved_may_be_cancelled_instead(two):
    two("reschedule_appointment", "quero remarcar a manicure")
    two("cancel_appointment", "quer saber? cancela")
    assert two.question == "cancel" and "Cancelar *Manicure*" in two.text


@pytest.mark.parametrize(("intent", "words"), [
    ("cancel_appointment", "desmarca sexta e coloca na quinta às 15h"),
    ("reschedule_appointment", "troca a consulta de sexta pra quinta às 15h"),
    ("reschedule_appointment", "quero mudar de sexta para quinta às 15h"),
    ("reschedule_appointment", "sexta não posso, pode ser quinta às 15h?"),
])
def test_of_several_bookings_the_one_on_the_day_it_is_moved_from_is_moved(two, intent, words):
    two(intent, words)
    assert "Vamos mudar *Manicure* de sexta, 27/11" in two.text
    assert (two.question, two.draft.start) == ("booking", "2026-11-26T15:00")
    two("affirm", "sim")
    assert sorted(statuses())[-2:] == [("confirmed", "26 15:00"), ("confirmed", "28 10:00")]


@pytest.mark.parametrize("words", [
    "trocar a consulta de sexta por outro dia", "remarcar o de sexta pra outra data", "outro dia no lugar de sexta",
    "não vou poder ir sexta, tem outro dia?", "remarcar sexta", "mudar a das 10h de sexta para outro dia",
])
def test_a_booking_that_is_called_by_its_day_is_moved_to_a_day_that_is_asked_for(two, words):
    two("reschedule_appointment", words)
    assert "Vamos mudar *Manicure* de sexta, 27/11" in two.text and two.question == "date"
    assert ("27/11" not in " ".join(two.options)) is (words != "remarcar sexta")


@pytest.mark.parametrize(("words", "later"), [("mudar a de sexta pra mais tarde", True),
                                              ("mudar a de sexta pra mais cedo", False)])
def test_a_booking_that_is_called_by_its_day_may_move_within_it(two, words, later):
    two("reschedule_appointment", words)
    assert "Vamos mudar *Manicure* de sexta, 27/11" in two.text and two.draft.when.days[0] == "2026-11-27"
    hours = [int(title.split("h")[0]) for title in two.options if title[0].isdigit()] or [
        int(two.draft.start[11:13])]
    assert all(hour >= 10 if later else hour < 10 for hour in hours) and "10h" not in two.options


def test_which_to_move_that_is_tapped_asks_for_the_day(two):
    two("reschedule_appointment", "quero remarcar")
    two.tap("sexta")
    assert "Vamos mudar *Manicure*" in two.text and two.question == "date"


@pytest.mark.parametrize("words", ["quero remarcar pra quinta às 15h", "remarcar para quinta às 15h"])
def test_where_to_move_it_is_kept_until_it_is_said_which(two, words):
    two("reschedule_appointment", words)
    assert two.question == "which_to_move"
    two.tap("sexta")
    assert "Vamos mudar *Manicure*" in two.text and two.draft.start == "2026-11-26T15:00"


def test_a_day_on_which_she_has_nothing_is_where_to_move_it(talk):
    book(talk)
    talk("reschedule_appointment", "mudar meu horário pra sexta")
    assert "Vamos mudar *Barba* de sábado, 28/11" in talk.text and talk.draft.when.days[0] == "2026-11-27"


def test_which_to_move_may_be_answered_with_from_where_to_where(two):
    two("reschedule_appointment", "quero remarcar")
    two("inform", "de sexta pra quinta às 15h")
    assert "Vamos mudar *Manicure*" in two.text and two.draft.start == "2026-11-26T15:00"


def test_moving_the_day_of_what_is_not_booked_yet_gives_nothing_up(talk):
    talk("book_appointment", "barba quinta às 16h")
    talk("cancel_appointment", "desmarca quinta e coloca no sábado")
    assert talk.draft.services == ["barba"] and talk.draft.start == "2026-11-28T16:00"


@pytest.mark.parametrize("words", ["troca a de sexta por outro dia", "muda a de sexta pra quinta"])
def test_a_booking_that_is_called_by_its_weekday_may_be_of_a_later_week(talk, words):
    book(talk)
    book(talk, "manicure com a Carla dia 04/12 às 10h")
    talk("reschedule_appointment", words)
    assert "Vamos mudar *Manicure* de sexta, 04/12" in talk.text
    assert talk.draft.when.days is None or talk.draft.when.days[0] == "2026-11-26"


def test_a_date_is_of_no_later_week(two):
    two("reschedule_appointment", "troca a do dia 04/12 por outro dia")
    assert two.question == "which_to_move"
    two.tap("sexta")
    assert "Vamos mudar *Manicure*" in two.text and two.question == "date"


@pytest.mark.parametrize("words", ["muda a manicure das 10h pras 15h", "muda a manicure de sexta às 10h pras 15h"])
def test_a_new_time_in_place_of_the_old_one_keeps_the_day(two, words):
    two("reschedule_appointment", words)
    assert (two.question, two.draft.start) == ("booking", "2026-11-27T15:00")
