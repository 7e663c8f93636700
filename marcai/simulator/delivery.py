"""Signed webhooks to the bot, in order per customer, repeated until 200, and all the ways in which they go wrong."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import logging
import random
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from marcai.simulator.records import Line, Phone
from marcai.simulator.world import World

log = logging.getLogger(__name__)
WABA_ID = "200000000000001"


@dataclass
class Update:
    """One thing to be told to the bot: a customer's message or the status of a business message."""

    phone: Phone
    about: str  # message | status
    item: dict[str, Any]
    contact: dict[str, Any] | None = None
    on_delivered: Callable[[], None] | None = None


@dataclass
class Post:
    """One request to the webhook, with its attempts."""

    updates: Sequence[Update]
    body: bytes
    record: dict[str, Any] = field(default_factory=dict)
    tampered: bool = False


def envelope(updates: Sequence[Update], shape: str = "changes") -> dict[str, Any]:
    """The webhook body of some updates.

    Args:
        shape: `changes` (one change each), `messages` (updates of a line merged into one change),
            `entries` (one entry each).
    """
    if shape == "entries":
        return _object([[_value(update.phone.line, [update])] for update in updates])
    by_line: dict[str, list[Update]] = defaultdict(list)
    for update in updates:
        by_line[update.phone.line.phone_number_id].append(update)
    values = []
    for group in by_line.values():
        line = group[0].phone.line
        values += [_value(line, group)] if shape == "messages" else [_value(line, [one]) for one in group]
    return _object([values])


def _object(entries: Iterable[list[dict]]) -> dict[str, Any]:
    return {"object": "whatsapp_business_account",
            "entry": [{"id": WABA_ID, "changes": [{"value": value, "field": "messages"} for value in values]}
                      for values in entries]}


def _value(line: Line, updates: Sequence[Update]) -> dict[str, Any]:
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "".join(filter(str.isdigit, line.display_phone_number)),
                     "phone_number_id": line.phone_number_id},
    }
    contacts = {update.contact["user_id"]: update.contact for update in updates if update.contact}
    messages = [update.item for update in updates if update.about == "message"]
    statuses = [update.item for update in updates if update.about == "status"]
    if contacts:
        value["contacts"] = list(contacts.values())
    if messages:
        value["messages"] = messages
    if statuses:
        value["statuses"] = statuses
    return value


