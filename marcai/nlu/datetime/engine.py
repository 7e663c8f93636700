"""A small cascade of grammar rules: each layer rewrites runs of tokens, leftmost and longest match first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from .tokens import LETTER, Token, shape_pattern


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule's match: the tokens it covers and their neighbours.

    Attributes:
        today: the current day, for the few rules that need it ("sexta 25" is a date, "sexta 15" is a clock
            time).
    """

    tokens: list[Token]
    match: re.Match[str]
    today: date

    def __getitem__(self, group: str) -> Token | None:
        """The (first) token of a named group, or None when it took no part."""
        index = self.match.start(group) if group in self.match.re.groupindex else -1
        return self.tokens[index] if index >= 0 else None

    def value(self, group: str) -> Any:
        """The value of a named group's token, or None."""
        token = self[group]
        return None if token is None else token.value

    def before(self, distance: int = 1) -> Token | None:
        """The token `distance` places before the match."""
        index = self.match.start() - distance
        return self.tokens[index] if index >= 0 else None

    def after(self, distance: int = 0) -> Token | None:
        """The token `distance` places behind the first token after the match."""
        index = self.match.end() + distance
        return self.tokens[index] if index < len(self.tokens) else None

    def covered(self) -> list[Token]:
        """The tokens of the match."""
        return self.tokens[self.match.start() : self.match.end()]


#: Builds (token class, value) from a hit, or None when the rule does not apply after all.
Action = Callable[[Hit], "tuple[str, Any] | None"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over token classes and what it means."""

    pattern: re.Pattern[str]
    action: Action


class Layer:
    """An ordered set of rules that rewrite a list of tokens once."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def rule(self, *patterns: str) -> Callable[[Action], Action]:
        """Registers an action under one or more patterns (see `tokens.shape_pattern`)."""

        def register(action: Action) -> Action:
            self.rules.extend(Rule(shape_pattern(pattern), action) for pattern in patterns)
            return action

        return register

    def rewrite(self, tokens: list[Token], today: date) -> list[Token]:
        """Replaces every accepted match by one token; the leftmost and then the longest match wins."""
        shape = "".join([token.letter for token in tokens])
        hits = self._hits(shape)
        if not hits:
            return tokens
        rewritten, position = [], 0
        for start, _, _, rule, match in sorted(hits, key=_priority):
            if start < position:
                continue
            result = rule.action(Hit(tokens, match, today))
            if result is None:
                continue
            rewritten += tokens[position:start]
            rewritten.append(merged(tokens[start : match.end()], *result))
            position = match.end()
        rewritten += tokens[position:]
        return rewritten

    def _hits(self, shape: str) -> list[tuple]:
        hits = []
        for order, rule in enumerate(self.rules):
            match = rule.pattern.search(shape)
            while match:
                hits.append((match.start(), -match.end(), order, rule, match))
                match = rule.pattern.search(shape, match.start() + 1)
        return hits


def _priority(hit: tuple) -> tuple[int, int, int]:
    return hit[:3]


def merged(tokens: Iterable[Token], name: str, value: Any) -> Token:
    """One token in place of several."""
    run = list(tokens)
    return Token(LETTER[name], value, run[0].start, run[-1].end, " ".join([token.raw for token in run]))
