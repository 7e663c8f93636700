"""Which of a lane's waiting messages are answered together. Pure functions.

Consecutive texts are one turn, as are consecutive media and consecutive late messages. A tap is a turn of its own;
the same option tapped again at once is the same tap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from marcai.whatsapp.payloads import NLU_CHARACTERS, Incoming, Kind

# WhatsApp redelivers for 7 days. A "sim" that is older than this answered a question whose answer may be another by
# now (holds live 5 minutes, sessions 30), so the customer is asked instead.
LATE_AFTER = timedelta(minutes=10)
SAME_TAP_WITHIN = timedelta(seconds=30)  # a thumb that taps twice, or a phone that sends again


@dataclass
class Planned:
    """Messages to be answered, or dealt with silently, together, in their order."""

    kind: str  # text, tap, media, late, internal; reaction, change, silent
    messages: list[Incoming]

    @property
    def text(self) -> str:
        """What was said, one line per message."""
        return "\n".join(message.text for message in self.messages if message.text)[:NLU_CHARACTERS]


def plan(messages: Iterable[Incoming], now: datetime, last_tap: str | None = None,
         last_tap_at: datetime | None = None) -> list[Planned]:
    """Groups messages.

    Args:
        messages: in the customer's order.
        now: the present, to tell late messages.
        last_tap: the option tapped last before these messages.
        last_tap_at: when it was tapped.
    """
    made: list[Planned] = []
    for message in messages:
        kind = message.kind.value
        if message.kind is Kind.TAP:
            again = message.token and message.token == last_tap and last_tap_at is not None
            last_tap, again = message.token, again and abs(message.sent_at - last_tap_at) <= SAME_TAP_WITHIN
            last_tap_at = message.sent_at
            if again:
                kind = Kind.SILENT.value
        if kind in ("text", "tap", "media") and now - message.sent_at > LATE_AFTER:
            kind = "late"
        if made and made[-1].kind == kind and kind in ("text", "media", "late", "silent"):
            made[-1].messages.append(message)
        else:
            made.append(Planned(kind, [message]))
    return made
