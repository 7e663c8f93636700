"""Reads the stream `events` for each consumer group, and parks what cannot be dealt with on `events:dead`."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import redis.asyncio
from redis.exceptions import RedisError, ResponseError

from marcai.platform import clock, consumers
from marcai.platform.consumers import DEAD_STREAM, Event
from marcai.platform.events import STREAM
from marcai.platform.logging import get_logger
from marcai.platform.metrics import EVENT_LAG, EVENTS

log = get_logger(__name__)

Entries = list[tuple[str, Mapping[str, str]]]


@dataclass(frozen=True)
class Patience:
    """How a group reads and retries.

    Attributes:
        block_ms: how long one read waits for new entries.
        idle_ms: an entry somebody took and has not finished for so long is taken over, and tried again.
        tries: after so many an entry is parked.
        batch: entries per read.
    """

    block_ms: int = 2000
    idle_ms: int = 20_000
    tries: int = 5
    batch: int = 20


class GroupConsumer:
    """One group's reader in this process. Entries are dealt with in order, each in a thread."""

    def __init__(self, group: str, client: redis.asyncio.Redis, patience: Patience | None = None) -> None:
        self._group, self._redis, self._patience = group, client, patience or Patience()
        self._name = f"{socket.gethostname()}:{os.getpid()}"

    async def run(self, stop: asyncio.Event) -> None:
        """Reads until `stop`; while Redis is away it keeps trying, and says so once."""
        away = False
        while not stop.is_set():
            try:
                await self.step()
                if away:
                    log.info("events.redis_is_back", group=self._group)
                away = False
            except (RedisError, OSError) as error:
                if not away:
                    log.warning("events.redis_is_away", group=self._group, error=type(error).__name__)
                away = True
                await _pause(stop, 1.0)
            except Exception:
                log.exception("events.reader_failed", group=self._group)
                await _pause(stop, 2.0)

    async def step(self) -> int:
        """Takes over what lies idle, then reads what is new; returns how many entries it looked at."""
        try:
            entries = [*await self._idle(), *await self._new()]
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            await self._make_group()
            return 0
        for entry_id, fields in entries:
            await self._deal_with(entry_id, fields)
        return len(entries)

    async def _make_group(self) -> None:
        """From the beginning of the stream: events may be older than the group, after a flush for instance."""
        try:
            await self._redis.xgroup_create(STREAM, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _idle(self) -> Entries:
        answer = await self._redis.xautoclaim(STREAM, self._group, self._name, self._patience.idle_ms,
                                              count=self._patience.batch)
        return [entry for entry in answer[1] if entry[0] is not None]

    async def _new(self) -> Entries:
        answer = await self._redis.xreadgroup(self._group, self._name, {STREAM: ">"}, count=self._patience.batch,
                                              block=self._patience.block_ms)
        return answer[0][1] if answer else []

    async def _deal_with(self, entry_id: str, fields: Mapping[str, str] | None) -> None:
        try:
            event = Event.from_stream(fields or {})
        except (KeyError, ValueError):
            await self._park(entry_id, dict(fields or {}), None, "not an event of ours")
            return
        try:
            done = await asyncio.to_thread(consumers.consume, self._group, event)
        except Exception as error:
            await self._failed(entry_id, fields, event, error)
            return
        await self._redis.xack(STREAM, self._group, entry_id)
        EVENTS.labels(event.name, self._group, "done" if done else "skipped").inc()
        if done:
            EVENT_LAG.labels(self._group).observe(max(0.0, (clock.now() - event.at).total_seconds()))

    async def _failed(self, entry_id: str, fields: Mapping[str, str], event: Event, error: Exception) -> None:
        pending = await self._redis.xpending_range(STREAM, self._group, entry_id, entry_id, 1)
        tries = pending[0]["times_delivered"] if pending else 1
        if tries >= self._patience.tries and not _is_outage(error):
            await self._park(entry_id, dict(fields), event, type(error).__name__)
            return
        EVENTS.labels(event.name, self._group, "retried").inc()
        log.warning("events.handler_failed", group=self._group, event_name=event.name, event_id=str(event.event_id),
                    tries=tries, exc_info=not _is_outage(error))

    async def _park(self, entry_id: str, fields: dict[str, str], event: Event | None, error: str) -> None:
        """First onto the dead stream, then the receipt, then off the group: a kill in between parks it twice."""
        entry = {**fields, "group": self._group, "error": error, "entry": entry_id}
        await self._redis.xadd(DEAD_STREAM, entry, maxlen=10_000, approximate=True)
        if event:
            await asyncio.to_thread(consumers.park, self._group, event)
        await self._redis.xack(STREAM, self._group, entry_id)
        EVENTS.labels(event.name if event else "unknown", self._group, "parked").inc()
        log.error("events.parked", alert=True, group=self._group, event_name=event.name if event else None,
                  event_id=str(event.event_id) if event else None, error=error)


def _is_outage(error: Exception) -> bool:
    """PostgreSQL or Redis is away: that is not the event's fault, and it is tried for as long as it takes."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    return isinstance(error, (OperationalError, InterfaceError, RedisError))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except asyncio.TimeoutError:
        return
