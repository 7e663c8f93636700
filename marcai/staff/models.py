"""The tables of professionals, what they do, when they work and when they do not."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from marcai.platform.database import Base


class Staff(Base):
    """One professional of an establishment."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    code = Column(Text, nullable=False)
    name = Column(Text, nullable=False)
    position = Column(Integer, nullable=False, server_default="0")
    active = Column(Boolean, nullable=False, server_default=text("true"))


class StaffService(Base):
    """A service that a professional is able to do."""

    __tablename__ = "staff_services"

    staff_id = Column(UUID(as_uuid=True), ForeignKey("staff.id"), primary_key=True)
    service_id = Column(UUID(as_uuid=True), ForeignKey("services.id"), primary_key=True)


class Shift(Base):
    """A weekly shift in the establishment's local time; one that ends at or before its start ends the next day."""

    __tablename__ = "shifts"
    __table_args__ = (Index(None, "staff_id"), CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"))

    id = Column(BigInteger, Identity(), primary_key=True)
    staff_id = Column(UUID(as_uuid=True), ForeignKey("staff.id"), nullable=False)
    weekday = Column(Integer, nullable=False)  # 0 is Monday, as in Python
    starts = Column(Time, nullable=False)
    ends = Column(Time, nullable=False)


class TimeOff(Base):
    """A period in which a professional or a unit is not available, or, when neither is named, the establishment."""

    __tablename__ = "time_off"
    __table_args__ = (
        Index(None, "tenant_id", "ends_at"),
        CheckConstraint("ends_at > starts_at", name="period"),
        CheckConstraint("staff_id IS NULL OR unit_id IS NULL", name="of_one"),
    )

    id = Column(BigInteger, Identity(), primary_key=True)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    staff_id = Column(UUID(as_uuid=True), ForeignKey("staff.id"))
    unit_id = Column(UUID(as_uuid=True), ForeignKey("resource_units.id"))
    starts_at = Column(DateTime(timezone=True), nullable=False)
    ends_at = Column(DateTime(timezone=True), nullable=False)
    reason = Column(Text)
