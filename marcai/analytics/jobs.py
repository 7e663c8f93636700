"""What the worker does for analysts: looks for sessions that are over, and deletes figures whose time is over."""

from __future__ import annotations

from marcai.analytics import recording
from marcai.analytics.models import Abandonment, DialogueTurn
from marcai.platform import retention
from marcai.platform.periodic import Job
from marcai.platform.settings import settings
from marcai.tenants.retention import beginnings


def purge() -> None:
    """Deletes whole sessions, by the local day on which they began: the figures of a kept day stay as they were."""
    for tenant_id, begin in beginnings(settings().keep_figures_days):
        for table in (Abandonment, DialogueTurn):
            retention.purge(table, table.tenant_id == tenant_id, table.session_started_at < begin)


JOBS = (Job("abandonments", 60, recording.judge), Job("purge_figures", retention.EVERY_SECONDS, purge))
