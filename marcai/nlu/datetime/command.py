"""The `marcai datetime` command: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from .parser import parse


def run_jsonl(stdin: Iterable[str], stdout: TextIO) -> None:
    """Answers every JSON line `{"text", "now", "timezone"}` with one line `{"text", "results"}`.

    `now` is an ISO date-time; one with an offset is first brought to the time zone. A bad line gets a
    line with an `error` (and the `text`, when there is one), and the run goes on. Empty lines are skipped.
    """
    for line in stdin:
        if line.strip():
            stdout.write(json.dumps(_answer(line), ensure_ascii=False) + "\n")
            stdout.flush()


def _answer(line: str) -> dict[str, Any]:
    text = None
    try:
        request = json.loads(line)
        text = request["text"]
        now = _local(request["now"], request.get("timezone") or "America/Sao_Paulo")
        if not isinstance(text, str):
            raise TypeError("text must be a string")
        return {"text": text, "results": [moment.to_json() for moment in parse(text, now)]}
    except KeyError as error:
        return {"text": text, "error": f"missing {error}"}
    except Exception as error:
        return {"text": text, "error": f"{type(error).__name__}: {error}"}


def _local(now: str, timezone: str) -> datetime:
    zone = ZoneInfo(timezone)
    moment = datetime.fromisoformat(now.replace("Z", "+00:00"))
    return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment
