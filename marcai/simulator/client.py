"""A small client for tests and demonstrations: a customer with a phone in the hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

DEFAULT_TIMEOUT = 45.0


class NoAnswer(AssertionError):
    """The business did not answer in time; the message holds the conversation so far."""


@dataclass
class Bubble:
    """One message as the customer sees it."""

    raw: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """The WhatsApp message id."""
        return self.raw["id"]

    @property
    def seq(self) -> int:
        """Its place in the conversation, from 1."""
        return self.raw["seq"]

    @property
    def by(self) -> str:
        """bot, customer or system."""
        return self.raw["by"]

    @property
    def kind(self) -> str:
        """text, buttons, list, cta_url, location_request, image, template, tap, audio …"""
        return self.raw["kind"]

    @property
    def text(self) -> str:
        """The body."""
        return self.raw["text"]

    @property
    def header(self) -> str:
        """The text of the header, or nothing."""
        return (self.raw["header"] or {}).get("text", "")

    @property
    def footer(self) -> str:
        """The footer, or nothing."""
        return self.raw["footer"] or ""

    @property
    def options(self) -> list[str]:
        """Titles of the buttons or rows, top to bottom."""
        return [option["title"] for option in self.raw["options"]]

    @property
    def descriptions(self) -> dict[str, str]:
        """Title -> description of the rows of a list."""
        return {option["title"]: option.get("description") or "" for option in self.raw["options"]}

    @property
    def sections(self) -> dict[str, list[str]]:
        """Section title -> row titles of a list."""
        found: dict[str, list[str]] = {}
        for option in self.raw["options"]:
            found.setdefault(option.get("section") or "", []).append(option["title"])
        return found

    @property
    def list_button(self) -> str:
        """What the button of a list says."""
        return self.raw["list_button"] or ""

    @property
    def link(self) -> str:
        """The address behind the link button, or nothing."""
        return (self.raw["link"] or {}).get("url", "")

    @property
    def media(self) -> dict[str, Any]:
        """Kind and address of the picture, sound or file, also when it is the header."""
        return self.raw["media"] or (self.raw["header"] or {}).get("media") or {}

    @property
    def status(self) -> str:
        """accepted, sent, delivered, read or failed."""
        return self.raw["status"]

    @property
    def reactions(self) -> dict[str, str]:
        """bot/customer -> emoji."""
        return self.raw["reactions"]

    @property
    def graph_body(self) -> dict[str, Any]:
        """What came over the Graph API (business), or went out in the webhook (customer)."""
        return self.raw["raw"]

    def __str__(self) -> str:
        who = {"bot": "<", "customer": ">", "system": "*"}[self.by]
        lines = [f"{who} " + "\n  ".join(filter(None, [self.header, self.text, self.footer]))]
        lines += [f"    [{title}]" for title in self.options]
        if self.link:
            lines.append(f"    ({self.raw['link']['title']} -> {self.link})")
        if self.media and self.by == "bot":
            lines.append(f"    ({self.media.get('kind')}: {self.media.get('url') or self.media.get('id')})")
        return "\n".join(lines)


class Phone:
    """A customer's phone. `expect` gives what came after the last thing said (or the last `expect`)."""

    def __init__(self, simulator: SimulatorClient, state: dict[str, Any]):
        self.simulator = simulator
        self.id: str = state["id"]
        self._state = state
        self._seen: int = state["seq"]

    # --- saying ---------------------------------------------------------------------------------------------

    def say(self, text: str, **faults: Any) -> Bubble:
        """Send a text. Faults: duplicates=2, rebatched=True, late_seconds=86400, tampered=True."""
        return self.send("text", text=text, faults=faults or None)

    def send(self, kind: str, *, faults: dict[str, Any] | None = None, **content: Any) -> Bubble:
        """Send anything: audio, image, sticker, document, video, location, contacts, unsupported, raw."""
        return self._sent("messages", {"content": {"type": kind, **content}, "faults": faults})

    def tap(self, option: str | int, bubble: Bubble | str | None = None, **faults: Any) -> Bubble:
        """Tap an option by title (whole, beginning, or part; the newest bubble that has it) or position."""
        which = bubble.id if isinstance(bubble, Bubble) else bubble
        return self._sent("tap", {"option": option, "bubble": which, "faults": faults or None})

    def react(self, emoji: str, bubble: Bubble | None = None) -> None:
        """React to a bubble, by default the newest of the business; an empty emoji takes it back."""
        target = bubble or self.last()
        self.simulator.call("POST", f"/sim/phones/{self.id}/reaction", {"bubble": target.id, "emoji": emoji})

    def change_number(self, number: str, *, new_user_id: bool = False) -> None:
        """Take another number; the business is told by a system message."""
        self.simulator.call("POST", f"/sim/phones/{self.id}/number", {"number": number, "new_user_id": new_user_id})

    def say_and_wait(self, text: str, *, timeout: float = DEFAULT_TIMEOUT, quiet: float | None = None) -> list[Bubble]:
        """Send a text and collect the answer."""
        self.say(text)
        return self.expect(timeout=timeout, quiet=quiet)

    def tap_and_wait(self, option: str | int, bubble: Bubble | str | None = None, *,
                     timeout: float = DEFAULT_TIMEOUT, quiet: float | None = None) -> list[Bubble]:
        """Tap and collect the answer."""
        self.tap(option, bubble)
        return self.expect(timeout=timeout, quiet=quiet)

    # --- hearing --------------------------------------------------------------------------------------------

    def expect(self, *, timeout: float = DEFAULT_TIMEOUT, quiet: float | None = None) -> list[Bubble]:
        """The business messages since the last thing said or expected: waits for one, then until it is quiet.

        Raises:
            NoAnswer: nothing came within `timeout` seconds.
        """
        answer = self._wait(timeout, self.simulator.quiet if quiet is None else quiet)
        if not answer:
            raise NoAnswer(f"no answer within {timeout} s in:\n{self.transcript()}")
        self._seen = answer[-1].seq
        return answer

    def expect_nothing(self, *, seconds: float = 2.0) -> None:
        """Nothing comes for a while."""
        if came := self._wait(seconds, 0.0):
            raise AssertionError(f"unexpected: {[str(bubble) for bubble in came]} in:\n{self.transcript()}")

    def bubbles(self) -> list[Bubble]:
        """The whole conversation."""
        return [Bubble(raw) for raw in self.simulator.call("GET", f"/sim/phones/{self.id}/bubbles")]

    def last(self, by: str = "bot") -> Bubble:
        """The newest bubble of the business (or of `by`)."""
        for bubble in reversed(self.bubbles()):
            if bubble.by == by:
                return bubble
        raise LookupError(f"no bubble by {by} in:\n{self.transcript()}")

    def refresh(self, bubble: Bubble) -> Bubble:
        """The same bubble as it is now (status, reactions)."""
        return next(one for one in self.bubbles() if one.id == bubble.id)

    def transcript(self) -> str:
        """The conversation as plain text, for failure messages."""
        return "\n".join(map(str, self.bubbles()))

    def calls(self) -> list[dict[str, Any]]:
        """The Graph sends to this phone, refused ones too."""
        return self.simulator.call("GET", "/sim/calls", params={"phone": self.id, "kind": "message"})

    # --- the phone itself -----------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        """wa_id, user_id, name, window_open, typing …"""
        self._state = self.simulator.call("GET", f"/sim/phones/{self.id}")
        return self._state

    @property
    def wa_id(self) -> str | None:
        """What WhatsApp calls this customer."""
        return self.state["wa_id"]

    @property
    def user_id(self) -> str:
        """The business-scoped user id."""
        return self.state["user_id"]

    def set(self, **changes: Any) -> None:
        """Change receipts (none, sent, delivered, read), status_order (normal, reversed, skip_delivered, early)
        or armed (faults of the next message)."""
        self.simulator.call("PATCH", f"/sim/phones/{self.id}", changes)

    def fail_next(self, code: int = 131000, *, times: int = 1, mode: str = "sync", seconds: float = 2.0) -> None:
        """Let the next sends to this phone fail, see `SimulatorClient.fail_next`."""
        self.simulator.fail_next(code, times=times, mode=mode, seconds=seconds, phone=self)

    def _sent(self, what: str, body: dict[str, Any]) -> Bubble:
        bubble = Bubble(self.simulator.call("POST", f"/sim/phones/{self.id}/{what}", body))
        self._seen = bubble.seq
        return bubble

    def _wait(self, timeout: float, quiet: float) -> list[Bubble]:
        answer = self.simulator.call("GET", f"/sim/phones/{self.id}/wait", timeout=timeout + quiet + 15,
                                     params={"after": self._seen, "quiet": quiet, "timeout": timeout})
        return [Bubble(raw) for raw in answer["bubbles"]]


