"""A turn's Rasa responses as Graph message bodies: as few bubbles as WhatsApp's limits allow, no option lost.

Pure functions. A response is a dict with the keys `text`, `buttons`, `image`, `header`, `footer`, `list_button`,
`link` and `about`; `domain.yml` keeps those that Rasa does not know in `metadata`. Every other key is left alone. A
button has `title` and `payload`, and may have `description`, `section`, `place: end` and `lasting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from marcai.whatsapp import limits
from marcai.whatsapp.options import Option, token

Body = dict[str, Any]


@dataclass(frozen=True)
class Words:
    """The few words the channel itself needs; `domain.yml` has them."""

    more: str
    list_button: str


@dataclass
class Bubble:
    """One message to send, and what it shows, for reactions and analysis."""

    body: Body
    about: dict[str, Any] = field(default_factory=dict)


@dataclass
class Rendered:
    """A turn's bubbles and every option in them or on their later pages."""

    bubbles: list[Bubble] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)


@dataclass
class _Part:
    """A response read once: its words, its buttons in order, and what else it shows."""

    text: str
    buttons: list[dict[str, Any]]
    image: str | None
    link: dict[str, str] | None
    header: str
    footer: str
    list_button: str
    about: dict[str, Any]

    @property
    def plain(self) -> bool:
        return not (self.buttons or self.image or self.link)


def render(responses: Iterable[dict[str, Any]], words: Words) -> Rendered:
    """Renders a turn's responses.

    Texts are put in front of what follows them, parted by a blank line, as far as they fit; a longer one is split on
    paragraphs. Up to three options with short titles become reply buttons, others a list, more than ten go on pages.
    """
    made = Rendered()
    before: list[str] = []
    about: dict[str, Any] = {}
    for part in filter(None, map(_read, responses)):
        about = {**about, **part.about}
        before += [part.text] if part.text else []
        if part.plain:
            continue
        part.text, before = "\n\n".join(before), []
        _add(made, part, words, about)
        about = {}
    _texts(made, "\n\n".join(before), about)
    return made


def _read(response: dict[str, Any]) -> _Part | None:
    more = response.get("metadata")
    response = {**(more if isinstance(more, dict) else {}), **response}
    buttons = [button for button in response.get("buttons") or response.get("quick_replies") or []
               if isinstance(button, dict) and _word(button.get("title"))]
    buttons.sort(key=lambda button: button.get("place") == "end")
    image, attachment, link = response.get("image"), response.get("attachment"), response.get("link")
    text = _word(response.get("text"))
    if isinstance(attachment, str) and attachment != image:
        text = f"{text}\n{attachment}".strip()
    if isinstance(link, dict) and _word(link.get("url")):
        link = {"title": _word(link.get("title")) or link["url"], "url": link["url"].strip()}
    else:
        link = None
    about = dict(response["about"]) if isinstance(response.get("about"), dict) else {}
    if response.get("utter_action"):
        about.setdefault("response", response["utter_action"])
    part = _Part(text, buttons, image if _word(image) else None, link, _word(response.get("header")),
                 _word(response.get("footer")), _word(response.get("list_button")), about)
    if part.plain:  # WhatsApp gives plain text no header or footer
        part.text = "\n\n".join(filter(None, (part.header, part.text, part.footer)))
    return part if part.text or not part.plain else None


