"""The one clock: every process asks here what time it is, and tests can move it."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo


def _offset() -> timedelta:
    """Seconds to add to the machine's time, read from the file named by MARCAI_CLOCK_FILE (tests only)."""
    path = os.environ.get("MARCAI_CLOCK_FILE")
    if not path:
        return timedelta()
    try:
        return timedelta(seconds=float(Path(path).read_text() or 0))
    except (OSError, ValueError):
        return timedelta()


def now() -> datetime:
    """The present instant, timezone-aware, in UTC."""
    return datetime.now(timezone.utc) + _offset()


def local_now(zone: str) -> datetime:
    """The present instant in an IANA zone such as ``America/Sao_Paulo``."""
    return now().astimezone(ZoneInfo(zone))


def in_zone(moment: datetime, zone: str) -> datetime:
    """An instant as an IANA zone's clocks show it."""
    return moment.astimezone(ZoneInfo(zone))
