"""Telling a customer something outside a turn: a response rendered, its options offered, its messages queued."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marcai.whatsapp import messages, options, outbox

NO_WORDS = messages.Words("", "")  # what is told outside a turn has neither pages nor unnamed lists


def tell(session: Session, tenant_id: UUID, customer_id: UUID, response: Mapping[str, Any], *, dedupe_key: str,
         about: Mapping[str, Any]) -> list[int]:
    """Queues a response for a customer, in the caller's transaction.

    Args:
        session: the transaction of what is told.
        tenant_id: the establishment.
        customer_id: to whom.
        response: as Rasa writes it (`text`, `buttons`, `link` ...); its buttons stay valid for 30 days.
        dedupe_key: the same key tells it once, however often it is used.
        about: what it shows, without personal data.

    Returns:
        The ids of the queued messages; empty when the key was used before.
    """
    rendered = messages.render([dict(response)], NO_WORDS)
    rows = outbox.enqueue(session, tenant_id=tenant_id, customer_id=customer_id,
                          bodies=[bubble.body for bubble in rendered.bubbles], dedupe_key=dedupe_key,
                          about=dict(about))
    if rows and rendered.options:
        options.offer_all(session, rendered.options, tenant_id=tenant_id, customer_id=customer_id)
    return rows
