"""Doing at once what several threads ask for at the same moment: one statement and one commit for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Work = Callable[[Sequence[Asked]], Sequence[Answer]]  # gives the answers in the order of what was asked


class _Waiting(Generic[Asked, Answer]):
    """What one thread asks for; `turn` is released when it is answered or has to act."""

    def __init__(self, work: Work[Asked, Answer], key: Hashable, asked: Asked) -> None:
        self.work, self.key, self.asked = work, key, asked
        self.answer: Any = None
        self.answered = self.alone = False
        self.turn = threading.Lock()
        self.turn.acquire()


class Lane:
    """Work that is cheaper for many than for each of them, done by one thread at a time.

    Whoever asks while nobody works does the work, for all who wait by then; those who come while it is being done
    wait, and the first of them does it next, for all who wait for the same kind of work. When several were served the
    last time, as many are waited for, but no longer than `patience`. When the work for several fails, each does it
    alone, so that one's failure is nobody else's.

    Args:
        most: how many at a time.
        patience: seconds.
    """

    def __init__(self, most: int = 64, patience: float = 0.0005) -> None:
        self._most = most
        self._patience = patience
        self._queue: list[_Waiting] = []
        self._arrived = threading.Condition()  # guards the queue and what follows
        self._busy = False
        self._served = 1  # the last time

    def ask(self, work: Work[Asked, Answer], key: Hashable, asked: Asked) -> Answer:
        """The answer for one.

        Args:
            work: one of few functions; what it is for, and how many, must not matter to those who ask.
            key: no two with one key are in one batch.
            asked: for the work.

        Raises:
            Exception: whatever the work raised for this one.
        """
        mine: _Waiting[Asked, Answer] = _Waiting(work, key, asked)
        with self._arrived:
            self._queue.append(mine)
            waits, self._busy = self._busy, True
            if len(self._queue) == self._served:
                self._arrived.notify()
        if waits:
            mine.turn.acquire()
        if not (mine.answered or mine.alone):
            self._lead(mine)
        return mine.answer if mine.answered else work([asked])[0]

    def _lead(self, mine: _Waiting) -> None:
        """Does the work for all who wait, the one who leads among them, and hands the lead on."""
        batch = [mine]
        try:
            with self._arrived:
                if self._served > 1:
                    self._arrived.wait_for(lambda: len(self._queue) >= self._served, self._patience)
                batch = self._batch(mine.work)
                self._served = len(batch)
            for one, answer in zip(batch, mine.work([one.asked for one in batch]), strict=True):
                one.answer, one.answered = answer, True
        except Exception:
            if len(batch) == 1:
                raise
        finally:
            with self._arrived:
                following = self._queue[0] if self._queue else None
                self._busy = following is not None
            for one in batch:
                one.alone = not one.answered
                if one is not mine:
                    one.turn.release()
            if following:
                following.turn.release()

    def _batch(self, work: Work) -> list[_Waiting]:
        batch: dict[Hashable, _Waiting] = {}
        later = []
        for one in self._queue:
            if one.work is not work or one.key in batch or len(batch) == self._most:
                later.append(one)
            else:
                batch[one.key] = one
        self._queue = later
        return list(batch.values())


# Short durable writes share this one: while one kind is being written, those of another gather.
writes = Lane()
