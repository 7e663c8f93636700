"""Stores the rooms and equipment of an establishment's file, within the transaction that loads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from marcai.resources.models import Unit
from marcai.tenants.file import TenantFile
from marcai.tenants.service import TenantInfo


def store(session: Session, tenant: TenantInfo, described: TenantFile, so_far: Mapping[str, Any]) -> dict[str, Any]:
    """Adds and updates the units of the file's resources; those that are not in it any more become inactive.

    Returns:
        ``unit_ids`` (id by code and number) and ``retired_units`` (such as ``cadeira 2``, active until now).
    """
    rows = {(row.code, row.number): row for row in session.execute(
        select(Unit).where(Unit.tenant_id == tenant.id)).scalars()}
    ids = {}
    for entry in described.resources:
        for number in range(1, entry.count + 1):
            row = rows.pop((entry.code, number), None)
            if row is None:
                row = Unit(id=uuid4(), tenant_id=tenant.id, code=entry.code, number=number)
                session.add(row)
            row.name, row.kind, row.active = entry.name, entry.kind, True
            ids[entry.code, number] = row.id
    retired = tuple(f"{code} {number}" for (code, number), row in sorted(rows.items()) if row.active)
    for row in rows.values():
        row.active = False
    session.flush()
    return {"unit_ids": ids, "retired_units": retired}
