"""What analysts are told of real conversations: the step that each turn leaves open, and how it ends."""

from __future__ import annotations

from copy import deepcopy

import pytest

from marcai.analytics import recording
from tests.dialogue.harness import action_for


@pytest.fixture
def told():
    """Plays a turn and gives what analysts are told of it: step, outcome, level."""
    def play(talk, intent, text="", *, ranking=("nlu_fallback", "ask_price", "stop"), **entities):
        before = deepcopy(talk.slots)
        action = action_for(intent, before["question"])
        talk(intent, text, ranking=ranking, **entities)
        found = recording.facts(
            intent=intent, action=action, ranking=[{"name": name, "confidence": 0.4} for name in ranking],
            before=before["draft"] or {}, asked=before["question"], after=talk.slots["draft"] or {},
            question=talk.slots["question"])
        return found.step, found.outcome, found.miss
    return play


def test_a_booking(told, talk):
    assert told(talk, "greet", "oi") == (None, None, 0)
    assert told(talk, "list_services", "o que vocês fazem?") == ("list", "open", 0)
    assert told(talk, "service_details", "", service_code="corte-feminino") == ("details", "open", 0)
    assert told(talk, "book_appointment", "", service_code="corte-feminino")[:2] == ("add_another", "open")
    assert told(talk, "deny", "não")[:2] == ("date", "open")
    assert told(talk, "inform", "sábado às 10h")[0] in ("time", "professional", "booking")
    while talk.slots["question"] != "booking":
        told(talk, "inform", "o primeiro")
    assert told(talk, "ask_price", "quanto é mesmo?") == ("booking", "open", 0)
    assert told(talk, "affirm", "sim") == ("booked", "booked", 0)
    assert told(talk, "goodbye", "obrigada") == (None, None, 0)


def test_giving_up(told, talk):
    told(talk, "book_appointment", "quero marcar")
    assert told(talk, "stop", "deixa pra lá") == ("service", "stop", 0)
    told(talk, "book_appointment", "quero marcar")
    assert told(talk, "cancel_appointment", "cancela") == ("service", "stop", 0)


def test_the_menu_in_the_middle_of_a_booking_leaves_its_step_open(told, talk):
    told(talk, "book_appointment", "quero marcar escova")
    assert told(talk, "main_menu", "menu") == ("add_another", "open", 0)
    assert told(talk, "continue_booking", "Continuar")[:2] == ("add_another", "open")


def test_a_cancellation_is_nothing_given_up(told, talk):
    told(talk, "book_appointment", "barba sábado às 10h")
    told(talk, "affirm", "sim")
    assert told(talk, "cancel_appointment", "quero cancelar") == ("cancel", "open", 0)
    assert told(talk, "cancel_appointment", "pode cancelar") == (None, None, 0)


def test_noise_that_nlu_takes_for_another_subject_or_an_answer_climbs_too(told, talk):
    told(talk, "book_appointment", "quero marcar uma escova")
    assert [told(talk, intent, "asdfgh")[2] for intent in ("out_of_scope", "inform", "nlu_fallback")] == [1, 2, 3]


def test_levels_of_not_understanding(told, talk):
    told(talk, "book_appointment", "quero marcar uma escova")
    step = talk.slots["question"]
    assert [told(talk, "nlu_fallback", "xyzzy") for _ in range(3)] == [(step, "open", level) for level in (1, 2, 3)]
    assert told(talk, "book_appointment", "quero marcar uma escova")[2] == 0
    assert told(talk, "nlu_fallback", "xyzzy")[2] == 1


def test_a_name(told, new):
    assert told(new, "greet", "oi") == ("name", "open", 0)
    assert told(new, "provide_name", "Carla Souza", person_name="Carla Souza") == (None, None, 0)
