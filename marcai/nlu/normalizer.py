"""Brazilian chat Portuguese to a plain form, word by word, each word knowing where it stood in the original.

"Oiii, vc tem hr hj às 15h p/ corte?? 🙏" becomes the words
oi , voce tem hora hoje as #hora para corte ? emoji_maos
and every word carries the span of the text it came from, so an entity found over the plain words is cut from the
customer's own writing. Pure: no Rasa, no I/O, never raises.
"""
from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from marcai.nlu.letters import fold, squeeze
from marcai.nlu.vocabulary import ABBREVIATIONS, EMOJI_WORDS

MAX_CHARACTERS = 1500  # a WhatsApp text may have 4096; the request is never that deep

HOUR, DATE, NUMBER, MONEY, PHONE = "#hora", "#data", "#numero", "#valor", "#telefone"


class Word(NamedTuple):
    """One plain word and where it stood: ``original[start:end]``."""

    text: str
    start: int
    end: int


_PIECES = re.compile(
    r"""
      (?P<money>R\$\s?\d+(?:[.,]\d+)*)
    | (?P<hour>\b\d{1,2}\s?(?:h(?:r?s?|oras?)?\b(?:\s?\d{2}\b)?|h\d{2}\b|:\d{2}(?:h(?:r?s)?\b)?))
    | (?P<date>\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\b)
    | (?P<phone>\+?\d[\d\s().-]{8,}\d)
    | (?P<slash>\b[pcsPCS]/)
    | (?P<number>\d+(?:[.,]\d+)*)
    | (?P<word>[^\W\d_]+(?:[-'’][^\W\d_]+)*[̀-ͯ]*)
    | (?P<mark>[?!,;:.+&=%@])
    | (?P<other>\S)
    """,
    re.VERBOSE,
)
_KINDS = {"money": MONEY, "hour": HOUR, "date": DATE, "phone": PHONE, "number": NUMBER}
_SLASHES = {"p/": "para", "c/": "com", "s/": "sem"}
_LAUGH = re.compile(r"^(?:k{2,}|(?:rs){1,}r?s?|(?:[ah]*ha){2,}h?|(?:he){2,}h?|(?:hue)+h?|(?:[aeh]*ua){2,})$")


@lru_cache(maxsize=8192)
def plain(word: str) -> tuple[str, ...]:
    """The plain words a single written word stands for."""
    folded = fold(word)
    if _LAUGH.match(folded):
        return ("kkk",)
    for form in (folded, squeeze(folded)):
        if form in ABBREVIATIONS:
            return ABBREVIATIONS[form]
    return (squeeze(folded),)


def words(text: str) -> list[Word]:
    """The plain words of ``text`` in order; several may share one span ("pfv" is "por" and "favor")."""
    found: list[Word] = []
    for match in _PIECES.finditer(text[:MAX_CHARACTERS]):
        kind, piece, start, end = match.lastgroup, match.group(), match.start(), match.end()
        if kind == "word":
            found.extend(Word(form, start, end) for form in plain(piece) if form)
        elif kind == "mark":
            if not (found and found[-1].text == piece):
                found.append(Word(piece, start, end))
        elif kind == "slash":
            found.append(Word(_SLASHES[piece.lower()], start, end))
        elif kind == "other":
            form = EMOJI_WORDS.get(piece) or ("emoji" if unicodedata.category(piece) == "So" else "")
            if form and not (found and found[-1].text == form):
                found.append(Word(form, start, end))
        else:
            found.append(Word(_KINDS[kind], start, end))
    return found


def normalise(text: str) -> str:
    """The plain words of ``text`` in one line."""
    return " ".join(word.text for word in words(text))
