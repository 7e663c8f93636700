"""What the business sends: accepted or refused, shown on the customer's phone, and reported by statuses."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from marcai.simulator import limits
from marcai.simulator.delivery import Delivery, Update
from marcai.simulator.errors import GraphError
from marcai.simulator.fields import obj, one_of, only, string
from marcai.simulator.records import WINDOW, Bubble, Line, Phone, digits
from marcai.simulator.templates import Filled
from marcai.simulator.world import World

_TYPING_SECONDS = 25
_READ_LIFE = timedelta(days=30)
_ORDER = ("sent", "delivered", "read")


class Business:
    """The business side: what a Graph call does."""

    def __init__(self, world: World, delivery: Delivery):
        self.world = world
        self.delivery = delivery
        self._recent: dict[str, _Recent] = {}

    def addressee(self, line: Line, body: dict[str, Any]) -> Phone | None:
        """The phone that a well-formed body is for; `to` wins over `recipient`."""
        address = body.get("to") or body.get("recipient")
        return self.world.find_phone(line, address) if isinstance(address, str) else None

    async def send(self, line: Line, body: dict[str, Any], failure: dict[str, Any] | None) -> dict[str, Any]:
        """Accept a message or raise GraphError.

        Args:
            failure: an asynchronous failure that was asked for: accepted now, failed later.

        Returns:
            The body of Meta's answer.
        """
        kind = limits.check(body, self.world.media.mime_type)
        filled = self.world.templates.fill(body["template"]) if kind == "template" else None
        phone = self.addressee(line, body)
        if digits(body.get("to") or "") == digits(line.display_phone_number):
            raise GraphError(131021)
        if phone is None:
            raise GraphError(131026)
        later = GraphError(failure["code"]) if failure else self._window(phone, kind)
        self._rates(line, phone)
        bubble = self._show(phone, kind, body, filled)
        category = filled.category if filled else "service"
        steps = self._statuses(phone, bubble, body, category, later)
        if phone.status_order == "early" and steps:
            await self.delivery.now(self._apply(bubble, steps.pop(0), category))
        self.delivery.spawn(self._report(bubble, steps, category))
        contact = {"input": body.get("to") or body["recipient"]}
        contact.update({"wa_id": phone.wa_id} if phone.wa_id else {"user_id": phone.user_id})
        answer = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": bubble.id}]}
        if filled:
            answer["messages"][0]["message_status"] = "accepted"
        return answer

    def mark_read(self, body: dict[str, Any]) -> None:
        """Blue ticks for this message and all before it, and the typing indicator when asked for."""
        limits.product(body)
        only(body, {"messaging_product", "status", "message_id", "typing_indicator"}, "")
        one_of(body.get("status"), {"read"}, "status")
        wamid = string(body, "message_id", "message", most=1000)
        typing = obj(body, "typing_indicator", "message", optional=True)
        if typing is not None:
            only(typing, {"type"}, "typing_indicator")
            one_of(typing.get("type"), {"text"}, "typing_indicator['type']")
        phone, seq, written = self.world.received(wamid)
        if phone is None or self.world.now() - written > _READ_LIFE:
            raise GraphError(100, f"Message with id {wamid} was not found or is too old to be marked as read.")
        for earlier in phone.bubbles:
            arrived = earlier.status == "delivered" or earlier.id == wamid
            if earlier.by == "customer" and earlier.seq <= seq and arrived:
                earlier.status = "read"
                self.world.show(earlier)
        if typing is not None:
            self.world.set_typing(phone, True, seq)
            self.delivery.spawn(self._stop_typing(phone, phone.seq))

    async def _stop_typing(self, phone: Phone, seq: int) -> None:
        await asyncio.sleep(_TYPING_SECONDS)
        if phone.seq == seq:
            self.world.set_typing(phone, False)

    # --- the rules of sending -------------------------------------------------------------------------------

    def _window(self, phone: Phone, kind: str) -> GraphError | None:
        opened = phone.window_from
        if kind == "template" or not self.world.config.window or (opened and self.world.now() - opened < WINDOW):
            return None
        error = GraphError(131047)
        if self.world.config.window_errors == "async":
            return error
        raise error

    def _rates(self, line: Line, phone: Phone) -> None:
        config, now = self.world.config, self.world.now()
        if config.throughput:
            recent = self._recent.setdefault(line.phone_number_id, _Recent())
            if not recent.room(now, config.throughput):
                raise GraphError(130429)
        if not config.pair_rate:
            return
        passed = (now - phone.pair_at).total_seconds() if phone.pair_at else 0.0
        level = max(0.0, phone.pair_level - max(passed, 0.0) / config.pair_seconds)
        phone.pair_at = now
        phone.pair_level = level
        if level + 1 > config.pair_burst:
            raise GraphError(131056)
        phone.pair_level = level + 1

    # --- what the customer sees -----------------------------------------------------------------------------

    def _show(self, phone: Phone, kind: str, body: dict[str, Any], filled: Filled | None) -> Bubble:
        wamid = self.world.message_id(phone.wa_id or phone.user_id)
        if kind == "reaction":
            self._react(phone, body["reaction"])
            return Bubble(wamid, 0, phone.id, "bot", "reaction", self.world.now(), raw=body)
        shown = _filled(filled, body) if filled else _picture(kind, body)
        context = (body.get("context") or {}).get("message_id")
        return self.world.add_bubble(phone, id=wamid, by="bot", at=self.world.now(), status="accepted",
                                     context=context, raw=body, **shown)

    def _react(self, phone: Phone, reaction: dict[str, Any]) -> None:
        target = self.world.bubble(reaction["message_id"])
        if target is None or target.phone != phone.id:
            raise GraphError(131009, f"Message {reaction['message_id']} was not found in this conversation.")
        target.reactions["bot"] = reaction["emoji"]
        if not reaction["emoji"]:
            del target.reactions["bot"]
        self.world.show(target)

    # --- statuses -------------------------------------------------------------------------------------------

    def _statuses(self, phone: Phone, bubble: Bubble, body: dict[str, Any], category: str,
                  later: GraphError | None) -> list[Update]:
        reach = 0 if phone.receipts == "none" else _ORDER.index(phone.receipts) + 1
        words = list(_ORDER[:reach])
        if bubble.kind == "reaction":
            words = words[:2]
        if phone.status_order == "skip_delivered" and "read" in words:
            words.remove("delivered")
        if later:
            words = ["failed"]
        updates = [Update(phone, "status", self._status(phone, bubble, body, category, word, later))
                   for word in words]
        if phone.status_order == "reversed":
            updates.reverse()
        return updates

    def _status(self, phone: Phone, bubble: Bubble, body: dict[str, Any], category: str, word: str,
                later: GraphError | None) -> dict[str, Any]:
        status: dict[str, Any] = {"id": bubble.id, "status": word,
                                  "timestamp": str(int(self.world.now().timestamp()))}
        if phone.wa_id:
            status["recipient_id"] = phone.wa_id
        if not (later and not phone.wa_id):
            status["recipient_user_id"] = phone.user_id
        if word in {"sent", "delivered"}:
            status["pricing"] = {"billable": bubble.kind != "reaction", "pricing_model": "PMP", "type": "regular",
                                 "category": category}
        if later:
            status["errors"] = [later.for_status()]
        if body.get("biz_opaque_callback_data"):
            status["biz_opaque_callback_data"] = body["biz_opaque_callback_data"]
        return status

    def _apply(self, bubble: Bubble, update: Update, category: str) -> Update:
        word = update.item["status"]
        rank = {"accepted": -1, "sent": 0, "delivered": 1, "read": 2, "failed": 3}
        if rank[word] > rank[bubble.status]:
            bubble.status = word
        if word == "failed":
            bubble.error = update.item["errors"][0]
        if word in {"delivered", "read"} and bubble.kind != "reaction":
            self.world.bill(bubble, category)
        if bubble.seq:
            self.world.show(bubble)
        return update

    async def _report(self, bubble: Bubble, updates: list[Update], category: str) -> None:
        for update in updates:
            await asyncio.sleep(self.world.config.status_delay)
            self.delivery.submit(self._apply(bubble, update, category))


class _Recent:
    """How many sends there were in the last second."""

    def __init__(self) -> None:
        self._times: list = []

    def room(self, now, most: int) -> bool:
        """Count one more when there is room for it."""
        self._times = [at for at in self._times if timedelta() <= now - at < timedelta(seconds=1)]
        if len(self._times) >= most:
            return False
        self._times.append(now)
        return True


def _filled(filled: Filled, body: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "template", "text": filled.text, "footer": filled.footer, "options": filled.options,
            "header": {"type": "text", "text": filled.header} if filled.header else None, "link": filled.link,
            "template": body["template"]["name"]}


def _picture(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    content = body[kind]
    if kind == "text":
        return {"kind": "text", "text": content["body"]}
    if kind == "location":
        return {"kind": kind, "text": content.get("name") or "Localização", "media": {"kind": kind, **content}}
    if kind == "contacts":
        names = ", ".join(entry.get("name", {}).get("formatted_name", "?") for entry in content)
        return {"kind": kind, "text": f"Contato: {names}"}
    if kind != "interactive":
        return {"kind": kind, "text": content.get("caption") or content.get("filename") or "",
                "media": _media(kind, content)}
    header = content.get("header")
    if header and header["type"] != "text":
        header = {"type": header["type"], "media": _media(header["type"], header[header["type"]])}
    shown: dict[str, Any] = {"kind": "buttons", "text": content["body"]["text"], "header": header,
                             "footer": (content.get("footer") or {}).get("text")}
    action = content["action"]
    if content["type"] == "button":
        shown["options"] = [dict(button["reply"]) for button in action["buttons"]]
    elif content["type"] == "list":
        shown.update(kind="list", list_button=action["button"], options=[
            {**row, "section": section.get("title")} for section in action["sections"] for row in section["rows"]])
    elif content["type"] == "cta_url":
        parameters = action["parameters"]
        shown.update(kind="cta_url", link={"title": parameters["display_text"], "url": parameters["url"]})
    else:
        shown.update(kind="location_request")
    return shown


def _media(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Where the page finds the file."""
    source = {"id": content["id"], "url": f"/media/id/{content['id']}"} if "id" in content else {"url": content["link"]}
    return {"kind": kind, **source}
