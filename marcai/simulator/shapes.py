"""What the control API is asked: one strict shape for each call."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Extra, Field


class _Strict(BaseModel):
    class Config:
        extra = Extra.forbid


class NewLine(_Strict):
    """A business line."""

    phone_number_id: str
    name: str | None = None
    display_phone_number: str | None = None


class NewPhone(_Strict):
    """A customer's phone."""

    number: str | None = None
    name: str = "Cliente"
    kind: Literal["13", "12", "username"] = "13"
    phone_number_id: str | None = None
    username: str | None = None
    receipts: Literal["none", "sent", "delivered", "read"] | None = None
    status_order: Literal["normal", "reversed", "skip_delivered", "early"] | None = None


class PhoneChange(_Strict):
    """What may be changed on a phone."""

    name: str | None = None
    receipts: Literal["none", "sent", "delivered", "read"] | None = None
    status_order: Literal["normal", "reversed", "skip_delivered", "early"] | None = None
    armed: dict[str, Any] | None = None


class Inbound(_Strict):
    """One message from a customer."""

    content: dict[str, Any]
    faults: dict[str, Any] | None = None


class Tap(_Strict):
    """A tap on an option, by title or position."""

    option: int | str
    bubble: str | None = None
    faults: dict[str, Any] | None = None

    class Config:
        smart_union = True


class Reaction(_Strict):
    """A reaction to a bubble; empty takes it back."""

    bubble: str
    emoji: str = ""


class NumberChange(_Strict):
    """A customer's new number."""

    number: str
    new_user_id: bool = False


class Failure(_Strict):
    """How the next Graph sends go wrong."""

    phone: str | None = None
    phone_number_id: str | None = None
    code: int = 131000
    times: int = Field(1, ge=1)
    mode: Literal["sync", "async", "slow", "cut", "drop"] = "sync"
    seconds: float = Field(2.0, ge=0, le=120)


class Hold(_Strict):
    """Which webhooks are kept back."""

    what: Literal["nothing", "messages", "statuses", "all"] = "all"


class Release(_Strict):
    """How held webhooks are let go."""

    order: Literal["as_sent", "reversed", "shuffled"] = "as_sent"
    batch: bool = False
    shape: Literal["changes", "messages", "entries"] = "changes"
    seed: int | None = None


class Shift(_Strict):
    """How far the clock is moved from the machine's."""

    offset_seconds: float
    everywhere: bool = False


class BatchItem(_Strict):
    """One message of a batch."""

    phone: str
    content: dict[str, Any]


class Batch(_Strict):
    """Many messages in one POST."""

    messages: list[BatchItem] = Field(..., max_items=1000)
    shape: Literal["changes", "messages", "entries"] = "messages"


class Handshake(_Strict):
    """A try of the webhook's set-up."""

    verify_token: str | None = None
