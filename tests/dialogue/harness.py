"""A conversation without a Rasa server: rules, actions and responses as they are, the intent given by the test.

The action is found in `data/rules/` as Rasa finds it (an intent, and the slot `question` where a rule asks for it), run
through rasa_sdk's executor against the real database, and its answers are filled in from `domain.yml` as Rasa does it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import rasa_sdk
import yaml
from rasa_sdk.executor import ActionExecutor
from sqlalchemy import text

from marcai.conversation import session
from marcai.conversation.draft import Draft
from marcai.customers import service as customers
from marcai.platform.database import transaction
from marcai.tenants.service import TenantInfo

ROOT = Path(__file__).resolve().parent.parent.parent
BUTTON_TITLE, ROW_TITLE, BUTTONS = 20, 24, 3  # WhatsApp's limits: reply buttons, rows of a list, buttons in a message


@cache
def domain() -> dict[str, Any]:
    """`domain.yml`."""
    return yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))


@cache
def rules() -> dict[tuple[str, str | None], str]:
    """(intent, question or None) -> action, of every rule."""
    found: dict[tuple[str, str | None], str] = {}
    for file in sorted((ROOT / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]:
            steps = {key: value for step in rule["steps"] for key, value in step.items()}
            condition = rule.get("condition", [{}])[0]
            question = next((slot["question"] for slot in condition.get("slot_was_set", [])), None)
            key = (steps["intent"], question)
            assert key not in found, f"two rules for {key}"
            found[key] = steps["action"]
    return found


def action_for(intent: str, question: str | None) -> str:
    """The action that the rules choose."""
    return rules().get((intent, question)) or rules()[intent, None]


@cache
def executor() -> ActionExecutor:
    """Every action of `actions/`, registered as the action server does it."""
    made = ActionExecutor()
    made.register_package("actions")
    return made


@cache
def _interpolate():
    # Rasa's own code for filling in a response, without the cost of importing Rasa.
    place = Path(rasa_sdk.__file__).parent.parent / "rasa" / "core" / "nlg" / "interpolator.py"
    spec = importlib.util.spec_from_file_location("rasa_interpolator", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.interpolate


def render(message: dict[str, Any]) -> dict[str, Any]:
    """A message of an action as the channel gets it: the response filled in, its buttons before the message's own."""
    values = {key: value for key, value in message.items() if value is not None}
    name = values.pop("response")
    variations = [{key: _interpolate()(value, message) for key, value in variation.items() if key != "metadata"}
                  for variation in deepcopy(domain()["responses"][name])]
    for variation in variations:  # Rasa takes any of them
        left_open = re.findall(r"(?<!{){\w+}(?!})", variation["text"])
        assert not left_open, f"{name} lacks {left_open}"
        assert not re.search(r", [!.?]|  |\*\*|None", variation["text"]), variation["text"]
    filled = variations[0]
    own = values.pop("buttons", None) or []
    static = filled.get("buttons") or []
    ends = [button for button in static if button.get("place") == "end"]
    filled["buttons"] = [button for button in static if button not in ends] + own + ends
    filled["name"], filled["values"] = name, values
    assert all("{{" not in button["payload"] and "}}" not in button["payload"] for button in filled["buttons"])
    return filled


