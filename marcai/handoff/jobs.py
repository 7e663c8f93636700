"""What the worker does for the queue: keeps it right, gives back what attendants left, and forgets old requests."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update

from marcai.customers import service as customers
from marcai.handoff import presence, service
from marcai.handoff.models import Attendant, Handoff
from marcai.platform import clock, metrics, retention
from marcai.platform.database import transaction
from marcai.platform.periodic import Job
from marcai.platform.settings import settings
from marcai.tenants import service as tenants
from marcai.tenants.retention import beginnings

AWAY = timedelta(minutes=15)  # an attendant whose page has been closed for so long has gone home


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


def purge() -> None:
    """Forgets what customers had chosen when they asked for a person, and later that they asked.

    What was chosen is a part of the conversation and kept as long; when and how long they waited are figures.
    """
    old = clock.now() - timedelta(days=settings().keep_conversations_days)
    retention.repeat(update(Handoff).values(context=None).where(
        retention.some(Handoff, Handoff.context.is_not(None), Handoff.closed_at < old)))
    for tenant_id, begin in beginnings(settings().keep_figures_days):
        retention.purge(Handoff, Handoff.tenant_id == tenant_id, Handoff.requested_at < begin,
                        Handoff.state.not_in(service.OPEN))


JOBS = (
    Job("handoff_queues", 30, keep_queues),
    Job("handoff_give_back", 60, give_back),
    Job("purge_handoffs", retention.EVERY_SECONDS, purge),
)
