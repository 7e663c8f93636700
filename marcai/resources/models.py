"""The table of rooms and equipment, one row for each unit that can be taken."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import UUID

from marcai.platform.database import Base
from marcai.tenants.file import RESOURCE_KINDS


class Unit(Base):
    """One unit of a resource; those of an establishment with the same `code` are interchangeable."""

    __tablename__ = "resource_units"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code", "number"),
        CheckConstraint(f"kind IN {RESOURCE_KINDS}", name="kind"),
    )

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid4)
    tenant_id = Column(UUID(as_uuid=True), ForeignKey("tenants.id"), nullable=False)
    code = Column(Text, nullable=False)  # the resource's, as services name it among their needs
    number = Column(Integer, nullable=False)  # from 1
    name = Column(Text, nullable=False)
    kind = Column(Text, nullable=False)
    active = Column(Boolean, nullable=False, server_default=text("true"))
