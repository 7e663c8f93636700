"""Short answers mean what was asked, in whatever words, and words of patience decide nothing."""

import pytest

from tests.dialogue.harness import OPEN


@pytest.mark.parametrize("question", OPEN)
@pytest.mark.parametrize(("intent", "words"), [("nlu_fallback", "espera"), ("stop", "espera aí, um minutinho"),
                                               ("affirm", "peraí"), ("out_of_scope", "já volto")])
def test_patience_is_granted_and_decides_nothing(at, question, intent, words):
    talk = at(question)
    before = talk.draft
    talk(intent, words)
    assert (talk.names, talk.question, talk.draft) == (["utter_no_rush"], question, before)


def test_a_service_named_where_something_is_to_be_taken_out_is_taken_out(at):
    talk = at("change_package")
    talk("inform", "a manicure")
    assert talk.names[0] == "utter_service_removed" and talk.draft.services == ["barba"]


def test_another_service_named_there_is_added(at):
    talk = at("change_package")
    talk("inform", "sobrancelha")
    assert talk.draft.services == ["barba", "manicure", "sobrancelha"]


def test_what_is_left_for_another_day_may_be_named(at):
    talk = at("two_visits")
    talk("inform", "a massagem")
    assert (talk.draft.services, talk.question) == (["barba"], "date")


@pytest.mark.parametrize(("words", "day"), [("28", "2026-11-28"), ("2", "2026-11-25"), ("10", "2026-12-10")])
def test_a_number_is_a_place_among_the_days_or_a_day_of_the_month(at, words, day):
    talk = at("date")
    talk("inform", words)
    assert (talk.question, talk.draft.when.days[0]) == ("time", day)


@pytest.mark.parametrize("words", ["qualquer um", "qq um", "tanto faz", "o mais cedo", "vc que sabe", "o primeiro"])
def test_any_time_or_the_earliest_is_the_first_one(at, words):
    talk = at("time")
    talk("inform", words)
    assert talk.question == "booking" and talk.draft.start == "2026-11-28T09:00"


def test_the_latest_time_is_the_last_one_of_the_day(at):
    talk = at("time")
    talk("inform", "o mais tarde que tiver")
    assert (talk.question, talk.draft.start) == ("booking", "2026-11-28T17:30")


@pytest.mark.parametrize(("intent", "words", "person_name"), [
    ("provide_name", "Bruno", "Bruno"), ("nlu_fallback", "bruno", "bruno"), ("provide_name", "bruninho", "bruninho"),
    ("inform", "o Bruno", "Bruno"),
])
def test_a_name_is_the_professionals_where_one_is_asked_for(at, intent, words, person_name):
    talk = at("professional")
    talk(intent, words, person_name=person_name)
    assert talk.question == "booking" and "👤 Bruno" in talk.text


def test_her_own_name_is_still_hers(at):
    talk = at("professional")
    talk("provide_name", "na verdade meu nome é Bruna", person_name="Bruna")
    assert talk.names == ["utter_name_changed", "utter_ask_professional"]


@pytest.mark.parametrize("words", ["qq um", "quem vc quiser, qualquer uma", "o que for melhor"])
def test_anybody_will_do(at, words):
    talk = at("professional")
    talk("inform", words)
    assert (talk.question, talk.draft.staff) == ("booking", "any")


def test_a_man_or_a_woman_is_no_service_where_a_professional_is_asked_for(at):
    talk = at("professional")
    talk("inform", "prefiro homem")
    assert talk.draft.services == ["corte-feminino"]


@pytest.mark.parametrize(("intent", "words"), [("affirm", "tá bom assim"), ("affirm", "isso aí"),
                                               ("deny", "não, só isso")])
def test_enough_is_no_wish_for_another_service(at, intent, words):
    talk = at("add_another")
    talk(intent, words)
    assert talk.question == "date"


def test_giving_up_another_service_gives_up_nothing_else(at):
    talk = at("another_service")
    talk("stop", "mudei de ideia")
    assert (talk.draft.services, talk.question) == (["barba"], "date")


def test_a_change_asked_for_at_the_summary_is_asked_about(at):
    talk = at("booking")
    talk("reschedule_appointment", "quero mudar")
    assert talk.question == "change_booking"
    talk("reschedule_appointment", "muda pra sexta")
    assert (talk.question, talk.draft.start) == ("booking", "2026-11-27T10:00")


@pytest.mark.parametrize(("words", "question"), [
    ("o dia", "date"), ("a hora", "time"), ("Horário", "time"), ("quero mudar o dia", "date"),
    ("o serviço", "change_package"),
])
def test_what_to_change_may_be_called_by_its_name(at, words, question):
    talk = at("change_booking")
    talk("inform", words)
    assert (talk.question, talk.draft.services) == (question, ["barba"])


def test_the_professional_to_be_changed_may_be_called_so(talk):
    talk("book_appointment", "corte feminino sábado às 10h com a Ana")
    talk("deny", "mudar")
    talk("inform", "a profissional")
    assert talk.draft.not_staff == ["ana"] and "👤 Bruno" in talk.text


def test_a_yes_instead_of_a_name_asks_for_the_name_again(at):
    talk = at("name")
    talk("affirm", "sim")
    assert (talk.names, talk.question) == (["utter_ask_name"], "name")


def test_which_of_two_services_is_meant_is_taken_from_any_words(at):
    talk = at("which_service")
    talk("out_of_scope", "mulher né kkk")
    assert "corte-feminino" in talk.draft.services
