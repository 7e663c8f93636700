"""Messages in which there is nothing to understand: keyboard noise, lone signs and emojis, laughter."""

from __future__ import annotations

import itertools
import re

from marcai.platform.text import fold

_WORD = re.compile(r"[^\W\d_]+")
_LAUGHING_FACES = re.compile("[😂🤣😄😆😹😅]")
_LAUGHING_LETTERS = set("hksaeiu")
_LONE_SOUND = re.compile(r"(.{1,2}?)\1{2,}")  # "aaaa", "lalala"
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {pair for row in _ROWS for a, b in itertools.pairwise(row) for pair in (a + b, b + a)}
_ALONG_A_ROW = 0.6  # above this part of its pairs of letters, a word was typed by a hand that slid along the keys
_CONSONANTS = re.compile(r"[^aeiouy]{5,}")  # Portuguese joins four at most: "transgredir", "abstrato"


def is_noise(text: str) -> bool:
    """Whether a message has no word in it: "????", "😀", "asdfgh", "hfjdkslahf", "aaaa"."""
    return all(_is_no_word(word) for word in _WORD.findall(fold(text)))


def is_typed_blindly(text: str) -> bool:
    """Whether a hand just fell on the keys: "zxcvbnm"; such words are a guess for NLU, and no yes or no.

    Signs, emojis and drawn-out letters are not meant: they may well be an answer ("👍", "ssss").
    """
    words = [re.sub(r"(.)\1+", r"\1", word) for word in _WORD.findall(fold(text))]
    return bool(words) and not is_laughter(text) and all(len(word) > 4 and _is_no_word(word) for word in words)


def is_laughter(text: str) -> bool:
    """Whether a message only laughs: "kkkkk", "rsrs", "hahaha", "😂"."""
    words = _WORD.findall(fold(text))
    return all(_laughs(word) for word in words) if words else bool(_LAUGHING_FACES.search(text))


def _laughs(word: str) -> bool:
    letters = set(word)
    if len(word) > 1 and letters in ({"k"}, {"r", "s"}):
        return True
    return len(word) > 3 and letters <= _LAUGHING_LETTERS and bool(letters & {"h", "k"}) and len(letters) < 5


def _is_no_word(word: str) -> bool:
    if len(word) < 4:
        return len(word) == 1
    slid = sum(word[place:place + 2] in _NEIGHBOURS for place in range(len(word) - 1))
    return (slid / (len(word) - 1) > _ALONG_A_ROW or not re.search("[aeiouy]", word)
            or bool(_LONE_SOUND.fullmatch(word) or _CONSONANTS.search(word)))
