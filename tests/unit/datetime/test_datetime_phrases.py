"""The project's own phrase collection, form by form."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from score import load, score, told

PHRASES = load(Path(__file__).with_name("phrases.jsonl"))
FORMS = sorted({phrase["form"] for phrase in PHRASES if phrase["kind"] is not None})
BESIDE = ("preference", "direction", "impossible", "excluded")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_right(form: str) -> None:
    result = score(phrase for phrase in PHRASES if phrase["form"] == form)
    assert result.start >= 98, result.misses
    assert result.full >= 96, result.misses


def test_the_whole_collection_is_read_right() -> None:
    result = score(PHRASES)
    assert result.start >= 99, result.misses
    assert result.full >= 99, result.misses


def test_prices_addresses_ages_and_greetings_name_no_time() -> None:
    result = score(phrase for phrase in PHRASES if phrase["form"] == "nothing")
    assert result.negatives >= 1500
    assert result.false_positives / result.negatives <= 1 / 71, result.misses


@pytest.mark.parametrize("key", BESIDE)
def test_what_a_phrase_says_beside_its_wishes_is_told(key: str) -> None:
    labelled = [phrase for phrase in PHRASES if key in phrase]
    assert len(labelled) >= 5
    for phrase in labelled:
        assert told(phrase)[key] == phrase[key], phrase["text"]


def test_phrases_that_only_say_how_name_no_day() -> None:
    result = score(phrase for phrase in PHRASES if phrase["form"] != "nothing" and phrase["kind"] is None)
    assert result.negatives >= 20
    assert result.false_positives == 0, result.misses


def test_a_phrase_takes_less_than_a_millisecond() -> None:
    assert min(score(PHRASES).milliseconds for _ in range(3)) < 1.0


def test_the_collection_is_large_and_has_no_doubles() -> None:
    assert len(PHRASES) >= 250
    assert [text for text, count in Counter(phrase["text"] for phrase in PHRASES).items() if count > 1] == []


def test_the_score_notices_a_wrong_answer() -> None:
    wrong = [
        {**phrase, "value": "1999-01-01"} for phrase in PHRASES if phrase.get("value") and "alt" not in phrase
    ]
    assert any("then" in phrase for phrase in wrong)
    assert score(wrong).starts == 0
    missed = [{**phrase, "kind": None} for phrase in PHRASES if phrase["kind"] is not None]
    assert score(missed).false_positives == len(missed)
