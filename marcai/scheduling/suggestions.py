"""How well each kind of alternative serves: offered, then held, then booked."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from marcai.platform import clock, metrics
from marcai.platform.database import transaction
from marcai.scheduling.models import Suggestion

KINDS = ("next_dates", "nearby_days", "other_professionals", "other_times", "near_30", "near_60")


def offered(tenant_id: UUID, suggestion_id: UUID, kind: str) -> None:
    """Records that alternatives were offered; repeating it with the same id changes nothing."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of suggestion")
    statement = insert(Suggestion).values(id=suggestion_id, tenant_id=tenant_id, kind=kind, offered_at=clock.now())
    with transaction() as session:
        new = session.execute(statement.on_conflict_do_nothing()).rowcount
    if new:
        metrics.SUGGESTIONS.labels(kind, "offered").inc()


def held(suggestion_id: UUID) -> None:
    """Records that a time was chosen after the offer; the first time counts."""
    _reached(suggestion_id, "held", Suggestion.held_at)


def booked(suggestion_id: UUID) -> None:
    """Records that the offer became a booking; the first time counts."""
    _reached(suggestion_id, "booked", Suggestion.booked_at)


def _reached(suggestion_id: UUID, outcome: str, column: InstrumentedAttribute) -> None:
    with transaction() as session:
        kind = session.execute(
            update(Suggestion).where(Suggestion.id == suggestion_id, column.is_(None))
            .values({column: clock.now()}).returning(Suggestion.kind)).scalar_one_or_none()
    if kind:
        metrics.SUGGESTIONS.labels(kind, outcome).inc()