class SimulatorClient:
    """The control API of a running simulator."""

    def __init__(self, base_url: str = "http://127.0.0.1:8080", *, phone_number_id: str | None = None,
                 quiet: float = 0.7):
        self.base_url = base_url.rstrip("/")
        self.phone_number_id = phone_number_id
        self.quiet = quiet
        self._http = httpx.Client(base_url=self.base_url, timeout=30, trust_env=False, verify=False)

    def __enter__(self) -> SimulatorClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, method: str, path: str, body: Any = None, *, params: dict[str, Any] | None = None,
             timeout: float = 30.0) -> Any:
        """Any call of the control API; its refusals are raised with their text."""
        answer = self._http.request(method, path, json=body, params=params, timeout=timeout)
        if answer.status_code == 404:
            raise LookupError(answer.json().get("detail"))
        if answer.status_code >= 400:
            raise ValueError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def phone(self, number: str | None = None, *, name: str = "Cliente", kind: str = "13",
              phone_number_id: str | None = None, username: str | None = None, **settings: Any) -> Phone:
        """A customer's phone, new or existing. Kinds: 13, 12 (old Brazilian account), username (no number)."""
        return Phone(self, self.call("POST", "/sim/phones", {
            "number": number, "name": name, "kind": kind, "username": username,
            "phone_number_id": phone_number_id or self.phone_number_id, **settings}))

    def line(self, phone_number_id: str, name: str | None = None) -> dict[str, Any]:
        """Add (or rename) a business line."""
        return self.call("POST", "/sim/lines", {"phone_number_id": phone_number_id, "name": name})

    def reset(self) -> None:
        """Forget conversations, logs, faults and settings."""
        self.call("POST", "/sim/reset")

    def config(self, **changes: Any) -> dict[str, Any]:
        """Settings of the pretended Cloud API: pair_rate=False, throughput=0, window=False, status_delay=0 …"""
        return self.call("PATCH", "/sim/config", changes)

    def fail_next(self, code: int = 131000, *, times: int = 1, mode: str = "sync", seconds: float = 2.0,
                  phone: Phone | None = None, phone_number_id: str | None = None) -> None:
        """Let the next Graph sends fail: sync, async (accepted, then failed), slow, cut (accepted, no answer),
        drop (not accepted, no answer)."""
        self.call("POST", "/sim/failures", {"code": code, "times": times, "mode": mode, "seconds": seconds,
                                            "phone": phone.id if phone else None,
                                            "phone_number_id": phone_number_id})

    def hold(self, what: str = "all") -> None:
        """Keep webhooks back: messages, statuses or all."""
        self.call("POST", "/sim/hold", {"what": what})

    def release(self, *, order: str = "as_sent", batch: bool = False, shape: str = "changes",
                seed: int | None = None) -> int:
        """Send what was held, in order (as_sent, reversed, shuffled), one by one or batched."""
        return self.call("POST", "/sim/release", {"order": order, "batch": batch, "shape": shape,
                                                  "seed": seed})["released"]

    def batch(self, texts: list[tuple[Phone, str]], *, shape: str = "messages") -> int:
        """Many texts in one POST; afterwards each phone expects what comes after its text."""
        count = self.call("POST", "/sim/batch", {"shape": shape, "messages": [
            {"phone": phone.id, "content": {"type": "text", "text": text}} for phone, text in texts]})["sent"]
        for phone in {phone.id: phone for phone, _ in texts}.values():
            phone._seen = phone.last("customer").seq
        return count

    def move_clock(self, seconds: float, *, everywhere: bool = False) -> None:
        """Set the clock this many seconds ahead of the machine's; everywhere: for all processes that share
        MARCAI_CLOCK_FILE."""
        self.call("PUT", "/sim/clock", {"offset_seconds": seconds, "everywhere": everywhere})

    def calls(self, **filters: Any) -> list[dict[str, Any]]:
        """Graph calls (filters: phone, kind=message|read, after)."""
        return self.call("GET", "/sim/calls", params=filters)

    def deliveries(self) -> list[dict[str, Any]]:
        """Webhook posts with the answer to each attempt."""
        return self.call("GET", "/sim/deliveries")

    def cost(self) -> dict[str, Any]:
        """Billed messages by business line and category, and the total."""
        return self.call("GET", "/sim/cost")

    def put_template(self, **template: Any) -> None:
        """Add a template or change its state (name, body, language, state, buttons …)."""
        self.call("PUT", "/sim/templates", template)

    def handshake(self, verify_token: str | None = None) -> dict[str, Any]:
        """Do the webhook's GET handshake: status, body, accepted."""
        return self.call("POST", "/sim/handshake", {"verify_token": verify_token})
