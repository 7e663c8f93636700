"""A person in place of the assistant, as the channel sees it: silence, her replies, and the turn that gives it back."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from marcai.conversation import session as sessions
from marcai.handoff import attendants, passwords, presence, service
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.whatsapp import assistance, history, inbox
from tests.channel.graph_double import options
from tests.channel.line import tap, text, until

ANA = "5511988887777"


@pytest.fixture
def julia(salon, monkeypatch):
    monkeypatch.setattr(passwords, "COST", 4)
    return attendants.add(salon, "julia", "Júlia Prado", "uma-senha-comprida")


@pytest.fixture
def ana(line, graph, database):
    """A customer who has written, and was answered with the way back from a person."""
    line.agent.script = lambda message: {"text": "oi", "buttons": [
        {"title": "Voltar ao assistente", "payload": "/back_to_bot", "lasting": True},
        {"title": "Outra coisa", "payload": "/greet", "lasting": True}]}
    line.receive(text(ANA, "oi"))
    until(lambda: graph.sent_to(ANA))
    line.agent.script = lambda message: f"eco: {message.text}"
    with database.connect() as connection:
        return until(lambda: connection.execute(sql("SELECT customer_id FROM lanes")).scalar())


@pytest.fixture
def asked(salon, ana, julia):
    """Her request, while somebody is on duty."""
    presence.beat(salon.slug, julia.id)
    return service.request(salon, ana, {"draft": {}, "question": None}).handoff


def done(database):
    with database.connect() as connection:
        return connection.execute(sql("SELECT count(*) FROM inbound_messages WHERE state = 'done'")).scalar()


class TestInternalTurns:
    def test_a_turn_without_a_message_is_answered_like_one(self, line, graph, salon, ana):
        line.agent.script = lambda message: "continuamos?"
        with transaction() as session:
            assert inbox.enqueue_internal(session, salon.id, ana, "resume", {"handoff": "abc"})
        until(lambda: graph.texts(ANA)[1:])
        seen = line.agent.seen[-1]
        assert (seen["intent"], seen["entities"]) == ("resume", {"handoff": "abc"})
        assert seen["metadata"]["kind"] == "internal"
        assert graph.texts(ANA)[1:] == ["continuamos?"]

    def test_it_happens_if_and_only_if_its_transaction_commits(self, line, graph, salon, ana):
        with pytest.raises(RuntimeError), transaction() as session:
            inbox.enqueue_internal(session, salon.id, ana, "resume")
            raise RuntimeError
        time.sleep(1.5)
        assert len(line.agent.seen) == 1

    def test_the_same_key_begins_one_turn(self, line, salon, ana):
        began = []
        for _ in range(2):
            with transaction() as session:
                began.append(inbox.enqueue_internal(session, salon.id, ana, "resume", dedupe_key="once"))
        until(lambda: len(line.agent.seen) == 2)
        time.sleep(1.2)
        assert began == [True, False] and len(line.agent.seen) == 2

    def test_it_keeps_the_order_and_does_not_open_the_window(self, line, database, salon, ana):
        with database.connect() as connection:
            before = connection.execute(sql("SELECT last_inbound_at FROM lanes")).scalar()
        line.agent.ready = False
        line.receive(text(ANA, "antes"))
        time.sleep(1.1)
        with transaction() as session:
            inbox.enqueue_internal(session, salon.id, ana, "resume")
        line.agent.ready = True
        until(lambda: len(line.agent.seen) == 3)
        assert [seen["intent"] for seen in line.agent.seen[1:]] == ["greet", "resume"]
        with database.connect() as connection:
            after = connection.execute(sql("SELECT last_inbound_at FROM lanes")).scalar()
        assert after - before < timedelta(seconds=5)

    def test_somebody_who_never_wrote_gets_none(self, salon):
        from uuid import uuid4

        with transaction() as session:
            assert not inbox.enqueue_internal(session, salon.id, uuid4(), "resume")


class TestWaiting:
    def test_what_she_writes_reaches_rasa_with_a_mark_and_is_met_with_silence(self, line, graph, database, asked):
        line.agent.script = lambda message: {"custom": {"quiet": True}}
        line.receive(text(ANA, "tem alguém aí?"))
        until(lambda: len(line.agent.seen) == 2)
        until(lambda: done(database) == 2)
        assert line.agent.seen[-1]["metadata"]["handoff"] == "waiting"
        assert len(graph.sent_to(ANA)) == 1

    def test_silence_that_nobody_meant_is_a_failure_all_the_same(self, line, graph, asked):
        line.agent.script = lambda message: []
        line.receive(text(ANA, "tem alguém aí?"))
        until(lambda: "desculpe, tente de novo" in graph.texts(ANA))


class TestAssisted:
    def test_the_assistant_is_silent_and_the_attendant_reads_along(
            self, line, graph, database, salon, julia, ana, asked):
        assistance.take(salon, julia, asked.id)
        until(lambda: len(graph.sent_to(ANA)) == 2)
        assert "*Júlia*, da equipe do Salão Bela Vista" in graph.texts(ANA)[-1]
        line.receive(text(ANA, "é sobre uma alergia"))
        until(lambda: done(database) == 2)
        assert len(line.agent.seen) == 1 and len(graph.sent_to(ANA)) == 2
        assert [one.text for one in history.conversation(ana) if one.by == "customer"] == ["oi", "é sobre uma alergia"]
        assert sessions.read(salon.slug, ana)["state"] == "ASSISTED"

    def test_replies_arrive_in_their_order_and_once(self, line, graph, salon, julia, asked):
        assistance.take(salon, julia, asked.id)
        for number in range(5):
            for _ in range(2):  # a script that tries again sends the same key
                assistance.reply(salon, julia, asked.id, f"resposta {number}", f"key-{number}")
        until(lambda: len(graph.sent_to(ANA)) == 7, 20)
        assert graph.texts(ANA)[-5:] == [f"resposta {number}" for number in range(5)]

    def test_closing_gives_the_conversation_back_to_the_assistant(self, line, graph, salon, julia, asked):
        assistance.take(salon, julia, asked.id)
        line.agent.script = lambda message: "voltei"
        assistance.close(salon, julia, asked.id)
        until(lambda: "voltei" in graph.texts(ANA))
        assert line.agent.seen[-1]["intent"] == "resume"
        assert line.agent.seen[-1]["entities"] == {"handoff": str(asked.id)}
        line.agent.script = lambda message: f"eco: {message.text}"
        line.receive(text(ANA, "obrigada"))
        until(lambda: "eco: obrigada" in graph.texts(ANA))

    def test_a_tap_on_the_way_back_reaches_rasa_and_other_taps_do_not(self, line, graph, database, salon, julia, asked):
        offered = options(graph.sent_to(ANA)[0])
        assistance.take(salon, julia, asked.id)
        line.receive(tap(ANA, offered["Outra coisa"]))
        until(lambda: done(database) == 2)
        assert len(line.agent.seen) == 1
        line.receive(tap(ANA, offered["Voltar ao assistente"]))
        until(lambda: len(line.agent.seen) == 2)
        assert line.agent.seen[-1]["intent"] == "back_to_bot"

    def test_after_24_hours_whatsapp_takes_no_free_text(self, line, graph, salon, julia, ana, asked, monkeypatch):
        assistance.take(salon, julia, asked.id)
        until(lambda: len(graph.sent_to(ANA)) == 2)
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24, seconds=5))
        with pytest.raises(assistance.WindowClosed):
            assistance.reply(salon, julia, asked.id, "oi", "k")
        assistance.close(salon, julia, asked.id)
        monkeypatch.undo()
        time.sleep(1.2)
        assert len(line.agent.seen) == 1, "the assistant would not be heard either"

    def test_somebody_elses_conversation_cannot_be_answered(self, line, salon, julia, asked):
        with pytest.raises(assistance.NotHers):
            assistance.reply(salon, julia, asked.id, "oi", "k")

    def test_giving_it_back_to_the_queue_tells_the_customer_and_keeps_her_place(self, line, graph, salon, julia, asked):
        assistance.take(salon, julia, asked.id)
        assistance.release(salon, julia, asked.id)
        until(lambda: len(graph.sent_to(ANA)) == 3)
        assert "Voltar ao assistente" in options(graph.sent_to(ANA)[-1])
        assert [one.id for one in service.queued(salon)] == [asked.id]
