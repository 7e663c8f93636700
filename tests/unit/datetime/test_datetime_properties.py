"""Properties that hold for any text."""

from __future__ import annotations

import unicodedata
from datetime import datetime, time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from score import load

from marcai.nlu.datetime import parse, parse_all

TEXTS = [phrase["text"] for phrase in load(Path(__file__).with_name("phrases.jsonl"))]
WORDS = sorted({word for text in TEXTS for word in text.split()})
NOWS = st.datetimes(datetime(1990, 1, 1), datetime(2190, 1, 1))
ANY_TEXT = st.text(max_size=80)
LIKELY_TEXT = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join)
NOW = datetime(2026, 11, 25, 10, 0)


def without_accents(text: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFD", text) if unicodedata.category(part) != "Mn")


def answers(text: str) -> list:
    return [(moment.kind, moment.start, moment.end) for moment in parse(text, NOW)]


@settings(max_examples=400, deadline=None)
@given(st.one_of(ANY_TEXT, LIKELY_TEXT), NOWS)
def test_any_text_is_read_without_an_error_and_spans_lie_inside_it(text: str, now: datetime) -> None:
    reading = parse_all(text, now)
    spans = [moment.span for moment in [*reading.moments, *reading.excluded, *reading.moved_from]]
    for start, end in [*spans, *reading.impossible]:
        assert 0 <= start < end <= len(text)


@settings(max_examples=400, deadline=None)
@given(LIKELY_TEXT, NOWS)
def test_intervals_end_after_they_start(text: str, now: datetime) -> None:
    for moment in parse(text, now):
        assert moment.start is not None or moment.end is not None
        if moment.start is not None and moment.end is not None:
            assert moment.kind == "interval"
            assert moment.end > moment.start


@settings(max_examples=300, deadline=None)
@given(LIKELY_TEXT, NOWS)
def test_every_answer_has_the_types_of_its_kind(text: str, now: datetime) -> None:
    expected = {
        "date": (type(now.date()),),
        "time": (time,),
        "instant": (datetime,),
        "interval": (datetime, time),
    }
    for moment in parse(text, now):
        for edge in (moment.start, moment.end):
            assert edge is None or type(edge) in expected[moment.kind]
        assert set(moment.to_json()) == {"kind", "grain", "from", "to", "span"}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TEXTS))
def test_case_accents_and_extra_spaces_change_nothing(text: str) -> None:
    expected = answers(text)
    assert answers(text.upper()) == expected
    assert answers(without_accents(text)) == expected
    assert answers("  " + text.replace(" ", "   ") + " ") == expected
    assert answers(unicodedata.normalize("NFD", text)) == expected


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(TEXTS))
def test_reading_the_words_of_a_single_wish_again_gives_the_same_day(text: str) -> None:
    moments = parse(text, NOW)
    if len(moments) == 1 and moments[0].kind == "date":
        start, end = moments[0].span
        again = parse(text[start:end], NOW)
        assert [moment.kind for moment in again] == ["date"]
