"""What requests for a person keep about a customer, for a copy of it and for its erasure (LGPD)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from marcai.customers.rights import personal_data_in
from marcai.handoff.models import Handoff
from marcai.handoff.service import OPEN
from marcai.platform import clock


def export(session: Session, customer_id: UUID) -> list[dict[str, Any]]:
    """Her requests, oldest first."""
    rows = session.execute(select(Handoff).where(Handoff.customer_id == customer_id).order_by(Handoff.requested_at))
    return [
        {"requested_at": row.requested_at.isoformat(), "state": row.state, "reason": row.reason,
         "taken_at": row.taken_at.isoformat() if row.taken_at else None,
         "closed_at": row.closed_at.isoformat() if row.closed_at else None, "context": row.context}
        for row in rows.scalars()
    ]


def erase(session: Session, customer_id: UUID) -> None:
    """Forgets what she had chosen, and ends what is open; when and how long stays for the figures."""
    session.execute(update(Handoff).where(Handoff.customer_id == customer_id).values(context=None)
                    .execution_options(synchronize_session=False))
    session.execute(update(Handoff).where(Handoff.customer_id == customer_id, Handoff.state.in_(OPEN))
                    .values(state="gone", closed_at=func.coalesce(Handoff.closed_at, clock.now()))
                    .execution_options(synchronize_session=False))


personal_data_in("handoffs", export=export, erase=erase)
