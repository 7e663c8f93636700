"""Consumers of events: rooms declare handlers, the worker runs each in one transaction with its receipt.

    @handler("booking.confirmed", group="notifications")
    def tell_the_customer(session: Session, event: Event) -> None: ...

INVARIANT: a handler's effect and the receipt of (event, group) are one transaction. However often an event is
delivered, its effect on PostgreSQL happens once. So a handler writes with the given session only (messages through
the outbox), calls nothing outside, and raises when it wants to be tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.platform.events import EventReceipt, EventRecord

DEAD_STREAM = "events:dead"


@dataclass(frozen=True)
class Event:
    """One event as a handler sees it.

    Attributes:
        id: its place in the outbox; later events have larger ones.
        event_id: its identity, for dedupe keys.
        at: when it happened, UTC.
        payload: as it was emitted.
    """

    id: int
    event_id: UUID
    tenant_id: UUID | None
    name: str
    at: datetime
    payload: Mapping[str, Any]

    @classmethod
    def from_record(cls, record: EventRecord) -> Event:
        """The event of an outbox row."""
        return cls(record.id, record.event_id, record.tenant_id, record.name, record.at, record.payload)

    @classmethod
    def from_stream(cls, fields: Mapping[str, str]) -> Event:
        """The event of a stream entry.

        Raises:
            KeyError, ValueError: the entry is not one of ours.
        """
        tenant = fields.get("tenant_id")
        return cls(
            int(fields["id"]), UUID(fields["event_id"]), UUID(tenant) if tenant else None, fields["name"],
            datetime.fromisoformat(fields["at"]), orjson.loads(fields["payload"]),
        )

    def to_stream(self) -> dict[str, str]:
        """The fields of its stream entry: text only, no personal data."""
        return {
            "id": str(self.id), "event_id": str(self.event_id), "tenant_id": str(self.tenant_id or ""),
            "name": self.name, "at": self.at.isoformat(), "payload": orjson.dumps(dict(self.payload)).decode(),
        }


Handler = Callable[[Session, Event], None]
_handlers: dict[tuple[str, str], Handler] = {}  # by group and event name


def handler(*names: str, group: str) -> Callable[[Handler], Handler]:
    """Declares a function as what a group does about events.

    Args:
        names: of the events, such as ``booking.confirmed``.
        group: the consumer group; each group gets every event, and has one handler for a name.
    """

    def declare(function: Handler) -> Handler:
        for name in names:
            known = _handlers.setdefault((group, name), function)
            if known.__qualname__ != function.__qualname__ or known.__module__ != function.__module__:
                raise ValueError(f"group {group} has a handler for {name} already")
        return function

    return declare


def groups() -> dict[str, frozenset[str]]:
    """The names of the events that each group handles."""
    found: dict[str, set[str]] = {}
    for group, name in _handlers:
        found.setdefault(group, set()).add(name)
    return {group: frozenset(names) for group, names in found.items()}


def forget(group: str) -> None:
    """Takes a group's handlers back; for tests."""
    for key in [key for key in _handlers if key[0] == group]:
        del _handlers[key]


def _sign(session: Session, event_id: int, group: str, state: str) -> bool:
    """Writes the receipt; False when there is one. A rival that is just writing it is waited for."""
    statement = insert(EventReceipt).values(event_id=event_id, group_name=group, state=state, at=clock.now())
    return session.execute(statement.on_conflict_do_nothing()).rowcount == 1


def consume(group: str, event: Event) -> bool:
    """Lets a group deal with an event, once.

    Returns:
        False when there was nothing to do: no handler, dealt with before, or the event is no longer kept.

    Raises:
        Exception: whatever the handler raised; nothing has happened then.
    """
    function = _handlers.get((group, event.name))
    if function is None:
        return False
    with transaction() as session:
        if session.get(EventRecord, event.id) is None or not _sign(session, event.id, group, "done"):
            return False
        function(session, event)
    return True


def park(group: str, event: Event) -> None:
    """Writes that a group has given an event up, so that it is not delivered again."""
    with transaction() as session:
        if session.get(EventRecord, event.id) is not None:
            _sign(session, event.id, group, "dead")
