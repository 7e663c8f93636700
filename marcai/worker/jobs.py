"""What the worker does by the clock: one tick for each kind of work, never one per booking."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import InterfaceError, OperationalError

from marcai.platform import clock, health, idempotency, redis
from marcai.platform.database import transaction
from marcai.platform.logging import get_logger
from marcai.platform.metrics import JOBS
from marcai.platform.periodic import Job
from marcai.worker import relay

log = get_logger(__name__)

INBOUND_KEPT = timedelta(days=8)  # Meta repeats a webhook for 7 days at most
OPTIONS_KEPT = timedelta(days=60)
BATCH = 2000  # rows deleted in one transaction


def sweep_holds() -> None:
    """Releases holds that have expired."""
    from marcai.scheduling import holds

    holds.sweep(200)


def purge() -> None:
    """Deletes what is kept only as long as a repetition is possible: messages, statuses, options, API answers."""
    from marcai.whatsapp.models import DeliveryStatus, InboundMessage, OfferedOption

    now = clock.now()
    _delete_all(InboundMessage.id, InboundMessage.received_at < now - INBOUND_KEPT, InboundMessage.state != "waiting")
    _delete_all(DeliveryStatus.id, DeliveryStatus.received_at < now - INBOUND_KEPT)
    _delete_all(OfferedOption.token, OfferedOption.created_at < now - OPTIONS_KEPT)
    idempotency.forget_old()
    relay.forget_old()


def _delete_all(key, *conditions) -> None:
    deleted = BATCH
    while deleted == BATCH:
        with transaction() as session:
            some = select(key).where(*conditions).limit(BATCH)
            statement = delete(key.class_).where(key.in_(some)).execution_options(synchronize_session=False)
            deleted = session.execute(statement).rowcount


def beat() -> None:
    """Tells the others that this worker lives."""
    health.beat(redis.client())


JOBS_OF_THE_PLATFORM = (
    Job("heartbeat", 4, beat),
    Job("sweep_holds", 5, sweep_holds),
    Job("relay_again", 60, relay.relay_again),
    Job("purge", 3600, purge),
)

_failing: set[str] = set()


def run(job: Job) -> None:
    """Runs a job once; a failure is logged when it begins and when it ends, and the next tick tries again."""
    try:
        job.work()
    except Exception as error:
        JOBS.labels(job.name, "failed").inc()
        if job.name not in _failing:
            _failing.add(job.name)
            outage = isinstance(error, (OperationalError, InterfaceError, redis.redis.RedisError))
            log.warning("job.failing", job=job.name, error=type(error).__name__, exc_info=not outage)
        return
    JOBS.labels(job.name, "done").inc()
    if job.name in _failing:
        _failing.discard(job.name)
        log.info("job.works_again", job=job.name)
