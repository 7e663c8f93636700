"""Rasa's lock of a conversation, in Redis: atomic across processes, and gone by itself when its holder is.

Lanes already serve a customer from one process at a time, so a turn takes only the lock within the process; the one in
Redis covers what does not come through a lane. When Redis is down, the lock within the process has to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

import redis.asyncio as redis
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.exceptions import RedisError

from marcai.platform.logging import get_logger
from marcai.platform.settings import settings
from marcai.whatsapp import turns

LIFE_MS = 10_000  # of the key; renewed while held, so this is how long a killed holder is in the way
RENEW_SECONDS = 3.0
FIRST_WAIT, LONGEST_WAIT = 0.005, 0.05
REDIS_TIMEOUT = 1.0
REDIS_REST_SECONDS = 5.0  # after a failure, so that not every turn waits for a Redis that is down

RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"

log = get_logger(__name__)


class MarcaiLockStore(LockStore):
    """Locks conversations; `endpoints.yml` names this class as the lock store's type."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        """Creates the store as Rasa does for classes it does not know; `REDIS_URL` says where Redis is."""
        self._local: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._clients: dict[int, redis.Redis] = {}
        self._resting_until = 0.0
        super().__init__()

    @asynccontextmanager
    async def lock(self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME,
                   wait_time_in_seconds: float = LONGEST_WAIT) -> AsyncGenerator[TicketLock, None]:
        """Holds a conversation while the block runs.

        Args:
            conversation_id: the conversation.
            lock_lifetime: for how long to wait at most.
            wait_time_in_seconds: the longest pause between two attempts.

        Raises:
            LockError: another process held it for the whole time.
        """
        local = self._local.setdefault(conversation_id, asyncio.Lock())
        async with local:  # first come, first served within the process, without asking Redis again and again
            key, token = f"lock:conversation:{conversation_id}", secrets.token_hex(8)
            held = turns.current.get() is None and await self._acquire(
                key, token, lock_lifetime, min(wait_time_in_seconds, LONGEST_WAIT))
            renewal = asyncio.create_task(self._renew(key, token)) if held else None
            try:
                yield TicketLock(conversation_id)
            finally:
                if renewal is not None:
                    renewal.cancel()
                    await asyncio.shield(self._release(key, token))

    async def _acquire(self, key: str, token: str, patience: float, longest_wait: float) -> bool:
        """Takes the key; False when Redis cannot be asked and the lock within the process has to do."""
        deadline, wait = time.monotonic() + patience, FIRST_WAIT
        while time.monotonic() >= self._resting_until:
            try:
                if await self._client().set(key, token, nx=True, px=LIFE_MS):
                    return True
            except (RedisError, OSError, asyncio.TimeoutError) as error:
                self._rest(error)
                break
            if time.monotonic() > deadline:
                raise LockError("another process holds the conversation")
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, longest_wait)
        return False

    async def _release(self, key: str, token: str) -> None:
        with contextlib.suppress(RedisError, OSError, asyncio.TimeoutError):  # it ends by itself
            await self._client().eval(RELEASE, 1, key, token)

    async def _renew(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self._client().eval(RENEW, 1, key, token, LIFE_MS)
            except (RedisError, OSError, asyncio.TimeoutError) as error:
                log.warning("lock.not_renewed", error=type(error).__name__)

    def _rest(self, error: Exception) -> None:
        self._resting_until = time.monotonic() + REDIS_REST_SECONDS
        log.warning("lock.without_redis", error=type(error).__name__)

    def _client(self) -> Any:
        """A client of the running loop: connections belong to the loop that made them."""
        loop = id(asyncio.get_running_loop())
        if loop not in self._clients:
            self._clients[loop] = redis.Redis.from_url(
                settings().redis_url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT)
        return self._clients[loop]
