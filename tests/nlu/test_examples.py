"""The training examples: enough of every intent, one meaning each."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
import yaml

from marcai.nlu.evaluation import Example, read_examples
from marcai.nlu.normalizer import normalise

from .conftest import FOLDER

ROOT = FOLDER.parent.parent
# Answered on the spot, without starting or steering a flow: 30 examples are enough (60 are asked of the others).
ANSWERED_AT_ONCE = {"greet", "goodbye", "thank", "bot_challenge", "business_hours", "business_address",
                    "cancellation_policy", "payment_options", "out_of_scope"}
# Set by the channel or by a tap, never read from words: domain.yml.
WITHOUT_WORDS = {"continue_booking", "resume", "media_message", "late_message", "expired_option"}


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return read_examples(str(ROOT / "data" / "nlu"))


def test_every_intent_has_enough_examples(examples):
    counts = Counter({text: intent for text, intent, _ in examples}.values())
    intents = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]
    asked = {i: 30 if i in ANSWERED_AT_ONCE else 60 for i in intents if i not in WITHOUT_WORDS}
    assert len(asked) > 35
    assert {i: counts[i] for i, least in asked.items() if counts[i] < least} == {}


def test_no_message_has_two_meanings(examples):
    meanings = defaultdict(set)
    for text, intent, _ in examples:
        meanings[normalise(text)].add(intent)
    assert {text: found for text, found in meanings.items() if len(found) > 1} == {}


def test_entities_have_no_blanks_at_their_ends(examples):
    for text, _, entities in examples:
        for _, start, end in entities:
            assert text[start:end] == text[start:end].strip() != ""
