"""How well a trained model reads messages it was not trained on: counts, not opinions. Used by tests and benchmarks."""
from __future__ import annotations

import hashlib
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Parse = Callable[[str], Awaitable[dict[str, Any]]]


class Example(NamedTuple):
    text: str
    intent: str
    entities: frozenset[tuple[str, int, int]]

    @property
    def seen(self) -> bool:
        """Half of the held-out messages may be looked at while improving; the other half is only counted."""
        return hashlib.sha1(self.text.encode()).digest()[0] % 2 == 0


def read_examples(path: str) -> list[Example]:
    """The messages of a Rasa training data file."""
    from rasa.shared.nlu.training_data.loading import load_data

    return [
        Example(e.get("text"), e.get("intent"), _spans(e.get("entities", [])))
        for e in load_data(path).intent_examples
    ]


def _spans(entities: Iterable[dict[str, Any]]) -> frozenset[tuple[str, int, int]]:
    return frozenset((e["entity"], e["start"], e["end"]) for e in entities)


@dataclass
class Score:
    """What was right and wrong in a set of messages."""

    total: int = 0
    right: int = 0
    fallback: int = 0
    wrong: int = 0  # answered with another intent: worse than a fallback
    confusions: Counter[tuple[str, str]] = field(default_factory=Counter)
    misread: list[tuple[Example, str, float]] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    misfound: list[tuple[Example, frozenset, frozenset]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def accuracy(self) -> float:
        """Percent of messages whose likeliest intent is the right one, whatever the fallback thinks of it."""
        return 100 * self.right / max(1, self.total)

    def f1(self, entity: str) -> float:
        found = self.found[entity]
        return 100 * 2 * found / max(1, 2 * found + self.invented[entity] + self.missed[entity])

    def median_milliseconds(self) -> float:
        return statistics.median(self.milliseconds)

    def summary(self, name: str) -> str:
        worst = ", ".join(f"{a}→{b} {n}" for (a, b), n in self.confusions.most_common(5))
        return (
            f"{name:16} intents {self.accuracy():5.1f} %  service F1 {self.f1('service'):5.1f}  "
            f"professional {self.f1('professional'):5.1f}  name {self.f1('person_name'):5.1f}  "
            f"fallback {100 * self.fallback / self.total:4.1f} %  wrong answer {100 * self.wrong / self.total:4.1f} %  "
            f"{self.median_milliseconds():.1f} ms   {worst}"
        )


def likeliest(parsed: dict[str, Any]) -> tuple[str, float]:
    """The classifier's first choice, also where the fallback classifier put itself before it."""
    ranking = [r for r in parsed.get("intent_ranking", []) if r["name"] != "nlu_fallback"]
    first = ranking[0] if ranking else parsed["intent"]
    return first["name"] or "", first["confidence"]


async def score(parse: Parse, examples: Sequence[Example]) -> Score:
    result = Score()
    for example in examples:
        began = time.perf_counter()
        parsed = await parse(example.text)
        result.milliseconds.append(1000 * (time.perf_counter() - began))
        intent, confidence = likeliest(parsed)
        result.total += 1
        if parsed["intent"]["name"] == "nlu_fallback":
            result.fallback += 1
        elif intent != example.intent:
            result.wrong += 1
        if intent == example.intent:
            result.right += 1
        else:
            result.confusions[example.intent, intent] += 1
            result.misread.append((example, intent, confidence))
        found = _spans(parsed.get("entities", []))
        for counter, spans in ((result.found, found & example.entities), (result.invented, found - example.entities),
                               (result.missed, example.entities - found)):
            counter.update(entity for entity, _, _ in spans)
        if found != example.entities:
            result.misfound.append((example, example.entities - found, found - example.entities))
    return result
