"""Stores the professionals of an establishment's file, within the transaction that loads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from marcai.staff.models import Shift, Staff, StaffService, TimeOff
from marcai.tenants.file import TenantFile
from marcai.tenants.service import TenantInfo


def store(session: Session, tenant: TenantInfo, described: TenantFile, so_far: Mapping[str, Any]) -> dict[str, Any]:
    """Adds and updates the professionals of the file, and replaces their abilities, shifts and time off.

    Args:
        so_far: what was stored before: ``service_ids`` by code, ``unit_ids`` by code of resource and number.

    Returns:
        ``retired_staff``: codes of professionals who were active until now and are not in the file.
    """
    rows = {row.code: row for row in session.execute(
        select(Staff).where(Staff.tenant_id == tenant.id)).scalars()}
    ids = {}
    known = [row.id for row in rows.values()]
    if known:
        session.execute(delete(Shift).where(Shift.staff_id.in_(known)))
        session.execute(delete(StaffService).where(StaffService.staff_id.in_(known)))
    session.execute(delete(TimeOff).where(TimeOff.tenant_id == tenant.id))
    for position, entry in enumerate(described.staff):
        row = rows.pop(entry.code, None)
        if row is None:
            row = Staff(id=uuid4(), tenant_id=tenant.id, code=entry.code)
            session.add(row)
        row.name, row.position, row.active = entry.name, position, True
        ids[entry.code] = row.id
    retired = tuple(sorted(code for code, row in rows.items() if row.active))
    for row in rows.values():
        row.active = False
    session.flush()
    services, units = so_far["service_ids"], so_far["unit_ids"]
    for entry in described.staff:
        person = ids[entry.code]
        session.add_all(StaffService(staff_id=person, service_id=services[code]) for code in entry.services)
        session.add_all(Shift(staff_id=person, weekday=day, starts=starts, ends=ends)
                        for day, starts, ends in entry.shifts)
    session.add_all(
        TimeOff(tenant_id=tenant.id, staff_id=ids.get(entry.staff), unit_id=unit_id, starts_at=entry.starts_at,
                ends_at=entry.ends_at, reason=entry.reason)
        for entry in described.time_off
        for unit_id in ([units[entry.resource, number] for number in entry.units] if entry.resource else [None]))
    session.flush()
    return {"retired_staff": retired}
