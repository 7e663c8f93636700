"""The table of allocations: who is taken when. Its exclusion constraint is the guarantee against double booking."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, UUID, ExcludeConstraint

from marcai.platform.database import Base


class Allocation(Base):
    """A stretch of one resource's time (a professional, a unit of a room or of equipment) taken by a hold or a booking.

    INVARIANT: no two allocations of one resource in state `hold` or `booked` overlap; PostgreSQL refuses the second.
    `during` is half-open and includes cleanup, so visits may touch. `state`: `hold` until `expires_at`, `booked`,
    or `released`, which blocks nothing: a booking that was cancelled or moved away, kept for the record, or, with an
    `expires_at`, a hold that ran out; its visit is confirmed all the same while the time is free.
    """

    __tablename__ = "allocations"
    __table_args__ = (
        ExcludeConstraint(
            ("resource_id", "="), ("during", "&&"), using="gist", where=text("state IN ('hold', 'booked')"),
            name="ex_allocations_no_overlap",
        ),
        CheckConstraint("NOT isempty(during)", name="not_empty"),
        CheckConstraint("state IN ('hold', 'booked', 'released')", name="state"),
        CheckConstraint("state <> 'hold' OR expires_at IS NOT NULL", name="hold_expires"),
        Index(None, "visit_id"),
        Index("ix_allocations_expiring", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    resource_id = Column(UUID(as_uuid=True), nullable=False)  # of `staff` or of `resource_units`
    visit_id = Column(UUID(as_uuid=True), nullable=False)  # one visit: the hold first, the booking afterwards
    customer_id = Column(UUID(as_uuid=True))
    service_id = Column(UUID(as_uuid=True), ForeignKey("services.id"))
    position = Column(Integer, nullable=False, server_default="0")  # order of the services within the visit
    during = Column(TSTZRANGE, nullable=False)
    # When the customer is done, cleanup goes on until upper(during); null for a unit.
    service_ends_at = Column(DateTime(timezone=True))
    state = Column(Text, nullable=False)
    expires_at = Column(DateTime(timezone=True))
    created_at = Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))


class SlotCollision(Base):
    """A customer chose a start that another had just taken, and what came of it."""

    __tablename__ = "slot_collisions"
    __table_args__ = (
        Index("ix_slot_collisions_open", "at", postgresql_where=text("outcome IS NULL")),
        Index(None, "tenant_id", "at"),
    )

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    customer_id = Column(UUID(as_uuid=True))
    wanted_at = Column(DateTime(timezone=True), nullable=False)
    round = Column(Integer, nullable=False)  # 1 offers ±30 minutes, 2 and later ±60 minutes
    outcome = Column(Text)  # null while open, then booked or abandoned
    at = Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))


class Suggestion(Base):
    """Alternatives that were offered when a wish could not be met, and whether one of them became a booking."""

    __tablename__ = "suggestions"
    __table_args__ = (Index(None, "tenant_id", "offered_at"),)

    id = Column(UUID(as_uuid=True), primary_key=True)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    kind = Column(Text, nullable=False)  # next_dates, nearby_days, other_professionals, other_times, near_30, near_60
    offered_at = Column(DateTime(timezone=True), nullable=False)
    held_at = Column(DateTime(timezone=True))  # a time was chosen after it
    booked_at = Column(DateTime(timezone=True))
