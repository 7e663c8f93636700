"""Every published limit of an outgoing message, checked as the Cloud API checks it: the whole message is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marcai.simulator.errors import GraphError
from marcai.simulator.fields import array, obj, one_of, only, string, unique, url

#: A media id -> its MIME type, or None when the id is unknown or has expired.
MediaType = Callable[[str], "str | None"]

_TOP = {"messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data"}
_MEDIA = {"image", "video", "audio", "document", "sticker"}
TYPES = _MEDIA | {"text", "interactive", "template", "reaction", "location", "contacts"}
_INTERACTIVE = {"button", "list", "cta_url", "location_request_message"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
MIME_OF: dict[str, dict[str, int]] = {  # message type -> MIME type -> most bytes
    "image": dict.fromkeys(("image/jpeg", "image/png"), 5 << 20),
    "audio": dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 << 20),
    "video": dict.fromkeys(("video/mp4", "video/3gpp"), 16 << 20),
    "sticker": {"image/webp": 500 << 10},
    "document": dict.fromkeys((
        "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint", f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}spreadsheetml.sheet",
        f"{_OFFICE}presentationml.presentation"), 100 << 20),
}


def check(body: Any, media_type: MediaType) -> str:
    """Check a message body (templates only in outline; see `templates.render`).

    Returns:
        The message type.

    Raises:
        GraphError: with the code and details of the first limit that is broken.
    """
    product(body)
    if body.get("recipient_type", "individual") != "individual":
        one_of(body.get("recipient_type"), {"individual"}, "recipient_type")
    if not body.get("to") and not body.get("recipient"):
        raise GraphError(100, "The parameter to is required.", message="(#100) The parameter to is required.")
    for key in ("to", "recipient"):
        if key in body and not isinstance(body[key], str):
            raise GraphError(100, f"Param {key} must be a string.")
    kind = one_of(body.get("type", "text"), TYPES, "type")
    only(body, _TOP | {kind}, "")
    string(body, "biz_opaque_callback_data", "message", most=512, optional=True, code=100)
    context = obj(body, "context", "message", optional=True)
    if context is not None:
        only(context, {"message_id"}, "context")
        string(context, "message_id", "context", most=1000)
    content = obj(body, kind, "message") if kind != "contacts" else {}
    checker = _CHECKS.get(kind)
    if kind in _MEDIA:
        _media(content, kind, media_type, kind)
    elif kind == "interactive":
        _interactive(content, media_type)
    elif checker:
        checker(content)
    else:
        array(body, "contacts", "message", least=1, most=257)
    return kind


def product(body: Any) -> None:
    """Every call names the product."""
    if not isinstance(body, dict):
        raise GraphError(100, "The request body must be a JSON object.")
    if body.get("messaging_product") is None:
        raise GraphError(100, "The parameter messaging_product is required.",
                         message="(#100) The parameter messaging_product is required.")
    one_of(body["messaging_product"], {"whatsapp"}, "messaging_product")


def _text(content: dict) -> None:
    only(content, {"body", "preview_url"}, "text")
    string(content, "body", "text", most=4096, code=100)
    if not isinstance(content.get("preview_url", False), bool):
        raise GraphError(100, "Param text['preview_url'] must be a boolean.")


def _media(content: dict, kind: str, media_type: MediaType, path: str) -> None:
    allowed = {"id", "link"}
    if kind in {"image", "video", "document"}:
        allowed.add("caption")
        string(content, "caption", path, most=1024, optional=True)
    if kind == "document":
        allowed.add("filename")
        string(content, "filename", path, most=240, optional=True)
    if kind == "audio":
        allowed.add("voice")
    only(content, allowed, path)
    if ("id" in content) == ("link" in content):
        raise GraphError(131009, f"Exactly one of 'id' and 'link' must be given in '{path}'.")
    if "link" in content:
        url(content, "link", path)
        return
    mime = media_type(string(content, "id", path, most=256))
    if mime is None:
        raise GraphError(131009, f"Media object with ID '{content['id']}' does not exist or has expired.")
    if mime not in MIME_OF[kind]:
        raise GraphError(131053, f"Media of type {mime} cannot be sent as {kind}.")


def _reaction(content: dict) -> None:
    only(content, {"message_id", "emoji"}, "reaction")
    string(content, "message_id", "reaction", most=1000)
    emoji = content.get("emoji")
    if not isinstance(emoji, str):
        raise GraphError(131008, "Parameter 'emoji' of 'reaction' is mandatory.")
    if len(emoji) > 12 or (emoji.isascii() and emoji):
        raise GraphError(131009, "Param reaction['emoji'] must be one emoji or an empty string.")


def _location(content: dict) -> None:
    only(content, {"latitude", "longitude", "name", "address"}, "location")
    for key, most in (("latitude", 90), ("longitude", 180)):
        try:
            inside = abs(float(content[key])) <= most
        except KeyError:
            raise GraphError(131008, f"Parameter '{key}' of 'location' is mandatory.") from None
        except (TypeError, ValueError):
            inside = False
        if not inside:
            raise GraphError(131009, f"Param location['{key}'] must be a number of degrees.")
    string(content, "name", "location", most=1000, optional=True)
    string(content, "address", "location", most=1000, optional=True)


def _template(content: dict) -> None:
    only(content, {"name", "language", "components", "namespace"}, "template")
    string(content, "name", "template", most=512)
    language = obj(content, "language", "template")
    only(language, {"code", "policy"}, "template['language']")
    string(language, "code", "template['language']", most=15)


def _interactive(content: dict, media_type: MediaType) -> None:
    kind = content.get("type")
    if kind is None:
        raise GraphError(131008, "Parameter 'type' of 'interactive' is mandatory.")
    one_of(kind, _INTERACTIVE, "interactive['type']")
    only(content, {"type", "header", "body", "footer", "action"}, "interactive")
    body = obj(content, "body", "interactive")
    only(body, {"text"}, "interactive['body']")
    string(body, "text", "interactive['body']", most=4096 if kind == "list" else 1024)
    footer = obj(content, "footer", "interactive", optional=True)
    if footer is not None:
        only(footer, {"text"}, "interactive['footer']")
        string(footer, "text", "interactive['footer']", most=60)
    header = obj(content, "header", "interactive", optional=True)
    if kind == "location_request_message" and (header or footer):
        raise GraphError(131009, "A location request has no header and no footer.")
    if header is not None:
        _header(header, kind, media_type)
    action = obj(content, "action", "interactive")
    {"button": _buttons, "list": _list, "cta_url": _cta_url,
     "location_request_message": _location_request}[kind](action)


def _header(header: dict, kind: str, media_type: MediaType) -> None:
    path = "interactive['header']"
    form = header.get("type")
    if form is None:
        raise GraphError(131008, f"Parameter 'type' of '{path}' is mandatory.")
    allowed = {"text"} if kind == "list" else {"text", "image", "video", "document"}
    if form not in allowed:
        raise GraphError(131009, f"Header type '{form}' is not allowed here; allowed: {sorted(allowed)}.")
    only(header, {"type", form}, path)
    if form == "text":
        string(header, "text", path, most=60, one_line=True)
    else:
        _media(obj(header, form, path), form, media_type, f"{path}['{form}']")


def _buttons(action: dict) -> None:
    path = "interactive['action']"
    only(action, {"buttons"}, path)
    buttons = array(action, "buttons", path, least=1, most=3)
    for button in buttons:
        only(button, {"type", "reply"}, f"{path}['buttons']")
        one_of(button.get("type"), {"reply"}, f"{path}['buttons']['type']")
        reply = obj(button, "reply", "button")
        only(reply, {"id", "title"}, "button['reply']")
        string(reply, "id", "button['reply']", most=256)
        string(reply, "title", "button['reply']", most=20, one_line=True)
    unique([button["reply"]["id"].strip() for button in buttons], "Button ids")
    unique([button["reply"]["title"].strip() for button in buttons], "Button titles")


def _list(action: dict) -> None:
    path = "interactive['action']"
    only(action, {"button", "sections"}, path)
    string(action, "button", path, most=20, one_line=True)
    sections = array(action, "sections", path, least=1, most=10)
    ids: list[str] = []
    for section in sections:
        only(section, {"title", "rows"}, f"{path}['sections']")
        string(section, "title", "section", most=24, optional=len(sections) == 1, one_line=True)
        for row in array(section, "rows", "section", least=1):
            only(row, {"id", "title", "description"}, "section['rows']")
            ids.append(string(row, "id", "row", most=200))
            string(row, "title", "row", most=24, one_line=True)
            string(row, "description", "row", most=72, optional=True)
    if len(ids) > 10:
        raise GraphError(131009, f"Total row count exceed max allowed count: 10 (got {len(ids)}).")
    unique(ids, "Row ids")


def _cta_url(action: dict) -> None:
    path = "interactive['action']"
    only(action, {"name", "parameters"}, path)
    one_of(action.get("name"), {"cta_url"}, f"{path}['name']")
    parameters = obj(action, "parameters", path)
    only(parameters, {"display_text", "url"}, f"{path}['parameters']")
    string(parameters, "display_text", f"{path}['parameters']", most=20, one_line=True)
    url(parameters, "url", f"{path}['parameters']")


def _location_request(action: dict) -> None:
    only(action, {"name"}, "interactive['action']")
    one_of(action.get("name"), {"send_location"}, "interactive['action']['name']")


_CHECKS: dict[str, Callable[[dict], None]] = {
    "text": _text, "reaction": _reaction, "location": _location, "template": _template,
}
