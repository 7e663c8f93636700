"""The table of establishments."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Boolean, Column, DateTime, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from marcai.platform.database import Base


class Tenant(Base):
    """One establishment. `policy` holds the numbers of its booking policy, as its file names them."""

    __tablename__ = "tenants"

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    slug = Column(Text, nullable=False, unique=True)
    name = Column(Text, nullable=False)
    timezone = Column(Text, nullable=False)
    locale = Column(Text, nullable=False, server_default="pt_BR")
    currency = Column(Text, nullable=False, server_default="BRL")
    phone_number_id = Column(Text, nullable=False, unique=True)
    display_phone_number = Column(Text, nullable=False)
    address = Column(Text)
    business_hours_note = Column(Text)
    holidays = Column(Text)  # ISO 3166-2, such as BR-SP
    policy = Column(JSONB, nullable=False)
    active = Column(Boolean, nullable=False, server_default=text("true"))
    updated_at = Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
