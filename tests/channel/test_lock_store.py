"""The conversation lock: no overlap within a process, across processes, after a kill, and without Redis."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import time

import pytest

from marcai.platform import redis
from marcai.whatsapp import lock_store
from marcai.whatsapp.lock_store import MarcaiLockStore

KEY = "lock:conversation:c1"


def _hold_often(rounds: int, answers) -> None:
    """In a process of its own: holds the lock again and again and tells when."""
    async def main():
        store = MarcaiLockStore()
        for _ in range(rounds):
            async with store.lock("c1"):
                began = time.monotonic()
                await asyncio.sleep(0.003)
                answers.put((began, time.monotonic(), os.getpid()))

    asyncio.run(main())


def _hold_and_hang(started) -> None:
    async def main():
        async with MarcaiLockStore().lock("c1"):
            started.set()
            await asyncio.sleep(600)

    asyncio.run(main())


def test_two_processes_never_hold_a_conversation_at_once(database):
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    processes = [context.Process(target=_hold_often, args=(40, answers)) for _ in range(2)]
    for process in processes:
        process.start()
    held = sorted(answers.get(timeout=60) for _ in range(80))
    for process in processes:
        process.join(10)
    for earlier, later in itertools.pairwise(held):
        assert earlier[1] <= later[0]
    assert len({pid for *_, pid in held}) == 2
    gaps = [later[0] - earlier[1] for earlier, later in itertools.pairwise(held)]
    assert sorted(gaps)[len(gaps) // 2] < 0.2  # Rasa's own store waits for a second each time
    assert not redis.client().exists(KEY)


def test_within_a_process_the_first_to_come_is_the_first_served(database):
    async def main():
        store, order = MarcaiLockStore(), []

        async def turn(number):
            async with store.lock("c1"):
                order.append(number)
                await asyncio.sleep(0.001)

        await asyncio.gather(*[turn(number) for number in range(50)])
        return order

    assert asyncio.run(main()) == list(range(50))


def test_conversations_do_not_wait_for_each_other(database):
    async def main():
        store, running, most = MarcaiLockStore(), 0, 0

        async def turn(number):
            nonlocal running, most
            async with store.lock(f"c{number}"):
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.05)
                running -= 1

        await asyncio.gather(*[turn(number) for number in range(10)])
        return most

    assert asyncio.run(main()) == 10


def test_a_killed_holder_is_in_the_way_only_until_its_key_ends(database, monkeypatch):
    monkeypatch.setattr(lock_store, "LIFE_MS", 700)
    context = multiprocessing.get_context("fork")
    started = context.Event()
    process = context.Process(target=_hold_and_hang, args=(started,))
    process.start()
    assert started.wait(20)
    process.kill()
    process.join()

    async def main():
        async with MarcaiLockStore().lock("c1"):
            return True

    assert asyncio.run(asyncio.wait_for(main(), 10))


def test_a_held_lock_is_renewed_and_never_released_by_another(database, monkeypatch):
    monkeypatch.setattr(lock_store, "LIFE_MS", 300)
    monkeypatch.setattr(lock_store, "RENEW_SECONDS", 0.1)

    async def main():
        store, other = MarcaiLockStore(), MarcaiLockStore()
        async with store.lock("c1"):
            await asyncio.sleep(0.8)
            assert redis.client().exists(KEY)
            await other._release(KEY, "another token")
            assert redis.client().exists(KEY)
        assert not redis.client().exists(KEY)

    asyncio.run(main())


def test_waiting_has_an_end(database):
    from rasa.core.lock_store import LockError

    redis.client().set(KEY, "somebody", px=60_000)

    async def main():
        async with MarcaiLockStore().lock("c1", lock_lifetime=0.2):
            pass

    with pytest.raises(LockError):
        asyncio.run(main())


def test_without_redis_the_process_keeps_its_own_order(database, monkeypatch):
    from marcai.platform.settings import settings

    monkeypatch.setattr(settings(), "redis_url", "redis://127.0.0.1:1/0")

    async def main():
        store, running = MarcaiLockStore(), 0

        async def turn():
            nonlocal running
            async with store.lock("c1"):
                running += 1
                assert running == 1
                await asyncio.sleep(0.005)
                running -= 1

        began = time.monotonic()
        await asyncio.gather(*[turn() for _ in range(20)])
        return time.monotonic() - began

    assert asyncio.run(main()) < 5  # Redis is asked once, not for every turn


def test_an_exception_inside_gives_the_lock_back(database):
    async def main():
        store = MarcaiLockStore()
        with pytest.raises(ValueError):
            async with store.lock("c1"):
                raise ValueError
        async with store.lock("c1"):
            return True

    assert asyncio.run(asyncio.wait_for(main(), 5))
