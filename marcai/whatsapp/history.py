"""A customer's conversation as an attendant reads it: what she wrote, what she was answered, what she has chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marcai.platform.database import transaction
from marcai.whatsapp import graph, messages, payloads
from marcai.whatsapp.models import ConversationSnapshot, InboundMessage, OutboundMessage
from marcai.whatsapp.payloads import Kind

SHOWN = 150  # messages of each side
ERASED = "—"


@dataclass(frozen=True)
class Entry:
    """One message. `by` is customer, assistant or attendant; `state` tells how far ours has come."""

    id: str
    by: str
    at: datetime
    text: str
    media: str = ""  # audio, image ...: what it is, besides its text
    media_id: str = ""
    options: tuple[str, ...] = ()
    state: str = ""  # queued, sent, delivered, read, failed
    attendant_id: UUID | None = None
    order: tuple[datetime, int] = (datetime.min, 0)
    failure: str = ""  # what WhatsApp's refusal comes to, a `graph.Verdict`


def conversation(customer_id: UUID, until: datetime | None = None) -> list[Entry]:
    """The last messages, oldest first.

    Args:
        customer_id: whose conversation.
        until: nothing that came later.
    """
    came = select(InboundMessage).where(InboundMessage.customer_id == customer_id, InboundMessage.kind != "internal")
    went = select(OutboundMessage).where(OutboundMessage.customer_id == customer_id)
    if until is not None:
        came = came.where(InboundMessage.received_at <= until)
        went = went.where(OutboundMessage.created_at <= until)
    with transaction() as session:
        received = session.execute(came.order_by(InboundMessage.id.desc()).limit(SHOWN)).scalars().all()
        sent = session.execute(went.order_by(OutboundMessage.id.desc()).limit(SHOWN)).scalars().all()
    entries = [*filter(None, map(_received, received)), *filter(None, map(_sent, sent))]
    return sorted(entries, key=lambda entry: entry.order)


def last_words(customer_ids: list[UUID]) -> dict[UUID, str]:
    """The last thing that each of these customers wrote."""
    if not customer_ids:
        return {}
    query = select(InboundMessage).where(
        InboundMessage.customer_id.in_(customer_ids), InboundMessage.kind.not_in(("internal", "reaction", "system")),
    ).distinct(InboundMessage.customer_id).order_by(InboundMessage.customer_id, InboundMessage.id.desc())
    with transaction() as session:
        rows = session.execute(query).scalars().all()
    entries = {row.customer_id: _received(row) for row in rows}
    return {customer_id: entry.text or f"[{entry.media}]" for customer_id, entry in entries.items() if entry}


def last_received(customer_id: UUID) -> tuple[int, str] | None:
    """The row and the WhatsApp id of what a customer wrote last, to be marked as read."""
    query = select(InboundMessage).where(
        InboundMessage.customer_id == customer_id, InboundMessage.kind != "internal",
    ).order_by(InboundMessage.id.desc()).limit(1)
    with transaction() as session:
        row = session.execute(query).scalars().first()
    if row is None:
        return None
    wamid = payloads.read(row.id, row.payload or {}, row.sent_at).wamid
    return (row.id, wamid) if wamid else None


def slots(session: Session, customer_id: UUID) -> dict[str, Any]:
    """The slots `draft` and `question` as the conversation was last saved; empty when there is none."""
    events = session.execute(select(ConversationSnapshot.events).where(
        ConversationSnapshot.sender_id == str(customer_id))).scalar()
    found: dict[str, Any] = {}
    for event in events or []:
        if event.get("event") == "slot" and event.get("name") in ("draft", "question"):
            found[event["name"]] = event.get("value")
        elif event.get("event") in ("restart", "session_started"):
            found.clear()
    return found


def _received(row: InboundMessage) -> Entry | None:
    payload = row.payload or {}
    if "message" not in payload:
        return Entry(f"i{row.id}", "customer", row.sent_at, ERASED, order=(row.received_at, row.id))
    read = payloads.read(row.id, payload, row.sent_at)
    if read.kind in (Kind.SILENT, Kind.CHANGE, Kind.INTERNAL):
        return None
    message = payload["message"]
    part = message.get(message.get("type"))
    media = read.media or read.metadata.get("media", "")
    media_id = part.get("id") if media and isinstance(part, dict) else None
    text = read.metadata.get("original") or read.text
    return Entry(f"i{row.id}", "customer", row.sent_at, text, media, media_id if isinstance(media_id, str) else "",
                 ("reaction",) if read.kind is Kind.REACTION else (), order=(row.received_at, row.id))


def _sent(row: OutboundMessage) -> Entry | None:
    if "again" in (row.about or {}):
        return None  # it was sent once more, and that one is shown
    body = row.payload or {}
    attendant = (row.about or {}).get("attendant") if "notification" not in (row.about or {}) else None
    text, media, choices = _shown(body)
    verdict = graph.CODES.get(row.error_code) if row.state == "failed" else None
    failure = verdict.value if verdict else ""
    return Entry(f"o{row.id}", "attendant" if attendant else "assistant", row.created_at, text, media, "",
                 tuple(choices), row.state, UUID(attendant) if attendant else None, (row.created_at, row.id), failure)


def _shown(body: dict[str, Any]) -> tuple[str, str, list[str]]:
    kind = body.get("type")
    if kind == "text":
        return body["text"].get("body", ""), "", []
    if kind == "interactive":
        interactive = body["interactive"]
        action = interactive.get("action", {})
        choices = [button["reply"]["title"] for button in action.get("buttons", [])]
        choices += [row["title"] for section in action.get("sections", []) for row in section["rows"]]
        link = action.get("parameters", {}).get("display_text")
        return interactive["body"]["text"], "", choices + ([link] if link else [])
    if kind == "template":
        return f"[{body['template'].get('name', 'template')}]", "", []
    plain = messages.plain(body)
    return (plain["text"]["body"] if plain else ERASED), kind if kind == "image" else "", []


UNANSWERED = """
SELECT came.customer_id FROM (
    SELECT customer_id, max(received_at) AS at FROM inbound_messages
    WHERE customer_id = ANY(%(customers)s::uuid[]) AND kind NOT IN ('internal', 'reaction', 'system') GROUP BY 1) came
LEFT JOIN (
    SELECT customer_id, max(created_at) AS at FROM outbound_messages
    WHERE customer_id = ANY(%(customers)s::uuid[]) AND about ? 'attendant' AND NOT about ? 'notification' GROUP BY 1
    ) went ON went.customer_id = came.customer_id
WHERE went.at IS NULL OR went.at < came.at
"""


def unanswered(customer_ids: list[UUID]) -> set[UUID]:
    """Which of these customers have written something since an attendant last answered."""
    if not customer_ids:
        return set()
    with transaction() as session:
        rows = session.connection().exec_driver_sql(UNANSWERED, {"customers": customer_ids})
        return {row.customer_id for row in rows}
