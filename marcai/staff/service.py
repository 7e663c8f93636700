"""Professionals: who works here and what each does, read through the cache, and finding them in free text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from marcai.platform.database import transaction
from marcai.staff.matching import find_names
from marcai.staff.models import Staff, StaffService
from marcai.tenants import cache
from marcai.tenants.service import TenantInfo


@dataclass(frozen=True)
class StaffInfo:
    """One professional and the services she does."""

    id: UUID
    code: str
    name: str
    service_ids: frozenset[UUID]


def _load(tenant_id: UUID) -> list:
    with transaction() as session:
        people = session.execute(
            select(Staff.id, Staff.code, Staff.name).where(Staff.tenant_id == tenant_id, Staff.active)
            .order_by(Staff.position)).all()
        does = session.execute(
            select(StaffService.staff_id, StaffService.service_id)
            .join(Staff, Staff.id == StaffService.staff_id)
            .where(Staff.tenant_id == tenant_id, Staff.active)).all()
    return [{"id": str(person.id), "code": person.code, "name": person.name,
             "service_ids": sorted(str(row.service_id) for row in does if row.staff_id == person.id)}
            for person in people]


def _decode(value: dict) -> StaffInfo:
    return StaffInfo(UUID(value["id"]), value["code"], value["name"], frozenset(map(UUID, value["service_ids"])))


def active_staff(tenant: TenantInfo) -> tuple[StaffInfo, ...]:
    """The professionals who work here, in the order of the file; cached like the catalogue."""
    return cache.read("staff", tenant.slug, lambda: _load(tenant.id), _decode)


def match(text: str, staff: Sequence[StaffInfo]) -> list[StaffInfo]:
    """The professionals named in a text, in order of appearance, each once.

    First names, full names, diminutives and small typos count; a first name that two professionals share gives both
    unless the text says more.
    """
    return [staff[index] for index in find_names(text, [person.name for person in staff])]
