"""The parser's pipeline: fold, tokenise, reduce layer by layer, combine, and place in the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from .combine import Wish, combine
from .folding import fold, original_span
from .grammar_amounts import amounts
from .grammar_clocks import clocks, hours, lone_hour
from .grammar_days import days
from .grammar_names import names
from .grammar_periods import parts_of_periods, periods
from .grammar_spans import opens, parts, ranges
from .grammar_words import words
from .intentions import direction, preference
from .lexer import tokenise
from .model import Moment, Reading
from .resolve import resolve
from .tokens import Token

_EARLY_LAYERS = (words, names, amounts, days, periods, parts_of_periods, clocks, hours)
_LATE_LAYERS = (parts, ranges, opens)


def parse(text: str, now: datetime, *, prefer_future: bool = True) -> list[Moment]:
    """Finds everything that a Brazilian Portuguese message says about when.

    Args:
        text: the message as the customer wrote it.
        now: the local time of the message, without a time zone.
        prefer_future: an incomplete date ("dia 5", "sexta") lies ahead; False leaves it in the current month
            or year, and takes the last such weekday.

    Returns:
        The wishes in the order of the text, without what was corrected or ruled out.
    """
    return parse_all(text, now, prefer_future=prefer_future).moments


def parse_all(text: str, now: datetime, *, prefer_future: bool = True) -> Reading:
    """Finds everything that a message says about when, preferences and impossible dates included.

    Arguments are those of `parse`.
    """
    folded, offsets = fold(text)
    tokens = _reduce(folded, now)
    wishes = combine(tokens, now.date())
    impossible = [original_span((token.start, token.end), offsets) for token in tokens if token.is_a("BAD")]

    def place(group: list[Wish]) -> list[Moment]:
        moments: dict[tuple, Moment] = {}
        for wish in group:
            span = original_span((wish.start, wish.end), offsets)
            try:
                moment = resolve(wish, now, prefer_future, span)
            except (ValueError, OverflowError):
                impossible.append(span)
                continue
            moments.setdefault((moment.kind, moment.start, moment.end), moment)
        return list(moments.values())

    moments = place(wishes.kept)
    excluded, moved_from = place(wishes.excluded), place(wishes.moved_from)
    wanted = preference(folded)
    if wanted or impossible:
        wrong = ", ".join(text[start:end] for start, end in impossible) or None
        moments = [replace(moment, preference=wanted, impossible=wrong) for moment in moments]
    return Reading(
        moments,
        wanted,
        impossible,
        alternatives=len(moments) > 1 and any(wish.link == "or" for wish in wishes.kept),
        direction=direction(folded),
        excluded=excluded,
        moved_from=moved_from,
    )


def _reduce(folded: str, now: datetime) -> list[Token]:
    tokens = tokenise(folded)
    if not tokens:
        return tokens
    today = now.date()
    for layer in _EARLY_LAYERS:
        tokens = layer.rewrite(tokens, today)
    tokens = lone_hour(tokens)
    for layer in _LATE_LAYERS:
        tokens = layer.rewrite(tokens, today)
    return tokens
