"""Asking for a person, waiting for one, and being given back to the assistant."""

from __future__ import annotations

import pytest

from marcai.handoff import attendants, passwords, presence, service
from marcai.platform.database import transaction
from tests.dialogue.harness import OPEN, Talk, action_for, bring_to

WAITING = {"handoff": "waiting", "kind": "text"}


@pytest.fixture
def julia(salon, monday, monkeypatch):
    """An attendant, who is not at her page yet."""
    monkeypatch.setattr(passwords, "COST", 4)
    return attendants.add(salon, "julia", "Júlia Prado", "uma-senha-comprida")


@pytest.fixture
def on_duty(salon, julia):
    """An attendant at her page."""
    presence.beat(salon.slug, julia.id)
    return julia


def quiet(talk: Talk, intent: str, text: str = "") -> bool:
    """Whether the assistant meets a message of a waiting customer with silence."""
    answer = talk._run(action_for(intent, talk.question), {
        "text": text, "intent": {"name": intent}, "message_id": text, "entities": [], "metadata": WAITING})
    return [one["custom"] for one in answer["responses"]] == [{"quiet": True}]


def test_place_and_wait_are_told_and_the_assistant_says_no_more(talk, on_duty):
    bring_to(talk, "date")
    talk("talk_to_human", "quero falar com um atendente")
    assert talk.names == ["utter_person_coming"]
    assert "*1º lugar* na fila" in talk.text and "*5 min*" in talk.text
    assert talk.options == ["Voltar ao assistente"]
    assert talk.question == "date" and talk.draft.services == ["barba"]
    assert talk.state == "ASSISTED"


@pytest.mark.parametrize("intent", ["inform", "affirm", "nlu_fallback", "greet", "main_menu", "ask_price", "stop",
                                    "media_message", "out_of_scope", "cancel_appointment"])
def test_what_she_writes_while_waiting_is_for_the_person(talk, on_duty, intent):
    bring_to(talk, "booking")
    talk("talk_to_human", "atendente")
    before = talk.slots
    assert quiet(talk, intent, "tem alguém?")
    assert talk.slots == before and talk.state == "ASSISTED"


def test_asking_again_tells_her_place_and_a_tap_on_an_older_choice_does_too(talk, customer, on_duty):
    customer()("talk_to_human", "atendente")
    talk("talk_to_human", "atendente")
    talk("talk_to_human", "e aí?", metadata=WAITING)
    assert talk.names == ["utter_person_place"] and "*2º lugar*" in talk.text and "*10 min*" in talk.text
    talk("affirm", "Sim", metadata={**WAITING, "kind": "tap"})
    assert talk.names == ["utter_person_place"] and talk.options == ["Voltar ao assistente"]


@pytest.mark.parametrize("question", OPEN)
def test_going_back_to_the_assistant_brings_the_open_question_again(at, on_duty, question):
    talk = at(question)
    asked, draft = talk.said[-1]["text"].removeprefix("Anotado ✍️ "), talk.draft
    talk("talk_to_human", "atendente")
    talk("back_to_bot", "Voltar ao assistente", metadata={**WAITING, "kind": "tap"})
    assert talk.names[0] == "utter_back_to_bot" and talk.said[-1]["text"] == asked
    assert (talk.question, talk.draft.services) == (question, draft.services)
    assert service.open_for(talk.id) is None and talk.state != "ASSISTED"


def test_going_back_without_having_asked_is_met_kindly(talk):
    talk("back_to_bot", "volta pro robô")
    assert talk.names[-1] == "utter_main_menu"


def test_with_nobody_there_she_is_told_so_and_the_booking_goes_on(talk, julia, salon):
    bring_to(talk, "date")
    asked = talk.said[-1]["text"]
    talk("talk_to_human", "atendente")
    assert talk.names == ["utter_person_later", "utter_business_hours", "utter_person_promise", "utter_ask_date"]
    assert "+55 11 4000-0001" in talk.text and "Terça a sábado" in talk.text
    assert talk.said[-1]["text"] == asked
    assert service.open_for(talk.id).state == "waiting", "the promise is kept"
    presence.beat(salon.slug, julia.id)
    talk("inform", "sábado às 10h", metadata=WAITING)
    assert talk.question == "booking", "somebody who comes does not silence the assistant by coming"


def test_when_the_last_attendant_leaves_the_assistant_takes_over_again(talk, on_duty, salon):
    bring_to(talk, "date")
    talk("talk_to_human", "atendente")
    presence.leave(salon.slug, on_duty.id)
    talk("inform", "sábado às 10h", metadata=WAITING)
    assert talk.names[0] == "utter_person_left" and talk.question == "booking"
    talk("affirm", "sim", metadata=WAITING)
    assert "utter_person_left" not in talk.names and "utter_booked" in talk.names
    assert service.open_for(talk.id).state == "waiting"


@pytest.mark.parametrize("question", OPEN)
def test_the_person_gives_her_back_and_the_pending_question_comes_again(at, on_duty, question):
    talk = at(question)
    asked, offered = talk.said[-1]["text"].removeprefix("Anotado ✍️ "), talk.options
    talk("talk_to_human", "atendente")
    found = service.open_for(talk.id)
    with transaction() as session:
        service.take(session, on_duty, found.id)
        service.close(session, on_duty, found.id)
    talk("resume", "[resume]", handoff=str(found.id))
    assert talk.names[0] == "utter_back_from_person"
    assert (talk.said[-1]["text"], talk.question, talk.options) == (asked, question, offered)


def test_what_she_had_chosen_survives_the_end_of_the_session(talk, on_duty):
    bring_to(talk, "date")
    talk("talk_to_human", "atendente")
    found = service.open_for(talk.id)
    with transaction() as session:
        service.take(session, on_duty, found.id)
        service.close(session, on_duty, found.id)
    talk.slots = {"draft": None, "question": None}  # Rasa's session has ended after half an hour of talking
    talk("resume", "[resume]", handoff=str(found.id))
    assert talk.names == ["utter_back_from_person", "utter_ask_date"]
    assert talk.draft.services == ["barba"]


def test_being_given_back_with_nothing_pending_shows_the_menu(talk, on_duty):
    talk("talk_to_human", "atendente")
    found = service.open_for(talk.id)
    with transaction() as session:
        service.take(session, on_duty, found.id)
        service.close(session, on_duty, found.id)
    talk("resume", "[resume]", handoff=str(found.id))
    assert talk.names == ["utter_back_from_person", "utter_main_menu"]


def test_a_repeated_turn_asks_once(talk, on_duty):
    talk("talk_to_human", "atendente", again=True)
    assert service.waiting(talk.tenant, talk.id).place == 1


def test_three_messages_that_were_not_understood_lead_to_a_person(talk, on_duty):
    for _ in range(3):
        talk("nlu_fallback", "asdf qwer")
    assert "Falar com atendente" in talk.options
    talk.tap("Falar com atendente")
    assert service.open_for(talk.id).reason == "not_understood"


def test_a_resumption_of_nothing_known_is_harmless(talk):
    talk("resume", "[resume]", handoff="not-an-id")
    assert talk.names[-1] == "utter_main_menu"
