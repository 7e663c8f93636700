"""Chat Portuguese to plain words, with the place of each word in the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marcai.nlu.normalizer import MAX_CHARACTERS, normalise, words
from marcai.nlu.vocabulary import ABBREVIATIONS, EMOJI_WORDS

TABLE = {
    "vc tem hr hj?": "voce tem hora hoje ?",
    "qto custa, pfv": "quanto custa , por favor",
    "Oiiii amigaaa": "oi amiga",
    "simmm": "sim",
    "nossssa que lindoooo": "nossa que lindo",
    "CARRO e pássaro": "carro e passaro",
    "kkkkkkk rsrsrs hahaha": "kkk kkk kkk",
    "n qro mais": "nao quero mais",
    "tb dps a gnt ve": "tambem depois a gente ve",
    "às 15h, 15:30, 9h30 ou 18 hrs": "as #hora , #hora , #hora ou #hora",
    "dia 20/12": "dia #data",
    "R$ 50,00": "#valor",
    "tenho 2 filhos": "tenho #numero filhos",
    "p/ sábado c/ a Ana": "para sabado com a ana",
    "👍👍": "emoji_sim",
    "👍🏽 ok": "emoji_sim ok",
    "❤️": "emoji_amor",
    "limpeza-de-pele": "limpeza-de-pele",
    "???!!": "? !",
    "": "",
}


@pytest.mark.parametrize("text, plain", TABLE.items())
def test_table(text, plain):
    assert normalise(text) == plain


@given(st.text(max_size=300))
def test_every_word_knows_its_place(text):
    last = 0
    for word in words(text):
        assert 0 <= last <= word.start < word.end <= len(text)
        assert word.text and not word.text.isspace()
        last = word.start


CHAT = st.lists(
    st.sampled_from([*ABBREVIATIONS, *EMOJI_WORDS, "corte", "Unha", "15h", "R$ 30", "\n", "não", "ÇÃO", "…", "👨‍👩‍👧"]),
    max_size=15,
)


@given(CHAT)
def test_chat_words_survive_in_any_company(parts):
    text = " ".join(parts)
    for word in words(text):
        assert text[word.start : word.end].strip() == text[word.start : word.end]


@given(st.text(alphabet="abcdefghijlmnopqrstuvxzáéíóúâêôãõç", min_size=1, max_size=12))
def test_case_and_accents_do_not_matter(word):
    assert normalise(word.upper()) == normalise(word)


@given(st.text(max_size=60))
def test_emphasis_does_not_matter(text):
    assert normalise(text + " simmmmmm") == normalise(text + " simmm")


def test_a_novel_is_cut():
    assert words("oi " * 5000)[-1].end <= MAX_CHARACTERS
