"""The tables of services, of how often each is looked at, and of what customers thought of its description."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from marcai.platform.database import Base


class Service(Base):
    """One service. Durations in minutes; `cleanup` is the professional's time after it; price in the currency."""

    __tablename__ = "services"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        CheckConstraint("duration > 0 AND cleanup >= 0 AND price >= 0", name="sane"),
    )

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    code = Column(Text, nullable=False)
    name = Column(Text, nullable=False)
    category = Column(Text, nullable=False)
    price = Column(Numeric(10, 2), nullable=False)
    duration = Column(Integer, nullable=False)
    cleanup = Column(Integer, nullable=False, server_default="0")
    description = Column(Text, nullable=False, server_default="")
    preparation = Column(Text)
    image_url = Column(Text)
    aliases = Column(ARRAY(Text), nullable=False, server_default="{}")
    incompatible_with = Column(ARRAY(Text), nullable=False, server_default="{}")  # codes, both directions
    needs = Column(ARRAY(Text), nullable=False, server_default="{}")  # codes of resources
    position = Column(Integer, nullable=False, server_default="0")  # order in the file
    active = Column(Boolean, nullable=False, server_default=text("true"))


class ServiceInterest(Base):
    """How often the details of a service were seen on a day, and how its description was received."""

    __tablename__ = "service_interest"

    service_id = Column(UUID(as_uuid=True), ForeignKey("services.id"), primary_key=True)
    day = Column(Date, primary_key=True)  # the establishment's local day
    views = Column(Integer, nullable=False, server_default="0")
    liked = Column(Integer, nullable=False, server_default="0")
    disliked = Column(Integer, nullable=False, server_default="0")
