"""What the worker does for the queue: writes it anew after a loss, and gives back what an attendant left behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import or_, select, update

from marcai.customers import service as customers
from marcai.handoff import presence, service
from marcai.handoff.models import Attendant, Handoff
from marcai.platform import clock, metrics
from marcai.platform.database import transaction
from marcai.tenants import service as tenants

AWAY = timedelta(minutes=15)  # an attendant whose page has been closed for so long has gone home


class Job(NamedTuple):
    """Something the worker does every so many seconds."""

    name: str
    seconds: float
    work: Callable[[], object]


def keep_queues() -> None:
    """Has every establishment's queue in Redis agree with PostgreSQL."""
    for tenant in tenants.list_all():
        service.queued(tenant)


def give_back() -> None:
    """Puts conversations whose attendant is gone back in the queue, so that they are not forgotten."""
    for tenant in tenants.list_all():
        here = presence.on_duty(tenant.slug)
        gone = select(Attendant.id).where(
            Attendant.tenant_id == tenant.id, Attendant.id.not_in(here),
            or_(~Attendant.active, Attendant.last_seen_at.is_(None),
                Attendant.last_seen_at < clock.now() - AWAY))
        with transaction() as session:
            rows = session.execute(
                update(Handoff).where(Handoff.tenant_id == tenant.id, Handoff.state == "assisted",
                                      Handoff.attendant_id.in_(gone))
                .values(state="waiting", attendant_id=None, quiet=True)
                .returning(Handoff.id, Handoff.customer_id, Handoff.requested_at)
                .execution_options(synchronize_session=False)).all()
            for row in rows:
                customers.audit(session, tenant.id, row.customer_id, "handoff_given_back", handoff=str(row.id))
        metrics.HANDOFFS.labels("given_back").inc(len(rows))
        if rows:
            service.queued(tenant)


JOBS = (Job("handoff_queues", 30, keep_queues), Job("handoff_give_back", 60, give_back))
