"""The words of messages that were not understood, for a manager: names and numbers masked, and the look recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from marcai.analytics.scope import Scope
from marcai.customers import service as customers
from marcai.platform import crypto
from marcai.platform.database import transaction
from marcai.platform.logging import get_logger
from marcai.platform.portuguese import COMMON
from marcai.platform.text import words

LIMIT = 50
LONGEST = 240  # characters shown of a message

log = get_logger(__name__)

_CONTACT = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
_NUMBER = re.compile(r"\+?\(?\d[\d\s().\-/]{5,}\d")  # telephones, documents, cards: seven digits and more
_SAYS_NAME = re.compile(
    r"(?i:\b(?:meu nome (?:é|e)|me chamo|aqui (?:é|e)(?: o| a)?|sou (?:o|a))\s+)([^\W\d_]+(?:\s+[A-ZÀ-Ý][^\W\d_]*)*)")

RECENT = """
SELECT t.conversation, t.at, t.miss, t.asked, t.guess, t.confidence, e.data
FROM dialogue_turns t JOIN conversation_events e ON e.id = t.event_id
WHERE t.tenant_id = ANY(:tenants) AND t.miss > 0 AND t.at >= :since AND t.at < :until
    AND (CAST(:asked AS text[]) IS NULL OR t.asked = ANY(:asked))
ORDER BY t.at DESC, t.id DESC LIMIT :limit
"""


@dataclass(frozen=True)
class Misunderstood:
    """One message."""

    at: datetime
    text: str
    level: int
    asked: str | None
    guess: str | None
    confidence: float | None


def recent(scope: Scope, reader: Mapping[str, Any], limit: int = LIMIT) -> list[Misunderstood]:
    """The last messages that were not understood, the newest first; who looks is written down for each customer.

    Args:
        scope: whose, and when.
        reader: who looks, for the audit; ids only.
        limit: at most so many.
    """
    values = scope.values()
    with transaction() as session:
        rows = session.execute(text(RECENT), {
            **{name: values[name] for name in ("tenants", "since", "until", "asked")}, "limit": limit}).all()
        who = {row.conversation for row in rows}
        names = {found: info for found in who if (info := customers.get(found))}
        for customer_id, info in names.items():
            customers.audit(session, info.tenant_id, customer_id, "misunderstood_read", **reader)
    return [Misunderstood(row.at, _masked(row.data, names.get(row.conversation)), row.miss, row.asked, row.guess,
                          row.confidence) for row in rows]


def _masked(data: bytes, customer: Any) -> str:
    said = _opened(data)
    if not said.get("text"):
        return "[apagada]" if said.get("erased") else ""
    parsed = said.get("parse_data") or {}
    named = [(one["start"], one["end"]) for one in parsed.get("entities") or []
             if one.get("entity") == "person_name" and isinstance(one.get("start"), int)]
    return mask(said["text"], named, (customer.name if customer else None) or "")


def _opened(data: bytes) -> Mapping[str, Any]:
    try:
        return json.loads(crypto.decrypt(data)) or {}
    except (crypto.InvalidToken, ValueError) as error:
        log.warning("misunderstood.not_readable", error=type(error).__name__)
        return {}


def mask(said: str, named: Iterable[tuple[int, int]] = (), name: str = "") -> str:
    """A message without names and numbers of people.

    Names are: what the NLU marked as one, the customer's own, what follows "me chamo" and the like, and words in the
    middle of a sentence that begin with a capital and are no common words. A name in small letters that nobody knows
    is not found.

    Args:
        said: the message.
        named: where the NLU found names.
        name: the customer's own name.
    """
    hidden = list(named)
    hidden += [match.span(1) for match in _SAYS_NAME.finditer(said)]
    own = {word.text for word in words(name) if len(word.text) > 2}
    for place, word in enumerate(words(said)):
        capital = said[word.start].isupper() and place > 0 and not word.after_break and not said.isupper()
        if word.text in own or (capital and word.text not in COMMON):
            hidden.append((word.start, word.end))
    marks = [(start, end, "[nome]") for start, end in hidden]
    marks += [(*match.span(), "[contato]") for match in _CONTACT.finditer(said)]
    marks += [(*match.span(), "[número]") for match in _NUMBER.finditer(said)]
    shown, last = [], 0
    for start, end, instead in sorted(marks):
        if start >= last:
            shown += [said[last:start], instead]
        last = max(last, end)
    masked = re.sub(r"\[nome\](?:\s+\[nome\])+", "[nome]", "".join([*shown, said[last:]]))
    return masked if len(masked) <= LONGEST else masked[:LONGEST] + "…"

