"""Customers with phones, and what the product has on record about them."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from marcai.platform.localdata import DEMO_LOGIN
from marcai.simulator.client import Bubble, Phone, SimulatorClient

LINE = "100000000000001"  # the demonstration salon's WhatsApp number
PATIENCE = 90.0  # seconds; a test machine may be busy, and a killed process takes its time to be back
_numbers = count(81_000_001)


def until(condition: Callable[[], Any], why: str, seconds: float = PATIENCE) -> Any:
    """Waits until something is the case, and gives it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"never happened: {why}"
        time.sleep(0.1)
    return found


class Records:
    """What is in PostgreSQL and Redis."""

    def __init__(self, env: dict[str, str]) -> None:
        self.engine: Engine = create_engine(env["DATABASE_URL"], future=True, pool_pre_ping=True)
        self.met: set[UUID] = set()  # customers who are known to be somebody's phone
        self.redis = redis.Redis.from_url(env["REDIS_URL"], decode_responses=True)

    def rows(self, query: str, **values: Any) -> list[Any]:
        """Rows of a query."""
        with self.engine.connect() as connection:
            return connection.execute(text(query), values).all()

    def value(self, query: str, **values: Any) -> Any:
        """The one value of a query."""
        return self.rows(query, **values)[0][0]

    def do(self, statement: str, **values: Any) -> None:
        """Changes something."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def customers(self) -> set[UUID]:
        """The ids of all customers."""
        return {row.id for row in self.rows("SELECT id FROM customers")}


class Person:
    """A customer of the salon, or of another establishment.

    Attributes:
        heard: what came after the last thing she did.
    """

    def __init__(self, records: Records, phone: Phone, slug: str = "bela-vista") -> None:
        self.records, self.phone, self.slug = records, phone, slug
        self.heard: list[Bubble] = []
        self._before = records.customers()
        self._id: UUID | None = None

    def say(self, words: str, *needles: str, **faults: Any) -> str:
        """Writes, and waits for an answer in which all of the needles occur."""
        self.phone.say(words, **faults)
        return self.hear(*needles)

    def tap(self, title: str, *needles: str) -> str:
        """Taps the newest option with this title, turning the pages of a list as far as needed."""
        for _ in range(4):
            if title in self.options or "Ver mais" not in self.options:
                break
            self.phone.tap("Ver mais")
            self.hear()
        self.phone.tap(title)
        return self.hear(*needles)

    def hear(self, *needles: str, patience: float = PATIENCE) -> str:
        """Waits for what comes, until all of the needles have occurred."""
        self.heard = []
        end = time.monotonic() + patience
        while True:
            self.heard += self.phone.expect(timeout=max(1.0, end - time.monotonic()))
            self._find_id()
            missing = [needle for needle in needles if needle not in self.text]
            if not missing:
                return self.text
            assert time.monotonic() < end, f"{missing} missing in:\n{self.phone.transcript()}"

    @property
    def text(self) -> str:
        """The words of what was heard last, headers and footers included."""
        return "\n".join(filter(None, (part for bubble in self.heard
                                       for part in (bubble.header, bubble.text, bubble.footer))))

    @property
    def options(self) -> list[str]:
        """What can be tapped in what was heard last."""
        return [title for bubble in self.heard for title in bubble.options]

    @property
    def clocks(self) -> list[str]:
        """The clock times on offer."""
        return [title for title in self.options if re.fullmatch(r"\d{1,2}h(\d\d)?", title)]

    @property
    def days(self) -> list[str]:
        """The days on offer."""
        return [title for title in self.options if re.search(r", \d\d/\d\d", title)]

    def _find_id(self) -> None:
        """She is the customer who was not there before she first wrote, and is nobody else of these tests."""
        new = self.records.customers() - self._before - self.records.met if self._id is None else set()
        if len(new) == 1:
            (self._id,) = new
            self.records.met.add(self._id)

    @property
    def id(self) -> UUID:
        """Her id as a customer."""
        assert self._id, "several wrote their first message at once: nobody knows who is who"
        return self._id

    # ---- parts of a booking that many journeys share ---------------------------------------------------------------

    def introduce_herself(self, name: str = "Carla Souza") -> Person:
        """Says hello and her name."""
        self.say("oi", "Como posso te chamar?")
        self.say(name, f"Prazer, {name.split()[0]}")
        return self

    def choose_a_day(self, number: int = 0) -> str:
        """Takes one of the days on offer."""
        day = self.days[number]
        self.tap(day)
        return day

    def choose_a_time(self, number: int = 0) -> str:
        """Takes a day if one is asked for, and one of its times, and anybody who does it.

        Not today, where a single time may be left, which nobody is asked about.
        """
        if not self.clocks:
            self.choose_a_day(int(self.days[0].startswith("hoje")))
        assert self.clocks, self.phone.transcript()
        at = self.clocks[number]
        self.tap(at)
        if "Tanto faz" in self.options:
            self.tap("Tanto faz")
        assert "Confirmar" in self.options, self.phone.transcript()
        return at

    def confirm(self) -> str:
        """Confirms, and waits for the details."""
        return self.tap("Confirmar", "Prontinho", "Agendamento confirmado")

    # ---- what is on record -------------------------------------------------------------------------------------------

    @property
    def bookings(self) -> list[Any]:
        """Her bookings, each with the names of its services in order."""
        return self.records.rows("""
            SELECT b.*, array_agg(s.name ORDER BY i.position) AS services, array_agg(DISTINCT p.name) AS people
              FROM bookings b JOIN booking_items i ON i.booking_id = b.id JOIN services s ON s.id = i.service_id
              JOIN staff p ON p.id = i.staff_id WHERE b.customer_id = :id GROUP BY b.id ORDER BY b.created_at
            """, id=self.id)

    @property
    def taken(self) -> list[Any]:
        """Her allocations that count."""
        return self.records.rows("SELECT * FROM allocations WHERE customer_id = :id AND state <> 'released' "
                                 "ORDER BY lower(during)", id=self.id)

    @property
    def session(self) -> dict[str, Any]:
        """Her session in Redis."""
        return json.loads(self.records.redis.get(f"session:{self.slug}:{self.id}"))

    def end_of_session(self) -> None:
        """What a long silence leaves behind: the customer, and nothing of the conversation."""
        for table in ("conversation_snapshots", "conversation_events"):
            self.records.do(f"DELETE FROM {table} WHERE sender_id = :id", id=str(self.id))
        self.records.redis.delete(f"session:{self.slug}:{self.id}")

    def got_every_reply_once(self) -> None:
        """Whatever was to be sent to her has arrived, once, in order."""
        until(lambda: not self.records.value(
            "SELECT count(*) FROM outbound_messages WHERE customer_id = :id AND state = 'queued'", id=self.id),
            "everything is sent")
        sent = self.records.value("SELECT count(*) FROM outbound_messages WHERE customer_id = :id", id=self.id)
        came = [bubble for bubble in self.phone.bubbles() if bubble.by == "bot"]
        assert len(came) == sent, self.phone.transcript()
        waiting = "SELECT count(*) FROM inbound_messages WHERE customer_id = :id AND state <> 'done'"
        assert self.records.value(waiting, id=self.id) == 0


class Webhook:
    """Meta's side of the webhook, for what a phone cannot do."""

    def __init__(self, env: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{env['RASA_PORT']}/webhooks/whatsapp/webhook"
        self.secret = env["WHATSAPP_APP_SECRET"]

    def text(self, wa_id: str, words: str, *, line: str = LINE, **more: Any) -> dict[str, Any]:
        """The body of a webhook with one text message."""
        message = {"from": wa_id, "id": f"wamid.{uuid4().hex}", "timestamp": str(int(time.time())), "type": "text",
                   "text": {"body": words}, **more}
        value = {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "1", "phone_number_id": line},
                 "contacts": [{"profile": {"name": "X"}, "wa_id": wa_id}], "messages": [message]}
        return {"object": "whatsapp_business_account",
                "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}

    def post(self, body: Any, *, signature: str | None = None) -> int:
        """Posts a body, signed unless a signature is given; the answer's status."""
        raw = json.dumps(body).encode()
        signed = "sha256=" + hmac.new(self.secret.encode(), raw, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": signed if signature is None else signature,
                   "Content-Type": "application/json"}
        return httpx.post(self.url, content=raw, headers=headers, timeout=30, trust_env=False).status_code


class Desk:
    """The demonstration salon's attendant at her page."""

    def __init__(self, system) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{system.env['WEB_PORT']}", timeout=30)
        self.password = system.data.secrets()["DEMO_ATTENDANT_PASSWORD"]

    def sign_in(self) -> None:
        answer = self.client.post("/atendimento/entrar", data={"salao": "bela-vista", "login": DEMO_LOGIN,
                                                   "senha": self.password})
        assert answer.status_code == 303, answer.text
        assert "Na fila" in self.page()

    def page(self, path: str = "") -> str:
        answer = self.client.get(f"/atendimento{path}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, **form) -> None:
        csrf = re.search(r'name="csrf" value="([^"]+)"', self.page())[1]
        answer = self.client.post(f"/atendimento{path}", data={"csrf": csrf, **form})
        assert answer.status_code == 303, answer.text

    def state(self, handoff_id) -> dict:
        return self.client.get("/atendimento/estado", params={"c": str(handoff_id), "visivel": "1"}).json()

    def leave(self) -> None:
        self.post("/sair")


def new_number() -> str:
    """A Brazilian mobile number with 13 digits that nobody has yet."""
    return f"55119{next(_numbers)}"


def simulator(env: dict[str, str], quiet: float = 0.4) -> SimulatorClient:
    """The running simulator; an answer is over after so many quiet seconds."""
    return SimulatorClient(f"http://127.0.0.1:{env['SIMULATOR_PORT']}", phone_number_id=LINE, quiet=quiet)
