"""`domain.yml`, the rules, the actions and the code that uses its words fit together."""

import ast
import re
from pathlib import Path

import pytest

from marcai.conversation.question import Question
from tests.dialogue.harness import BUTTON_TITLE, BUTTONS, ROOT, ROW_TITLE, action_for, domain, executor, rules

RESPONSES = domain()["responses"]
CODE = [*sorted((ROOT / "actions").glob("*.py")), *sorted((ROOT / "marcai").rglob("*.py"))]
QUESTIONS = domain()["slots"]["question"]["values"]


def intents() -> list[str]:
    """Every intent of the domain."""
    return [name if isinstance(name, str) else next(iter(name)) for name in domain()["intents"]]


def actions() -> set[str]:
    """Every action of the domain."""
    return {name if isinstance(name, str) else next(iter(name)) for name in domain()["actions"]}


def texts_of(path: Path) -> list[str]:
    """The string literals of a module that are no docstrings; of f-strings the fixed parts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.body[0].value) for node in ast.walk(tree)
                  if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
                  and node.body and isinstance(node.body[0], ast.Expr)}
    return [node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings]


def used_responses() -> tuple[set[str], set[str]]:
    """Names of responses in the code: whole ones, and the beginnings of those that are put together."""
    whole, begun = set(), set()
    for path in CODE:
        for words in texts_of(path):
            for name in re.findall(r"\butter_\w*", words):
                (begun if name.endswith("_") else whole).add(name)
    return whole - {"utter_action"}, begun  # that one is an event's attribute in Rasa


def endings(beginning: str) -> set[str]:
    """The responses that a beginning may become, by a question, an intent, a kind of media or a reason."""
    if beginning == "utter_":
        return {f"utter_{intent}" for (intent, _), action in rules().items() if action == "action_answer"}
    return {name for name in RESPONSES if name.startswith(beginning)}


def test_every_action_is_implemented_and_every_implemented_action_is_in_the_domain():
    assert actions() == {name for name in executor().actions if name.startswith("action_")}


def test_every_action_is_chosen_by_a_rule_and_every_rule_chooses_an_action_of_the_domain():
    assert set(rules().values()) == actions()


def test_every_intent_has_a_rule_that_holds_at_any_question():
    for intent in [*intents(), "nlu_fallback"]:
        assert action_for(intent, None), intent
        assert (intent, None) in rules(), f"{intent} is met with silence where its question is not open"


def test_rules_speak_only_of_questions_and_intents_that_there_are():
    assert {question for _, question in rules()} - {None} <= set(QUESTIONS)
    assert {intent for intent, _ in rules()} == {*intents(), "nlu_fallback"}


def test_every_question_has_its_words():
    assert [name for name in QUESTIONS if Question(name).response not in RESPONSES] == []


def test_every_question_that_is_asked_is_a_value_of_the_slot():
    asked = {name for path in CODE for name in re.findall(r'Question\(\s*"(\w+)"', path.read_text(encoding="utf-8"))}
    assert asked == set(QUESTIONS)


def test_every_response_that_the_code_uses_is_in_the_domain():
    whole, begun = used_responses()
    assert whole - set(RESPONSES) == set()
    assert [beginning for beginning in begun if not endings(beginning)] == []


def test_every_response_of_the_domain_is_used():
    whole, begun = used_responses()
    known = whole | {name for beginning in begun for name in endings(beginning)}
    assert set(RESPONSES) - known == set()


def test_every_question_about_the_establishment_has_an_answer():
    answered = [intent for (intent, _), action in rules().items() if action == "action_answer"]
    assert [intent for intent in answered if f"utter_{intent}" not in RESPONSES] == []


def test_every_reason_why_a_time_is_not_to_be_had_has_its_words():
    from marcai.scheduling.availability import Reason

    assert [reason for reason in Reason if f"utter_why_not_{reason.name.lower()}" not in RESPONSES] == []


def test_every_kind_of_media_that_the_actions_know_has_its_words():
    kinds = {"audio", "image", "video", "document", "sticker", "location", "contacts", "unsupported"}
    assert {name.removeprefix("utter_media_") for name in endings("utter_media_")} == kinds


@pytest.mark.parametrize("name", RESPONSES)
def test_buttons_keep_whatsapps_limits_and_stand_for_an_intent(name):
    for variation in RESPONSES[name]:
        buttons = variation.get("buttons", [])
        listed = "list_button" in variation.get("metadata", {}) or len(buttons) > BUTTONS or any(
            "description" in button or "section" in button for button in buttons)
        for button in buttons:
            assert len(button["title"]) <= (ROW_TITLE if listed else BUTTON_TITLE), button["title"]
            intent = re.match(r"/(\w+)", button["payload"])[1]
            assert intent in intents()
            assert button["payload"].count("{{") == button["payload"].count("}}")
        titles = [button["title"] for button in buttons]
        assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", RESPONSES)
def test_texts_are_short_enough_for_a_phone(name):
    for variation in RESPONSES[name]:
        assert 0 < len(variation["text"]) <= 400
        metadata = variation.get("metadata", {})
        assert len(metadata.get("list_button", "")) <= 20
        assert len(metadata.get("footer", "")) <= 60 and len(metadata.get("header", "")) <= 60


def test_values_that_a_payload_carries_are_entities_of_the_domain():
    for variations in RESPONSES.values():
        for button in (button for variation in variations for button in variation.get("buttons", [])):
            carried = re.findall(r'"(\w+)":', button["payload"])
            assert set(carried) <= set(domain()["entities"]), button


def test_no_sentence_for_customers_is_in_an_action():
    accent = re.compile(r"[áàâãéêíóôõúç]", re.IGNORECASE)
    sentence = re.compile(r"[A-Za-z]{2,}[,.!?]? [a-z]{2,}")
    for path in sorted((ROOT / "actions").glob("*.py")):
        found = [words for words in texts_of(path) if accent.search(words) or sentence.search(words)]
        assert found == [], path.name
