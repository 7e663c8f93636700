"""What analysts' tables keep about a customer, for a copy of it (LGPD)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from marcai.analytics.models import Abandonment, DialogueTurn
from marcai.customers.rights import personal_data_in


def export(session: Session, customer_id: UUID) -> dict[str, Any]:
    """How each of her messages was understood, and the bookings that she did not finish, oldest first."""
    turns = session.execute(
        select(DialogueTurn.at, DialogueTurn.intent, DialogueTurn.step, DialogueTurn.outcome, DialogueTurn.miss)
        .where(DialogueTurn.conversation == customer_id).order_by(DialogueTurn.id))
    given_up = session.execute(
        select(Abandonment.at, Abandonment.flow, Abandonment.step, Abandonment.reason)
        .where(Abandonment.conversation == customer_id).order_by(Abandonment.at))
    return {
        "turns": [{**row._mapping, "at": row.at.isoformat()} for row in turns],
        "not_finished": [{**row._mapping, "at": row.at.isoformat()} for row in given_up],
    }


def erase(session: Session, customer_id: UUID) -> None:
    """Nothing to remove: no words are in these tables, and once she is erased her id leads to nobody."""


personal_data_in("analytics", export=export, erase=erase)
