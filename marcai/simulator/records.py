"""What the simulator keeps of a business line, a customer's phone and a bubble, and how numbers are written."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

MAX_BUBBLES = 500
KINDS = ("13", "12", "username")
WINDOW = timedelta(hours=24)


@dataclass
class Line:
    """A business number: one establishment."""

    phone_number_id: str
    name: str
    display_phone_number: str
    timezone: str = "America/Sao_Paulo"


DEMO_LINE = Line("100000000000001", "Salão Bela Vista", "+55 11 4000-0001")


@dataclass
class Config:
    """How strict, how fast and how talkative the pretended Cloud API is."""

    pair_rate: bool = True
    pair_burst: int = 45
    pair_seconds: float = 6.0
    throughput: int = 80  # Graph sends a second and business number; 0 is no limit
    window: bool = True
    window_errors: str = "sync"  # sync | async
    status_delay: float = 0.05  # seconds between accepted, sent, delivered and read
    latency: float = 0.0  # seconds before a Graph call is answered
    retry_first: float = 0.5
    retry_most: float = 30.0
    retry_attempts: int = 25


@dataclass
class Bubble:
    """One thing seen in a conversation."""

    id: str
    seq: int
    phone: str
    by: str  # bot | customer | system
    kind: str
    at: datetime
    text: str = ""
    header: dict[str, Any] | None = None
    footer: str | None = None
    options: list[dict[str, Any]] = field(default_factory=list)
    list_button: str | None = None
    link: dict[str, str] | None = None
    media: dict[str, Any] | None = None
    context: str | None = None
    status: str = "sent"
    error: dict[str, Any] | None = None
    reactions: dict[str, str] = field(default_factory=dict)  # by -> emoji
    template: str | None = None
    billed: bool = False
    raw: dict[str, Any] | None = None  # the Graph body, or the message as in the webhook

    def public(self) -> dict[str, Any]:
        """The bubble as JSON."""
        shown = asdict(self)
        shown["at"] = self.at.isoformat()
        return shown


@dataclass
class Phone:
    """A customer's phone in its conversation with one business line."""

    id: str
    line: Line
    name: str
    kind: str
    number: str | None  # what she dials, digits; None when she shows a username only
    wa_id: str | None  # what WhatsApp calls her: 12 digits for old Brazilian accounts
    user_id: str
    username: str | None
    receipts: str = "read"  # how far statuses go: none | sent | delivered | read
    status_order: str = "normal"  # normal | reversed | skip_delivered | early
    bubbles: deque[Bubble] = field(default_factory=lambda: deque(maxlen=MAX_BUBBLES))
    seq: int = 0
    window_from: datetime | None = None
    typing: bool = False
    typing_seq: int = 0  # the message that the business is answering while it types
    pair_level: float = 0.0
    pair_at: datetime | None = None
    armed: dict[str, Any] = field(default_factory=dict)  # delivery faults for the next message
    pulse: asyncio.Event = field(default_factory=asyncio.Event)

    def public(self, now: datetime) -> dict[str, Any]:
        """The phone as JSON, without its bubbles."""
        open_until = self.window_from + WINDOW if self.window_from else None
        return {
            "id": self.id, "phone_number_id": self.line.phone_number_id, "business": asdict(self.line),
            "name": self.name, "kind": self.kind, "number": self.number, "wa_id": self.wa_id,
            "user_id": self.user_id, "username": self.username, "receipts": self.receipts,
            "status_order": self.status_order, "typing": self.typing, "seq": self.seq,
            "window_open_until": open_until.isoformat() if open_until else None,
            "window_open": bool(open_until and now < open_until), "armed": self.armed,
            "billed": sum(bubble.billed for bubble in self.bubbles),
        }


def digits(text: str) -> str:
    """Only the digits."""
    return re.sub(r"\D", "", text)


def plain_username(name: str) -> str:
    """A username as somebody of this name might choose it."""
    letters = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"\W+", ".", letters).strip(".")


def short_form(number: str) -> str:
    """The 12-digit form of a Brazilian mobile number; other numbers stay as they are."""
    if re.fullmatch(r"55\d\d9[6-9]\d{7}", number):
        return number[:4] + number[5:]
    return number
