"""Messages that were not understood, as a file for a trainer to label: Rasa's own format, grouped by the best guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from marcai.customers import service as customers
from marcai.platform.database import transaction
from marcai.training.anonymous import anonymous
from marcai.whatsapp.models import ConversationEvent

HEAD = """\
# Messages that were not understood, to be labelled. They are anonymised, but read them as if they were not.
# Each stands under the intent that came nearest. Move it where it belongs, mark its words as in data/nlu/
# ("quero [corte](service) com a [Ana](professional)"), copy it into a file of data/nlu/, and delete the rest.
version: "3.1"
nlu:
"""
UNSURE = 0.6  # a guess below this is worth a look even if it was acted upon


@dataclass(frozen=True)
class Misunderstood:
    """One message: its anonymised words, the nearest intent, and how sure the model was of it."""

    text: str
    guess: str
    confidence: float


def misunderstood(since: datetime, limit: int = 500) -> Iterator[Misunderstood]:
    """The messages since an instant that fell back, were out of scope, or were answered on a weak guess.

    Equal messages come once, the latest first; taps and what the channel itself sends are left out.
    """
    seen: set[str] = set()
    for sender_id, data in _messages(since):
        parsed = data.get("parse_data") or {}
        ranking = [one for one in parsed.get("intent_ranking") or [] if one["name"] != "nlu_fallback"]
        text = (data.get("text") or "").strip()
        if not ranking or not text:
            continue  # a tap: it was never guessed
        first, said = ranking[0], (parsed.get("intent") or {}).get("name")
        if said not in ("nlu_fallback", "out_of_scope") and first["confidence"] >= UNSURE:
            continue
        words = anonymous(text, _names(sender_id, parsed))
        if words.lower() not in seen:
            seen.add(words.lower())
            yield Misunderstood(words, first["name"], first["confidence"])
        if len(seen) >= limit:
            return


def write(found: Iterator[Misunderstood], path: Path) -> int:
    """Writes the review file; returns how many messages it holds.

    Raises:
        FileExistsError: there is a file already, perhaps with labels in it.
    """
    groups: dict[str, list[Misunderstood]] = defaultdict(list)
    for one in found:
        groups[one.guess].append(one)
    with path.open("x", encoding="utf-8") as file:
        file.write(HEAD)
        for guess in sorted(groups):
            file.write(f"  - intent: {guess}\n    examples: |\n")
            for one in sorted(groups[guess], key=lambda message: message.confidence):
                file.write(f"      - {one.text}\n")
    return sum(map(len, groups.values()))


def _messages(since: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    with transaction() as session:
        yield from session.execute(
            select(ConversationEvent.sender_id, ConversationEvent.data)
            .where(ConversationEvent.type_name == "user", ConversationEvent.timestamp >= since)
            .order_by(ConversationEvent.id.desc())
        )


def _names(sender_id: str, parsed: dict[str, Any]) -> list[str]:
    names = [str(one["value"]) for one in parsed.get("entities") or [] if one["entity"] == "person_name"]
    try:
        customer = customers.get(UUID(sender_id))
    except ValueError:
        return names  # a conversation of `rasa shell`
    return [*names, customer.name] if customer and customer.name else names
