"""Finds the services that a customer's words name, with the places where they stand.

The words of the message are met with the phrases of the catalogue (`terms.Index`): the longest phrase wins, weaker
readings (a verb alone, a part of the body, the leading word of a name) are taken only where the words around allow it.
It takes well under a millisecond, so that it can run on every message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from marcai.catalogue import vocabulary as v
from marcai.catalogue.service import ServiceInfo
from marcai.catalogue.terms import Index, Strength, Term, tokens_of
from marcai.platform.text import Word, words

_LONG_LETTERS = re.compile(r"([a-z])\1{2,}")


@dataclass(frozen=True)
class Mention:
    """A place that names a service, or several that go by the same word; the likeliest is first."""

    span: tuple[int, int]
    text: str
    candidates: tuple[ServiceInfo, ...]


@dataclass
class _Hit:
    """A phrase met at words first..last."""

    first: int
    last: int
    term: Term
    weight: float
    verbal: bool
    services: tuple[int, ...] = ()


_recent: list[tuple[Sequence[ServiceInfo], Index]] = []


@lru_cache(maxsize=64)
def _index_of_equal(services: tuple[ServiceInfo, ...]) -> Index:
    return Index(services)


def _index(services: Sequence[ServiceInfo]) -> Index:
    for known, index in _recent:
        if known is services:
            return index
    index = _index_of_equal(tuple(services))
    if isinstance(services, tuple):
        _recent.insert(0, (services, index))
        del _recent[16:]
    return index


def find(text: str, services: Sequence[ServiceInfo]) -> list[Mention]:
    """The services that a text names, in order of appearance, each once.

    Args:
        text: a message as it was typed.
        services: the catalogue, best as the tuple of `active_services`, for which the work is done only once.

    Returns:
        Mentions whose spans refer to `text`. One candidate is certain; several share the word that was used
        ("corte"), and nothing else in the message tells them apart.
    """
    if not services or not text:
        return []
    return _Reading(text, _index(services)).mentions()


def unknown_parts(folded: Sequence[str], services: Sequence[ServiceInfo]) -> set[str]:
    """The words, plain and in lower case, that say what nothing of the catalogue is done to: "pele" at a dentist's."""
    known = _index(services).known
    return {word for word in folded if (v.stem(word) in v.PARTS or word in v.OF_A_PART) and v.stem(word) not in known}


