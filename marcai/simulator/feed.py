"""Live events for open pages: every page gets all of them, or starts again from a snapshot."""

from __future__ import annotations

import asyncio
from typing import Any


class Feed:
    """The open pages."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue] = set()

    @property
    def watched(self) -> bool:
        """Whether any page is open."""
        return bool(self._queues)

    def publish(self, event: dict[str, Any] | None) -> None:
        """Tell every page; one that does not keep up gets None, which means: start again."""
        for queue in list(self._queues):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._queues.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)

    def subscribe(self) -> asyncio.Queue:
        """A queue of events from now on."""
        queue: asyncio.Queue = asyncio.Queue(maxsize=2000)
        self._queues.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue) -> None:
        """No more events for this page."""
        self._queues.discard(queue)
