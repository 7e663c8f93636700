"""A customer's bookings, for a copy of what is kept about her; they stay, without a person, when she is erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from marcai.bookings.models import Booking
from marcai.customers.rights import personal_data_in


def export(session: Session, customer_id: UUID) -> list[dict[str, Any]]:
    """Her bookings, oldest first."""
    found = session.execute(select(Booking).where(Booking.customer_id == customer_id).order_by(Booking.starts_at))
    return [
        {"code": one.code, "starts_at": one.starts_at.isoformat(), "status": one.status,
         "payment_status": one.payment_status, "price": str(one.total_price)}
        for one in found.scalars()
    ]


def keep(session: Session, customer_id: UUID) -> None:
    """A booking holds nothing personal once its customer's name and number are gone."""


def needs(session: Session, customer_id: UUID, since: datetime) -> bool:
    """Whether she has a visit since an instant, also one to come."""
    later = exists().where(Booking.customer_id == customer_id, Booking.starts_at >= since)
    return session.execute(select(later)).scalar_one()


personal_data_in("bookings", export=export, erase=keep, needs=needs)
