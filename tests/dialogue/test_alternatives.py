"""Flow 4: when a wish cannot be met, every alternative is at hand, in taps and in words, and nothing chosen is lost."""

import re

import pytest

FULL = ("book_appointment", "manicure e pedicure no domingo")
CHOSEN = ["manicure", "pedicure"]


def hours(talk):
    """The hours of the starts on offer, of one day or of professionals."""
    return [int(found[1]) for found in (re.search(r"(\d+)h\d*$", title) for title in talk.options) if found]


def days(talk):
    """The days on offer."""
    return [title for title in talk.options if re.search(r"\d/\d\d$", title)]


def test_a_full_day_offers_dates_people_and_the_days_around_it(talk):
    talk(*FULL)
    assert "Não temos horários disponíveis nesta data" in talk.text
    assert days(talk) == ["terça, 01/12", "quarta, 02/12", "quinta, 03/12"]
    assert talk.options[3:] == ["👥 Outros profissionais", "🗓️ Dias próximos"]


TAPS = {"nearby": "🗓️", "people": "👥", "day": "📅"}


@pytest.mark.parametrize("path", [
    ("nearby", "people", "day"), ("people", "day"), ("people", "nearby"), ("nearby", "people", "nearby"),
])
def test_one_moves_between_the_alternatives_and_keeps_the_services(talk, path):
    talk(*FULL)
    for step in path:
        if step == "nearby" and "🗓️ Dias próximos" not in talk.options:
            talk("other_times", "quais os dias próximos?")
        else:
            talk.tap(TAPS[step])
        assert talk.draft.services == CHOSEN and talk.options, step
        assert talk.draft.no_more and talk.draft.package_ok
    while talk.question != "booking":
        talk.tap(talk.options[0])
    assert "Manicure" in talk.text and "Pedicure" in talk.text


def test_the_calendar_shows_three_days_before_and_after(talk):
    talk(*FULL)
    talk.tap("🗓️")
    lines = [line for line in talk.text.splitlines() if line[:1] in ("🟢", "⚪")]
    assert [line[2:].split(" (")[0] for line in lines] == [
        "quinta, 26/11", "sexta, 27/11", "sábado, 28/11", "domingo, 29/11", "segunda, 30/11", "terça, 01/12",
        "quarta, 02/12"]
    assert [line[0] for line in lines] == list("🟢🟢🟢⚪⚪🟢🟢")


@pytest.mark.parametrize("intent", ["other_times", "inform", "check_availability", "nlu_fallback"])
@pytest.mark.parametrize("words", ["tem algum dia perto?", "dias próximos", "mostra o calendário"])
def test_the_calendar_may_be_asked_for_in_words(talk, intent, words):
    talk(*FULL)
    talk(intent, words)
    assert talk.names == ["utter_ask_date_nearby"]


def test_other_people_are_shown_with_their_times(talk):
    talk(*FULL)
    talk("other_professional", "tem com outra pessoa?")
    assert talk.question == "professional" and talk.draft.services == CHOSEN
    sections = {button["section"] for button in talk.said[0]["buttons"] if "section" in button}
    assert sections == {"Carla", "Denise"}
    talk.tap("terça, 01/12")
    assert talk.question == "booking" and "👤 Carla" in talk.text


def test_the_only_other_person_is_named_as_such(talk):
    talk("book_appointment", "corte feminino com a Ana sábado")
    talk("other_professional", "tem com outra pessoa?")
    assert "Além de Ana, quem faz isso é *Bruno*" in talk.text
    assert talk.question == "time" and talk.draft.when.days[0] == "2026-11-28"


def test_next_week_is_offered_day_by_day(talk):
    talk(*FULL)
    talk("other_times", "e na semana que vem?")
    assert days(talk) == ["terça, 01/12", "quarta, 02/12", "quinta, 03/12", "sexta, 04/12", "sábado, 05/12"]
    assert talk.draft.services == CHOSEN


def test_a_part_of_the_day_is_kept_from_one_alternative_to_the_next(talk):
    talk(*FULL)
    talk("other_times", "mais pro fim da tarde")
    assert "*entre 16h e 18h*" in talk.text and days(talk)
    talk("other_times", "e na semana que vem?")
    assert "*entre 16h e 18h*" in talk.text
    talk.tap("quarta")
    assert all(hour >= 16 for hour in hours(talk))
    talk("other_professional", "tem com outra pessoa?")
    assert talk.draft.services == CHOSEN and all(hour >= 16 for hour in hours(talk))


def test_days_without_room_at_the_wished_time_are_not_offered(talk):
    talk("book_appointment", "quero massagem")  # Denise works from noon, and on Saturdays from nine
    talk("deny", "só isso")
    talk("inform", "qualquer dia de manhã")
    assert "*de manhã*" in talk.text and {day.split(",")[0] for day in days(talk)} == {"sábado"}


def test_a_time_that_no_day_has_is_given_up_with_a_word(talk):
    talk("book_appointment", "quero massagem")
    talk("deny", "só isso")
    talk("inform", "de noite")
    assert talk.names[0] == "utter_no_room_at_any_such_time" or "à noite" in talk.text
    assert days(talk)


@pytest.mark.parametrize(("before", "start"), [
    ("qualquer dia de manhã", "2026-11-28T09:00"), ("mais pro fim da tarde", "2026-11-25T16:00"),
    ("na semana que vem", "2026-12-02T12:00"),
])
def test_the_first_there_is_keeps_to_what_was_said_before(talk, before, start):
    talk("book_appointment", "quero massagem")
    talk("deny", "só isso")
    talk("inform", before)
    talk("inform", "o primeiro que tiver")
    assert (talk.question, talk.draft.start) == ("booking", start)


def test_the_first_of_a_list_is_still_the_first_of_the_list(talk):
    talk("book_appointment", "barba sábado")
    second = talk.options[1]
    talk("inform", "o segundo")
    assert talk.question == "booking" and f"das {second} às" in talk.text


def test_only_that_means_no_other_service(talk):
    talk("deny", "quero barba, só isso")
    assert (talk.question, talk.draft.services) == ("date", ["barba"])


def test_somebody_else_at_a_time_at_which_there_is_nobody_else_is_said_to_be_so(talk):
    talk("book_appointment", "manicure e pedicure com a Denise quarta às 12h")
    talk("other_professional", "muda a profissional")
    assert talk.names[0] == "utter_only_with_unwanted" and "é só com Denise" in talk.text
    assert talk.question == "time" and talk.options
    talk("inform", "com qualquer uma")
    assert talk.draft.not_staff == [] and talk.draft.services == CHOSEN


def test_back_to_somebody_is_not_back_to_the_menu(talk):
    talk("book_appointment", "corte feminino com o Bruno sábado")
    talk("main_menu", "volta pra Ana")
    assert (talk.draft.staff, talk.question, talk.draft.services) == ("ana", "time", ["corte-feminino"])


def test_any_of_the_days_is_the_first_of_them(talk):
    talk("book_appointment", "luzes no fim de semana")
    talk("other_times", "outro dia")
    talk("nlu_fallback", "então qualquer um")
    assert talk.question in ("booking", "professional") and talk.draft.start
