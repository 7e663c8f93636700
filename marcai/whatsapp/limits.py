"""WhatsApp's published limits, and text cut to them without breaking a word or an emoji.

The unit of "characters" is not published, so both code points and UTF-16 units are counted and the larger number is
held against the limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

TEXT = 4096
BUTTON_BODY = 1024
LIST_BODY = 4096
CAPTION = 1024
HEADER = 60
FOOTER = 60
BUTTONS = 3
BUTTON_TITLE = 20
ROWS = 10
ROW_TITLE = 24
ROW_DESCRIPTION = 72
SECTION_TITLE = 24
LIST_BUTTON = 20
LINK_BUTTON = 20
TOKEN = 200
OPAQUE = 512

ELLIPSIS = "…"
_GRAPHEMES = regex.compile(r"\X")


def size(text: str) -> int:
    """The length as WhatsApp may count it: the larger of code points and UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def fits(text: str, limit: int) -> bool:
    """Whether a text keeps a limit."""
    return size(text) <= limit


def _head(text: str, limit: int) -> str:
    """The longest beginning of whole graphemes that keeps the limit; code points where one grapheme is longer."""
    kept, used = [], 0
    for grapheme in _GRAPHEMES.findall(text):
        used += size(grapheme)
        if used > limit:
            break
        kept.append(grapheme)
    if kept or not text:
        return "".join(kept)
    while size(text) > limit:
        text = text[: min(limit, len(text) - 1)]
    return text


def cut(text: str, limit: int) -> str:
    """The text on one line within the limit, shortened at a word with an ellipsis where it must be."""
    text = " ".join(text.split())
    if fits(text, limit):
        return text
    head = _head(text, limit - 1)
    at_word = head.rfind(" ")
    if at_word >= limit // 2 and text[len(head)] != " ":
        head = head[:at_word]
    return head.rstrip(" ,;:.-–—(/") + ELLIPSIS


def unique(titles: Iterable[str], limit: int) -> list[str]:
    """The titles cut to the limit and made different from each other, as WhatsApp requires, in their order."""
    made: list[str] = []
    seen: set[str] = set()
    for original in titles:
        title, number = cut(original, limit) or ELLIPSIS, 2
        while title.casefold() in seen:
            suffix = f" ({number})"
            title, number = cut(original, limit - len(suffix)) + suffix, number + 1
        seen.add(title.casefold())
        made.append(title)
    return made


def split(text: str, limit: int) -> list[str]:
    """The text in pieces within the limit, cut at paragraphs, then lines, sentences and words where possible."""
    return [piece for piece in _pieces(text.strip(), limit) if piece]


def _pieces(text: str, limit: int) -> Iterator[str]:
    while not fits(text, limit):
        head = _head(text, limit)
        at = next((found for mark in ("\n\n", "\n", ". ", " ")
                   if (found := head.rfind(mark)) >= limit // 4), len(head))
        at += head[at:at + 2] == ". "
        yield text[:at].strip()
        text = text[at:].strip()
    yield text