class Talk:
    """One customer's conversation; the test says what NLU would understand.

    Attributes:
        said: the messages of the last turn, filled in.
    """

    def __init__(self, tenant: TenantInfo, customer_id: UUID) -> None:
        self.tenant = tenant
        self.id = customer_id
        self.slots: dict[str, Any] = {"draft": None, "question": None}
        self.said: list[dict[str, Any]] = []
        self.history: list[str] = []

    def __call__(self, intent: str, text: str = "", *, again: bool = False, message_id: str | None = None,
                 metadata: dict[str, Any] | None = None, ranking: tuple[str, ...] = (), **entities: Any) -> str:
        """One turn.

        Args:
            intent: what NLU makes of it.
            text: what she wrote.
            again: the turn was cut off by a crash: what it did stays, the conversation is as it was before.
            message_id: of the message; a new one by default.
            metadata: of the channel.
            ranking: intents by likelihood.
            entities: by name; a tap's codes, or words that NLU has marked.

        Returns:
            All that is answered, for quick looks.
        """
        message = {
            "text": text, "intent": {"name": intent, "confidence": 1.0}, "message_id": message_id or uuid4().hex,
            "entities": [self._entity(name, value, text) for name, value in entities.items()],
            "intent_ranking": [{"name": name} for name in ranking], "metadata": metadata or {},
        }
        before = deepcopy(self.slots)
        answer = self._run(action_for(intent, self.slots["question"]), message)
        if again:
            self.slots = before
            answer = self._run(action_for(intent, self.slots["question"]), message)
        self.said = [render(one) for one in answer["responses"]]
        assert self.said, f"{intent} was met with silence"
        self.history += [f"> {text or intent}", f"< {self.text}"]
        self._keeps_whatsapps_limits()
        return self.text

    def _run(self, action: str, message: dict[str, Any]) -> dict[str, Any]:
        call = {"next_action": action, "domain": domain(),
                "tracker": {"sender_id": str(self.id), "slots": deepcopy(self.slots), "latest_message": message,
                            "events": [], "paused": False, "followup_action": None, "active_loop": {},
                            "latest_action_name": None}}
        answer = asyncio.run(executor().run(call))
        for event in answer["events"]:
            if event["event"] == "slot":
                self.slots[event["name"]] = json.loads(json.dumps(event["value"]))  # as it comes back from a database
            elif event["event"] == "followup" and event["name"] != "action_listen":
                return self._run(event["name"], message)
        return answer

    @staticmethod
    def _entity(name: str, value: Any, text: str) -> dict[str, Any]:
        start = text.lower().find(str(value).lower())
        return {"entity": name, "value": value, "start": start, "end": start + len(str(value))}

    def _keeps_whatsapps_limits(self) -> None:
        for message in self.said:
            buttons = message["buttons"]
            as_list = len(buttons) > BUTTONS or any("description" in one or "section" in one for one in buttons)
            for button in buttons:
                assert len(button["title"]) <= (ROW_TITLE if as_list else BUTTON_TITLE) or as_list, button["title"]

    def tap(self, title: str, **more: Any) -> str:
        """Taps the newest option with this title, or beginning so."""
        options = [button for message in self.said for button in message["buttons"]]
        found = [button for button in options if button["title"].startswith(title)]
        assert found, f"no {title!r} among {[button['title'] for button in options]}"
        name, _, codes = found[0]["payload"][1:].partition("{")
        return self(name, found[0]["title"], **(json.loads("{" + codes) if codes else {}), **more)

    # ---- what can be seen afterwards -----------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """All texts of the last turn."""
        return "\n".join(message["text"] for message in self.said)

    @property
    def names(self) -> list[str]:
        """The responses of the last turn."""
        return [message["name"] for message in self.said]

    @property
    def options(self) -> list[str]:
        """The titles on offer after the last turn."""
        return [button["title"] for message in self.said for button in message["buttons"]]

    @property
    def question(self) -> str | None:
        """What was asked last."""
        return self.slots["question"]

    @property
    def draft(self) -> Draft:
        """What she has chosen so far."""
        return Draft.from_slot(self.slots["draft"])

    @property
    def session(self) -> dict[str, Any]:
        """The session in Redis."""
        return dict(session.read(self.tenant.slug, self.id))

    @property
    def state(self) -> str:
        """The session's state."""
        return self.session["state"]

    def transcript(self) -> str:
        """The conversation so far."""
        return "\n".join(self.history)


def new_customer(tenant: TenantInfo, phone: str, name: str | None = None) -> UUID:
    """A customer who has just written for the first time, or, with a name, one who is known."""
    with transaction() as opened:
        customer_id = customers.identify(opened, tenant.id, wa_id=phone, user_id=None).id
    if name:
        customers.set_name(customer_id, name)
        customers.tell_consent(customer_id)
    return customer_id


def never_together() -> None:
    """Bruno works on Tuesdays only, Denise on all other days."""
    with transaction() as opened:
        opened.execute(text("DELETE FROM shifts USING staff WHERE staff.id = staff_id AND (code, weekday = 1) IN "
                            "(('bruno', false), ('denise', true))"))


BOOKED = [(intent, words) for visit in ("barba sábado às 10h", "manicure com a Carla sexta às 10h")
          for intent, words in (("book_appointment", visit), ("affirm", "sim"))]
OPEN = {  # question -> how to get there
    "name": [("greet", "oi")],
    "service": [("book_appointment", "quero marcar")],
    "which_service": [("book_appointment", "corte e barba")],
    "add_another": [("book_appointment", "quero barba")],
    "package": [("book_appointment", "barba e manicure"), ("deny", "só isso")],
    "date": [("book_appointment", "quero barba"), ("deny", "só isso")],
    "time": [("book_appointment", "barba sábado")],
    "professional": [("book_appointment", "corte feminino sábado às 10h")],
    "booking": [("book_appointment", "barba sábado às 10h")],
    "another_service": [("book_appointment", "quero barba"), ("affirm", "sim")],
    "change_package": [("book_appointment", "barba e manicure"), ("deny", "só isso"), ("deny", "não")],
    "two_visits": [("book_appointment", "barba e massagem"), ("deny", "só isso"), ("affirm", "sim")],
    "change_booking": [("book_appointment", "barba sábado às 10h"), ("deny", "não")],
    "cancel": [*BOOKED[:2], ("cancel_appointment", "quero cancelar")],
    "which_to_cancel": [*BOOKED, ("cancel_appointment", "quero cancelar")],
    "which_to_move": [*BOOKED, ("reschedule_appointment", "quero remarcar")],
}


def bring_to(talk: Talk, question: str) -> None:
    """Talks until the question is open."""
    if question == "two_visits":
        never_together()
    for intent, words in OPEN[question]:
        talk(intent, words)
    assert talk.question == question, talk.transcript()
