"""What a WhatsApp message says, read from its payload: text to understand, a tap, media, or something silent.

Nothing here trusts the payload's shape: a field that is missing or of another kind is as if it were not there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any

import regex

from marcai.platform.crypto import blind_indexes

NLU_CHARACTERS = 1000  # nobody books in more; the classifier's time grows with the text
ORIGINAL_CHARACTERS = 4096
SILENT_TYPES = frozenset({"edit", "revoke", "request_welcome"})  # stored, and never a turn
KNOWN_TYPES = frozenset({
    "text", "button", "interactive", "image", "video", "document", "sticker", "audio", "voice", "location", "contacts",
    "reaction", "order", "system", "unsupported", "unknown", *SILENT_TYPES,
})
CAPTIONED = frozenset({"image", "video", "document"})
LIKES = frozenset("👍❤♥😍🥰😘😻👏🙌🤩💖💕🔥⭐✨💜💙💚🧡💛🤍🖤💯")
DISLIKES = frozenset("👎😡😠🤮🤢💔😞😒😤")

# Characters nobody sees: zero width, directions, byte order mark. A joiner stays between emoji.
_UNSEEN = re.compile("[\u00ad\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LOOSE_JOINER = regex.compile(
    r"(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D|\u200D(?!\p{Extended_Pictographic})")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")
_WA_ID = re.compile(r"\+?[0-9]{5,20}")
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}")
_COMMAND = re.compile(r"^[\s/]+")


class Kind(str, Enum):
    """What a message asks of us."""

    TEXT = "text"
    TAP = "tap"
    MEDIA = "media"
    REACTION = "reaction"
    CHANGE = "change"  # the customer's number or user id is another from now on
    INTERNAL = "internal"  # no message of hers: a turn that we begin
    SILENT = "silent"


@dataclass(frozen=True)
class Incoming:
    """One stored message, read. `wamid` and `address` are personal: never in a log or a tracker."""

    id: int
    kind: Kind
    sent_at: datetime
    wamid: str = ""
    address: str = ""
    wa_id: str | None = None
    user_id: str | None = None
    text: str = ""
    token: str = ""
    media: str = ""
    target: str = ""  # the message reacted to, or the new number
    metadata: dict[str, Any] = field(default_factory=dict)


def wamid_keys(wamid: str) -> list[bytes]:
    """The keyed hashes a WhatsApp message id may be stored under, newest first; the id itself holds a number."""
    return blind_indexes("wamid", wamid)


def clean(text: str) -> str:
    """A text as the NLU may see it: no unseen or control characters, no leading slash, at most 1000 characters.

    A leading slash would make Rasa obey the text as a command (`/restart`, `/book{...}`).
    """
    text = text[: 4 * ORIGINAL_CHARACTERS].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _LOOSE_JOINER.sub("", _UNSEEN.sub("", text))
    text = "".join(" " if unicodedata.category(char) == "Cc" and char != "\n" else char for char in text)
    return _COMMAND.sub("", text).strip()[:NLU_CHARACTERS].rstrip()


def sender(message: dict[str, Any], contact: dict[str, Any] | None) -> tuple[str | None, str | None]:
    """The sender's WhatsApp id and user id, either of which may be missing."""
    contact = contact or {}
    given = [_text(message.get("from")), _text(message.get("from_user_id")), _text(contact.get("user_id"))]
    wa_id = given[0] if _WA_ID.fullmatch(given[0]) else None
    return wa_id, next((one for one in given[1:] + given[:1] if _USER_ID.fullmatch(one)), None)


def moment(value: Any, received_at: datetime) -> datetime:
    """When a message was sent: its timestamp in seconds, or the time of arrival where that cannot be."""
    try:
        sent_at = datetime.fromtimestamp(int(value), timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        return received_at
    return sent_at if timedelta(days=-30) < sent_at - received_at < timedelta(minutes=5) else received_at


def read(row_id: int, payload: dict[str, Any], sent_at: datetime) -> Incoming:
    """Reads a stored message.

    Args:
        row_id: its row in the inbox.
        payload: `message`, and `contact` where the webhook told of the sender; or `internal`, for a turn of ours.
        sent_at: when the customer sent it.
    """
    if "internal" in payload:
        return Incoming(row_id, Kind.INTERNAL, sent_at, token=_text(payload["internal"]))
    message = _dict(payload.get("message"))
    wa_id, user_id = sender(message, _dict(payload.get("contact")))
    common = {"id": row_id, "sent_at": sent_at, "wamid": _text(message.get("id")), "wa_id": wa_id, "user_id": user_id,
              "address": wa_id or user_id or ""}
    metadata = _referral(message)
    kind = _text(message.get("type"))
    part = _dict(message.get(kind))
    if kind == "text":
        return _read_text(_text(part.get("body")), "unsupported", common, metadata)
    if kind == "button":
        return Incoming(kind=Kind.TAP, token=_token(part.get("payload")), text=clean(_text(part.get("text"))),
                        metadata=metadata, **common)
    if kind == "interactive":
        reply = _dict(part.get(_text(part.get("type"))))
        if part.get("type") in ("button_reply", "list_reply"):
            return Incoming(kind=Kind.TAP, token=_token(reply.get("id")), text=clean(_text(reply.get("title"))),
                            metadata=metadata, **common)
        return Incoming(kind=Kind.MEDIA, media="unsupported", metadata=metadata, **common)
    if kind == "reaction":
        return Incoming(kind=Kind.REACTION, text=_text(part.get("emoji")), target=_text(part.get("message_id")),
                        **common)
    if kind == "system":
        target = _text(part.get("wa_id")) or _text(part.get("new_wa_id")) or _text(part.get("user_id"))
        changed = part.get("type") in ("user_changed_number", "user_changed_user_id") and (
            _WA_ID.fullmatch(target) or _USER_ID.fullmatch(target))
        return Incoming(kind=Kind.CHANGE if changed else Kind.SILENT, target=target, **common)
    if kind in SILENT_TYPES:
        return Incoming(kind=Kind.SILENT, **common)
    media = {"voice": "audio"}.get(kind, kind if kind in KNOWN_TYPES - {"unknown"} else "unsupported")
    if kind in CAPTIONED:
        return _read_text(_text(part.get("caption")), media, common, {**metadata, "media": media})
    return Incoming(kind=Kind.MEDIA, media=media, metadata=metadata, **common)


def _read_text(original: str, media: str, common: dict[str, Any], metadata: dict[str, Any]) -> Incoming:
    text = clean(original)
    if not text:
        return Incoming(kind=Kind.MEDIA, media=media, metadata=metadata, **common)
    if text != original.strip():
        metadata = {**metadata, "original": original[:ORIGINAL_CHARACTERS]}
    return Incoming(kind=Kind.TEXT, text=text, metadata=metadata, **common)


def liked(emoji: str) -> bool | None:
    """Whether a reaction is for, against, or neither."""
    if any(char in LIKES for char in emoji):
        return True
    return False if any(char in DISLIKES for char in emoji) else None


def _referral(message: dict[str, Any]) -> dict[str, Any]:
    """Which advertisement brought the customer, for attribution."""
    referral = _dict(message.get("referral"))
    kept = {key: _text(referral.get(key))[:200] for key in ("source_type", "source_id") if _text(referral.get(key))}
    return {"referral": kept} if kept else {}


def _token(value: Any) -> str:
    """A token as we make them; anything else was never offered."""
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
