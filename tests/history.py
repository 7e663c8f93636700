"""Conversations as the channel stores them, turn by turn and at any time, without a Rasa server."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from marcai.analytics import recording
from marcai.customers import service as customers
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.whatsapp import beginning, lanes, sealed, turns
from marcai.whatsapp.messages import Words
from marcai.whatsapp.models import InboundMessage, Lane

SAID = turns.Said(Words("Ver mais", "Ver opções"), {"text": "desculpe"})


class History:
    """Writes turns at times of its choosing; the clock stands where the last one was."""

    def __init__(self, tenant: Any, monkeypatch: Any, begin: datetime) -> None:
        self.tenant, self._patch, self.begin = tenant, monkeypatch, begin
        self._drafts: dict[UUID, tuple[dict[str, Any], str | None]] = {}
        self._phones = 5511900000000

    def at(self, minutes: float) -> datetime:
        """Sets the clock to so many minutes after the beginning."""
        moment = self.begin + timedelta(minutes=minutes)
        self._patch.setattr(clock, "now", lambda: moment)
        return moment

    def customer(self, name: str | None = None) -> UUID:
        """Somebody who has never written before."""
        self._phones += 1
        with transaction() as session:
            found = customers.identify(session, self.tenant.id, wa_id=str(self._phones), user_id=None).id
            session.execute(insert(Lane).values(id=found, tenant_id=self.tenant.id, customer_id=found,
                                                identified_at=clock.now()))
        if name:
            customers.set_name(found, name)
        return found

    def turn(self, customer: UUID, minutes: float, question: str | None, *, intent: str = "inform",
             action: str = "action_inform", text: str = "oi", ranking: list[dict[str, Any]] = (),
             waited: float = 0, **draft: Any) -> UUID:
        """One turn: what is open after it, and what else the draft says; a new draft replaces the last one."""
        now = self.at(minutes)
        before, asked = self._drafts.get(customer, ({}, None))
        self._drafts[customer] = (draft, question)
        with transaction() as session:
            session.execute(Lane.__table__.update().where(Lane.id == customer).values(leased_by="t", waiting=True))
            inbound = session.execute(insert(InboundMessage).values(
                phone_number_id="1", message_key=uuid4().bytes, tenant_id=self.tenant.id, lane_id=customer, kind="text",
                sent_at=now - timedelta(minutes=waited), received_at=now).returning(InboundMessage.id)).scalar()
        facts = recording.facts(intent=intent, action=action, ranking=list(ranking), before=before, asked=asked,
                                after=draft, question=question)
        lane = lanes.Lane(customer, self.tenant.id, "t", 0, customer_id=customer, identified_at=now)
        turn = turns.Turn(lane, self.tenant, customer, [inbound], SAID, replies=[{"text": "olá"}])
        said = {"event": "user", "text": text, "parse_data": {"intent": {"name": intent}, "entities": []}}
        turns.commit(turn, turns.Conversation(
            str(customer), ["user"], [now], [intent], [None], [sealed.seal(said)], sealed.seal([]), str(turn.id),
            facts=facts, seen=beginning.read(customer, None)[0].updated_at))
        return turn.id

    def walk(self, customer: UUID, minutes: float, *questions: str | None) -> None:
        """Turns a minute apart, each leaving the next question open; `booked` books."""
        for place, question in enumerate(questions):
            booked = question == "booked"
            self.turn(customer, minutes + place, None if booked else question,
                      intent="affirm" if booked else "inform", booked=booked)

    def missed(self, customer: UUID, minutes: float, misses: int, question: str | None, **more: Any) -> None:
        """A turn that was not understood."""
        ranking = [{"name": "nlu_fallback", "confidence": 0.6}, {"name": "ask_price", "confidence": 0.4},
                   {"name": "ask_duration", "confidence": 0.3}]
        self.turn(customer, minutes, question, intent="nlu_fallback", action="action_fallback", ranking=ranking,
                  misses=misses, **more)
