"""Stores the services of an establishment's file, within the transaction that loads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from marcai.catalogue.models import Service
from marcai.tenants.file import TenantFile
from marcai.tenants.service import TenantInfo


def store(session: Session, tenant: TenantInfo, described: TenantFile, so_far: Mapping[str, Any]) -> dict[str, Any]:
    """Adds and updates the services of the file; those that are not in it any more become inactive.

    Returns:
        ``service_ids`` (id by code) and ``retired_services`` (codes that were active until now).
    """
    rows = {row.code: row for row in session.execute(
        select(Service).where(Service.tenant_id == tenant.id)).scalars()}
    ids = {}
    for position, entry in enumerate(described.services):
        row = rows.pop(entry.code, None)
        if row is None:
            row = Service(id=uuid4(), tenant_id=tenant.id, code=entry.code)
            session.add(row)
        row.name, row.category, row.price = entry.name, entry.category, entry.price
        row.duration, row.cleanup = entry.duration, entry.cleanup
        row.description, row.preparation, row.image_url = entry.description, entry.preparation, entry.image_url
        row.aliases, row.incompatible_with = list(entry.aliases), sorted(entry.incompatible_with)
        row.needs, row.position, row.active = list(entry.needs), position, True
        ids[entry.code] = row.id
    retired = tuple(sorted(code for code, row in rows.items() if row.active))
    for row in rows.values():
        row.active = False
    session.flush()
    return {"service_ids": ids, "retired_services": retired}
