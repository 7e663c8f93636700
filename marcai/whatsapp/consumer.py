"""The consumer: leases lanes and serves each customer in order, many customers at once.

It runs inside the Rasa process. It may be killed at any moment: a lane's lease ends by itself and another process, or
the next start, takes it over; a turn that was not committed has left nothing behind and is run again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from marcai.platform import clock, metrics
from marcai.platform.logging import get_logger
from marcai.whatsapp import lanes, payloads, sealed, turns
from marcai.whatsapp.lanes import Lane
from marcai.whatsapp.payloads import Incoming
from marcai.whatsapp.planning import Planned, plan
from marcai.whatsapp.serving import Service

PARALLEL = 32  # customers served at once by one process
RENEW_SECONDS = 4.0
POLL_SECONDS = 1.0  # for what another process stored, or a killed one left
STOP_SECONDS = 8.0  # turns under way may end when the server stops

log = get_logger(__name__)


class Consumer:
    """Takes waiting lanes and has their messages answered."""

    def __init__(self, service: Service, ready: Callable[[], bool], parallel: int = PARALLEL) -> None:
        """Prepares a consumer; `run` starts it.

        Args:
            service: answers one planned turn.
            ready: whether the model is loaded; nothing is taken before.
            parallel: how many customers to serve at once.
        """
        self._service = service
        self._ready = ready
        self._parallel = parallel
        self._wake = asyncio.Event()
        self._stopping = False
        self._full = False
        self._tasks: dict[asyncio.Task[None], Lane] = {}
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Starts to serve, within the running loop."""
        self._loops = [asyncio.create_task(self._lease_loop()), asyncio.create_task(self._renew_loop())]

    def wake(self) -> None:
        """Looks for waiting lanes at once."""
        self._wake.set()

    def places(self) -> int:
        """How many lanes may be leased to this process as their messages are stored; none while others wait."""
        if self._full or self._stopping or not self._ready():
            return 0
        return self._parallel - len(self._tasks)

    def serve(self, rows: Sequence[Any], token: str) -> int:
        """Serves lanes that are leased to this process.

        Args:
            rows: of `lanes.TAKE` or `lanes.TAKE_DUE`.
            token: the lease's.

        Returns:
            How many lanes they are.
        """
        found = 0
        for lane, messages in lanes.leased(rows, token):
            task = asyncio.create_task(self._serve(lane, messages))
            self._tasks[task] = lane
            task.add_done_callback(self._served)
            found += 1
        return found

    async def stop(self) -> None:
        """Takes nothing more, lets turns under way end for a few seconds, and gives back the rest."""
        self._stopping = True
        self.wake()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        left = dict(self._tasks)
        for task in [*self._loops, *left]:
            task.cancel()
        await asyncio.gather(*self._loops, *left, return_exceptions=True)
        for lane in left.values():
            with contextlib.suppress(Exception):
                await self._rest(lane, empty=False)

    async def _lease_loop(self) -> None:
        while not self._stopping:
            self._wake.clear()
            free = self._parallel - len(self._tasks)
            found = 0
            if free > 0 and self._ready():
                try:
                    found = await self._lease(free)
                except Exception as error:
                    log.error("lanes.not_leased", error=type(error).__name__)
            self._full = found >= free
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)

    async def _lease(self, limit: int) -> int:
        token, now = lanes.new_token(), clock.now()
        rows = await asyncio.to_thread(lanes.TAKE_DUE, now=now, until=now + lanes.LEASE, token=token, limit=limit)
        return self.serve(rows, token)

    def _served(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if self._full:  # others may be waiting for this place
            self.wake()
        if not task.cancelled() and task.exception() is not None:
            log.error("lane.broken", error=type(task.exception()).__name__)

    async def _serve(self, lane: Lane, rows: list[Any]) -> None:
        """Answers everything in a lane until nothing waits there, and gives the lease back."""
        try:
            while True:
                messages, broken = _read(rows)
                planned = plan(messages, clock.now(), lane.last_tap, lane.last_tap_at)
                if broken:
                    planned.insert(0, Planned("broken", broken))
                more = len(rows) >= lanes.MESSAGES or self._stopping
                for place, group in enumerate(planned):
                    last = place == len(planned) - 1 and not more
                    if await self._service.answer(lane, group, last=last):
                        return
                    if self._stopping:
                        return await self._rest(lane, empty=False)
                if not planned and not await self._rest(lane, empty=True):
                    return
                if not planned:  # something arrived in between, and the lane is no longer ours
                    return self.wake()
                rows = await asyncio.to_thread(lanes.TAKE, lanes=[lane.id], token=lane.token)
                if not rows:
                    return  # the lease is lost: another process goes on
                lane.arrivals, lane.handoff = rows[0].arrivals, rows[0].handoff
        except turns.LeaseLost:
            log.warning("lane.lost", lane=str(lane.id))
        except (turns.TurnAborted, Exception) as error:
            log.error("lane.postponed", lane=str(lane.id), error=type(error).__name__, cause=_cause(error))
            metrics.TURNS.labels("postponed").inc()
            with contextlib.suppress(Exception):
                await self._rest(lane, empty=False, retry_at=clock.now() + _pause(lane.attempts))

    async def _rest(self, lane: Lane, *, empty: bool, retry_at: datetime | None = None) -> bool:
        """Gives a lease back; says whether messages wait in the lane still."""
        rows = await asyncio.to_thread(lanes.REST, lane=lane.id, token=lane.token, empty=empty,
                                       arrivals=lane.arrivals, retry=retry_at)
        return bool(rows and rows[0].waiting)

    async def _renew_loop(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            held = list(self._tasks.items())
            if not held:
                continue
            try:
                rows = await asyncio.to_thread(
                    lanes.RENEW, until=clock.now() + lanes.LEASE, lanes=[lane.id for _, lane in held],
                    tokens=[lane.token for _, lane in held])
            except Exception as error:
                log.error("leases.not_renewed", error=type(error).__name__)
                continue
            renewed = {row.id for row in rows}
            for task, lane in held:
                if lane.id not in renewed and task in self._tasks:
                    # It ended just now, or another process has it; the commit's own check decides which.
                    log.info("lease.gone", lane=str(lane.id))


def _read(rows: list[Any]) -> tuple[list[Incoming], list[Incoming]]:
    """The messages of a lane, and those that cannot be decrypted any more."""
    messages: list[Incoming] = []
    broken: list[Incoming] = []
    for row in rows:
        if row.message_id is None:
            continue
        try:
            messages.append(payloads.read(row.message_id, sealed.unseal(row.payload), row.sent_at))
        except Exception as error:
            log.error("message.not_read", error=type(error).__name__)
            broken.append(Incoming(row.message_id, payloads.Kind.SILENT, row.sent_at))
    return messages, broken


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=min(600, 2 ** min(attempts, 10)))


def _cause(error: BaseException) -> str | None:
    return type(error.__cause__).__name__ if error.__cause__ else None

