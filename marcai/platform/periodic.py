"""A piece of work that is done by the clock; the worker runs what the rooms declare as `JOBS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """Something done every so many seconds, in a thread; a tick that comes while the last one runs is left out."""

    name: str
    seconds: float
    work: Callable[[], object]
