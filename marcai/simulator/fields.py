"""Reading a Graph body strictly: presence, type, length and unknown keys, each with Meta's code."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from marcai.simulator.errors import GraphError

_URL = re.compile(r"https?://[^\s/$.?#][^\s]*\Z", re.IGNORECASE)


def length(text: str) -> int:
    """Characters as the stricter of code points and UTF-16 units (Meta does not say which it counts)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _given(holder: dict, key: str, path: str) -> Any:
    value = holder.get(key)
    if value is None:
        raise GraphError(131008, f"Parameter '{key}' of '{path}' is mandatory.")
    return value


def obj(holder: dict, key: str, path: str, *, optional: bool = False) -> dict | None:
    """The object under `key`; 131008 when missing, 100 when it is something else."""
    if optional and holder.get(key) is None:
        return None
    value = _given(holder, key, path)
    if not isinstance(value, dict):
        raise GraphError(100, f"Param {path}['{key}'] must be a JSON object.")
    return value


def array(holder: dict, key: str, path: str, *, least: int = 0, most: int | None = None,
          code: int = 131009) -> list:
    """The list under `key` with its permitted sizes."""
    value = _given(holder, key, path)
    if not isinstance(value, list) or any(not isinstance(item, dict) for item in value):
        raise GraphError(100, f"Param {path}['{key}'] must be an array of JSON objects.")
    if len(value) < least:
        raise GraphError(code, f"Invalid {key} count. Min allowed {key}: {least}.")
    if most is not None and len(value) > most:
        raise GraphError(code, f"Invalid {key} count. Max allowed {key}: {most}.")
    return value


def string(holder: dict, key: str, path: str, *, most: int, optional: bool = False, code: int = 131009,
           one_line: bool = False) -> str | None:
    """The text under `key`: not blank and not longer than `most`."""
    if optional and holder.get(key) is None:
        return None
    value = _given(holder, key, path)
    if not isinstance(value, str):
        raise GraphError(100, f"Param {path}['{key}'] must be a string.")
    if not value.strip():
        raise GraphError(code, f"{path}['{key}'] must not be blank. Min length: 1, Max length: {most}.")
    if length(value) > most:
        raise GraphError(code, f"Param {path}['{key}'] must be at most {most} characters long.")
    if one_line and "\n" in value:
        raise GraphError(code, f"Param {path}['{key}'] must not contain new lines.")
    return value


def url(holder: dict, key: str, path: str) -> str:
    """The web address under `key`."""
    value = string(holder, key, path, most=2000)
    if not _URL.match(value):
        raise GraphError(131009, f"Param {path}['{key}'] must be a valid URL with http:// or https://.")
    return value


def only(holder: dict, allowed: Collection[str], path: str) -> None:
    """Refuse keys that the Cloud API does not know."""
    for key in holder:
        if key not in allowed:
            where = f' on param "{path}"' if path else ""
            raise GraphError(100, f'Unexpected key "{key}"{where}.')


def one_of(value: Any, allowed: Collection[str], path: str) -> str:
    """The value when it is one of the allowed words."""
    if value not in allowed:
        choices = ", ".join(sorted(word.upper() for word in allowed))
        raise GraphError(100, f'Param {path} must be one of {{{choices}}} - got "{value}".')
    return value


def unique(values: list[str], what: str) -> None:
    """Refuse repeated titles or ids."""
    if len(set(values)) != len(values):
        raise GraphError(131009, f"{what} must be unique.")
