"""What the worker does for scheduling's figures: deletes them when their time is over."""

from __future__ import annotations

from marcai.platform import retention
from marcai.platform.periodic import Job
from marcai.platform.settings import settings
from marcai.scheduling.models import SlotCollision, Suggestion
from marcai.tenants.retention import beginnings


def purge() -> None:
    """Deletes collisions and suggestions by whole local days."""
    for tenant_id, begin in beginnings(settings().keep_figures_days):
        retention.purge(SlotCollision, SlotCollision.tenant_id == tenant_id, SlotCollision.at < begin)
        retention.purge(Suggestion, Suggestion.tenant_id == tenant_id, Suggestion.offered_at < begin)


JOBS = (Job("purge_suggestions", retention.EVERY_SECONDS, purge),)