def encode(body: dict[str, Any]) -> bytes:
    """JSON as Meta writes it, escapes included, so that a signature over re-written JSON cannot match."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Delivery:
    """Everything on its way to the bot."""

    def __init__(self, world: World, webhook_url: str, app_secret: str):
        self.world = world
        self.webhook_url = webhook_url
        self.app_secret = app_secret
        self._client: aiohttp.ClientSession | None = None
        self._lanes: dict[tuple[str, str], deque[Post]] = {}
        self._tasks: set[asyncio.Task] = set()
        self._numbers = itertools.count(1)
        self._last: dict[str, Update] = {}

    def start(self) -> None:
        """Open the HTTP client; called inside the event loop."""
        # Idle connections are closed before the bot's server does it, so that none breaks under a webhook.
        connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=3)
        self._client = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=15))

    async def stop(self) -> None:
        """Give up what is still on its way."""
        while self._tasks:
            self.forget()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.close()

    def forget(self) -> None:
        """Drop every queued or repeated post."""
        for task in list(self._tasks):
            task.cancel()
        self._lanes.clear()
        self._last.clear()

    def spawn(self, coroutine) -> asyncio.Task:
        """Run something in the background until the simulator stops or is reset."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- what is sent ---------------------------------------------------------------------------------------

    def submit(self, update: Update, *, duplicates: int = 0, rebatched: bool = False, tampered: bool = False) -> None:
        """Send one update, after those of the same phone and sort; kept back while deliveries are held."""
        if self.world.holding in {"all", update.about + ("s" if update.about == "message" else "es")}:
            self.world.held.append(update)
            self.world.publish({"type": "held", "held": len(self.world.held), "holding": self.world.holding})
            return
        before = self._last.get(update.phone.id)
        if update.about == "message" and not tampered:
            self._last[update.phone.id] = update
        first = self._post([update], tampered=tampered)
        posts = [first]
        for _ in range(duplicates):
            posts.append(Post([update], first.body, self._record([update], "duplicate")))
        if rebatched:
            posts.append(self._post([before, update] if before else [update, update], "messages", "rebatched"))
        for post in posts:
            self._enqueue(post)

    def release(self, *, order: str = "as_sent", batch: bool = False, shape: str = "changes",
                seed: int | None = None) -> int:
        """Send what was held.

        Args:
            order: as_sent, reversed or shuffled.
            batch: up to 1000 updates in a POST instead of one each.

        Returns:
            How many updates there were.
        """
        held, self.world.held = self.world.held, []
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            random.Random(seed).shuffle(held)
        size = 1000 if batch else 1
        for start in range(0, len(held), size):
            part = held[start:start + size]
            self._enqueue(self._post(part, shape, "held"), lane=("released", "released"))
        self.world.publish({"type": "held", "held": 0, "holding": self.world.holding})
        return len(held)

    async def now(self, update: Update) -> None:
        """Send one update and wait for the first answer, ahead of everything else."""
        post = self._post([update], note="early")
        if not await self._attempt(post):
            self.spawn(self._repeat(post))

    def _post(self, updates: Sequence[Update], shape: str = "changes", note: str = "", *,
              tampered: bool = False) -> Post:
        record = self._record(updates, "tampered" if tampered else note)
        return Post(updates, encode(envelope(updates, shape)), record, tampered)

    def _record(self, updates: Sequence[Update], note: str) -> dict[str, Any]:
        record = {
            "id": next(self._numbers), "at": self.world.now().isoformat(), "count": len(updates),
            "phones": sorted({update.phone.id for update in updates})[:20],
            "about": sorted({update.about for update in updates}),
            "items": [update.item["id"] for update in updates[:50]],
            "statuses": [update.item["status"] for update in updates[:50] if update.about == "status"],
            "note": note, "attempts": [], "state": "waiting", "notable": bool(note),
        }
        self.world.deliveries.append(record)
        return record

    # --- how it is sent -------------------------------------------------------------------------------------

    def _enqueue(self, post: Post, lane: tuple[str, str] | None = None) -> None:
        first = post.updates[0]
        key = lane or (first.phone.id, first.about)
        waiting = self._lanes.get(key)
        if waiting is not None:
            waiting.append(post)
            return
        self._lanes[key] = deque([post])
        self.spawn(self._run(key))

    async def _run(self, key: tuple[str, str]) -> None:
        lane = self._lanes[key]
        while lane:
            post = lane.popleft()
            if not await self._attempt(post) and not post.tampered:
                self.spawn(self._repeat(post))
        if self._lanes.get(key) is lane:
            del self._lanes[key]

    async def _repeat(self, post: Post) -> None:
        """Like Meta: again and again with longer pauses. Later messages do not wait for this one."""
        config = self.world.config
        pause = config.retry_first
        for _ in range(config.retry_attempts):
            await asyncio.sleep(pause)
            if await self._attempt(post):
                return
            pause = min(pause * 2, config.retry_most)
        post.record["state"] = "dropped"
        self.world.publish({"type": "delivery", "delivery": post.record})

    async def _attempt(self, post: Post) -> bool:
        """One POST; True when the bot answered 200."""
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        secret = self.app_secret + ("-tampered" if post.tampered else "")
        headers["X-Hub-Signature-256"] = signature(secret, post.body)
        record = post.record
        try:
            async with self._client.post(self.webhook_url, data=post.body, headers=headers) as answer:
                await answer.read()
            record["attempts"].append(answer.status)
            delivered = answer.status == 200
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            record["attempts"].append(type(error).__name__)
            delivered = False
        notable = record["notable"] or not delivered
        record["state"] = "delivered" if delivered else ("refused" if post.tampered else "repeating")
        record["notable"] = notable
        if notable:
            self.world.publish({"type": "delivery", "delivery": record})
        if delivered:
            for update in post.updates:
                if update.on_delivered:
                    update.on_delivered()
        else:
            log.warning("webhook not accepted: %s", record["attempts"][-1])
        return delivered

    async def handshake(self, verify_token: str) -> dict[str, Any]:
        """Do what Meta does when a webhook is set up."""
        challenge = str(random.randint(10**8, 10**9))
        async with self._client.get(self.webhook_url, params={
                "hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}) as answer:
            body = await answer.text()
        return {"status": answer.status, "body": body[:200], "accepted": answer.status == 200 and body == challenge}
