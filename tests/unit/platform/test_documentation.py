"""What the documentation names is there: commands, metrics, log events, settings and files."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import typer

from marcai.cli import app
from marcai.platform import metrics
from marcai.platform.settings import Settings
from marcai.web.backlog import QUERIES

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = "\n".join(path.read_text() for folder in ("marcai", "actions", "scripts", "benchmarks", "tests")
                 for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix in (".py", "", ".sh", ".js"))


def spans(page: Path) -> str:
    """The code of a page: blocks and spans, a line each."""
    text = page.read_text()
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.S) + re.findall(r"^ {4}(\S.*)$", text, re.M)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))])


def each(pattern: str) -> list:
    """Every match of a pattern in the code of any page, with the page."""
    return sorted({pytest.param(page, found, id=f"{page.name}: {found}") for page in PAGES
                   for found in re.findall(pattern, spans(page), re.M)}, key=lambda param: param.id)


@pytest.mark.parametrize(("page", "words"), each(r"^(?:docker compose (?:run|exec).* )?marcai ([a-z][a-z -]*[a-z])"))
def test_a_command_that_is_named_exists(page, words):
    command: click.Command = typer.main.get_command(app)
    for word in words.split():
        if not isinstance(command, click.Group):
            break
        assert word in command.commands, f"{page.name}: marcai {words}"
        command = command.commands[word]


@pytest.mark.parametrize(("page", "name"), each(r"\b(marcai_[a-z_]+)"))
def test_a_metric_that_is_named_exists(page, name):
    known = {one._name for one in vars(metrics).values() if hasattr(one, "_labelnames")}
    known |= {"marcai_waiting", "marcai_waiting_oldest_seconds"}
    plain = re.sub(r"_(total|bucket)$", "", name)
    assert plain in known or name in known, f"{page.name}: {name}"
    assert set(QUERIES) == {"inbound", "outbound", "events", "handoffs"}


@pytest.mark.parametrize(("page", "name"), each(r"\b((?:MARCAI|WHATSAPP|RASA|ACTIONS|WEB|SIMULATOR)_[A-Z_]+)\b"))
def test_a_setting_that_is_named_exists(page, name):
    known = {field.field_info.extra["env"] for field in Settings.__fields__.values()}
    assert name in known or name in CODE, f"{page.name}: {name}"


@pytest.mark.parametrize(("page", "name"), each(
    r"^((?:marcai|actions|tests|docs|data|tenants|benchmarks|scripts)/[\w./-]+|[a-z-]+\.(?:md|yml))$"))
def test_a_file_that_is_named_exists(page, name):
    folders = (ROOT, ROOT / "docs", ROOT / "marcai" / page.stem)
    made_by_a_command = name == "review.yml"
    assert made_by_a_command or any((folder / name).exists() for folder in folders), f"{page.name}: {name}"


RUNBOOK_EVENTS = re.findall(r"`((?:lane|lanes|turn|action|account|message|events|job|webhook)\.[a-z_]+)`",
                            (ROOT / "docs" / "runbook.md").read_text())


@pytest.mark.parametrize("name", sorted(set(RUNBOOK_EVENTS)))
def test_a_log_line_of_the_runbook_is_one_that_we_write(name):
    assert f'"{name}"' in CODE
