"""Entities to tags and back, hints, and the copies with exchanged words."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from marcai.nlu.letters import fold
from marcai.nlu.normalizer import words
from marcai.nlu.tagging import Hints, Span, Terms, features, to_spans, to_tags
from marcai.nlu.variation import Annotated, another_name, another_service, with_other_phrases, with_strange_words

TEXT = "Quero marcar limpeza de pele e BARBA com a dra. Ana"


def span(entity: str, part: str, text: str = TEXT) -> Span:
    return Span(entity, text.index(part), text.index(part) + len(part))


SPANS = [span("service", "limpeza de pele"), span("service", "BARBA"), span("professional", "dra. Ana")]


def test_tags_and_back():
    plain = words(TEXT)
    tags = to_tags(plain, SPANS)
    assert [f"{word.text} {tag}" for word, tag in zip(plain, tags, strict=True) if tag != "O"] == [
        "limpeza B-service", "de I-service", "pele L-service", "barba U-service",
        "dra B-professional", ". I-professional", "ana L-professional",
    ]
    assert to_spans(plain, tags) == SPANS


def test_a_word_that_stands_for_two_is_one_entity():
    text = "corte pfv"
    plain = words(text)
    assert to_spans(plain, to_tags(plain, [Span("service", 0, 9)])) == [Span("service", 0, 9)]


@given(st.lists(st.sampled_from(["O", "B-a", "I-a", "L-a", "U-a", "I-b", "L-b", "B-b"]), min_size=7, max_size=7))
def test_any_sequence_of_tags_means_spans_in_order(tags):
    spans = to_spans(words("um dois tres quatro cinco seis sete"), tags)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    assert all(one.start < one.end for one in spans)


def test_the_longest_known_phrase_is_marked_in_any_number():
    terms = Terms(["limpeza de pele", "limpeza", "unha"])
    assert terms.marks(words("limpezas de pele e unhas, limpeza")) == ["B", "I", "L", "O", "U", "O", "U"]
    assert Terms([]).marks(words("unha")) == ["O"]


def test_every_word_has_features():
    plain = words(TEXT)
    rows = features(TEXT, plain, Hints(Terms(["barba"]), Terms(["ana"]), frozenset({"quero"})), "greet")
    assert len(rows) == len(plain)
    barba = next(row for row in rows if row["word"] == "barba")
    assert (barba["service"], barba["upper"], barba["rare"], barba["-1"]) == ("U", True, True, "e")
    assert features("", [], Hints(Terms([]), Terms([]), frozenset()), "") == []


@given(st.integers(0, 1000))
def test_copies_keep_their_annotation_true(seed):
    chance = Random(seed)
    examples, another = [Annotated(TEXT, "greet", SPANS)], another_service(["tosa"], chance)
    for text, intent, spans in with_other_phrases(examples, {"service"}, another, 1.0, chance):
        assert intent == "greet"
        assert [s.entity for s in spans] == ["service", "service", "professional"]
        assert text[spans[2].start : spans[2].end] == "dra. Ana"
        assert "limpeza" not in text and text.startswith("Quero marcar ")
        assert to_spans(words(text), to_tags(words(text), spans)) == spans
    for text, intent, spans in with_strange_words(examples, 1.0, chance):
        assert [text[s.start : s.end] for s in spans] == ["limpeza de pele", "BARBA", "dra. Ana"]
        assert text != TEXT and intent == "greet"


@given(st.integers(0, 1000), st.sampled_from(["dra. Ana", "Ana Souza", "seu Zé", "maria das dores", "Bia"]))
def test_another_name_is_written_in_the_manner_of_the_old_one(seed, old):
    new = another_name(["Josué", "Keila"], Random(seed))(old)
    assert len(new.split()) == len(old.split())
    for title in ("dra.", "seu"):
        assert new.lower().startswith(f"{title} ") == old.startswith(f"{title} ")
    assert not old.islower() or new.islower()
    assert fold(old).count(" das ") == fold(new).count(" das ")


def test_the_words_that_hold_a_sentence_together_are_told_from_unknown_ones():
    plain = words("quero uma zirbalina com a Ana")
    rows = features("quero uma zirbalina com a Ana", plain, Hints(Terms([]), Terms(["Ana"]), frozenset({"quero"})), "")
    assert rows[2]["-2,-1,0class"] == "want one rare"
    assert rows[2]["0,+1,+2class"] == "rare with the"
