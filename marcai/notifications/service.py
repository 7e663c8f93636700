"""What is said in a notification, that it is said once, and whether it arrived."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marcai.notifications.models import Notification
from marcai.platform import clock

TEMPLATES = Path("notifications.yml")  # beside domain.yml, in the directory that every process starts in

RANK = {"queued": 0, "sent": 1, "delivered": 2, "read": 3, "failed": 4}


class TemplateError(Exception):
    """A notification has no template, or its template asks for a value that is not there."""


@lru_cache(maxsize=1)
def _templates() -> Mapping[str, Mapping[str, Any]]:
    return yaml.safe_load(TEMPLATES.read_text(encoding="utf-8"))


def compose(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a notification, as a Rasa response (`text`, `buttons`, `link`).

    Args:
        kind: the name of its event, such as ``booking.confirmed``.
        values: what the template may use; a paragraph in which one is empty is left out.

    Raises:
        TemplateError: the template is missing, or needs a value that is not given.
    """
    try:
        template = _templates()[kind]
        link = template.get("link")
        response: dict[str, Any] = {"text": _fill(template["text"], values)}
        if "buttons" in template:
            response["buttons"] = [dict(button) for button in template["buttons"]]
        if link:
            response["link"] = {"title": link["title"], "url": link["url"].format(**values)}
    except KeyError as error:
        raise TemplateError(f"{TEMPLATES}: {kind}: {error}") from error
    return response


def _fill(text: str, values: Mapping[str, Any]) -> str:
    """Fills the template; a paragraph in which a value is empty is left out."""
    given = {name: value for name, value in values.items() if value not in (None, "")}
    paragraphs = []
    for paragraph in text.strip().split("\n\n"):
        asked = {name for _, name, _, _ in Formatter().parse(paragraph) if name}
        if not asked <= values.keys():
            raise KeyError(", ".join(sorted(asked - values.keys())))
        if asked <= given.keys():
            paragraphs.append(paragraph.format(**given))
    return "\n\n".join(paragraphs)


def record(session: Session, *, tenant_id: UUID, customer_id: UUID, booking_id: UUID | None, kind: str,
           dedupe_key: str) -> UUID | None:
    """Records that a notification is to be sent.

    Returns:
        Its id, or None when it was recorded before: its event came twice, and it is not sent again.
    """
    statement = insert(Notification).values(
        tenant_id=tenant_id, customer_id=customer_id, booking_id=booking_id, kind=kind, dedupe_key=dedupe_key,
        created_at=clock.now(), updated_at=clock.now(),
    ).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(Notification.id)
    return session.execute(statement).scalar_one_or_none()


def queued(session: Session, notification_id: UUID, message_id: int) -> None:
    """Ties a notification to the outbound message that carries it."""
    session.execute(update(Notification).where(Notification.id == notification_id).values(message_id=message_id))


def moved(session: Session, message_id: int, to: int) -> None:
    """Ties the notification of an outbound message, if it has one, to the message that was queued in its place."""
    session.execute(update(Notification).where(Notification.message_id == message_id).values(message_id=to)
                    .execution_options(synchronize_session=False))


def delivery(session: Session, message_id: int, status: str) -> None:
    """Copies the delivery status of an outbound message; an earlier status never replaces a later one."""
    known = session.execute(
        select(Notification.id, Notification.status).where(Notification.message_id == message_id).with_for_update()
    ).one_or_none()
    if known and RANK.get(status, -1) > RANK[known.status]:
        session.execute(update(Notification).where(Notification.id == known.id).values(
            status=status, updated_at=clock.now()))
