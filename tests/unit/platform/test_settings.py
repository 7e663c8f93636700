"""Settings: whatever is wrong is said in one line that names the variable."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from marcai.platform import settings as module
from marcai.platform.settings import SettingsError

GOOD = {
    "DATABASE_URL": "postgresql://u:p@localhost/db",
    "REDIS_URL": "redis://localhost:6379/0",
    "MARCAI_SECRET_KEYS": "k" * 32,
    "WHATSAPP_APP_SECRET": "app",
    "WHATSAPP_VERIFY_TOKEN": "verify",
    "WHATSAPP_ACCESS_TOKEN": "access",
}


@pytest.fixture(autouse=True)
def only_these(monkeypatch, tmp_path):
    """An environment with the good settings and no file beside it."""
    for field in module.Settings.__fields__.values():
        monkeypatch.delenv(field.field_info.extra["env"], raising=False)
    for key, value in GOOD.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("MARCAI_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    module.settings.cache_clear()
    yield
    module.settings.cache_clear()


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_setting_is_named_in_one_line(name, monkeypatch):
    monkeypatch.delenv(name)
    with pytest.raises(SettingsError) as error:
        module.settings()
    assert str(error.value) == f"Settings: {name} is not set"


@pytest.mark.parametrize(("name", "value"), [
    ("DATABASE_URL", "mysql://u:p@localhost/db"), ("REDIS_URL", "localhost:6379"), ("MARCAI_SECRET_KEYS", "short"),
    ("WHATSAPP_APP_SECRET", " "), ("WHATSAPP_GRAPH_URL", "graph.facebook.com"), ("WHATSAPP_GRAPH_VERSION", "26"),
    ("RASA_PORT", "0"), ("WEB_PORT", "eighty"), ("MARCAI_PUBLIC_URL", "salon.example"), ("LOG_LEVEL", "loud"),
])
def test_a_malformed_setting_is_named_in_one_line(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        module.settings()
    assert str(error.value).startswith(f"Settings: {name} ")
    assert "\n" not in str(error.value)


def test_an_error_never_shows_the_value_of_a_secret(monkeypatch):
    monkeypatch.setenv("MARCAI_SECRET_KEYS", "hunter2")
    with pytest.raises(SettingsError) as error:
        module.settings()
    assert "hunter2" not in str(error.value)


def test_every_wrong_setting_is_named_at_once(monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("REDIS_URL", "no")
    with pytest.raises(SettingsError, match=r"DATABASE_URL.*REDIS_URL"):
        module.settings()


@pytest.mark.parametrize("command", [["worker"], ["web"], ["rasa"], ["actions"], ["tenant", "list"], ["db", "upgrade"]])
def test_a_command_stops_with_one_line_and_status_2(command, tmp_path):
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    done = subprocess.run([sys.executable, "-m", "marcai", *command], capture_output=True, text=True,
                          env={**kept, **GOOD, "REDIS_URL": "no", "MARCAI_DATA_DIR": str(tmp_path)})
    assert done.returncode == 2
    assert done.stderr == "marcai: Settings: REDIS_URL must begin with redis:// or rediss://\n"


def test_the_environment_wins_over_dot_env_and_that_over_what_a_local_copy_made(tmp_path, monkeypatch):
    monkeypatch.delenv("WHATSAPP_APP_SECRET")
    monkeypatch.delenv("WHATSAPP_VERIFY_TOKEN")
    (tmp_path / "env").write_text("WHATSAPP_APP_SECRET=made\nWHATSAPP_VERIFY_TOKEN=made\nREDIS_URL=redis://made\n")
    (tmp_path / ".env").write_text("# mine\nexport WHATSAPP_VERIFY_TOKEN='from dot env'\n")
    found = module.settings()
    assert found.whatsapp_app_secret == "made"
    assert found.whatsapp_verify_token == "from dot env"
    assert found.redis_url == GOOD["REDIS_URL"]


def test_neighbours_are_on_this_machine_unless_their_addresses_are_set(monkeypatch):
    monkeypatch.setenv("RASA_PORT", "7005")
    monkeypatch.setenv("ACTIONS_URL", "http://actions:5055/")
    found = module.settings()
    assert found.rasa_url == "http://127.0.0.1:7005"
    assert found.actions_url == "http://actions:5055"


KEY = "k" * 24


def test_the_keys_of_the_api_are_told_with_their_establishments(monkeypatch):
    monkeypatch.setenv("MARCAI_API_KEYS", f" bela-vista:{KEY}1, bela-vista:{KEY}2 ,sorriso-claro:{KEY}3,")
    assert module.settings().api_key_list == [
        ("bela-vista", f"{KEY}1"), ("bela-vista", f"{KEY}2"), ("sorriso-claro", f"{KEY}3")]
    monkeypatch.setenv("MARCAI_API_KEYS", "")
    module.settings.cache_clear()
    assert module.settings().api_key_list == []


@pytest.mark.parametrize("value", [
    KEY, f":{KEY}", "bela-vista:", "bela-vista:short", f"Bela Vista:{KEY}", f"bela-vista:{KEY}ã", f"a:{KEY} b:{KEY}1",
    f"one:{KEY},two:{KEY}", f"one:{KEY};two:{KEY}1",
])
def test_malformed_keys_of_the_api_are_named_and_not_shown(value, monkeypatch):
    monkeypatch.setenv("MARCAI_API_KEYS", value)
    with pytest.raises(SettingsError) as error:
        module.settings()
    assert str(error.value).startswith("Settings: MARCAI_API_KEYS ") and KEY not in str(error.value)
