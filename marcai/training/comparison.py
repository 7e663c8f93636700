"""A new model beside the current one on the held-out messages: what got better, what got worse, message by message."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from marcai.nlu.evaluation import Example, Score, read_examples, score

ALLOWED_LOSS = 0.5  # percentage points of intents on any kind of messages that a new model may lose


@dataclass(frozen=True)
class Compared:
    """Two models on one set of held-out messages."""

    name: str
    old: Score
    new: Score

    @property
    def gained(self) -> list[Example]:
        """Messages that only the new model reads right."""
        wrong_now = {example.text for example, _, _ in self.new.misread}
        return [example for example, _, _ in self.old.misread if example.text not in wrong_now]

    @property
    def lost(self) -> list[tuple[Example, str]]:
        """Messages that only the old model reads right, with what the new one makes of them."""
        wrong_before = {example.text for example, _, _ in self.old.misread}
        return [(example, intent) for example, intent, _ in self.new.misread if example.text not in wrong_before]

    @property
    def acceptable(self) -> bool:
        """Whether the new model may replace the old one as far as these messages go."""
        return self.new.accuracy() >= self.old.accuracy() - ALLOWED_LOSS


def compare(old: Path, new: Path, heldout: Sequence[Path]) -> list[Compared]:
    """Has both models read the held-out files.

    Args:
        old: the archive of the current model.
        new: the archive of the new one.
        heldout: Rasa training data files whose messages neither model was trained on.
    """
    from rasa.core.agent import Agent

    parsers = [Agent.load(str(model)).parse_message for model in (old, new)]

    async def both() -> list[Compared]:
        compared = []
        for path in heldout:
            examples = read_examples(str(path))
            scores = [await score(parse, examples) for parse in parsers]
            compared.append(Compared(path.stem, *scores))
        return compared

    return asyncio.run(both())


def report(compared: Sequence[Compared]) -> str:
    """The comparison for a terminal."""
    lines = []
    for one in compared:
        lines += [one.name, "  " + one.old.summary("current"), "  " + one.new.summary("new")]
        lines += [f"    + {example.text}  ({example.intent})" for example in one.gained]
        lines += [f"    - {example.text}  ({example.intent}, now {intent})" for example, intent in one.lost]
    worse = [one.name for one in compared if not one.acceptable]
    verdict = f"is worse on: {', '.join(worse)}" if worse else "may replace the current one"
    lines.append(f"The new model {verdict}.")
    return "\n".join(lines)
