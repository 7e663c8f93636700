"""The ways to say each service of a catalogue, worked out once: from names and aliases to phrases that can be met."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from marcai.catalogue import vocabulary as v
from marcai.platform.portuguese import COMMON
from marcai.platform.text import words

if TYPE_CHECKING:
    from marcai.catalogue.service import ServiceInfo

Tokens = tuple[str, ...]


class Strength(IntEnum):
    """How readily a phrase is taken for a service."""

    NAMED = 0  # a name or alias as the file has it
    HEAD = 1  # the word that leads a longer name: "limpeza" for Limpeza de pele
    VERB = 2  # the verb alone: "cortar"; not when something else is its object
    BODY = 3  # a part of the body or a very short word: only where it is asked for
    HAIR = 4  # "cabelo" beside "barba"
    SOLO = 5  # a word that only one name has, as the whole message: "masculino"


class Term:
    """A phrase, how strong it is, and the services (by position) it may mean."""

    __slots__ = ("services", "strength", "tokens")

    def __init__(self, tokens: Tokens, strength: Strength, service: int) -> None:
        self.tokens = tokens
        self.strength = strength
        self.services: set[int] = {service}


def tokens_of(phrase: str) -> Tokens:
    """The words of a phrase that carry its meaning, in their dictionary form."""
    typed = [word.text for word in words(phrase)]
    kept = tuple(v.stem(word) for word in typed if word not in v.LINKS)
    return kept or tuple(typed)


class Index:
    """Every phrase of one catalogue, found by its first word."""

    def __init__(self, services: Sequence[ServiceInfo]) -> None:
        self.services = tuple(services)
        self.terms: dict[Tokens, Term] = {}
        self.by_first: dict[str, list[Term]] = {}
        self.own_words: list[frozenset[str]] = []
        self._near: dict[str, tuple[str, ...]] = {}
        phrases = [[tokens_of(phrase) for phrase in (service.name, *service.aliases)] for service in self.services]
        for number, of_service in enumerate(phrases):
            for tokens in of_service:
                short = len(tokens) == 1 and (len(tokens[0]) <= 3 or tokens[0] in v.BODY)
                self._add(tokens, Strength.BODY if short else Strength.NAMED, number)
            self.own_words.append(frozenset(token for tokens in of_service for token in tokens))
        named = frozenset(self.terms)
        for number, of_service in enumerate(phrases):
            for tokens, strength in self._derived(of_service):
                if tokens not in named:
                    self._add(tokens, strength, number)
        self._add_solo([of_service[0] for of_service in phrases])
        for term in self.terms.values():
            for key in {term.tokens[0], v.action(term.tokens[0]) or term.tokens[0]}:
                self.by_first.setdefault(key, []).append(term)
        known = {token for tokens in self.terms for token in tokens}
        self.known = frozenset(known | {key for key in map(v.action, known) if key})
        self._long = tuple(sorted(token for token in known if len(token) >= 4 and token.isalpha()))

    def _add(self, tokens: Tokens, strength: Strength, service: int) -> None:
        if not tokens:
            return
        term = self.terms.get(tokens)
        if term is None or strength < term.strength:
            self.terms[tokens] = Term(tokens, strength, service)
        elif strength == term.strength:
            term.services.add(service)

    @staticmethod
    def _derived(phrases: list[Tokens]) -> list[tuple[Tokens, Strength]]:
        made: list[tuple[Tokens, Strength]] = []
        actions = {v.action(token) for tokens in phrases for token in tokens if not v.is_infinitive(token)} - {None}
        for tokens in phrases:
            first = tokens[0]
            if len(tokens) != 2:
                continue
            if first == "fazer":
                short = len(tokens[1]) <= 3 or tokens[1] in v.BODY
                made.append((tokens[1:], Strength.BODY if short else Strength.HEAD))
            elif v.is_infinitive(first) and first not in v.GENERIC_VERBS:
                if tokens[1] == "cabelo" or (first not in {"cortar", "pintar"} and v.action(first) in actions):
                    made.append(((first,), Strength.VERB))
                if tokens == ("cortar", "cabelo"):
                    made.append((("cabelo",), Strength.HAIR))
        name = phrases[0]
        if len(name) > 1:
            heads = [token for token in name if token not in v.GENERIC_NOUNS][:1]
            heads = [] if name[:2] == ("corte", "unha") else heads
            heads += [after for joint, after in pairwise(name) if joint == "e"]
            made += [((head,), Strength.HEAD) for head in heads
                     if len(head) >= 4 and head not in COMMON | v.BODY and not v.is_infinitive(head)]
        return made

    def _add_solo(self, names: list[Tokens]) -> None:
        for number, name in enumerate(names):
            for token in name[1:]:
                others = any(token in other for index, other in enumerate(names) if index != number)
                if len(token) >= 4 and token not in COMMON and not others and (token,) not in self.terms:
                    self._add((token,), Strength.SOLO, number)

    def misspelt(self, word: str) -> tuple[str, ...]:
        """The words of this catalogue that a typed word is a slip of; remembered per word."""
        found = self._near.get(word)
        if found is None:
            if len(self._near) > 20000:
                self._near.clear()
            found = self._near[word] = self._closest(word)
        return found

    def _closest(self, word: str) -> tuple[str, ...]:
        if len(word) < 4 or word in COMMON or not word.isalpha():
            return ()
        best: list[str] = []
        least = 3
        heard = v.sound(word)
        for known in self._long:
            slips = _slips(word, heard, known)
            if slips < least:
                best, least = [known], slips
            elif slips == least < 3:
                best.append(known)
        return tuple(best)


def _slips(word: str, heard: str, known: str) -> int:
    """How many slips lead from a known word to the typed one; 3 when it is another word."""
    size, sounds = len(known), v.sound(known)
    if abs(len(word) - size) > 2 or (v.is_infinitive(word) and not v.is_infinitive(known)):
        return 3
    if size == 4:  # so short that only swapped letters or the same sound are sure
        swapped = sorted(word) == sorted(known) and OSA.distance(word, known) == 1
        return 1 if swapped or heard == sounds else 3
    if heard == sounds and min(len(heard), len(word)) >= 4:
        return 1
    if word[0] != known[0] and sorted(word[:2]) != sorted(known[:2]) and heard[:1] != sounds[:1]:
        return 3
    limit = 2 if size >= 9 and len(word) >= 8 else 1
    slips = OSA.distance(word, known, score_cutoff=limit)
    if slips > limit and size >= 7 and OSA.distance(heard, sounds, score_cutoff=1) <= 1:
        slips = limit
    if slips > limit or (size <= 6 and len(word) == size and slips == 1 and not _near_keys(word, known)):
        return 3
    return max(slips, 1)


def _near_keys(word: str, known: str) -> bool:
    """Whether two words of one length differ by swapped letters, or by a neighbour on the keyboard."""
    if sorted(word) == sorted(known):
        return True
    typed, meant = next((a, b) for a, b in zip(word, known, strict=True) if a != b)
    return meant in _NEIGHBOURS.get(typed, "")


_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: "".join(_ROWS[other][column - 1: column + 2] if column else _ROWS[other][:2]
                 for other in range(max(0, row - 1), min(3, row + 2)))
    for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)
}
