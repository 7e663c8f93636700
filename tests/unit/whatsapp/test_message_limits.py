"""Text within WhatsApp's limits, whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marcai.whatsapp import limits

TEXTS = st.text(max_size=200) | st.lists(st.sampled_from(
    ["Corte ", "👩‍🦰", "🇧🇷", "é", "e\u0301", "ção ", "\n\n", ". ", "💇🏽‍♀️", "supercalifragilístico", " "]),
    max_size=60).map("".join)


def test_the_stricter_of_code_points_and_utf16_units_counts():
    assert [limits.size(text) for text in ("abc", "ção", "👍", "👩‍🦰")] == [3, 3, 2, 5]


@pytest.mark.parametrize("text, limit, short", [
    ("Corte feminino", 20, "Corte feminino"), ("Corte feminino com escova", 20, "Corte feminino com…"),
    ("Supercalifragilisticoespialidoso", 20, "Supercalifragilisti…"), ("  Corte \n masculino ", 20, "Corte masculino"),
    ("Manicure, pedicure e mais", 20, "Manicure, pedicure…"), ("👩‍🦰" * 10, 20, "👩‍🦰👩‍🦰👩‍🦰…"), ("", 5, ""),
])
def test_titles_are_cut_at_words_and_emoji_stay_whole(text, limit, short):
    assert limits.cut(text, limit) == short


@given(TEXTS, st.integers(4, 80))
def test_a_cut_text_keeps_the_limit_and_one_line(text, limit):
    cut = limits.cut(text, limit)
    assert limits.fits(cut, limit) and "\n" not in cut and cut == cut.strip()


@given(st.lists(TEXTS, max_size=12), st.sampled_from([20, 24]))
def test_titles_are_unique_not_empty_and_keep_the_limit(titles, limit):
    made = limits.unique(titles, limit)
    assert len({title.casefold() for title in made}) == len(titles)
    assert all(title.strip() and limits.fits(title, limit) for title in made)


@given(TEXTS, st.integers(8, 60))
@example("000000𐀀𐀀𐀀𐀀. 0", 14)
def test_the_pieces_of_a_text_keep_the_limit_and_lose_no_letter(text, limit):
    pieces = limits.split(text, limit)
    assert all(limits.fits(piece, limit) and piece.strip() for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_full_stop_just_behind_a_full_piece_does_not_make_it_too_long():
    assert limits.split("abcdefgh. ij", 8) == ["abcdefgh", ". ij"]


def test_paragraphs_are_kept_whole_where_possible():
    first, second = "a" * 50, "b" * 50
    assert limits.split(f"{first}\n\n{second}", 60) == [first, second]
    assert limits.split("uma frase. outra frase aqui", 20) == ["uma frase.", "outra frase aqui"]
