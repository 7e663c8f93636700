"""When a model is trained: when its sources have changed in content, not in time."""

from __future__ import annotations

import os
import time

import pytest
import yaml

from marcai.platform import bot


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project with sources and no model."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.yml").write_text("version: '3.1'")
    (tmp_path / "config.yml").write_text("language: pt")
    (tmp_path / "endpoints.yml").write_text("action_endpoint: {url: 'http://x', enable_selective_domain: true}")
    monkeypatch.setattr(bot, "ROOT", tmp_path)
    monkeypatch.setattr(bot, "MODELS", tmp_path / "models")
    (tmp_path / "models").mkdir()
    return tmp_path


def model(project, name: str, age: float = 0):
    path = project / "models" / name
    path.write_bytes(b"")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_without_a_model_there_is_none(project):
    assert bot.current_model() is None
    with pytest.raises(bot.BotError, match="make train"):
        bot.newest_model()


def test_a_model_of_these_contents_fits_however_old_it_is(project):
    ours = model(project, f"marcai-{bot.fingerprint()}.tar.gz", age=10_000)
    assert bot.current_model() == ours


@pytest.mark.parametrize("change", ["config.yml", "data/nlu.yml", "data/new.yml"])
def test_a_change_of_content_asks_for_training(project, change):
    model(project, f"marcai-{bot.fingerprint()}.tar.gz")
    (project / change).write_text("changed: true")
    assert bot.current_model() is None


def test_touching_a_file_does_not_ask_for_training(project):
    ours = model(project, f"marcai-{bot.fingerprint()}.tar.gz", age=10_000)
    (project / "data" / "nlu.yml").touch()
    assert bot.current_model() == ours


def test_a_model_that_a_trainer_trained_after_the_last_change_is_taken(project):
    theirs = model(project, "20261123-101010-slow-boat.tar.gz", age=-5)
    assert bot.current_model() == theirs


def test_a_model_that_a_trainer_trained_before_the_last_change_is_not(project):
    model(project, "20261123-101010-slow-boat.tar.gz", age=10_000)
    assert bot.current_model() is None


def test_the_server_falls_back_to_the_newest_model(project):
    model(project, "marcai-old.tar.gz", age=100)
    newest = model(project, "marcai-newer.tar.gz", age=50)
    assert bot.newest_model() == newest


def test_the_action_servers_address_replaces_the_one_in_the_file_and_nothing_else(project, monkeypatch):
    monkeypatch.setenv("MARCAI_DATA_DIR", str(project))
    file = bot.endpoints_file("http://actions:5055")
    assert yaml.safe_load(file.read_text()) == {
        "action_endpoint": {"url": "http://actions:5055/webhook", "enable_selective_domain": True}
    }
