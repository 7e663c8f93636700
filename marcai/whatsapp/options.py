"""What customers may tap: random tokens out, looked up again when one comes back.

What is offered is remembered, not trusted: a token is worth something only to the customer it was offered to, and,
unless it is lasting, only until a later turn offers something else.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.whatsapp import sealed

TURN_LIFE = timedelta(hours=24)  # WhatsApp's window: an older bubble belongs to another conversation
NOTIFICATION_LIFE = timedelta(days=30)  # a confirmation is answered up to the day of the visit


@dataclass(frozen=True)
class Option:
    """One thing offered. `page` is set for "Ver mais": the Graph bodies with the next options."""

    token: str
    title: str
    payload: str
    lasting: bool = False
    page: list[dict[str, Any]] | None = None


def token() -> str:
    """A fresh token: 96 random bits."""
    return secrets.token_urlsafe(12)


def offer(session: Session, *, tenant_id: UUID, customer_id: UUID, title: str, payload: str,
          life: timedelta = NOTIFICATION_LIFE) -> str:
    """Offers one option outside a turn, such as a button of a notification.

    Args:
        session: the transaction that also writes the message with the button.
        title: what the button says.
        payload: what a tap means, in Rasa's form.
        life: for how long it may be tapped.

    Returns:
        the token to send as the button's id or payload.
    """
    made = Option(token(), title, payload, lasting=True)
    offer_all(session, [made], tenant_id=tenant_id, customer_id=customer_id, life=life)
    return made.token


def offer_all(session: Session, offered: Sequence[Option], *, tenant_id: UUID, customer_id: UUID,
              life: timedelta = NOTIFICATION_LIFE) -> None:
    """Offers the options of a rendered message outside a turn, such as a notification; all of them are lasting.

    Args:
        session: the transaction that also writes the message.
        offered: as `messages.render` gave them.
        tenant_id: the establishment.
        customer_id: to whom.
        life: for how long they may be tapped.
    """
    now = clock.now()
    session.connection().exec_driver_sql(INSERT, {
        **columns(offered), "lasting": [True] * len(offered), "tenant": tenant_id, "customer": customer_id,
        "turn": None, "now": now, "until": now + life,
    })


def columns(offered: Sequence[Option]) -> dict[str, list[Any]]:
    """The options as the columns of `INSERT`."""
    return {
        "tokens": [option.token for option in offered], "titles": [option.title for option in offered],
        "payloads": [option.payload for option in offered], "lasting": [option.lasting for option in offered],
        "pages": [sealed.seal(option.page) if option.page else None for option in offered],
    }


INSERT = """
INSERT INTO offered_options (token, tenant_id, customer_id, turn_id, title, payload, page, lasting, created_at,
                             expires_at)
SELECT token, %(tenant)s, %(customer)s, %(turn)s, title, payload, page, lasting, %(now)s, %(until)s
FROM unnest(%(tokens)s::text[], %(titles)s::text[], %(payloads)s::text[], %(pages)s::bytea[], %(lasting)s::bool[])
     AS t (token, title, payload, page, lasting)
"""

# INVARIANT: offered to this customer, not expired, and lasting or of the last turn that offered her anything.
VALID = """
SELECT token, title, payload, page, lasting FROM offered_options
WHERE token = %(token)s::text AND customer_id = %(customer)s::uuid AND expires_at > %(now)s
  AND (lasting OR turn_id = (SELECT turn_id FROM offered_options
                             WHERE customer_id = %(customer)s::uuid AND turn_id IS NOT NULL
                             ORDER BY created_at DESC LIMIT 1))
"""


def of(row: Any) -> Option:
    """The option of a row of `VALID`."""
    page = sealed.unseal(row.page) if row.page is not None else None
    return Option(row.token, row.title, row.payload, row.lasting, page)


def parsed(payload: str, text: str) -> dict[str, Any] | None:
    """Rasa's parse data for a payload ``/intent{"entity": "value"}``; None when it is not of that form."""
    if not payload.startswith("/"):
        return None
    intent, brace, rest = payload[1:].partition("{")
    try:
        values = json.loads(brace + rest) if brace else {}
    except ValueError:
        return None
    entities = [
        {"entity": name, "value": value, "start": 0, "end": len(text), "extractor": "Option"}
        for name, given in values.items() for value in (given if isinstance(given, list) else [given])
    ]
    return parse_data(intent.strip(), text, entities)


def parse_data(intent: str, text: str, entities: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Rasa's parse data for something whose intent is known."""
    return {
        "text": text, "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}], "entities": entities or [],
    }
