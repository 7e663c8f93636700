"""What the worker does for analysts: looks for sessions that are over."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from marcai.analytics import recording


class Job(NamedTuple):
    """Something the worker does every so many seconds."""

    name: str
    seconds: float
    work: Callable[[], object]


JOBS = (Job("abandonments", 60, recording.judge),)
