"""Logs hold no personal data, whoever writes them."""

from __future__ import annotations

import json
import logging

import pytest

from marcai.platform import logging as ours


@pytest.fixture
def lines(capsys, monkeypatch):
    """What was logged, as dictionaries."""
    monkeypatch.setenv("FORCE_JSON_LOGGING", "1")
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    ours.configure("test")
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def test_personal_keys_are_dropped_and_the_rest_stays(lines):
    ours.get_logger("x").info("turn.done", tenant="bela-vista", text="oi, sou a Maria", phone="+5511988887777",
                              name="Maria", wa_id="5511988887777", payload={"a": 1}, seconds=0.2)
    [line] = lines()
    assert line["tenant"] == "bela-vista" and line["seconds"] == 0.2 and line["event"] == "turn.done"
    assert not {"text", "phone", "name", "wa_id", "payload"} & set(line)


@pytest.mark.parametrize("number", ["5511988887777", "+55 11 98888-7777", "(11) 98888-7777", "+14155550123"])
def test_telephone_numbers_are_masked_wherever_they_are(lines, number):
    ours.get_logger("x").info(f"sent to {number}", detail=[{"why": f"{number} is unknown"}])
    said = json.dumps(lines())
    assert number not in said and said.count("<number>") == 2


def test_dates_ids_and_amounts_are_not_taken_for_numbers(lines):
    kept = {"at": "2026-11-23T10:00:00+00:00", "id": "0b7b9a3e-3f7e-4e9a-9d1c-1234567890ab", "price": "1234.50"}
    ours.get_logger("x").info("kept", **kept)
    [line] = lines()
    assert {key: line[key] for key in kept} == kept


def test_what_libraries_log_takes_the_same_way(lines):
    logging.getLogger("some.library").warning("calling 5511988887777")
    [line] = lines()
    assert line == {**line, "logger": "some.library", "level": "warning", "event": "calling <number>"}


def test_an_exception_is_logged_with_its_trace_and_without_numbers(lines):
    try:
        raise ValueError("5511988887777 is no customer")
    except ValueError:
        ours.get_logger("x").exception("failed")
    [line] = lines()
    assert "ValueError" in line["exception"] and "5511988887777" not in line["exception"]


def test_bound_pseudonyms_are_on_every_line(lines):
    import structlog

    ours.bind(tenant="bela-vista", conversation="c-1")
    ours.get_logger("x").info("a")
    structlog.contextvars.clear_contextvars()
    [line] = lines()
    assert line["tenant"] == "bela-vista" and line["conversation"] == "c-1"
