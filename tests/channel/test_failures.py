"""Whatever breaks, and wherever the process dies: one set of replies, nothing lost, nobody left in silence."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from marcai.whatsapp import beginning, consumer, lanes, outbox, serving, tracker_store, turns
from tests.channel.line import text, until

ANA = "5511988887777"
APOLOGY = "desculpe, tente de novo"


class Killed(BaseException):
    """The process dies here."""


def rows(database, query):
    with database.connect() as connection:
        return connection.execute(sql(query)).all()


def only(database, query):
    return [row[0] for row in rows(database, query)]


@pytest.fixture(autouse=True)
def short_leases(monkeypatch):
    monkeypatch.setattr(lanes, "LEASE", timedelta(seconds=1.5))
    monkeypatch.setattr(consumer, "RENEW_SECONDS", 0.4)
    monkeypatch.setattr(turns, "SEND_LEASE", timedelta(seconds=1.5))
    monkeypatch.setattr(consumer, "STOP_SECONDS", 2.0)
    monkeypatch.setattr(consumer, "_pause", lambda attempts: timedelta(seconds=0.2))


class TestRasa:
    def test_an_exception_is_tried_again_from_the_stored_state(self, line, graph):
        line.receive(text(ANA, "antes"))
        until(lambda: graph.texts(ANA))
        runs = []

        def script(message):
            runs.append(message.text)
            if len(runs) == 1:
                raise ValueError("action")
            return "deu certo"

        line.agent.script = script
        line.receive(text(ANA, "oi"))
        until(lambda: len(graph.texts(ANA)) == 2)
        assert graph.texts(ANA)[1] == "deu certo" and runs == ["oi", "oi"]

    def test_an_exception_that_stays_ends_in_the_apology(self, line, graph, database):
        line.agent.script = lambda message: 1 / 0
        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA))
        assert graph.texts(ANA) == [APOLOGY] and only(database, "SELECT state FROM inbound_messages") == ["failed"]
        line.agent.script = lambda message: "agora sim"
        line.receive(text(ANA, "e agora?"))
        until(lambda: len(graph.texts(ANA)) == 2)
        assert graph.texts(ANA)[1] == "agora sim"

    def test_no_reply_at_all_is_the_apology_and_the_turn_is_kept(self, line, graph, database):
        line.agent.script = lambda message: []
        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA) == [APOLOGY])
        assert only(database, "SELECT state FROM inbound_messages") == ["done"]
        assert "user" in only(database, "SELECT type_name FROM conversation_events")

    def test_a_paused_conversation_gets_no_reply_and_keeps_what_is_said(self, line, graph, database):
        """The hook for ASSISTED: a person of the establishment is answering."""
        import asyncio

        from rasa.shared.core.events import ConversationPaused

        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA))
        sender = line.agent.seen[0]["sender"]

        async def pause():
            tracker = await line.agent.tracker_store.retrieve(sender)
            tracker.update(ConversationPaused())
            await line.agent.tracker_store.save(tracker)

        asyncio.run_coroutine_threadsafe(pause(), line.loop).result(5)
        line.agent.script = lambda message: []
        line.receive(text(ANA, "tem alguém aí?"))
        until(lambda: only(database, "SELECT state FROM inbound_messages ORDER BY id") == ["done", "done"])
        time.sleep(0.2)
        assert len(graph.texts(ANA)) == 1
        assert only(database, "SELECT type_name FROM conversation_events").count("user") == 2

    def test_a_turn_that_hangs_ends_in_the_apology(self, line, graph, monkeypatch):
        import asyncio

        monkeypatch.setattr(serving, "TURN_SECONDS", 0.3)

        async def hang(message):
            await asyncio.sleep(60)

        line.agent.script = hang
        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA) == [APOLOGY])

    def test_a_message_before_the_model_is_loaded_waits(self, line, graph):
        line.agent.ready = False
        line.receive(text(ANA, "oi"))
        time.sleep(0.3)
        assert not line.agent.seen
        line.agent.ready = True
        until(lambda: graph.texts(ANA) == ["eco: oi"])

    def test_a_message_that_kills_the_process_is_given_up_in_the_end(self, start_line, graph, database, monkeypatch):
        monkeypatch.setattr(serving, "LEASES", 2)
        line = start_line()

        async def die(message):
            line.loop.call_soon(line.loop.stop)
            raise Killed

        for _ in range(2):
            line.agent.script = die
            if not only(database, "SELECT id FROM inbound_messages"):
                line.receive(text(ANA, "veneno"))
            until(lambda line=line: not line.thread.is_alive())
            line.running = False
            line = start_line()
        line.agent.script = lambda message: pytest.fail("it was run again")
        until(lambda: graph.texts(ANA) == [APOLOGY])


class TestStore:
    """Rasa's FailSafeTrackerStore must not turn a database error into an empty or forgotten conversation."""

    @pytest.mark.parametrize("again", [False, True])
    def test_a_conversation_that_cannot_be_read_is_not_taken_for_a_new_one(self, line, graph, database, monkeypatch,
                                                                           again):
        """Neither when the turn begins, nor when it is run again after Rasa has raised."""
        line.receive(text(ANA, "um"))
        until(lambda: graph.texts(ANA))
        module, name = (tracker_store, "SNAPSHOT") if again else (beginning, "READ")
        real, failures, raised = getattr(module, name), [], []

        def failing(**values):
            if len(failures) < 3:
                failures.append(1)
                raise ConnectionError("database down")
            return real(**values)

        def answer(message):
            if again and len(raised) < 4:
                raised.append(1)
                raise ValueError("broken")
            return "pronto"

        monkeypatch.setattr(module, name, failing)
        line.agent.script = answer
        line.receive(text(ANA, "dois"))
        until(lambda: len(graph.texts(ANA)) == 2)
        assert graph.texts(ANA)[-1] == "pronto" and len(failures) == 3
        assert len(only(database, "SELECT 1 FROM conversation_events WHERE type_name = 'session_started'")) == 1
        assert not line.agent.tracker_store._fallback_tracker_store

    def test_a_turn_whose_conversation_changed_meanwhile_is_run_again(self, line, graph, database):
        """As by a turn of her other number: what that one has left is not written over."""
        line.receive(text(ANA, "um"))
        until(lambda: graph.texts(ANA))

        def answer(message):
            if len(line.agent.texts()) == 2:
                with database.begin() as connection:
                    connection.execute(sql("UPDATE conversation_snapshots SET updated_at = updated_at + :second"),
                                       {"second": timedelta(seconds=1)})
            return f"vez {len(line.agent.texts())}"

        line.agent.script = answer
        line.receive(text(ANA, "dois"))
        until(lambda: len(graph.texts(ANA)) == 2)
        assert graph.texts(ANA)[-1] == "vez 3" and line.agent.texts() == ["um", "dois", "dois"]
        assert len(only(database, "SELECT 1 FROM conversation_events WHERE type_name = 'user'")) == 2

    def test_a_turn_that_cannot_be_stored_is_run_again(self, line, graph, database, monkeypatch):
        real, failures = turns.commit, []

        def failing(turn, conversation=None):
            if len(failures) < 2:
                failures.append(1)
                raise ConnectionError("database down")
            return real(turn, conversation)

        monkeypatch.setattr(turns, "commit", failing)
        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA))
        time.sleep(0.3)
        assert graph.texts(ANA) == ["eco: oi"] and line.agent.texts() == ["oi"] * 3
        assert len(only(database, "SELECT 1 FROM conversation_events WHERE type_name = 'user'")) == 1
        assert not line.agent.tracker_store._fallback_tracker_store

    def test_a_commit_whose_answer_was_lost_is_not_repeated(self, line, graph, database, monkeypatch):
        real, failures = turns.commit, []

        def failing(turn, conversation=None):
            real(turn, conversation)
            if not failures:
                failures.append(1)
                turn.committed, turn.queued = False, []
                raise ConnectionError("the answer was lost")

        monkeypatch.setattr(turns, "commit", failing)
        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA))
        line.receive(text(ANA, "tchau"))
        until(lambda: len(graph.texts(ANA)) == 2)
        assert graph.texts(ANA) == ["eco: oi", "eco: tchau"] and line.agent.texts() == ["oi", "tchau"]

    def test_a_turn_already_in_the_conversation_is_only_marked_done(self, line, graph, database):
        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA))
        with database.begin() as connection:  # as after a restore of half the tables
            connection.execute(sql("UPDATE inbound_messages SET state = 'waiting'"))
            connection.execute(sql("UPDATE lanes SET waiting = true"))
        until(lambda: only(database, "SELECT state FROM inbound_messages") == ["done"])
        time.sleep(0.2)
        assert graph.texts(ANA) == ["eco: oi"] and line.agent.texts() == ["oi"]


