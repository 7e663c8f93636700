"""What the worker does by the clock: one tick for each kind of work, never one per booking."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, OperationalError

from marcai.platform import health, idempotency, redis, retention
from marcai.platform.logging import get_logger
from marcai.platform.metrics import JOBS
from marcai.platform.periodic import Job
from marcai.worker import relay

log = get_logger(__name__)


def sweep_holds() -> None:
    """Releases holds that have expired."""
    from marcai.scheduling import holds

    holds.sweep(200)


def purge() -> None:
    """Deletes relayed events and the answers of the HTTP API when their time is over; rooms see to their own tables."""
    idempotency.forget_old()
    relay.forget_old()


def beat() -> None:
    """Tells the others that this worker lives."""
    health.beat(redis.client())


JOBS_OF_THE_PLATFORM = (
    Job("heartbeat", 4, beat),
    Job("sweep_holds", 5, sweep_holds),
    Job("relay_again", 60, relay.relay_again),
    Job("purge_events", retention.EVERY_SECONDS, purge),
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
