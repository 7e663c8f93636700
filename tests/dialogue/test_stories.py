"""What a trainer types: `rasa data validate` and `rasa test core`, and that the stories leave no rule out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.dialogue.harness import ROOT, rules

STORIES = sorted(Path(__file__).parent.glob("test_*.yml"))


def rasa(*arguments: str) -> subprocess.CompletedProcess:
    """Runs `rasa` in the root, as from a shell without settings."""
    from marcai.platform import bot

    env = {**os.environ, **bot.ENVIRONMENT}
    return subprocess.run([str(Path(sys.executable).parent / "rasa"), *arguments], cwd=ROOT, env=env, text=True,
                          capture_output=True, timeout=400)


@pytest.fixture(scope="session")
def model():
    """The model that fits the sources; trained when there is none."""
    from marcai.platform import bot

    return bot.train()


def exercised() -> set[tuple[str, str | None]]:
    """(intent, question) of every message in the stories, and (intent, None) where the question has no rule for it."""
    found = set()
    for file in STORIES:
        for story in yaml.safe_load(file.read_text(encoding="utf-8"))["stories"]:
            question = None
            for number, step in enumerate(story["steps"]):
                if "intent" not in step:
                    continue
                for following in story["steps"][number + 1:number + 2]:
                    if "slot_was_set" in following:
                        question = following["slot_was_set"][0]["question"]
                key = (step["intent"], question)
                found.add(key if key in rules() else (step["intent"], None))
    return found


def test_every_rule_is_exercised_by_a_story():
    assert set(rules()) - exercised() == set()


def test_the_training_data_is_valid():
    done = rasa("data", "validate", "--fail-on-warnings")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]


def test_the_stories_are_predicted_without_an_error(model, tmp_path):
    done = rasa("test", "core", "--model", str(model), "--stories", "tests/dialogue", "--out", str(tmp_path),
                "--fail-on-prediction-errors")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert not (tmp_path / "failed_test_stories.yml").read_text().count("story:")