class TestPostgres:
    def test_connections_that_were_cut_are_made_anew(self, line, graph, database):
        line.receive(text(ANA, "um"))
        until(lambda: graph.texts(ANA))
        time.sleep(0.3)
        for number in range(2, 4):
            with database.connect() as connection:
                connection.execute(sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                       "WHERE datname = current_database() AND pid <> pg_backend_pid()"))
            line.receive(text(ANA, f"m{number}"))
            until(lambda number=number: len(graph.texts(ANA)) == number, 20)
        assert graph.texts(ANA) == ["eco: um", "eco: m2", "eco: m3"]


class TestKilled:
    """The process dies at a step of a turn; another one takes over when the leases have ended."""

    def again(self, start_line, graph, database, replies):
        fresh = start_line()
        until(lambda: only(database, "SELECT DISTINCT state FROM inbound_messages") == ["done"])
        until(lambda: len(graph.texts(ANA)) >= len(replies))
        time.sleep(0.5)
        assert graph.texts(ANA) == replies
        assert only(database, "SELECT state FROM outbound_messages") == ["sent"] * len(replies)
        assert len(only(database, "SELECT 1 FROM conversation_events WHERE type_name = 'user'")) == 1
        fresh.receive(text(ANA, "ainda aí?"))
        until(lambda: graph.texts(ANA) == [*replies, "eco: ainda aí?"])

    def dies(self, line):
        until(lambda: not line.thread.is_alive(), why="it did not die")
        line.running = False

    def test_after_the_webhook_was_stored(self, start_line, graph, database):
        line = start_line()
        line.agent.ready = False
        line.receive(text(ANA, "oi"))
        line.crash()
        self.again(start_line, graph, database, ["eco: oi"])

    def test_while_rasa_was_at_work(self, start_line, graph, database):
        line = start_line()

        async def die(message):
            line.loop.stop()
            raise Killed

        line.agent.script = die
        line.receive(text(ANA, "oi"))
        self.dies(line)
        self.again(start_line, graph, database, ["eco: oi"])

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_at_the_commit(self, start_line, graph, database, monkeypatch, when):
        line = start_line()
        real = turns.commit

        def dying(turn, conversation=None):
            if when == "after":
                real(turn, conversation)
            line.loop.call_soon_threadsafe(line.loop.stop)
            time.sleep(0.3)
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(turns, "commit", dying)
            line.receive(text(ANA, "oi"))
            self.dies(line)
        self.again(start_line, graph, database, ["eco: oi"])

    def test_after_whatsapp_took_the_reply_a_status_prevents_a_second_one(self, start_line, graph, database,
                                                                         monkeypatch):
        from tests.channel.line import status

        monkeypatch.setattr(turns, "SEND_LEASE", timedelta(seconds=4))
        line, other = start_line(), start_line()

        async def dying(self, row, outcome):
            line.loop.stop()
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(outbox.Sender, "_record_sent", dying)
            other.agent.ready = False
            line.receive(text(ANA, "oi"))
            self.dies(line)
        call = graph.sent_to(ANA)[0]
        other.tell(status("wamid.OUT1", "delivered", biz_opaque_callback_data=call["biz_opaque_callback_data"]))
        assert only(database, "SELECT state FROM outbound_messages") == ["delivered"]
        time.sleep(4.5)
        assert graph.texts(ANA) == ["eco: oi"]

    def test_a_clean_stop_lets_the_turn_end(self, start_line, graph, database):
        import asyncio

        line = start_line()

        async def slowly(message):
            await asyncio.sleep(0.5)
            return "pronto"

        line.agent.script = slowly
        line.receive(text(ANA, "oi"))
        until(lambda: line.agent.seen)
        line.stop()
        assert graph.texts(ANA) == ["pronto"]
        assert rows(database, "SELECT waiting, leased_by FROM lanes") == [(False, None)]

    def test_a_clean_stop_gives_back_what_does_not_end(self, start_line, graph, database, monkeypatch):
        import asyncio

        monkeypatch.setattr(consumer, "STOP_SECONDS", 0.3)
        monkeypatch.setattr(lanes, "LEASE", timedelta(seconds=60))
        line = start_line()

        async def hang(message):
            await asyncio.sleep(60)

        line.agent.script = hang
        line.receive(text(ANA, "oi"))
        until(lambda: line.agent.seen)
        line.stop()
        assert rows(database, "SELECT waiting, leased_by FROM lanes") == [(True, None)]
        fresh = start_line()
        until(lambda: graph.texts(ANA) == ["eco: oi"])
        assert fresh.agent.texts() == ["oi"]