def _word(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _add(made: Rendered, part: _Part, words: Words, about: dict[str, Any]) -> None:
    """Adds one response that shows more than text."""
    if part.link and (part.buttons or part.image):
        part.text, part.link = f"{part.text}\n\n{part.link['title']}: {part.link['url']}".strip(), None
    buttons = _as_buttons(part.buttons)
    if part.image and not (buttons and limits.fits(part.text, limits.BUTTON_BODY) and not part.header):
        caption = _room(made, part.text, limits.CAPTION) if not part.buttons else ""
        body: Body = {"type": "image", "image": {"link": part.image}}
        if caption:
            body["image"]["caption"] = caption
        made.bubbles.append(Bubble(body, about))
        part.image = None
        if not part.buttons:
            return
    if part.link:
        text = _room(made, part.text or part.link["title"], limits.BUTTON_BODY)
        action = {"name": "cta_url", "parameters": {
            "display_text": limits.cut(part.link["title"], limits.LINK_BUTTON), "url": part.link["url"]}}
        made.bubbles.append(Bubble(_interactive("cta_url", part, text, action), about))
    elif buttons:
        text = _room(made, part.text or words.list_button, limits.BUTTON_BODY)
        options = [_option(button) for button in part.buttons]
        action = {"buttons": [{"type": "reply", "reply": {"id": option.token, "title": title}}
                              for option, title in zip(options, buttons, strict=True)]}
        made.options += options
        made.bubbles.append(Bubble(_interactive("button", part, text, action), about))
    else:
        _add_list(made, part, words, about)

def _add_list(made: Rendered, part: _Part, words: Words, about: dict[str, Any]) -> None:
    """Adds a list; with more than ten options, the later pages stay with the "more" row of the page before."""
    text = _room(made, part.text or words.list_button, limits.LIST_BODY)
    page_size = limits.ROWS - 1
    pages = [part.buttons]
    if len(part.buttons) > limits.ROWS:
        pages, rest = [], part.buttons
        while len(rest) > limits.ROWS:
            pages.append(rest[:page_size])
            rest = rest[page_size:]
        pages.append(rest)
    following: Option | None = None
    for page in reversed(pages):
        options = [_option(button) for button in page]
        body = _interactive("list", part, text, {
            "button": limits.cut(part.list_button or words.list_button, limits.LIST_BUTTON),
            "sections": _sections(page, options, following, words),
        })
        made.options += options
        if page is pages[0]:
            made.bubbles.append(Bubble(body, about))
        else:
            following = Option(token(), words.more, "", page=[body])
            made.options.append(following)


def _sections(page: Sequence[dict[str, Any]], options: Sequence[Option], following: Option | None,
              words: Words) -> list[Body]:
    titles = [button["title"] for button in page] + ([words.more] if following else [])
    sections: dict[str, list[Body]] = {}
    for button, option, title in zip(page, options, limits.unique(titles, limits.ROW_TITLE), strict=False):
        row: Body = {"id": option.token, "title": title}
        shortened = "" if title == " ".join(button["title"].split()) else button["title"]
        description = " · ".join(filter(None, (shortened, _word(button.get("description")))))
        if description:
            row["description"] = limits.cut(description, limits.ROW_DESCRIPTION)
        sections.setdefault(_word(button.get("section")), []).append(row)
    if following:
        title = limits.unique(titles, limits.ROW_TITLE)[-1]
        next(reversed(sections.values())).append({"id": following.token, "title": title})
    if len(sections) == 1:
        (name, rows), = sections.items()
        return [{"title": limits.cut(name, limits.SECTION_TITLE), "rows": rows} if name else {"rows": rows}]
    names = limits.unique([name or words.list_button for name in sections], limits.SECTION_TITLE)
    return [{"title": name, "rows": rows} for name, rows in zip(names, sections.values(), strict=True)]


def _as_buttons(buttons: Sequence[dict[str, Any]]) -> list[str] | None:
    """The titles as reply buttons show them; None where a list is needed."""
    titles = [" ".join(button["title"].split()) for button in buttons]
    plain = not any(_word(button.get("description")) or _word(button.get("section")) for button in buttons)
    short = all(limits.fits(title, limits.BUTTON_TITLE) for title in titles)
    if not 0 < len(buttons) <= limits.BUTTONS or not plain or not short:
        return None
    return limits.unique(titles, limits.BUTTON_TITLE)


def _option(button: dict[str, Any]) -> Option:
    title = " ".join(button["title"].split())
    return Option(token(), title, str(button.get("payload") or title), lasting=bool(button.get("lasting")))


def _room(made: Rendered, text: str, limit: int) -> str:
    """The end of a text that fits with what it introduces; what does not fit goes before it as text."""
    *early, last = limits.split(text, limit) or [""]
    _texts(made, "\n\n".join(early), {})
    return last


def _texts(made: Rendered, text: str, about: dict[str, Any]) -> None:
    for piece in limits.split(text, limits.TEXT):
        made.bubbles.append(Bubble({"type": "text", "text": {"body": piece, "preview_url": False}}, about))


def _interactive(kind: str, part: _Part, text: str, action: Body) -> Body:
    interactive: Body = {"type": kind, "body": {"text": text}, "action": action}
    if part.image:
        interactive["header"] = {"type": "image", "image": {"link": part.image}}
    elif part.header:
        interactive["header"] = {"type": "text", "text": limits.cut(part.header, limits.HEADER)}
    if part.footer:
        interactive["footer"] = {"text": limits.cut(part.footer, limits.FOOTER)}
    return {"type": "interactive", "interactive": interactive}


def plain(body: Body) -> Body | None:
    """A body as plain text, for when WhatsApp refuses its form; None when it is plain text or has no words."""
    if body.get("type") == "image":
        said = [body["image"].get("caption", ""), body["image"].get("link", "")]
    elif body.get("type") == "interactive":
        interactive = body["interactive"]
        action = interactive["action"]
        choices = [button["reply"]["title"] for button in action.get("buttons", [])]
        choices += [row["title"] for section in action.get("sections", []) for row in section["rows"]]
        said = [interactive["body"]["text"], "\n".join(f"• {choice}" for choice in choices),
                action.get("parameters", {}).get("url", "")]
    else:
        return None
    text = "\n\n".join(filter(None, said))
    return {"type": "text", "text": {"body": limits.cut(text, limits.TEXT) if not limits.fits(text, limits.TEXT)
                                     else text, "preview_url": False}} if text else None
