"""What the worker does for customers: erases who has not been here for years, and forgets the old audit."""

from __future__ import annotations

from datetime import timedelta

from marcai.customers import rights
from marcai.customers.models import AuditRecord
from marcai.platform import clock, retention
from marcai.platform.periodic import Job
from marcai.platform.settings import settings


def erase_the_silent() -> None:
    """Erases customers who have neither written nor booked for as long as customers are kept (LGPD, art. 16)."""
    rights.erase_silent(clock.now() - timedelta(days=settings().keep_customers_days))


def purge_audit() -> None:
    """Deletes records of what was done with customers' data when their time is over."""
    retention.purge(AuditRecord, AuditRecord.at < clock.now() - timedelta(days=settings().keep_audit_days))


JOBS = (
    Job("erase_the_silent", retention.EVERY_SECONDS, erase_the_silent),
    Job("purge_audit", retention.EVERY_SECONDS, purge_audit),
)
