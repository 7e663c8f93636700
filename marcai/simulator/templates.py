"""The template catalogue: which templates exist, in which state, and what one looks like once its blanks are filled."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from marcai.simulator.errors import GraphError
from marcai.simulator.fields import array, length, one_of, only

_BLANK = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_NOT_ALLOWED = re.compile(r"[\n\t]| {5,}")
STATES = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED")


@dataclass
class Template:
    """One template in one language."""

    name: str
    body: str
    language: str = "pt_BR"
    category: str = "UTILITY"
    state: str = "APPROVED"
    header: str | None = None
    footer: str | None = None
    buttons: list[dict[str, str]] = field(default_factory=list)  # {type: QUICK_REPLY|URL, text, url?}


@dataclass
class Filled:
    """A template as the customer sees it."""

    text: str
    header: str | None
    footer: str | None
    options: list[dict[str, str]]  # id (the payload) and title of each quick reply
    link: dict[str, str] | None
    category: str


@lru_cache(maxsize=1)
def _ours() -> list[dict[str, Any]]:
    return yaml.safe_load((Path(__file__).parent / "templates.yml").read_text(encoding="utf-8"))


class Templates:
    """The catalogue of one account, by (name, language)."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Back to the catalogue that comes with the simulator."""
        self._all = {(entry["name"], entry.get("language", "pt_BR")): Template(**entry) for entry in _ours()}

    def put(self, **entry: Any) -> Template:
        """Add a template, or replace the one with the same name and language."""
        template = Template(**entry)
        if template.state not in STATES:
            raise ValueError(f"state must be one of {', '.join(STATES)}")
        self._all[template.name, template.language] = template
        return template

    def all(self) -> list[Template]:
        """Every template."""
        return list(self._all.values())

    def fill(self, content: dict[str, Any]) -> Filled:
        """The template that a message names, with its parameters in place.

        Raises:
            GraphError: unknown (132001), not approved, or parameters that do not fit.
        """
        name, language = content["name"], content["language"]["code"]
        template = self._all.get((name, language))
        if template is None or template.state in {"PENDING", "REJECTED"}:
            raise GraphError(132001, f"template name ({name}) does not exist in {language}")
        if template.state == "PAUSED":
            raise GraphError(132015, f"template name ({name}) is paused due to low quality")
        if template.state == "DISABLED":
            raise GraphError(132016, f"template name ({name}) is disabled")
        parameters: dict[str, list[dict]] = {"header": [], "body": []}
        payloads: dict[int, str] = {}
        suffixes: dict[int, str] = {}
        components = array(content, "components", "template") if content.get("components") is not None else []
        for component in components:
            self._component(component, template, parameters, payloads, suffixes)
        text = _substitute(template.body, parameters["body"], "body")
        header = _substitute(template.header, parameters["header"], "header") if template.header else None
        if not template.header and parameters["header"]:
            raise GraphError(132000, "header: number of localizable_params does not match the expected number (0)")
        if length(text) > 1024:
            raise GraphError(132005, f"body: hydrated text is too long ({length(text)} > 1024)")
        options, link = [], None
        for index, button in enumerate(template.buttons):
            if button["type"] == "QUICK_REPLY":
                options.append({"id": payloads.get(index, button["text"]), "title": button["text"]})
            elif button["type"] == "URL":
                address = button["url"]
                if _BLANK.search(address):
                    if index not in suffixes:
                        raise GraphError(131008, f"buttons: Button at index {index} of type Url requires a parameter")
                    address = _BLANK.sub(lambda _, at=index: suffixes[at], address)
                link = {"title": button["text"], "url": address}
        return Filled(text, header, template.footer, options, link, template.category.lower())

    @staticmethod
    def _component(component: dict, template: Template, parameters: dict[str, list[dict]],
                   payloads: dict[int, str], suffixes: dict[int, str]) -> None:
        kind = one_of(str(component.get("type", "")).lower(), {"header", "body", "button"}, "component type")
        given = array(component, "parameters", "component") if component.get("parameters") is not None else []
        if kind != "button":
            only(component, {"type", "parameters"}, "template['components']")
            parameters[kind] = given
            return
        only(component, {"type", "sub_type", "index", "parameters"}, "template['components']")
        sub_type = one_of(str(component.get("sub_type", "")).lower(), {"quick_reply", "url"}, "button sub_type")
        try:
            index = int(component["index"])
            button = template.buttons[index] if index >= 0 else None
        except (KeyError, ValueError, TypeError, IndexError):
            button = None
        if button is None or button["type"].lower() != sub_type:
            raise GraphError(132000, f"buttons: no {sub_type} button at index {component.get('index')!r}")
        if len(given) != 1:
            raise GraphError(132000, f"buttons: button at index {index} takes one parameter (got {len(given)})")
        key, target = ("payload", payloads) if sub_type == "quick_reply" else ("text", suffixes)
        value = given[0].get(key)
        if given[0].get("type") != key or not isinstance(value, str) or not value:
            raise GraphError(132012, f"buttons: parameter at index {index} must be of type {key}")
        if key == "payload" and length(value) > 128:
            raise GraphError(131009, "button payload must be at most 128 characters long")
        target[index] = value


def _substitute(text: str, given: list[dict], where: str) -> str:
    blanks = list(dict.fromkeys(_BLANK.findall(text)))
    if len(given) != len(blanks):
        raise GraphError(132000, f"{where}: number of localizable_params ({len(given)}) does not match the expected "
                                 f"number of params ({len(blanks)})")
    values: dict[str, str] = {}
    for position, parameter in enumerate(given):
        value = parameter.get("text")
        if parameter.get("type") != "text" or not isinstance(value, str) or not value.strip():
            raise GraphError(131008 if value in (None, "") else 132012, f"{where}: parameter {position + 1} needs text")
        if _NOT_ALLOWED.search(value):
            raise GraphError(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
        name = parameter.get("parameter_name") or blanks[position]
        if name not in blanks or (not blanks[0].isdigit() and "parameter_name" not in parameter):
            raise GraphError(132012, f"{where}: parameter_name ({parameter.get('parameter_name')}) is not expected")
        values[name] = value
    if len(values) != len(blanks):
        raise GraphError(132012, f"{where}: a parameter was given twice")
    return _BLANK.sub(lambda blank: values[blank.group(1)], text)
