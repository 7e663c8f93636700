"""The command line does what its help says, and tells an operator in one line what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def marcai(*words: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "marcai", *words], capture_output=True, text=True, **more)


def test_help_shows_every_command():
    said = marcai("--help").stdout
    for command in ("up", "db", "tenant", "customer", "datetime", "status", "worker", "web", "simulator", "train"):
        assert command in said


def test_an_establishment_is_loaded_and_listed(database):
    assert marcai("tenant", "load", str(ROOT / "tenants/bela-vista.yml")).returncode == 0
    listed = marcai("tenant", "list").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == ["bela-vista"]


def test_a_file_with_an_error_is_refused_with_its_line(database, tmp_path):
    file = tmp_path / "bad.yml"
    file.write_text((ROOT / "tenants/bela-vista.yml").read_text().replace("America/Sao_Paulo", "Mars/Olympus"))
    done = marcai("tenant", "load", str(file))
    assert done.returncode == 1
    assert "line " in done.stderr and "Traceback" not in done.stderr


def test_dates_are_read_line_by_line():
    asked = {"text": "amanhã às 15h", "now": "2026-11-22T10:00:00", "timezone": "America/Sao_Paulo"}
    done = marcai("datetime", input=json.dumps(asked) + "\n")
    [line] = done.stdout.splitlines()
    assert json.loads(line)["results"][0]["from"].startswith("2026-11-23T15:00")


def test_a_customer_nobody_knows_is_said_in_one_line(salon):
    done = marcai("customer", "export", "+5511988887777", "--tenant", "bela-vista")
    assert done.returncode == 1
    assert done.stderr == "marcai: there is no customer with this number\n"


def test_an_establishment_nobody_knows_is_said_in_one_line(database):
    done = marcai("customer", "erase", "+5511988887777", "--tenant", "nowhere")
    assert done.returncode == 1
    assert "nowhere" in done.stderr and done.stderr.count("\n") == 1


def test_status_shows_each_part_and_fails_when_one_is_away(database):
    done = marcai("status", "postgres", "redis")
    assert done.returncode == 0
    assert "postgres" in done.stdout and "redis" in done.stdout
    assert marcai("status", "worker").returncode == 1
    assert marcai("status", "nothing").returncode == 2


def test_a_database_that_is_away_is_said_in_one_line(database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@127.0.0.1:9/db")
    done = marcai("tenant", "list")
    assert done.returncode == 3
    assert done.stderr.startswith("marcai: PostgreSQL (DATABASE_URL): ") and "secret" not in done.stderr
    assert done.stderr.count("\n") == 1
