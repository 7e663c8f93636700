"""What the code imports is what pyproject.toml asks for, so that a fresh clone has it."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COME_WITH = {  # by name because their versions are those of what brings them
    "numpy": "rasa", "sanic": "rasa", "regex": "rasa", "pydantic": "fastapi", "starlette": "fastapi",
    "markupsafe": "jinja2",
    "setuptools": "rasa", "scikit-learn": "rasa", "scipy": "rasa", "tensorflow-cpu": "rasa",
    "python-dateutil": "rasa", "python-crfsuite": "rasa",
}


def imported(*folders: str) -> dict[str, str]:
    """Top-level modules that are imported, with one file that does."""
    found: dict[str, str] = {}
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    names = [node.module or ""]
                found.update((name.split(".")[0], str(file.relative_to(ROOT))) for name in names)
    return found


def declared() -> set[str]:
    text = (ROOT / "pyproject.toml").read_text()
    return {name.lower().replace("_", "-") for name in re.findall(r'^\s+"([A-Za-z0-9_-]+)[=><]', text, re.M)}


def provided() -> set[str]:
    """The top-level modules of what is declared, and of what comes with it."""
    found: set[str] = set()
    for name in declared() | set(COME_WITH):
        try:
            files = distribution(name).files or ()
        except PackageNotFoundError:
            continue
        found.update(file.parts[0].removesuffix(".py") for file in files)
    return found


def test_everything_that_is_imported_is_declared():
    known = provided() | set(sys.stdlib_module_names) | {"marcai", "actions"}
    assert {module: file for module, file in imported("marcai", "actions").items() if module not in known} == {}
