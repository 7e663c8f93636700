"""The state of a simulator, in memory and bounded: who there is, what was said, what happened."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from marcai.platform import clock
from marcai.simulator.feed import Feed
from marcai.simulator.media import Media
from marcai.simulator.records import DEMO_LINE, KINDS, Bubble, Config, Line, Phone, digits, plain_username, short_form
from marcai.simulator.templates import Templates

MAX_PHONES, MAX_CALLS, MAX_DELIVERIES, MAX_BUBBLE_INDEX = 5000, 5000, 2000, 50_000


class World:
    """The state of one simulator. Used from one event loop only."""

    def __init__(self, lines: Iterable[Line] = ()):
        self._first_lines = list(lines) or [DEMO_LINE]
        self.feed = Feed()
        self.closing = asyncio.Event()
        self.templates = Templates()
        self.media = Media(self.now)
        self.offset = timedelta()
        self.reset()

    def reset(self) -> None:
        """Forget every conversation, log, fault and setting; the business lines stay as they were at the start."""
        self.lines = {line.phone_number_id: line for line in self._first_lines}
        self.phones: dict[str, Phone] = {}
        self._by_address: dict[tuple[str, str], Phone] = {}
        self._index: OrderedDict[str, Bubble] = OrderedDict()
        self._received: OrderedDict[str, tuple[str, int, datetime]] = OrderedDict()
        self.config = Config()
        self.offset = timedelta()
        self.calls: deque[dict[str, Any]] = deque(maxlen=MAX_CALLS)
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=MAX_DELIVERIES)
        self.failures: list[dict[str, Any]] = []
        self.holding = "nothing"  # nothing | messages | statuses | all
        self.held: list[Any] = []
        self.billed: dict[str, dict[str, int]] = {}
        self.templates.reset()
        self.media.reset()
        self.publish({"type": "reset"})

    # --- time -----------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The present instant of the pretended world."""
        return clock.now() + self.offset

    @staticmethod
    def clock_file() -> Path | None:
        """The file through which every process of the project follows one moved clock, when there is one."""
        path = os.environ.get("MARCAI_CLOCK_FILE")
        return Path(path) if path else None

    def shift(self, seconds: float, *, everywhere: bool) -> None:
        """Move the clock, of the simulator alone or of all processes that share the clock file."""
        path = self.clock_file()
        if everywhere and path is None:
            raise ValueError("MARCAI_CLOCK_FILE is not set: only the simulator's own clock can be moved")
        if everywhere:
            path.write_text(str(seconds))
            self.offset = timedelta()
        else:
            self.offset = timedelta(seconds=seconds)

    # --- phones and bubbles ---------------------------------------------------------------------------------

    def line(self, phone_number_id: str, name: str | None = None, display: str | None = None) -> Line:
        """The business line with this id; an unknown one is added."""
        known = self.lines.get(phone_number_id)
        if known is None:
            tail = phone_number_id[-4:].rjust(4, "0")
            known = Line(phone_number_id, name or f"Empresa {tail}", display or f"+55 11 4000-{tail}")
            self.lines[phone_number_id] = known
        if name:
            known.name = name
        if display:
            known.display_phone_number = display
        return known

    def add_phone(self, number: str | None, *, name: str, kind: str = "13", phone_number_id: str | None = None,
                  username: str | None = None) -> Phone:
        """A customer's phone, new or (same line and number) the one that exists."""
        line = self.line(phone_number_id) if phone_number_id else next(iter(self.lines.values()))
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        wa_id = None
        if kind == "username":
            username = username or plain_username(name) or "cliente"
            key = f"@{username}"
            number = None
        else:
            number = digits(number or "")
            if not 8 <= len(number) <= 15:
                raise ValueError("number must have 8 to 15 digits, country code first")
            wa_id = short_form(number) if kind == "12" else number
            key = number
        phone_id = f"{line.phone_number_id}:{key}"
        known = self.phones.get(phone_id)
        if known is None and wa_id is not None:
            known = self._by_address.get((line.phone_number_id, short_form(wa_id)))
        if known is not None:
            return known
        if len(self.phones) >= MAX_PHONES:
            raise ValueError(f"no more than {MAX_PHONES} phones; reset first")
        user_id = "BR." + secrets.token_hex(10).upper()
        phone = Phone(phone_id, line, name, kind, number, wa_id, user_id, username)
        self.phones[phone_id] = phone
        self._index_addresses(phone)
        self.publish({"type": "phone", "phone": phone.public(self.now())})
        return phone

    def readdress(self, phone: Phone) -> None:
        """The phone has another number or user id."""
        for key in [key for key, other in self._by_address.items() if other is phone]:
            del self._by_address[key]
        self._index_addresses(phone)

    def _index_addresses(self, phone: Phone) -> None:
        line = phone.line.phone_number_id  # reachable by user id and by both Brazilian forms of the number
        self._by_address[line, phone.user_id] = phone
        if phone.wa_id:
            self._by_address[line, short_form(phone.wa_id)] = phone

    def find_phone(self, line: Line, address: str) -> Phone | None:
        """The phone behind a `to` (any Brazilian form) or a `recipient` (user id)."""
        found = self._by_address.get((line.phone_number_id, address))
        if found is None and re.fullmatch(r"\+?[\d\s().-]+", address):
            found = self._by_address.get((line.phone_number_id, short_form(digits(address))))
        return found

    def add_bubble(self, phone: Phone, **content: Any) -> Bubble:
        """Put a bubble at the end of a conversation and tell everyone who waits for it."""
        phone.seq += 1
        bubble = Bubble(seq=phone.seq, phone=phone.id, **content)
        phone.bubbles.append(bubble)
        self._index[bubble.id] = bubble
        while len(self._index) > MAX_BUBBLE_INDEX:
            self._index.popitem(last=False)
        if bubble.by == "bot":
            phone.typing = False
        self.show(bubble)
        return bubble

    def bubble(self, wamid: str) -> Bubble | None:
        """The bubble with this message id, while it is remembered."""
        return self._index.get(wamid)

    def note_received(self, wamid: str, phone: Phone, at: datetime) -> None:
        """A message id that the business may mark as read, bubble or not (reactions and system messages have none)."""
        self._received[wamid] = (phone.id, phone.seq + 1, at)
        while len(self._received) > MAX_BUBBLE_INDEX:
            self._received.popitem(last=False)

    def received(self, wamid: str) -> tuple[Phone | None, int, datetime | None]:
        """Whose message this was, its place in the conversation, and when it was written."""
        phone_id, seq, at = self._received.get(wamid, ("", 0, None))
        return self.phones.get(phone_id), seq, at

    def show(self, bubble: Bubble) -> None:
        """A bubble is new or has changed."""
        phone = self.phones.get(bubble.phone)
        if phone is not None:
            self.pulse(phone)
            if self.feed.watched:
                self.publish({"type": "bubble", "bubble": bubble.public(), "phone": phone.public(self.now())})

    def pulse(self, phone: Phone) -> None:
        """Wake whoever waits for something to happen on this phone."""
        woken, phone.pulse = phone.pulse, asyncio.Event()
        woken.set()

    def set_typing(self, phone: Phone, on: bool, seq: int = 0) -> None:
        """The business is typing an answer to the message at `seq`, or is typing no longer."""
        phone.typing_seq = seq
        if phone.typing != on:
            phone.typing = on
            self.pulse(phone)
            self.publish({"type": "phone", "phone": phone.public(self.now())})

    def bill(self, bubble: Bubble, category: str) -> None:
        """Count a delivered message once."""
        phone = self.phones.get(bubble.phone)
        if bubble.billed or phone is None:
            return
        bubble.billed = True
        counts = self.billed.setdefault(phone.line.phone_number_id, {})
        counts[category] = counts.get(category, 0) + 1

    @staticmethod
    def message_id(address: str) -> str:
        """A fresh message id; like a real one it contains the customer's address."""
        raw = b"\x1d\x18" + bytes([len(address)]) + address.encode() + b"\x15\x02\x00\x12\x18\x14"
        return "wamid." + base64.b64encode(raw + secrets.token_hex(10).upper().encode() + b"\x00").decode()

    # --- live events ----------------------------------------------------------------------------------------

    def publish(self, event: dict[str, Any] | None) -> None:
        """Tell every open page."""
        self.feed.publish(event)

    def close(self) -> None:
        """Let open pages and waiting clients go: the simulator stops."""
        self.closing.set()
        self.publish(None)
        for phone in self.phones.values():
            self.pulse(phone)

    def snapshot(self) -> dict[str, Any]:
        """All that a page shows."""
        now = self.now()
        return {
            "type": "snapshot",
            "now": now.isoformat(),
            "lines": [asdict(line) for line in self.lines.values()],
            "phones": [{**phone.public(now), "bubbles": [bubble.public() for bubble in phone.bubbles]}
                       for phone in list(self.phones.values())[-100:]],
            "log": [entry for entry in list(self.calls)[-200:] if entry["error"]],
            "deliveries": [entry for entry in list(self.deliveries)[-50:] if entry["notable"]],
            "clock": self.clock_state(),
            "holding": self.holding,
            "held": len(self.held),
            "failures": self.failures,
            "billed": self.billed,
        }

    def clock_state(self) -> dict[str, Any]:
        """What time it is here, and how far it was moved."""
        path = self.clock_file()
        try:
            shared = float(path.read_text() or 0) if path else 0.0
        except (OSError, ValueError):
            shared = 0.0
        return {"now": self.now().isoformat(), "offset_seconds": self.offset.total_seconds(),
                "shared_offset_seconds": shared, "can_move_everywhere": path is not None}
