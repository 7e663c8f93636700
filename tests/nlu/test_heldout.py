"""How well the model reads messages it was not trained on. Limits are a little below what docs/nlu.md measured."""

from __future__ import annotations

import asyncio

import pytest

from marcai.nlu.evaluation import likeliest, read_examples
from marcai.nlu.normalizer import normalise

from .conftest import FOLDER, KINDS, VOICES, heldout, voice

ROOT = FOLDER.parent.parent
KIND_AND_UNSEEN = [*KINDS, *(f"{kind}, unseen" for kind in KINDS)]


@pytest.mark.parametrize("kind", KIND_AND_UNSEEN)
def test_intents_are_understood(scores, kind):
    assert scores[kind].accuracy() >= 94.5, scores[kind].confusions.most_common()


@pytest.mark.parametrize("kind", KIND_AND_UNSEEN)
def test_service_words_are_found_exactly(scores, kind):
    assert scores[kind].f1("service") >= 89, scores[kind].misfound


@pytest.mark.parametrize("kind", KINDS)
def test_professionals_are_found_exactly(scores, kind):
    assert scores[kind].f1("professional") >= 85


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_answers_are_rare_and_so_are_needless_questions(scores, kind):
    assert 100 * scores[kind].wrong / scores[kind].total <= 5
    assert 100 * scores[kind].fallback / scores[kind].total <= 3


@pytest.mark.parametrize("name", VOICES)
def test_every_voice_is_understood(scores, name):
    assert scores[name].accuracy() >= 88, scores[name].misread


@pytest.mark.parametrize("name", [name for name in VOICES if name.startswith("strangers")])
def test_strangers_are_understood_as_well_as_was_asked(scores, name):
    assert scores[name].accuracy() >= 93, scores[name].misread
    assert scores[name].f1("service") >= 88, scores[name].misfound


@pytest.mark.parametrize("name", VOICES)
def test_every_voices_services_are_found(scores, name):
    assert scores[name].f1("service") >= 70, scores[name].misfound


@pytest.mark.parametrize("entity, least", [("service", 87), ("professional", 92), ("person_name", 88)])
def test_entities_are_found_whoever_writes(scores, entity, least):
    found = sum(scores[name].found[entity] for name in VOICES)
    wrong = sum(scores[name].invented[entity] + scores[name].missed[entity] for name in VOICES)
    assert 100 * 2 * found / (2 * found + wrong) >= least


def test_services_of_other_trades_are_found_by_their_place_in_the_sentence(scores):
    assert scores["other trades"].f1("service") >= 88, scores["other trades"].misfound


@pytest.mark.parametrize(
    "text, intent",
    [
        ("vc faz unha?", "list_services"),
        ("quero só dps do almoço", "inform"),
        ("siso", "inform"),
        ("quero uma tattoo", "book_appointment"),
        ("quero extração", "book_appointment"),
        ("e fazer uma restauração tb", "inform"),
        ("troca a avaliação por extração do siso", "inform"),
        ("quero fazer limpeza de pele e massagem", "book_appointment"),
        ("como tenho que me preparar?", "service_details"),
        ("e às 12h não dá?", "check_availability"),
        ("cabelo curto de homem", "inform"),
        ("vc escolhe", "inform"),
        ("prefiro o Wesley", "inform"),
        ("eu quero a Neide", "inform"),
        ("queria trocar o Wesley pelo Caio", "other_professional"),
        ("esquece, pode confirmar", "affirm"),
        ("João Paulo, tudo bem?", "provide_name"),
        ("já falei com a atendente", "back_to_bot"),
        ("n quero bot, quero gente", "talk_to_human"),
    ],
)
def test_what_was_once_misread_is_understood(parse, text, intent):
    assert asyncio.run(parse(text))["intent"]["name"] == intent


@pytest.mark.parametrize("intent", sorted({e.intent for kind in KINDS for e in heldout(kind)}))
def test_no_intent_is_forgotten(scores, intent):
    wrong = [e.text for kind in KINDS for e, _, _ in scores[kind].misread if e.intent == intent]
    total = sum(e.intent == intent for kind in KINDS for e in heldout(kind))
    assert len(wrong) <= total * 0.3, wrong


def test_held_out_messages_are_not_training_examples():
    """A greeting of two words may coincide; a sentence that coincides was copied."""
    known = {e.text.strip().lower() for e in read_examples(str(ROOT / "data" / "nlu"))}
    unseen = [*(e for kind in KINDS for e in heldout(kind)), *(e for name in VOICES for e in voice(name))]
    copied = [e.text for e in unseen
              if len(normalise(e.text).split()) > 7 and e.text.strip().lower() in known]
    assert not copied


@pytest.mark.parametrize(
    "text, found",
    [
        ("Oiii, qria marcar um CORTE hj 👍", {("service", "CORTE")}),
        ("quero fazer a sobrancelhaaa amanhã", {("service", "sobrancelhaaa")}),
        ("  marca   barba c/ o João pfvr!!", {("service", "barba"), ("professional", "João")}),
        ("qto tá a progressiva??", {("service", "progressiva")}),
    ],
)
def test_entities_are_cut_from_the_original_text(parse, text, found):
    entities = asyncio.run(parse(text))["entities"]
    assert {(e["entity"], e["value"]) for e in entities} == found
    # Rasa strips the message first; positions count in what it keeps.
    assert all(text.strip()[e["start"] : e["end"]] == e["value"] for e in entities)


@pytest.mark.parametrize("text", ["asdkjh qweoiu", "🐍🐍", ".", "?" * 3000, "", "/", "\u200d\ufe0f", "a" * 5000])
def test_nonsense_is_never_taken_for_a_wish(parse, text):
    parsed = asyncio.run(parse(text))
    assert parsed["intent"]["name"] in {"nlu_fallback", "out_of_scope", "help", None}


def test_channel_intents_have_no_examples():
    intents = {e.intent for e in read_examples(str(ROOT / "data" / "nlu"))}
    assert not intents & {"media_message", "late_message", "expired_option"}
    assert intents >= {e.intent for kind in KINDS for e in heldout(kind)}


def test_the_fallback_is_not_counted_as_the_classifiers_choice():
    ranking = [{"name": "nlu_fallback", "confidence": 0.35}, {"name": "greet", "confidence": 0.3}]
    assert likeliest({"intent": ranking[0], "intent_ranking": ranking}) == ("greet", 0.3)
