"""What the worker does for notifications: forgets them when their time is over."""

from __future__ import annotations

from marcai.notifications.models import Notification
from marcai.platform import retention
from marcai.platform.periodic import Job
from marcai.platform.settings import settings
from marcai.tenants.retention import beginnings


def purge() -> None:
    """Deletes notifications by whole local days, as long ago as figures are kept."""
    for tenant_id, begin in beginnings(settings().keep_figures_days):
        retention.purge(Notification, Notification.tenant_id == tenant_id, Notification.created_at < begin)


JOBS = (Job("purge_notifications", retention.EVERY_SECONDS, purge),)
