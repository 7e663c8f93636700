"""Text as people type it: folded to plain lower-case words that know where they stood in the original."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+|[+&]")


@dataclass(frozen=True)
class Word:
    """One word: folded, its place in the original text, and whether punctuation stands before it."""

    text: str
    start: int
    end: int
    after_break: bool


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set: how lists of words are written down in the code."""
    return frozenset(text.split())


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", char.lower()) if not unicodedata.combining(c))


def fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(map(_fold_char, text))


def _folded(text: str) -> tuple[str, list[int]]:
    chars: list[str] = []
    origins: list[int] = []
    for index, char in enumerate(text):
        for plain in _fold_char(char):
            chars.append(plain)
            origins.append(index)
    return "".join(chars), origins


def words(text: str) -> list[Word]:
    """The words of a text in order, folded; "+" and "&" count as the word "e"."""
    plain, origins = _folded(text)
    found: list[Word] = []
    last = 0
    for match in _WORD.finditer(plain):
        between = plain[last:match.start()]
        start, end = origins[match.start()], origins[match.end() - 1] + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        value = "e" if match.group() in "+&" else match.group()
        found.append(Word(value, start, end, any(char in ",.;:!?\n/|()" for char in between)))
        last = match.end()
    return found
