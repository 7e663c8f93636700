"""The worker: one asyncio process for all that happens without a customer's message. More than one may run."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import redis.asyncio
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from marcai.platform import consumers, rooms
from marcai.platform.logging import get_logger
from marcai.platform.periodic import Job
from marcai.platform.settings import settings
from marcai.worker import jobs, relay
from marcai.worker.consuming import GroupConsumer

log = get_logger(__name__)

RELAY_SECONDS = 0.25  # between looks at the outbox for new events
GRACE_SECONDS = 6.0  # for work under way, when it is asked to stop


def main() -> None:
    """Runs the worker until SIGTERM or SIGINT."""
    asyncio.run(work())


async def work(stop: asyncio.Event | None = None) -> None:
    """Runs everything until `stop`.

    Args:
        stop: ends it; by default the signals do.
    """
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=16, thread_name_prefix="worker"))
    if stop is None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    rooms.modules("handlers")
    rooms.modules("personal")  # an erasure here covers every room
    client = redis.asyncio.Redis.from_url(settings().redis_url, decode_responses=True, socket_timeout=10,
                                          socket_connect_timeout=2)
    scheduler = _scheduler()
    scheduler.start()
    tasks = [asyncio.create_task(_relay(stop), name="relay")]
    for group in sorted(consumers.groups()):
        tasks.append(asyncio.create_task(GroupConsumer(group, client).run(stop), name=f"group {group}"))
    if sender := _sender():
        tasks.append(asyncio.create_task(_kept_running("sender", sender, stop), name="sender"))
    log.info("worker.runs", groups=sorted(consumers.groups()))
    await stop.wait()
    scheduler.shutdown(wait=False)
    _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
    for task in late:
        task.cancel()
    with contextlib.suppress(Exception):
        await client.close()
    log.info("worker.stopped", unfinished=[task.get_name() for task in late])


def _scheduler() -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(timezone=timezone.utc)
    now = datetime.now(timezone.utc)  # not our clock: that one, tests move
    for job in (*jobs.JOBS_OF_THE_PLATFORM, *_jobs_of_rooms()):
        scheduler.add_job(jobs.run, "interval", args=[job], seconds=job.seconds, id=job.name, max_instances=1,
                          coalesce=True, misfire_grace_time=None, next_run_time=now)
    return scheduler


def _jobs_of_rooms() -> list[Job]:
    return [job for module in rooms.modules("jobs") for job in module.JOBS]


def _sender() -> Callable[[asyncio.Event], Awaitable[None]] | None:
    if importlib.util.find_spec("marcai.whatsapp.outbox") is None:
        return None
    from marcai.whatsapp.outbox import Sender

    return Sender().run


async def _kept_running(name: str, run: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await run(stop)
        except Exception:
            log.exception("worker.part_failed", part=name)
            await _pause(stop, 2.0)


async def _relay(stop: asyncio.Event) -> None:
    """Relays new events as they come; the outbox keeps them while Redis or PostgreSQL is away."""
    job = Job("relay_new", RELAY_SECONDS, relay.relay_new)
    while not stop.is_set():
        await asyncio.to_thread(jobs.run, job)
        await _pause(stop, RELAY_SECONDS)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
