"""Scores the parser on a file of labelled phrases: `python tests/unit/datetime/score.py FILE.jsonl [-v]`.

A line has `text`, `now` and either `kind` with `value` (or `from` and `to`), perhaps `alt` with other
accepted answers, or `"kind": null` for a phrase that names no time. The longest answer counts, as in the public
comparison of parsers.

A phrase with `fresh` was written, with its answer, before the parser saw it: the number tells in which round, `first`
how it was read then (`right`, only its `start`, or `wrong`). Such phrases are judged more strictly: every wish must be
there (further ones are under `then`), and no other. `preference`, `direction`, `impossible` and `excluded` tell what
else a message says, see `told`.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from marcai.nlu.datetime import Moment, parse, parse_all

_MIDNIGHTS = {"24:00:00": "00:00:00"}
_POINT, _STRETCH = {"value": "from"}, {"from": "from", "to": "to"}
_SHOWN = {"date": _POINT, "time": _POINT, "instant": _POINT, "interval": _STRETCH}


@dataclass
class Score:
    """Counts over a set of phrases; times in milliseconds."""

    cases: int = 0
    starts: int = 0
    fulls: int = 0
    negatives: int = 0
    false_positives: int = 0
    times: list[float] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    @property
    def start(self) -> float:
        """Right starts, in per cent."""
        return 100 * self.starts / self.cases if self.cases else 100.0

    @property
    def full(self) -> float:
        """Fully right answers, in per cent."""
        return 100 * self.fulls / self.cases if self.cases else 100.0

    @property
    def milliseconds(self) -> float:
        """The median time of a phrase."""
        return statistics.median(self.times) if self.times else 0.0


def load(path: Path) -> list[dict[str, Any]]:
    """The labelled phrases of a JSON lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def score(phrases: Iterable[dict[str, Any]]) -> Score:
    """Parses and judges phrases."""
    result = Score()
    for phrase in phrases:
        now = datetime.fromisoformat(phrase["now"])
        begun = time.perf_counter()
        moments = parse(phrase["text"], now)
        result.times.append((time.perf_counter() - begun) * 1000)
        answer = (
            max(moments, key=lambda moment: moment.span[1] - moment.span[0]).to_json() if moments else None
        )
        if phrase["kind"] is None:
            result.negatives += 1
            result.false_positives += answer is not None
            if answer:
                result.misses.append(f"FP    {phrase['text']!r} -> {answer}")
            continue
        start, full = judge_all(phrase, moments) if "fresh" in phrase else judge(phrase, answer)
        result.cases += 1
        result.starts += start
        result.fulls += full
        if not full:
            mark = "FULL " if start else "START"
            gold = phrase.get("value") or (phrase.get("from"), phrase.get("to"))
            result.misses.append(
                f"{mark} {phrase['text']!r} now {phrase['now'][:16]} gold {gold} -> {answer}"
            )
    return result


def judge_all(phrase: dict[str, Any], moments: list[Moment]) -> tuple[bool, bool]:
    """Whether the starts, and whether the whole answers are right, of every wish of a phrase and no other."""
    wishes = [phrase, *phrase.get("then", ())]
    if len(wishes) != len(moments):
        return False, False
    judged = [judge(wish, moment.to_json()) for wish, moment in zip(wishes, moments, strict=True)]
    return all(start for start, _ in judged), all(full for _, full in judged)


def told(phrase: dict[str, Any]) -> dict[str, Any]:
    """What a phrase says beside its wishes, as the parser reads it, for the keys that the phrase is labelled with."""
    reading = parse_all(phrase["text"], datetime.fromisoformat(phrase["now"]))
    excluded = [moment.to_json() for moment in reading.excluded]
    read = {
        "preference": reading.preference,
        "direction": reading.direction,
        "impossible": [phrase["text"][start:end] for start, end in reading.impossible],
        "excluded": [
            {key: moment[edge] for key, edge in _SHOWN[moment["kind"]].items()} | {"kind": moment["kind"]}
            for moment in excluded
        ],
    }
    return {key: value for key, value in read.items() if key in phrase}


def judge(phrase: dict[str, Any], answer: dict[str, Any] | None) -> tuple[bool, bool]:
    """Whether the start, and whether the whole answer is right."""
    if answer is None:
        return False, False
    starts, fulls = False, False
    for gold in (phrase, *phrase.get("alt", ())):
        gold_start = gold["value"] if "value" in gold else gold.get("from")
        shown = answer
        if phrase.get("time_only"):
            shown = {**answer, "from": _clock(answer["from"]), "to": _clock(answer["to"])}
            gold_start = _clock(gold_start)
        start = _same(gold_start, shown["from"])
        starts |= start
        gold_end = gold.get("to") if "value" not in gold else None
        if phrase.get("time_only"):
            gold_end = _clock(gold_end)
        fulls |= start and gold["kind"] == shown["kind"] and _same(gold_end, shown["to"])
    return starts, fulls


def _clock(edge: str | None) -> str | None:
    return edge[-8:] if edge else None


def _same(gold: str | None, shown: str | None) -> bool:
    return gold == shown or _MIDNIGHTS.get(gold or "", gold) == _MIDNIGHTS.get(shown or "", shown)


def first_reading(phrases: Iterable[dict[str, Any]], number: int) -> str:
    """How the phrases of a round were read before the parser had been changed with them in mind."""
    written = [phrase for phrase in phrases if phrase.get("fresh") == number]
    named = [phrase["first"] for phrase in written if phrase["form"] != "nothing"]
    nothing = [phrase["first"] for phrase in written if phrase["form"] == "nothing"]
    starts, wrong = len(named) - named.count("wrong"), nothing.count("wrong")
    return f"start {starts}/{len(named)}, full {named.count('right')}/{len(named)}, FP {wrong}/{len(nothing)}"


def main() -> None:
    """Prints the table by form (or source) and, with -v, every miss."""
    phrases = load(Path(sys.argv[1]))
    groups = defaultdict(list)
    for phrase in phrases:
        groups[phrase.get("form") or phrase.get("id", "all").rsplit("-", 1)[0]].append(phrase)
    print(f"{'form':28} {'n':>5} {'start%':>7} {'full%':>7} {'FP':>6} {'ms':>6}")
    for name, group in [*sorted(groups.items()), ("all", phrases)]:
        part = score(group)
        negatives = f"{part.false_positives}/{part.negatives}"
        print(
            f"{name:28} {len(group):5} {part.start:7.1f} {part.full:7.1f} {negatives:>6}"
            f" {part.milliseconds:6.3f}"
        )
    for number in sorted({phrase["fresh"] for phrase in phrases if "fresh" in phrase}):
        print(f"fresh {number}, at first reading: {first_reading(phrases, number)}")
    if "-v" in sys.argv:
        print("\n".join(score(phrases).misses))


if __name__ == "__main__":
    main()
