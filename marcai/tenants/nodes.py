"""Reading YAML with its line numbers, and collecting every error instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import yaml

STR, INT, NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:null"


class TenantFileError(Exception):
    """The file is refused; `errors` has one line for each thing that is wrong, in the order of the file."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = list(errors)


class Errors:
    """Collects errors with their lines."""

    def __init__(self) -> None:
        self._found: list[tuple[int, int, str]] = []

    def add(self, line: int, where: str, what: str) -> None:
        """Notes that what stands at `where` on a line is wrong."""
        self._found.append((line, len(self._found), f"line {line}: {where + ': ' if where else ''}{what}"))

    def __bool__(self) -> bool:
        return bool(self._found)

    def stop_if_any(self) -> None:
        """Raises everything found so far, in the order of the file."""
        if self._found:
            raise TenantFileError([text for _, _, text in sorted(self._found)])


@dataclass(frozen=True)
class Here:
    """A YAML node, the way to it (``services[2].price``), and where to put errors."""

    node: yaml.Node
    where: str
    errors: Errors

    @property
    def line(self) -> int:
        """The line of the node, from 1."""
        return self.node.start_mark.line + 1

    def wrong(self, what: str) -> None:
        """Notes an error at this place."""
        self.errors.add(self.line, self.where, what)

    def is_null(self) -> bool:
        """Whether nothing was written."""
        return self.node.tag == NULL

    def mapping(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Here]:
        """The entries of a mapping; unknown, repeated and missing keys are errors."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong("must be a mapping of names to values")
            return {}
        found: dict[str, Here] = {}
        for key, value in self.node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            where = f"{self.where}.{name}" if self.where else name
            line = key.start_mark.line + 1
            if name in found:
                self.errors.add(line, where, "is written twice")
            elif name not in required and name not in optional:
                self.errors.add(line, where, f"is not known here (known: {', '.join(required + optional)})")
            else:
                found[name] = Here(value, where, self.errors)
        for name in required:
            if name not in found:
                self.wrong(f"{name} is missing")
        return found

    def items(self, what: str = "things") -> Iterator[Here]:
        """The entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.wrong(f"must be a list of {what}")
            return
        for number, value in enumerate(self.node.value):
            yield Here(value, f"{self.where}[{number}]", self.errors)

    def raw(self) -> str | None:
        """What is written, whatever YAML takes it for; None when it is no single value."""
        return self.node.value if isinstance(self.node, yaml.ScalarNode) else None

    def text(self, longest: int = 200) -> str | None:
        """A non-empty text."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != STR:
            self.wrong("must be text (put it in quotes)")
            return None
        value = " ".join(self.node.value.split())
        if not value or len(value) > longest:
            self.wrong(f"must be text of 1 to {longest} characters")
            return None
        return value

    def whole(self, low: int, high: int) -> int | None:
        """A whole number between two bounds."""
        value = self.node.value if isinstance(self.node, yaml.ScalarNode) and self.node.tag == INT else ""
        if not value.lstrip("-").isdigit() or (len(value) > 1 and value[0] == "0") \
                or not low <= int(value) <= high:
            self.wrong(f"must be a whole number from {low} to {high}")
            return None
        return int(value)

    def checked(self, accept: Callable[[str], bool], what: str) -> str | None:
        """A text that a check accepts."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != STR or not accept(self.node.value):
            self.wrong(what)
            return None
        return self.node.value


def parse(text: str) -> Here:
    """The whole document.

    Raises:
        TenantFileError: it is no YAML, is empty, or holds more than one document.
    """
    errors = Errors()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
        errors.add(mark.line + 1 if mark is not None else 1, "", f"is not valid YAML: {said}")
        errors.stop_if_any()
    if node is None:
        errors.add(1, "", "the file is empty")
        errors.stop_if_any()
    return Here(node, "", errors)
