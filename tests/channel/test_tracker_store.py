"""The tracker store under Rasa itself: sessions, forms, restarts, shell, and a cost that does not grow."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core import events as rasa_events
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy import text as sql

from marcai.whatsapp import snapshots
from marcai.whatsapp.lock_store import MarcaiLockStore
from marcai.whatsapp.tracker_store import MarcaiTrackerStore
from tests.channel import bot
from tests.channel.line import tap, text, until

ANA = "5511988887777"


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return bot.train(tmp_path_factory.mktemp("bot"))


@pytest.fixture
def agent(model, database):
    store = TrackerStore.create(EndpointConfig(type="marcai.whatsapp.tracker_store.MarcaiTrackerStore"))
    assert isinstance(store, MarcaiTrackerStore)
    agent = Agent(tracker_store=store, lock_store=MarcaiLockStore(),
                  action_endpoint=EndpointConfig("http://127.0.0.1:1/webhook"))
    agent.load_model(model)
    return agent


@pytest.fixture
def line(start_line, agent):
    return start_line(agent=agent)


def talk(agent, *said, sender="shell-user"):
    """As `rasa shell` does: no turn is current."""
    async def main():
        answers = []
        for one in said:
            channel = CollectingOutputChannel()
            await agent.handle_message(UserMessage(one, channel, sender))
            answers.append(" ".join(message.get("text") or "" for message in channel.messages))
        return answers

    return asyncio.run(main())


def run(coroutine):
    return asyncio.run(coroutine)


def types(database, where="true"):
    with database.connect() as connection:
        return connection.execute(sql(
            f"SELECT type_name FROM conversation_events WHERE {where} ORDER BY id")).scalars().all()


class TestWithRasa:
    def test_a_conversation_over_the_channel(self, line, graph, database):
        for number, (said, answer) in enumerate([
            ("oi", "Oi!"), ("marcar", "Qual cidade?"), ("São Paulo", "Feito: São Paulo"), ("oi", "Oi!"),
        ], start=1):
            line.receive(text(ANA, said))
            until(lambda number=number: len(graph.texts(ANA)) == number)
            assert graph.texts(ANA)[-1] == answer
        token = graph.sent_to(ANA)[-1]["interactive"]["action"]["buttons"][0]["reply"]["id"]
        line.receive(tap(ANA, token))
        until(lambda: graph.texts(ANA)[-1] == "Dia: sexta")
        line.receive(tap(ANA, "unknown-token"))
        until(lambda: graph.texts(ANA)[-1] == "Expirou")
        with database.connect() as connection:
            intents = connection.execute(sql("SELECT intent_name FROM conversation_events WHERE type_name = 'user' "
                                             "ORDER BY id")).scalars().all()
        assert intents[:2] == ["greet", "ask_form"] and intents[-2:] == ["give", "expired_option"]
        assert types(database).count("session_started") == 1

    def test_an_action_that_fails_ends_in_the_apology(self, line, graph):
        line.receive(text(ANA, "quebra"))
        until(lambda: graph.texts(ANA) == ["desculpe"])
        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA)[-1] == "Oi!")

    def test_a_typed_restart_is_not_obeyed(self, line, graph, database):
        line.receive(text(ANA, "/restart"))
        until(lambda: graph.texts(ANA))
        assert "restart" not in types(database)


class TestWithoutATurn:
    def test_rasa_shell_keeps_its_conversation(self, agent, database):
        assert talk(agent, "oi", "marcar", "Rio", "/restart", "oi") == [
            "Oi!", "Qual cidade?", "Feito: Rio", "", "Oi!"]
        tracker = run(agent.tracker_store.retrieve("shell-user"))
        assert tracker.get_slot("city") is None
        assert run(agent.tracker_store.exists("shell-user")) and not run(agent.tracker_store.exists("nobody"))
        assert run(agent.tracker_store.keys()) == ["shell-user"]

    def test_the_full_conversation_has_every_event_once(self, agent):
        talk(agent, "oi", "marcar", "Rio", "oi")
        full = run(agent.tracker_store.retrieve_full_tracker("shell-user"))
        said = [event.text for event in full.events if isinstance(event, rasa_events.UserUttered)]
        assert said == ["oi", "marcar", "Rio", "oi"]

        async def change():  # as the HTTP API does: the full conversation, one event more
            tracker = await agent.tracker_store.retrieve_full_tracker("shell-user")
            tracker.update(rasa_events.SlotSet("city", "Olinda"))
            await agent.tracker_store.save(tracker)

        run(change())
        again = run(agent.tracker_store.retrieve_full_tracker("shell-user"))
        assert len(again.events) == len(full.events) + 1
        assert run(agent.tracker_store.retrieve("shell-user")).get_slot("city") == "Olinda"

    def test_a_tracker_made_elsewhere_adds_only_what_is_new(self, agent, database):
        talk(agent, "oi")
        stored = run(agent.tracker_store.retrieve_full_tracker("shell-user"))
        made = DialogueStateTracker.from_events("shell-user", [*stored.events, rasa_events.SlotSet("city", "x")],
                                                agent.domain.slots)
        run(agent.tracker_store.save(made))
        assert len(types(database)) == len(stored.events) + 1


class TestSessions:
    def test_a_session_ends_after_half_an_hour_and_slots_do_not_carry_over(self, agent, database, monkeypatch):
        assert talk(agent, "marcar", "Rio") == ["Qual cidade?", "Feito: Rio"]
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + 29 * 60)
        talk(agent, "oi")
        assert run(agent.tracker_store.retrieve("shell-user")).get_slot("city") == "Rio"
        assert types(database).count("session_started") == 1
        monkeypatch.setattr(time, "time", lambda: real() + 60 * 60)
        talk(agent, "oi")
        assert run(agent.tracker_store.retrieve("shell-user")).get_slot("city") is None
        assert types(database).count("session_started") == 2

    def test_a_form_in_progress_survives_the_snapshot(self, agent):
        talk(agent, *["oi"] * 5, "marcar")
        tracker = run(agent.tracker_store.retrieve("shell-user"))
        assert tracker.active_loop_name == "visit_form" and tracker.get_slot("requested_slot") == "city"
        assert talk(agent, "Recife") == ["Feito: Recife"]


class TestCost:
    def test_what_a_turn_reads_does_not_grow(self, agent, database):
        sizes = []
        for _ in range(3):
            talk(agent, *["oi"] * 15)
            tracker = run(agent.tracker_store.retrieve("shell-user"))
            sizes.append(len(tracker.events))
        assert sizes[0] == sizes[-1] < 15
        assert len(types(database)) > 45 * 4


# --- any conversation at all -------------------------------------------------------------------------------------

DOMAIN = Domain.from_yaml(bot.DOMAIN)
EVENT = st.one_of(
    st.sampled_from(["oi", "marcar", "x"]).map(lambda words: rasa_events.UserUttered(
        words, {"name": "greet", "confidence": 1.0}, [], {"intent": {"name": "greet", "confidence": 1.0},
                                                          "entities": [], "text": words})),
    st.just(None).map(lambda _: rasa_events.ActionExecuted("action_listen")),
    st.sampled_from(["utter_greet", "visit_form", "action_session_start"]).map(rasa_events.ActionExecuted),
    st.sampled_from(["sp", None, "rj"]).map(lambda value: rasa_events.SlotSet("city", value)),
    st.sampled_from(["sexta", None]).map(lambda value: rasa_events.SlotSet("day", value)),
    st.sampled_from(["visit_form", None]).map(rasa_events.ActiveLoop),
    st.sampled_from(["Oi!", "?"]).map(rasa_events.BotUttered),
    st.just(0).map(lambda _: rasa_events.ConversationPaused()),
    st.just(0).map(lambda _: rasa_events.ConversationResumed()),
    st.just(0).map(lambda _: rasa_events.Restarted()),
    st.just(0).map(lambda _: rasa_events.AllSlotsReset()),
    st.just(0).map(lambda _: rasa_events.UserUtteranceReverted()),
    st.just(0).map(lambda _: rasa_events.SessionStarted()),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(EVENT, max_size=7), min_size=1, max_size=8))
def test_a_condensed_conversation_is_in_the_same_state(turns):
    """Turn after turn, each from the snapshot of the one before, against a tracker that keeps everything."""
    whole = DialogueStateTracker.from_events("x", [], DOMAIN.slots)
    kept = []
    for turn in turns:
        said = rasa_events.UserUttered("oi", {"name": "greet", "confidence": 1.0}, [], {})
        short = snapshots.rebuild("x", kept, DialogueStateTracker("x", DOMAIN.slots))
        for event in [said, *turn, rasa_events.ActionExecuted("action_listen")]:
            whole.update(event)
            short.update(event)
        kept = snapshots.condense(short)
        again = snapshots.rebuild("x", kept, DialogueStateTracker("x", DOMAIN.slots))
        assert again.current_slot_values() == short.current_slot_values()
        assert again.is_paused() == short.is_paused()
        assert again.active_loop_name == short.active_loop_name
        assert again.followup_action == short.followup_action
        assert again.latest_action_name == short.latest_action_name
        if not any(isinstance(event, rasa_events.UserUtteranceReverted) for one in turns for event in one):
            # Reverting reaches further back than the turn; everything else is as in the whole conversation.
            assert again.current_slot_values() == whole.current_slot_values()
            assert again.is_paused() == whole.is_paused()
            assert again.active_loop_name == whole.active_loop_name
            assert again.latest_message.text == whole.latest_message.text
        assert len(kept) <= 3 + len(DOMAIN.slots) + snapshots.LOOP_EVENTS
    assert again.current_state(EventVerbosity.NONE)["latest_action_name"] == whole.latest_action_name
