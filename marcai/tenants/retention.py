"""Where the kept days of each establishment begin: figures are kept and deleted by whole local days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.tenants.models import Tenant


def beginnings(days: int) -> Iterator[tuple[UUID, datetime]]:
    """Every establishment, also one that is no longer active, with the local midnight at which its kept days begin.

    Args:
        days: how many whole days are kept beside today.
    """
    with transaction() as session:
        found = session.execute(select(Tenant.id, Tenant.timezone)).all()
    for tenant_id, name in found:
        zone = ZoneInfo(name)
        first = clock.now().astimezone(zone).date() - timedelta(days=days)
        yield tenant_id, datetime.combine(first, time(), zone)
