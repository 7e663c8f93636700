"""What a customer does on the phone, turned into the messages of a webhook."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from marcai.simulator.delivery import Delivery, Update
from marcai.simulator.records import Bubble, Phone, digits
from marcai.simulator.world import World

#: A few bytes that stand for a file: what matters is the type that the bot is told.
_FAKE = {
    "image": ("image/jpeg", b"\xff\xd8\xff\xe0 simulated picture \xff\xd9"),
    "audio": ("audio/ogg", b"OggS simulated voice"),
    "video": ("video/mp4", b"\x00\x00\x00\x18ftypmp42 simulated"),
    "sticker": ("image/webp", b"RIFF\x00\x00\x00\x00WEBP simulated"),
    "document": ("application/pdf", b"%PDF-1.4 simulated"),
}
KINDS = (*_FAKE, "text", "location", "contacts", "unsupported", "reaction", "raw")
FAULTS = ("duplicates", "rebatched", "late_seconds", "tampered")


class Customers:
    """The customers' side: everything they can send."""

    def __init__(self, world: World, delivery: Delivery):
        self.world = world
        self.delivery = delivery

    def send(self, phone: Phone, content: dict[str, Any], faults: dict[str, Any] | None = None) -> Bubble:
        """Send a message.

        Args:
            content: `{"type": "text", "text": …}` and the like, see docs/simulator.md.
            faults: delivery faults for this message; without them, those armed for the next one.
        """
        kind = content.get("type", "text")
        context = content.get("context")
        if kind == "text":
            return self._send(phone, "text", {"text": {"body": content["text"]}}, context, faults,
                              text=content["text"])
        if kind in _FAKE:
            mime, data = _FAKE[kind]
            item = self.world.media.add(mime, data, received=True)
            media: dict[str, Any] = {"id": item.id, "mime_type": mime, "sha256": item.sha256}
            if kind == "audio":
                media["voice"] = True
                media["mime_type"] = "audio/ogg; codecs=opus"
            if kind == "sticker":
                media["animated"] = False
            if kind == "document":
                media["filename"] = content.get("filename", "documento.pdf")
            if content.get("caption") and kind in {"image", "video", "document"}:
                media["caption"] = content["caption"]
            return self._send(phone, kind, {kind: media}, context, faults, text=content.get("caption") or "",
                              media={"kind": kind, "id": item.id, "mime_type": mime})
        if kind == "location":
            place = {"latitude": float(content.get("latitude", -23.5614)),
                     "longitude": float(content.get("longitude", -46.6559))}
            place.update({key: content[key] for key in ("name", "address") if content.get(key)})
            return self._send(phone, kind, {"location": place}, context, faults,
                              text=content.get("name") or "Localização", media={"kind": "location", **place})
        if kind == "contacts":
            name = content.get("name", "Maria")
            card = [{"name": {"formatted_name": name, "first_name": name},
                     "phones": [{"phone": content.get("phone", "+5511999990000"), "type": "CELL"}]}]
            return self._send(phone, kind, {"contacts": card}, context, faults, text=f"Contato: {name}")
        if kind == "unsupported":
            error = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown",
                     "error_data": {"details": "Message type is currently not supported."}}
            return self._send(phone, kind, {"errors": [error], "unsupported": {"type": "poll_creation"}}, context,
                              faults, text="Mensagem não suportada")
        if kind == "raw":
            message = dict(content["message"])
            return self._send(phone, message.pop("type", "unknown"), message, None, faults, text="(mensagem livre)")
        raise ValueError(f"type must be one of {', '.join(KINDS)}")

    def tap(self, phone: Phone, option: str | int, *, bubble_id: str | None = None,
            faults: dict[str, Any] | None = None) -> Bubble:
        """Tap a reply button or a list row, by title or position, of any bubble that is still remembered."""
        bubble, chosen = self._find_option(phone, option, bubble_id)
        context = bubble.id
        if bubble.kind == "template":
            content = {"type": "button", "button": {"payload": chosen["id"], "text": chosen["title"]}}
        elif bubble.kind == "list":
            reply = {key: chosen[key] for key in ("id", "title", "description") if chosen.get(key)}
            content = {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": reply}}
        else:
            reply = {"id": chosen["id"], "title": chosen["title"]}
            content = {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}}
        kind = content.pop("type")
        return self._send(phone, kind, content, context, faults, text=chosen["title"],
                          media={"kind": "tap", "description": chosen.get("description")})

    def react(self, phone: Phone, bubble_id: str, emoji: str) -> None:
        """React to a business message; an empty emoji takes the reaction back."""
        bubble = self._bubble(phone, bubble_id)
        if emoji:
            bubble.reactions["customer"] = emoji
        else:
            bubble.reactions.pop("customer", None)
        reaction = {"message_id": bubble.id, "emoji": emoji} if emoji else {"message_id": bubble.id}
        message = self._message(phone, "reaction", {"reaction": reaction}, None, timedelta())
        phone.window_from = self.world.now()
        self.delivery.submit(Update(phone, "message", message, self.contact(phone)))
        self.world.show(bubble)

    def change_number(self, phone: Phone, new_number: str, *, new_user_id: bool = False) -> Bubble:
        """The customer keeps the account and takes another number; the bot is told by a system message."""
        if not phone.wa_id:
            raise ValueError("this customer shows no number")
        old, new = phone.wa_id, digits(new_number)
        if not 8 <= len(new) <= 15:
            raise ValueError("number must have 8 to 15 digits, country code first")
        system = {"body": f"User {phone.name} changed from {old} to {new}", "wa_id": new,
                  "type": "user_changed_number"}
        message = self._message(phone, "system", {"system": system}, None, timedelta())
        updates = [Update(phone, "message", message)]
        phone.number = phone.wa_id = new
        if new_user_id:
            previous, phone.user_id = phone.user_id, "BR." + secrets.token_hex(10).upper()
            change = {"body": f"User {phone.name} changed from {previous} to {phone.user_id}", "wa_id": new,
                      "user_id": phone.user_id, "type": "user_changed_user_id"}
            other = self._message(phone, "system", {"system": change}, None, timedelta())
            other["from_user_id"] = previous
            updates.append(Update(phone, "message", other))
        self.world.readdress(phone)
        for update in updates:
            self.delivery.submit(update)
        bubble = self.world.add_bubble(phone, id=message["id"], by="system", kind="system", at=self.world.now(),
                                       text=f"O número mudou de +{old} para +{new}", raw=message)
        self.world.publish({"type": "phone", "phone": phone.public(self.world.now())})
        return bubble

    def contact(self, phone: Phone) -> dict[str, Any]:
        """The entry of `contacts` that comes with a message."""
        profile = {"name": phone.name}
        if phone.username:
            profile["username"] = phone.username
        contact: dict[str, Any] = {"profile": profile, "user_id": phone.user_id}
        if phone.wa_id:
            contact["wa_id"] = phone.wa_id
        return contact

    # --- inside ---------------------------------------------------------------------------------------------

    def _send(self, phone: Phone, kind: str, content: dict[str, Any], context: str | None,
              faults: dict[str, Any] | None, *, text: str, media: dict[str, Any] | None = None) -> Bubble:
        if faults is None:
            faults, phone.armed = phone.armed, {}
        if unknown := set(faults) - set(FAULTS):
            raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
        late = timedelta(seconds=float(faults.get("late_seconds") or 0))
        message = self._message(phone, kind, content, context, late)
        written = self.world.now() - late
        if phone.window_from is None or written > phone.window_from:
            phone.window_from = written
        bubble = self.world.add_bubble(phone, id=message["id"], by="customer", kind=_shown_as(kind), at=written,
                                       text=text, media=media, context=context, raw=message)

        def arrived() -> None:
            if bubble.status == "sent":
                bubble.status = "delivered"
                self.world.show(bubble)

        self.delivery.submit(
            Update(phone, "message", message, self.contact(phone), arrived),
            duplicates=int(faults.get("duplicates") or 0), rebatched=bool(faults.get("rebatched")),
            tampered=bool(faults.get("tampered")))
        return bubble

    def _message(self, phone: Phone, kind: str, content: dict[str, Any], context: str | None,
                 late: timedelta) -> dict[str, Any]:
        message: dict[str, Any] = {}
        if context:
            bubble = self.world.bubble(context)
            business = digits(phone.line.display_phone_number)
            author = phone.wa_id if bubble is not None and bubble.by == "customer" else business
            message["context"] = {"from": author, "id": context} if author else {"id": context}
        if phone.wa_id:
            message["from"] = phone.wa_id
        message["from_user_id"] = phone.user_id
        message["id"] = self.world.message_id(phone.wa_id or phone.user_id)
        message["timestamp"] = str(int((self.world.now() - late).timestamp()))
        message["type"] = kind
        self.world.note_received(message["id"], phone, self.world.now() - late)
        message.update(content)
        return message

    def _bubble(self, phone: Phone, bubble_id: str) -> Bubble:
        bubble = self.world.bubble(bubble_id)
        if bubble is None or bubble.phone != phone.id:
            raise LookupError(f"{phone.name} has no message {bubble_id}")
        return bubble

    def _find_option(self, phone: Phone, option: str | int, bubble_id: str | None) -> tuple[Bubble, dict[str, Any]]:
        if bubble_id:
            candidates = [self._bubble(phone, bubble_id)]
        else:
            candidates = [bubble for bubble in reversed(phone.bubbles) if bubble.by == "bot" and bubble.options]
        if isinstance(option, int):
            for bubble in candidates[:1]:
                if -len(bubble.options) <= option < len(bubble.options):
                    return bubble, bubble.options[option]
        else:
            wanted = option.strip().casefold()
            for matches in (str.__eq__, str.startswith, str.__contains__):
                for bubble in candidates:
                    for offered in bubble.options:
                        if matches(offered["title"].strip().casefold(), wanted):
                            return bubble, offered
        titles = [offered["title"] for bubble in candidates[:3] for offered in bubble.options]
        raise LookupError(f"{phone.name} sees no option {option!r}; latest options: {titles}")


def _shown_as(kind: str) -> str:
    return "tap" if kind in {"interactive", "button"} else kind
