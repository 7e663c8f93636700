"""Copies of examples with words the extractor has never seen, so that it learns to read the sentence around them."""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from random import Random
from typing import NamedTuple

from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData

from marcai.nlu.letters import fold
from marcai.nlu.normalizer import words
from marcai.nlu.tagging import OUTSIDE, TITLES, Span, to_tags


class Annotated(NamedTuple):
    """A training example."""

    text: str
    intent: str
    spans: list[Span]


def annotated(training_data: TrainingData) -> list[Annotated]:
    """The training examples with their intents and entities."""
    return [
        Annotated(e.get(TEXT), e.get(INTENT) or "",
                  [Span(x["entity"], x["start"], x["end"]) for x in e.get(ENTITIES, [])])
        for e in training_data.nlu_examples if e.get(TEXT)
    ]


def lookup(training_data: TrainingData, name: str) -> list[str]:
    """The entries of the lookup table ``name``; none where there is no such table."""
    return [entry for table in training_data.lookup_tables if table["name"] == name for entry in table["elements"]]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SYLLABLES = _words("""
ba ca da fa ga la ma na pa ra sa ta va be ce de fe le me ne pe re se te bi ci di fi li mi ni pi ri si ti bo co do fo
lo mo no po ro so to bu cu du fu lu mu nu pu ru su tu bra cre tri plo gru qui lha nho char xi zo es tra pro
""")
_ENDINGS = _words("""agem ção mento ura terapia grafia scopia ria ismo ita ose eria inha ada ante ico essa oso ar er""")

_NAME_ENDINGS = _words("""son ilda elma iane ito inha nildo élia ardo alva ica ei ton eia ury ete ulo ana aldo i a o""")
_LINKS = frozenset(_words("e de da do das dos"))


def with_other_phrases(examples: Sequence[Annotated], entities: Collection[str], another: Callable[[str], str],
                       share: float, chance: Random) -> Iterator[Annotated]:
    """For about ``share`` of the examples that have one of ``entities``: a copy in which each of them is exchanged for
    what ``another`` makes of it."""
    for text, intent, spans in examples:
        if chance.random() > share or not any(span.entity in entities for span in spans):
            continue
        copy, moved, at = "", [], 0
        for span in sorted(spans, key=lambda span: span.start):
            copy += text[at : span.start]
            written = text[span.start : span.end]
            if span.entity in entities:
                written = another(written)
            moved.append(Span(span.entity, len(copy), len(copy) + len(written)))
            copy += written
            at = span.end
        yield Annotated(copy + text[at:], intent, moved)


def another_service(services: Sequence[str], chance: Random) -> Callable[[str], str]:
    """Half the time one of ``services``, half the time a word that does not exist but sounds Portuguese."""
    return lambda written: chance.choice(services) if services and chance.random() < 0.5 else invented(chance)


def another_name(names: Sequence[str], chance: Random) -> Callable[[str], str]:
    """A name in the manner of the old one: with its title, as long, in small letters where it was."""

    def name(written: str) -> str:
        first, *others = written.split()
        title, others = ([first], others) if fold(first).strip(".") in TITLES else ([], [first, *others])
        new = [part if fold(part) in _LINKS else _one_name(names, chance) for part in others]
        text = " ".join([*title, *new])
        return text.lower() if written.islower() or chance.random() < 0.15 else text

    return name


def _one_name(names: Sequence[str], chance: Random) -> str:
    if names and chance.random() < 0.6:
        return chance.choice(names)
    return ("".join(chance.choices(_SYLLABLES, k=chance.randint(1, 2))) + chance.choice(_NAME_ENDINGS)).capitalize()


def with_strange_words(examples: Sequence[Annotated], share: float, chance: Random) -> Iterator[Annotated]:
    """For up to ``share`` of the examples: a copy in which a long word outside every entity does not exist, because
    not every unknown word is a service."""
    for text, intent, spans in examples:
        if chance.random() > share:
            continue
        plain = words(text)
        free = [
            word for word, tag in zip(plain, to_tags(plain, spans), strict=True)
            if tag == OUTSIDE and word.text.isalpha() and len(word.text) > 4 and word.end - word.start > 4
        ]
        if not free or len(plain) < 3 or (spans and chance.random() < 0.5):
            continue
        old, new = chance.choice(free), invented(chance).split()[0]
        longer = len(new) - (old.end - old.start)
        moved = [s if s.end <= old.start else Span(s.entity, s.start + longer, s.end + longer) for s in spans]
        yield Annotated(text[: old.start] + new + text[old.end :], intent, moved)


def invented(chance: Random) -> str:
    """A word, sometimes two or three, that sounds Portuguese and means nothing."""
    word = "".join(chance.choices(_SYLLABLES, k=chance.randint(1, 3))) + chance.choice(_ENDINGS)
    kind = chance.random()
    if kind < 0.25:
        return f"{word} de {''.join(chance.choices(_SYLLABLES, k=2))}"
    if kind < 0.35:
        return f"{word} {''.join(chance.choices(_SYLLABLES, k=3))}{chance.choice(['al', 'ica', 'ico', 'ada'])}"
    return word