class TestLeases:
    def test_a_long_turn_keeps_its_lane(self, start_line, graph, database):
        import asyncio

        one, two = start_line(), start_line()

        async def slowly(message):
            await asyncio.sleep(3)
            return "um"

        one.agent.script = two.agent.script = slowly
        one.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA), 10)
        assert len(one.agent.seen) + len(two.agent.seen) == 1

    def test_a_process_that_slept_too_long_stores_nothing(self, start_line, graph, database, monkeypatch):
        """A paused machine wakes up after another one served the customer."""
        from rasa.core.lock_store import InMemoryLockStore

        one = start_line()
        one.agent.lock_store = InMemoryLockStore()
        reached = []

        async def sleepily(message):
            reached.append(1)
            time.sleep(3)  # nothing of this process runs, its lease ends
            return "do sonâmbulo"

        one.agent.script = sleepily
        one.receive(text(ANA, "oi"))
        until(lambda: reached)
        two = start_line()
        two.agent.lock_store = InMemoryLockStore()
        until(lambda: graph.texts(ANA) == ["eco: oi"])
        time.sleep(2.5)
        assert graph.texts(ANA) == ["eco: oi"]
        assert only(database, "SELECT state FROM inbound_messages") == ["done"]
        assert len(only(database, "SELECT 1 FROM conversation_events WHERE type_name = 'user'")) == 1


class TestRedis:
    def test_without_redis_customers_are_still_answered_in_order(self, line, graph, monkeypatch):
        from marcai.platform.settings import settings

        monkeypatch.setattr(settings(), "redis_url", "redis://127.0.0.1:1/0", raising=False)
        line.agent.lock_store._clients.clear()
        for words in ("um", "dois", "três"):
            line.receive(text(ANA, words))
        until(lambda: sum(reply.count("\n") + 1 for reply in graph.texts(ANA)) == 3)
        assert "\n".join(graph.texts(ANA)).replace("eco: ", "") == "um\ndois\ntrês"
