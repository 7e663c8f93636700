"""A question to the customer, free of any wording: `domain.yml` has the words, the channel the form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from marcai.conversation.options import Button


@dataclass
class Question:
    """What is asked next.

    `name` is the value of the slot `question` (None leaves nothing open); `response` the response in `domain.yml`,
    `utter_ask_<name>` unless it says otherwise; `notes` are responses to say before it; `suggests` is the kind of
    alternatives it offers, if it does.
    """

    name: str | None
    values: dict[str, Any] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    response: str = ""
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    suggests: str | None = None

    def __post_init__(self) -> None:
        self.response = self.response or f"utter_ask_{self.name}"