class _Reading:
    """One message against one catalogue."""

    def __init__(self, text: str, index: Index) -> None:
        self.text = text
        self.index = index
        self.words = words(text)[:400]
        self.typed = [_LONG_LETTERS.sub(r"\1", word.text) for word in self.words]
        self.stems = [v.stem(word) for word in self.typed]
        self.keys = [self._readings(place) for place in range(len(self.words))]
        self.chosen: list[_Hit] = []
        self.taken: set[int] = set()
        self.bodies = 0  # different parts of the body that could be services: "o pé e a mão"

    def _readings(self, place: int) -> dict[str, float]:
        """What a typed word may stand for among the catalogue's words, and how surely."""
        typed, stem, known = self.typed[place], self.stems[place], self.index.known
        found: dict[str, float] = {}
        if typed in v.LINKS:
            return {typed: 1.0} if typed in known else found
        if stem in known:
            found[stem] = 1.0
        act = v.action(stem)
        if act in known:
            found.setdefault(act, 0.9)
        if found:
            return found
        for base in v.bases(typed):
            if base in known:
                found[base] = 0.95
        verb = v.inflected(typed)
        if verb is not None:
            for key in (verb, v.action(verb)):
                if key in known:
                    found.setdefault(key, 0.5)  # counts only inside a longer phrase
        if not found or max(found.values()) <= 0.5:
            for near in self.index.misspelt(stem):
                found[near] = 0.85
        return found

    def mentions(self) -> list[Mention]:
        """Every mention, after the strong phrases have been taken, then the weak ones that fit."""
        hits = [hit for place in range(len(self.words)) for hit in self._hits_at(place)]
        self.bodies = len({hit.term.tokens for hit in hits
                           if hit.term.strength == Strength.BODY and hit.weight >= 1 and len(hit.term.tokens) == 1})
        for weak in (False, True):
            for hit in sorted(hits, key=lambda hit: (-hit.weight, hit.first)):
                is_weak = len(hit.term.tokens) == 1 and (hit.term.strength != Strength.NAMED or hit.verbal)
                if is_weak == weak and not self.taken.intersection(range(hit.first, hit.last + 1)) \
                        and not self._is_of_an_unknown_part(hit) and (not weak or self._fits(hit)):
                    self._take(hit)
            if not weak:
                self._shared_heads()
        self.chosen.sort(key=lambda hit: hit.first)
        for hit in self.chosen:
            hit.services = self._told_apart(hit)
        return self._once()

    def _take(self, hit: _Hit) -> None:
        self.chosen.append(hit)
        self.taken.update(range(hit.first, hit.last + 1))

    def _hits_at(self, place: int) -> list[_Hit]:
        found = []
        for key, surety in self.keys[place].items():
            for term in self.index.by_first.get(key, ()):
                hit = self._follow(term, place, key, surety)
                if hit is not None:
                    found.append(hit)
        return found

    def _follow(self, term: Term, place: int, key: str, surety: float) -> _Hit | None:
        weight = surety * (0.2 if term.tokens[0] == "fazer" else 1.0)
        verbal = key.startswith("~") and v.is_infinitive(self.stems[place])
        last = place
        for token in term.tokens[1:]:
            step = self._next(last, token)
            if step is None:
                return None
            last, how = step
            weight += how + 0.6
        if len(term.tokens) == 1:
            least = {Strength.SOLO: 1.0, Strength.VERB: 0.9}.get(term.strength, 0.51)
            if surety < least or (key.startswith("~") and not verbal):
                return None  # one noun does not stand for another noun of the same verb
        return _Hit(place, last, term, weight, verbal)

    def _next(self, place: int, token: str) -> tuple[int, float] | None:
        """Where the next word of a phrase stands after a place, links and fillers skipped."""
        skipped = 0
        for following in range(place + 1, min(place + 5, len(self.words))):
            if self.words[following].after_break:
                return None
            how = self.keys[following].get(token) or self.keys[following].get(v.action(token) or "", 0)
            if how:
                return following, how
            typed = self.typed[following]
            if typed not in v.LINKS:
                skipped += 1
                if typed not in v.FILLERS or skipped > 1:
                    return None
        return None

    def _shared_heads(self) -> None:
        """"Corte feminino e masculino", "unha do pé e da mão": what follows the joint shares the first words."""
        for hit in sorted(self.chosen, key=lambda hit: hit.first):
            tokens = hit.term.tokens
            if len(tokens) < 2:
                continue
            for place in range(hit.last + 1, len(self.words)):
                if place in self.taken:
                    break
                joined = self.typed[place - 1] in v.JOINTS or self.words[place].after_break
                if not joined:
                    continue
                while place < len(self.words) - 1 and self.typed[place] in v.LINKS:
                    place += 1
                for key in self.keys[place]:
                    term = self.index.terms.get((*tokens[:-1], key))
                    if term is not None and term is not hit.term and place not in self.taken:
                        self._take(_Hit(place, place, term, 1.0, False))

    def _fits(self, hit: _Hit) -> bool:
        """Whether the words around allow a weak reading."""
        strength = hit.term.strength
        if strength == Strength.SOLO:
            return all(place == hit.first or word in v.LINKS or word in v.ANSWERING
                       for place, word in enumerate(self.typed))
        if strength == Strength.HAIR:
            return any("barba" in other.term.tokens and self._joined(hit, other) for other in self.chosen)
        if strength == Strength.BODY:
            return self._is_asked_for(hit)
        if strength == Strength.HEAD and not hit.verbal:
            return self._is_not_of_something_else(hit)
        return self._has_no_other_object(hit)

    def _is_asked_for(self, hit: _Hit) -> bool:
        before = self.typed[hit.first - 1] if hit.first else ""
        after = self.typed[hit.last + 1] if hit.last + 1 < len(self.typed) else ""
        word = self.stems[hit.first]
        around = self.typed[max(0, hit.first - 5): hit.first + 4]
        if v.HARM.intersection(around):
            return False
        if word == "pe" and before in {"a", "de", "em", "ao"} and self.bodies < 2:
            return False
        if word == "mao" and (before in {"na", "em", "de", "larga", "largar", "abrir"} or after in {"de", "leve"}):
            return False
        if any(self._joined(hit, other) for other in self.chosen) or self.bodies > 1:
            return True
        content = [word for word in self.typed if word not in v.LINKS and word not in v.JOINTS]
        if len(content) <= 3:
            return True
        nearby = set(self.stems[max(0, hit.first - 6): hit.first]) | set(self.typed[max(0, hit.first - 6): hit.first])
        return bool(v.BOOKING & nearby)

    def _is_of_an_unknown_part(self, hit: _Hit) -> bool:
        """"Limpeza de pele" is no service of a dentist whose Profilaxia goes by "limpeza"."""
        if len(hit.term.tokens) > 1:
            return False
        place = hit.last + 1
        said = self.typed[place] if place < len(self.words) and not self.words[place].after_break else ""
        if said in {"de", "da", "do", "das", "dos", "d"}:
            place += 1
            said = self.typed[place] if place < len(self.words) and self.stems[place] in v.PARTS else ""
        elif said not in v.OF_A_PART:
            said = ""
        return bool(said) and not self.keys[place]

    def _is_not_of_something_else(self, hit: _Hit) -> bool:
        """"Limpeza" may be Limpeza de pele, but "limpeza de caixa d'água" is not; "tatuagem no rosto" is a tattoo."""
        if any(hit.term.tokens == tokens_of(self.index.services[number].category) for number in hit.term.services):
            return True
        rest = self.typed[hit.last + 1: hit.last + 3]
        if len(rest) < 2 or rest[0] not in {"de", "da", "do", "d", "no", "na", "nos", "nas"}:
            return True
        place = hit.last + 2
        return self.stems[place] in v.WHEN or bool(self.keys[place])

    def _has_no_other_object(self, hit: _Hit) -> bool:
        """A verb alone means its service unless it is about something else: "pintar as unhas", "cortar gastos"."""
        place = hit.last + 1
        if place >= len(self.words) or self.words[place].after_break:
            return True
        if self.stems[place] in v.IDLE_OBJECTS:
            return False
        if self.typed[place] not in {"o", "a", "os", "as", "um", "uma", "meu", "minha", "meus", "minhas"}:
            return place not in self.taken and not (self.keys[place] and self.stems[place] not in v.HAIR)
        while place < len(self.words) and self.typed[place] in v.LINKS:
            place += 1
        if place >= len(self.words):
            return True
        thing = self.stems[place]
        if thing in v.HAIR or self.typed[place] in v.HAIR or thing in {"partir", "tarde", "noite", "manha"}:
            return True
        if self.stems[hit.first] in {"cortar", "pintar"}:
            return False
        return place not in self.taken and not any(
            thing in own for number, own in enumerate(self.index.own_words) if number not in hit.term.services)

    def _joined(self, one: _Hit, other: _Hit) -> bool:
        """Whether two hits are coordinated: only a joint or a comma, and links, stand between them."""
        early, late = sorted((one, other), key=lambda hit: hit.first)
        between = range(early.last + 1, late.first)
        joints = sum(self.typed[place] in v.JOINTS for place in between)
        joints += any(self.words[place].after_break for place in range(early.last + 1, late.first + 1))
        plain = all(self.typed[place] in v.JOINTS or self.typed[place] in v.LINKS or self.stems[place] == "fazer"
                    for place in between)
        return plain and joints >= 1 and late.first > early.last

    def _told_apart(self, hit: _Hit) -> tuple[int, ...]:
        """The services a hit means, after the rest of the message had its say."""
        numbers = sorted(hit.term.services)
        if len(numbers) == 1:
            return tuple(numbers)
        own = self.index.own_words
        common = frozenset.intersection(*(own[number] for number in numbers))
        outside = [place for place in range(len(self.words)) if place not in self.taken]
        said = {v.HINTS.get(self.stems[place], self.stems[place]) for place in outside} - v.JOINTS
        if "mim" in said and v.HINTS.keys() & set(self.stems) and "e" in self.typed:
            said -= {"masculino", "feminino"}  # for her and for him: it may be both
        scores = {number: len((own[number] - common) & said) for number in numbers}
        best = max(scores.values())
        if best and list(scores.values()).count(best) == 1:
            return (max(numbers, key=scores.__getitem__),)
        services = self.index.services
        beside = {services[number].category for other in self.chosen if len(other.term.services) == 1
                  for number in other.term.services}
        return tuple(sorted(numbers, key=lambda number: services[number].category not in beside))

    def _once(self) -> list[Mention]:
        """Each service once; "um corte ... corte masculino" is one wish."""
        certain = {hit.services[0] for hit in self.chosen if len(hit.services) == 1}
        seen: set[tuple[int, ...]] = set()
        made: list[Mention] = []
        for hit in self.chosen:
            key = tuple(sorted(hit.services))
            if key in seen or (len(key) > 1 and certain & set(key)):
                continue
            seen.add(key)
            start, end = self.words[hit.first].start, self.words[hit.last].end
            made.append(Mention((start, end), self.text[start:end],
                                tuple(self.index.services[number] for number in hit.services)))
        return made


__all__ = ["Mention", "Word", "find"]
