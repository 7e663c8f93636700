"""Finds people's names in free text: first names, full names, diminutives and small typos."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from marcai.platform.portuguese import COMMON
from marcai.platform.text import Word, fold, word_set, words

TITLES = {"dr", "dra", "doutor", "doutora", "dona", "seu", "sr", "sra", "senhor", "senhora", "prof", "tia", "tio"}
# Frequent first names: somebody else's name is no slip of a professional's.
OTHERS = word_set("""
maria mariana marina marta marcia marcio mario marcos marcelo marcela jose josue josiane joana joao joaquim paulo paula
carlos carla camila clara claudia claudio ana anna andre andrea andreia adriana adriano antonio antonia aline alice
amanda beatriz bruna bruno bianca breno caio cesar celia celio cecilia daniel daniela diego diana debora denise dayse
eduardo eduarda elaine eliane elisa erica erika fabio fabiana felipe fernanda fernando flavia flavio francisco gabriel
gabriela giovana gisele gustavo helena helen heloisa hugo igor isabel isabela ivan ivone janaina jessica joice jorge
julia juliana julio karina katia larissa laura leandro leila leticia livia lucas lucia luciana luciano luana luis luiz
luiza manoel manuela mateus matheus michele miguel monica natalia neide neusa nicole otavio patricia pedro priscila
rafael rafaela raquel regina renata renato ricardo rita roberto roberta rodrigo rogerio rosana rosangela sandra sandro
sara sergio silvia silvio simone sonia sueli tania tatiane teresa thiago tiago valeria vanessa vera vitor vitoria
viviane wagner wesley yasmin
""")
PARTICLES = {"da", "de", "do", "das", "dos", "e"}
_CONTEXT = {"a", "o", "com", "pela", "pelo", "da", "do", "na", "no", "pra", "pro", "para", "e", "ou", "dona", "seu"}


@lru_cache(maxsize=256)
def _people(names: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], ...], dict[str, frozenset[int]]]:
    parts = []
    firsts: dict[str, set[int]] = {}
    for index, name in enumerate(names):
        pieces = tuple(word.text for word in words(name) if word.text not in TITLES | PARTICLES) or (fold(name),)
        parts.append(pieces)
        firsts.setdefault(pieces[0], set()).add(index)
    return tuple(parts), {name: frozenset(found) for name, found in firsts.items()}


def _bases(word: str) -> set[str]:
    """What a diminutive may come from: "bruninho" from "brun-", "aninha" from "an-"."""
    for ending in ("zinho", "zinha", "inho", "inha", "ito", "ita", "ao", "ona"):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            root = word[: -len(ending)]
            return {root, root + "a", root + "o", root + "e", root + "c" * (root[-1:] != "c")}
    return set()


@lru_cache(maxsize=8192)
def _spelling(name: str) -> str:
    """A name in the plainest of its spellings: Karla and Carla, Thays and Taís, Denisse and Denise."""
    for old, new in (("ph", "f"), ("th", "t"), ("k", "c"), ("y", "i"), ("w", "v"), ("z", "s")):
        name = name.replace(old, new)
    name = re.sub(r"(.)\1+", r"\1", name)
    return name[1:] if name.startswith("h") and len(name) > 4 else name


def _same(word: Word, first: str, beside: bool) -> bool:
    """Whether a word is a first name: exactly, in another spelling, as a diminutive, or with one slip."""
    typed = re.sub(r"([a-z])\1{2,}", r"\1", word.text)
    if typed == first:
        return True
    if len(first) >= 3 and typed not in COMMON and _spelling(typed) == _spelling(first):
        return True
    if any(base == first or (len(base) >= 2 and first.rstrip("aoe") == base) for base in _bases(typed)):
        return True
    if typed in COMMON or typed in OTHERS or len(typed) < 4 or len(first) < 4:
        return False
    if typed[0] != first[0] and sorted(typed[:2]) != sorted(first[:2]):
        return False
    if len(first) == 4 and not beside:
        return False
    return OSA.distance(typed, first, score_cutoff=1) <= 1 or \
        (len(first) >= 7 and OSA.distance(typed, first, score_cutoff=2) <= 2)


def _shortened(word: Word, first: str) -> bool:
    """Whether a word is the beginning of a first name, as friends call each other: Rafa, Mari, Gabi."""
    typed = _spelling(word.text)
    if len(typed) < 4 or len(first) <= len(typed) or word.text in COMMON or word.text in OTHERS:
        return False
    plain = _spelling(first)
    return plain.startswith(typed) or (typed.endswith("i") and plain.startswith(typed[:-1]))


def find_names(text: str, names: Sequence[str]) -> list[int]:
    """Which of the names a text holds, as positions in `names`, in order of appearance, each once."""
    people, firsts = _people(tuple(names))
    typed = words(text)
    found: list[int] = []
    place = 0
    while place < len(typed):
        beside = place == 0 or typed[place - 1].text in _CONTEXT or typed[place].after_break
        here = [index for first, who in firsts.items() if _same(typed[place], first, beside) for index in sorted(who)]
        exact = [index for index in here if people[index][0] == typed[place].text]
        here = exact or here
        if not here and beside:
            here = [index for first, who in firsts.items() if _shortened(typed[place], first) for index in sorted(who)]
        if here and typed[place].text in COMMON and not beside:
            here = []
        taken = 1
        if here:
            following = [word.text for word in typed[place + 1: place + 5]
                         if word.text not in PARTICLES - {"e"}]
            surnamed = [index for index in here if following and following[0] in people[index][1:]]
            if surnamed:
                here, taken = surnamed, 2
            found += [index for index in here if index not in found]
        place += taken
    return found
