"""What every room of the house offers under the same name, found without a list that somebody forgets to keep."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from types import ModuleType

import marcai


def modules(name: str) -> list[ModuleType]:
    """Imports `marcai.<room>.<name>` of every room that has one.

    Args:
        name: `handlers` (of events), `jobs` (`JOBS`, for the worker) or `personal` (what the law gives customers).
    """
    found = []
    for room in pkgutil.iter_modules(marcai.__path__, "marcai."):
        full = f"{room.name}.{name}"
        if room.ispkg and room.name != "marcai.worker" and importlib.util.find_spec(full):
            found.append(importlib.import_module(full))
    return found
