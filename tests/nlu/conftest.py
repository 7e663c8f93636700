"""The trained model reads the held-out messages once per session; what it made of them is printed at the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from marcai.nlu.evaluation import Example, Score, read_examples, score

FOLDER = Path(__file__).parent
KINDS = ("hurried", "careful")
VOICES = tuple(sorted(path.stem for path in FOLDER.glob("voices/*.yml")))
REPORT = pytest.StashKey[list[str]]()


def heldout(kind: str) -> list[Example]:
    """Messages of one kind of writer."""
    return read_examples(str(FOLDER / f"heldout_{kind}.yml"))


def voice(name: str) -> list[Example]:
    """Messages of one voice: of a person or of a trade."""
    return read_examples(str(FOLDER / "voices" / f"{name}.yml"))


@pytest.fixture(scope="session")
def parse() -> Callable[[str], Any]:
    """The model that fits the sources, trained when there is none; parses a text to Rasa's parse data."""
    from marcai.platform import bot

    os.environ.update({**bot.ENVIRONMENT, **os.environ})
    model = bot.train()
    from rasa.core.agent import Agent

    return Agent.load(str(model)).parse_message


@pytest.fixture(scope="session")
def scores(parse, pytestconfig) -> dict[str, Score]:
    """By kind: all messages, and those nobody looked at while improving ("hurried, unseen")."""
    found: dict[str, Score] = {}
    for kind in KINDS:
        examples = heldout(kind)
        found[kind] = asyncio.run(score(parse, examples))
        found[f"{kind}, unseen"] = asyncio.run(score(parse, [e for e in examples if not e.seen]))
    for name in VOICES:
        found[name] = asyncio.run(score(parse, voice(name)))
    found["other trades"] = asyncio.run(score(parse, read_examples(str(FOLDER / "other_trades.yml"))))
    pytestconfig.stash[REPORT] = [found[name].summary(name) for name in found]
    return found


def pytest_terminal_summary(terminalreporter, config) -> None:
    """What the model made of the held-out messages, whether or not the tests passed."""
    if lines := config.stash.get(REPORT, []):
        terminalreporter.section("held-out messages")
        for line in lines:
            terminalreporter.write_line(line)
