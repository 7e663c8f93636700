"""Folds a message to lower case without accents and remembers where every character came from."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character in "°˚":
        return "o"
    if character in "–—−‐‑":
        return "-"
    decomposed = unicodedata.normalize("NFKD", character.lower())
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def fold(text: str) -> tuple[str, list[int] | None]:
    """Folds a text.

    Args:
        text: the message as written, in any Unicode normal form.

    Returns:
        The folded text, and for every folded character (and the end) its offset in `text`; None when the
        offsets are the same, which is nearly always.
    """
    if text.isascii():
        return text.lower(), None
    pieces = [_fold_character(character) for character in text]
    folded = "".join(pieces)
    if all(len(piece) == 1 for piece in pieces):
        return folded, None
    offsets = [index for index, piece in enumerate(pieces) for _ in piece]
    offsets.append(len(text))
    return folded, offsets


def original_span(span: tuple[int, int], offsets: list[int] | None) -> tuple[int, int]:
    """Maps a non-empty span of the folded text back to the original text."""
    if offsets is None:
        return span
    start, end = span
    return offsets[start], max(offsets[end - 1] + 1, offsets[end])
