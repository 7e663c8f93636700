"""The control API under /sim: drive customers, watch conversations and make things go wrong, over JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from marcai.simulator.delivery import Delivery
from marcai.simulator.graph import add_failure
from marcai.simulator.inbound import Customers
from marcai.simulator.records import Config, Line, Phone
from marcai.simulator.shapes import (
    Batch,
    Failure,
    Handshake,
    Hold,
    Inbound,
    NewLine,
    NewPhone,
    NumberChange,
    PhoneChange,
    Reaction,
    Release,
    Shift,
    Tap,
)
from marcai.simulator.world import World


def router(world: World, delivery: Delivery, customers: Customers, verify_token: str,
           find_lines: Callable[[], Iterable[Line]]) -> APIRouter:
    """The control API of one simulator."""
    api = APIRouter(prefix="/sim", tags=["control"])

    def known(phone_id: str) -> Phone:
        phone = world.phones.get(phone_id)
        if phone is None:
            raise HTTPException(404, f"no phone {phone_id!r}; known: {list(world.phones)[-10:]}")
        return phone

    def attempt(action, *arguments, **options):
        try:
            return action(*arguments, **options)
        except LookupError as error:
            raise HTTPException(404, str(error.args[0])) from None
        except (ValueError, TypeError) as error:
            raise HTTPException(422, str(error)) from None

    def change(phone: Phone, wanted: BaseModel) -> dict[str, Any]:
        for key, value in wanted.dict(exclude_none=True).items():
            setattr(phone, key, value)
        shown = phone.public(world.now())
        world.publish({"type": "phone", "phone": shown})
        return shown

    @api.get("/state")
    async def state() -> dict[str, Any]:
        """Everything a page shows."""
        return world.snapshot()

    @api.post("/reset")
    async def reset() -> dict[str, str]:
        """Forget conversations, logs, faults and settings."""
        delivery.forget()
        world.reset()
        return {"status": "ok"}

    @api.get("/lines")
    async def lines() -> list[dict[str, Any]]:
        """The business lines, those that were loaded into the product meanwhile included."""
        for line in await run_in_threadpool(find_lines):
            world.line(line.phone_number_id, line.name, line.display_phone_number)
        return [asdict(line) for line in world.lines.values()]

    @api.post("/lines")
    async def add_line(wanted: NewLine) -> dict[str, Any]:
        """Add or rename a business line."""
        line = world.line(wanted.phone_number_id, wanted.name, wanted.display_phone_number)
        world.publish({"type": "lines", "lines": [asdict(one) for one in world.lines.values()]})
        return asdict(line)

    @api.get("/config")
    async def config() -> dict[str, Any]:
        """The settings of the pretended Cloud API."""
        return asdict(world.config)

    @api.patch("/config")
    async def set_config(wanted: dict[str, Any]) -> dict[str, Any]:
        """Change settings: strictness of rates and window, delays, retries."""
        names = {one.name for one in fields(Config)}
        if unknown := set(wanted) - names:
            raise HTTPException(422, f"unknown settings: {sorted(unknown)}; known: {sorted(names)}")
        for key, value in wanted.items():
            setattr(world.config, key, type(getattr(world.config, key))(value))
        return asdict(world.config)

    @api.post("/phones")
    async def add_phone(wanted: NewPhone) -> dict[str, Any]:
        """A customer's phone, new or the one that exists."""
        phone = attempt(world.add_phone, wanted.number, name=wanted.name, kind=wanted.kind,
                        phone_number_id=wanted.phone_number_id, username=wanted.username)
        return change(phone, PhoneChange(receipts=wanted.receipts, status_order=wanted.status_order))

    @api.get("/phones")
    async def phones() -> list[dict[str, Any]]:
        """Every phone."""
        return [phone.public(world.now()) for phone in world.phones.values()]

    @api.get("/phones/{phone_id}")
    async def phone_of(phone_id: str) -> dict[str, Any]:
        """One phone."""
        return known(phone_id).public(world.now())

    @api.patch("/phones/{phone_id}")
    async def change_phone(phone_id: str, wanted: PhoneChange) -> dict[str, Any]:
        """Change receipts, status order, name, or the faults armed for the next message."""
        return change(known(phone_id), wanted)

    @api.get("/phones/{phone_id}/bubbles")
    async def bubbles(phone_id: str, after: int = 0) -> list[dict[str, Any]]:
        """The conversation."""
        return [bubble.public() for bubble in known(phone_id).bubbles if bubble.seq > after]

    @api.get("/phones/{phone_id}/wait")
    async def wait(phone_id: str, after: int = 0, quiet: float = 0.6, timeout: float = 30.0) -> dict[str, Any]:
        """Wait for business messages after a position: for the first, then until it has been quiet for a while."""
        phone = known(phone_id)
        loop = asyncio.get_running_loop()
        end = loop.time() + min(timeout, 300)
        calm_at = None
        seen = after
        while not world.closing.is_set():
            pulse = phone.pulse
            came = [bubble for bubble in phone.bubbles if bubble.seq > after and bubble.by == "bot"]
            if came and came[-1].seq > seen:
                seen = came[-1].seq
                calm_at = loop.time() + quiet
            answering = phone.typing and phone.typing_seq > seen
            remaining = min(end, calm_at if calm_at and not answering else end) - loop.time()
            if remaining <= 0:
                break
            try:
                await asyncio.wait_for(pulse.wait(), remaining)
            except asyncio.TimeoutError:
                continue
        came = [bubble for bubble in phone.bubbles if bubble.seq > after and bubble.by == "bot"]
        return {"bubbles": [bubble.public() for bubble in came], "complete": bool(came), "typing": phone.typing}

    @api.post("/phones/{phone_id}/messages")
    async def send(phone_id: str, wanted: Inbound) -> dict[str, Any]:
        """Send any message as this customer."""
        return attempt(customers.send, known(phone_id), wanted.content, wanted.faults).public()

    @api.post("/phones/{phone_id}/tap")
    async def tap(phone_id: str, wanted: Tap) -> dict[str, Any]:
        """Tap an option of the latest, or of any earlier, bubble."""
        return attempt(customers.tap, known(phone_id), wanted.option, bubble_id=wanted.bubble,
                       faults=wanted.faults).public()

    @api.post("/phones/{phone_id}/reaction")
    async def react(phone_id: str, wanted: Reaction) -> dict[str, str]:
        """React to a bubble."""
        attempt(customers.react, known(phone_id), wanted.bubble, wanted.emoji)
        return {"status": "ok"}

    @api.post("/phones/{phone_id}/number")
    async def change_number(phone_id: str, wanted: NumberChange) -> dict[str, Any]:
        """The customer takes another number; the phone keeps its id here."""
        return attempt(customers.change_number, known(phone_id), wanted.number,
                       new_user_id=wanted.new_user_id).public()

    @api.post("/batch")
    async def batch(wanted: Batch) -> dict[str, int]:
        """Many customers' messages in one POST."""
        before, world.holding = world.holding, "messages"
        kept, world.held = world.held, []
        try:
            for item in wanted.messages:
                attempt(customers.send, known(item.phone), item.content, {})
        finally:
            world.holding = before
            count = delivery.release(batch=True, shape=wanted.shape)
            world.held = kept
        return {"sent": count}

    @api.post("/hold")
    async def hold(wanted: Hold) -> dict[str, Any]:
        """Keep webhooks back until they are released."""
        world.holding = wanted.what
        world.publish({"type": "held", "held": len(world.held), "holding": world.holding})
        return {"holding": world.holding, "held": len(world.held)}

    @api.post("/release")
    async def release(wanted: Release) -> dict[str, int]:
        """Send the held webhooks in any order, one by one or in batches, and hold no more."""
        world.holding = "nothing"
        return {"released": delivery.release(**wanted.dict())}

    @api.post("/failures")
    async def fail(wanted: Failure) -> dict[str, Any]:
        """Let the next Graph sends fail."""
        return attempt(add_failure, world, wanted.dict())

    @api.delete("/failures")
    async def no_failures() -> dict[str, str]:
        """Forget the failures that have not happened yet."""
        world.failures.clear()
        world.publish({"type": "failures", "failures": []})
        return {"status": "ok"}

    @api.get("/calls")
    async def calls(phone: str | None = None, after: int = -1, kind: str | None = None) -> list[dict[str, Any]]:
        """Graph calls, as they came."""
        return [call for call in world.calls if call["n"] > after and phone in (None, call["phone"])
                and kind in (None, call["kind"])]

    @api.get("/deliveries")
    async def deliveries(phone: str | None = None) -> list[dict[str, Any]]:
        """Webhooks and what the bot answered to each attempt."""
        return [record for record in world.deliveries if phone is None or phone in record["phones"]]

    @api.get("/cost")
    async def cost() -> dict[str, Any]:
        """Billed messages by business line and category."""
        return {"billed": world.billed, "total": sum(sum(counts.values()) for counts in world.billed.values())}

    @api.get("/clock")
    async def clock_state() -> dict[str, Any]:
        """What time it is here."""
        return world.clock_state()

    @api.put("/clock")
    async def shift(wanted: Shift) -> dict[str, Any]:
        """Move the clock."""
        attempt(world.shift, wanted.offset_seconds, everywhere=wanted.everywhere)
        world.publish({"type": "clock", "clock": world.clock_state()})
        for phone in world.phones.values():
            world.publish({"type": "phone", "phone": phone.public(world.now())})
        return world.clock_state()

    @api.get("/templates")
    async def templates() -> list[dict[str, Any]]:
        """The template catalogue."""
        return [asdict(template) for template in world.templates.all()]

    @api.put("/templates")
    async def put_template(wanted: dict[str, Any]) -> dict[str, Any]:
        """Add a template or change its state."""
        return asdict(attempt(world.templates.put, **wanted))

    @api.post("/handshake")
    async def handshake(wanted: Handshake) -> dict[str, Any]:
        """Do the webhook's GET handshake."""
        return await delivery.handshake(verify_token if wanted.verify_token is None else wanted.verify_token)

    return api
