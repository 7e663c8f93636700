"""The project's own phrase collection, form by form."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from score import load, score

PHRASES = load(Path(__file__).with_name("phrases.jsonl"))
FORMS = sorted({phrase["form"] for phrase in PHRASES} - {"nothing"})


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
    assert result.negatives >= 60
    assert result.false_positives <= 1, result.misses


def test_a_phrase_takes_less_than_a_millisecond() -> None:
    assert min(score(PHRASES).milliseconds for _ in range(3)) < 1.0


def test_the_collection_is_large_and_has_no_doubles() -> None:
    assert len(PHRASES) >= 250
    assert [text for text, count in Counter(phrase["text"] for phrase in PHRASES).items() if count > 1] == []


def test_the_score_notices_a_wrong_answer() -> None:
    wrong = [
        {**phrase, "value": "1999-01-01"} for phrase in PHRASES if phrase.get("value") and "alt" not in phrase
    ]
    assert score(wrong).starts == 0
    missed = [{**phrase, "kind": None} for phrase in PHRASES if phrase["kind"] is not None]
    assert score(missed).false_positives == len(missed)
