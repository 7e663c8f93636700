"""What a turn leaves for analysts, and which sessions count as given up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from marcai.analytics import jobs, recording
from marcai.analytics.steps import FLOW_OF
from marcai.handoff import service as handoffs
from tests.history import History

BEGIN = datetime(2026, 11, 2, 13, 0, tzinfo=timezone.utc)


@pytest.fixture
def history(salon, monkeypatch):
    """The salon's conversations."""
    return History(salon, monkeypatch, BEGIN)


@pytest.fixture
def given_up(database):
    """The sessions given up: step, reason, last intent."""
    def read():
        with database.connect() as connection:
            return [tuple(row) for row in connection.execute(text(
                "SELECT step, reason, last_intent FROM abandonments ORDER BY at, step"))]
    return read


def turns_of(database, columns="step, outcome, asked, miss"):
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM dialogue_turns ORDER BY id"))]


def test_each_turn_leaves_one_row_with_its_step(history, database):
    ana = history.customer()
    history.walk(ana, 0, "name", "service", "date", "time", "booking", "booked")
    assert turns_of(database) == [
        ("name", "open", None, 0), ("service", "open", "name", 0), ("date", "open", "service", 0),
        ("time", "open", "date", 0), ("booking", "open", "time", 0), ("booked", "booked", "booking", 0)]
    assert set(turns_of(database, "session_started_at")) == {(BEGIN,)}
    assert turns_of(database, "latest").count((True,)) == 1
    assert all(event for (event,) in turns_of(database, "event_id"))


def test_silence_of_half_an_hour_ends_a_session_but_waiting_for_us_does_not(history, database):
    ana = history.customer()
    history.turn(ana, 0, "service")
    history.turn(ana, 29, "date")
    history.turn(ana, 60, "date")  # 31 minutes later
    history.turn(ana, 150, "time", waited=70)  # she wrote after 20 minutes; we answered after 90
    assert [(at - BEGIN).total_seconds() / 60 for (at,) in turns_of(database, "session_started_at")] == [0, 0, 60, 60]


def test_the_looks_at_the_catalogue_and_giving_up_have_their_steps(history, database):
    ana = history.customer()
    history.turn(ana, 0, None, action="action_list_services")
    history.turn(ana, 1, None, action="action_service_details", viewing="corte")
    history.turn(ana, 2, "date")
    history.turn(ana, 3, None, intent="stop", action="action_stop")
    history.turn(ana, 4, None, intent="goodbye", action="action_goodbye")
    assert turns_of(database, "step, outcome, flow") == [
        ("list", "open", "catalogue"), ("details", "open", "catalogue"), ("date", "open", "schedule"),
        ("date", "stop", "schedule"), (None, None, None)]


def test_only_a_message_that_adds_to_the_misses_was_not_understood(history, database):
    ana = history.customer()
    history.turn(ana, 0, "date")
    history.missed(ana, 1, 1, "date")
    history.missed(ana, 2, 2, "date")
    history.turn(ana, 3, "time", intent="nlu_fallback", action="action_fallback", misses=2)  # taken all the same
    history.missed(ana, 4, 3, "time")
    assert turns_of(database, "miss, guess, round(confidence::numeric, 1)::text, rival") == [
        (0, None, None, None), (1, "ask_price", "0.4", "ask_duration"), (2, "ask_price", "0.4", "ask_duration"),
        (0, None, None, None), (3, "ask_price", "0.4", "ask_duration")]


class TestJudging:
    """Sessions that are over."""

    def test_an_open_question_and_half_an_hour_of_silence_is_a_timeout(self, history, given_up):
        ana = history.customer()
        history.walk(ana, 0, "service", "date")
        history.at(30)
        assert recording.judge() == 0 and given_up() == []
        history.at(31.1)
        assert recording.judge() == 1
        assert given_up() == [("date", "timeout", "inform")]
        assert recording.judge() == 0 and len(given_up()) == 1

    def test_reasons(self, history, salon, database, given_up):
        stopped, lost, asked, unheard, came_back = (history.customer() for _ in range(5))
        history.walk(stopped, 0, "service", "date")
        history.turn(stopped, 2, None, intent="stop", action="action_stop")
        history.turn(stopped, 3, None, intent="goodbye", action="action_goodbye")
        history.turn(lost, 4, "time")
        history.missed(lost, 5, 1, "time")
        history.turn(asked, 6, "professional")
        history.at(7)
        handoffs.request(salon, asked, {})
        history.turn(asked, 7.1, "professional", intent="talk_to_human", action="action_talk_to_human")
        history.turn(came_back, 7.2, "package")
        history.at(7.3)
        handoffs.request(salon, came_back, {})
        handoffs.leave(salon, came_back)
        history.turn(came_back, 7.4, "package", intent="back_to_bot", action="action_back_to_bot")
        turn = history.turn(unheard, 8, "booking")
        with database.begin() as connection:
            connection.execute(text("UPDATE outbound_messages SET state = 'failed' WHERE turn_id = :turn"),
                               {"turn": turn})
        history.at(60)
        assert recording.judge() == 5
        assert given_up() == [
            ("date", "stop", "goodbye"), ("time", "fallback", "nlu_fallback"),
            ("professional", "handoff", "talk_to_human"), ("package", "timeout", "back_to_bot"),
            ("booking", "lost_window", "inform")]

    @pytest.mark.parametrize(("second", "reason"), [("read", "timeout"), ("failed", "lost_window")])
    def test_an_answer_that_was_sent_twice_is_lost_only_when_the_second_is(self, history, database, given_up, second,
                                                                         reason):
        turn = history.turn(history.customer(), 0, "booking")
        with database.begin() as connection:
            connection.execute(text(
                "UPDATE outbound_messages SET state = 'failed', about = '{\"again\": 0}' WHERE turn_id = :turn"),
                {"turn": turn})
            connection.execute(text(
                "INSERT INTO outbound_messages (tenant_id, customer_id, turn_id, dedupe_key, payload, state, "
                "next_attempt_at, created_at) SELECT tenant_id, customer_id, turn_id, dedupe_key || '\\:again', "
                "payload, :state, now(), now() FROM outbound_messages"), {"state": second})
        history.at(60)
        assert recording.judge() == 1
        assert given_up() == [("booking", reason, "inform")]

    def test_what_is_no_abandonment(self, history, given_up):
        history.walk(history.customer(), 0, "service", "date", "booking", "booked")
        thanks = history.customer()
        history.walk(thanks, 0, "date", "booking", "booked")
        history.turn(thanks, 4, None, intent="goodbye", action="action_goodbye", booked=True)
        history.walk(history.customer(), 0, "name", None)  # gave her name, and wanted nothing else
        history.walk(history.customer(), 0, "cancel", None)  # cancelled
        history.turn(history.customer(), 0, None, intent="ask_price", action="action_ask_price")
        history.turn(history.customer(), 0, "how_was_it")  # a question that is no step of a booking
        again = history.customer()
        history.walk(again, 0, "service")
        history.turn(again, 1, None, intent="stop", action="action_stop")
        history.walk(again, 2, "service", "booking", "booked")
        history.at(60)
        assert recording.judge() == 0 and given_up() == []

    def test_a_second_booking_that_is_given_up_counts_although_the_first_was_made(self, history, given_up):
        ana = history.customer()
        history.walk(ana, 0, "date", "booking", "booked", "date")
        history.at(60)
        recording.judge()
        assert given_up() == [("date", "timeout", "inform")]

    def test_a_message_that_waits_for_us_is_no_silence(self, history, database, given_up):
        ana = history.customer()
        history.turn(ana, 0, "date")
        with database.begin() as connection:
            connection.execute(text("UPDATE lanes SET waiting = true"))
        history.at(60)
        assert recording.judge() == 0
        history.turn(ana, 61, "time", waited=50)
        history.at(80)
        assert recording.judge() == 0 and given_up() == []

    def test_each_session_is_judged_even_when_she_is_back_before_the_worker(self, history, given_up):
        ana = history.customer()
        history.turn(ana, 0, "date")
        history.turn(ana, 40, "service")
        history.turn(ana, 90, "time")
        history.at(200)
        assert recording.judge() == 3
        assert [step for step, _, _ in given_up()] == ["date", "service", "time"]

    def test_workers_at_the_same_time_record_each_session_once(self, history, database, monkeypatch, given_up):
        monkeypatch.setattr(recording, "BATCH", 7)
        for place in range(60):
            history.turn(history.customer(), place / 60, "date")
        history.at(60)
        with ThreadPoolExecutor(4) as pool:
            counted = list(pool.map(lambda _: recording.judge(), range(4)))
        recording.judge()  # batches that all were locked by others end a run early
        assert len(given_up()) == 60 and sum(counted) <= 60
        assert (True,) not in turns_of(database, "latest")

    def test_recording_the_same_session_again_changes_nothing(self, history, database, given_up):
        history.turn(history.customer(), 0, "date")
        history.at(60)
        recording.judge()
        with database.begin() as connection:  # as if the worker had not got to mark it
            connection.execute(text("UPDATE dialogue_turns SET latest = true, step = 'time'"))
        assert recording.judge() == 0
        assert given_up() == [("date", "timeout", "inform")]

    def test_a_worker_killed_before_its_commit_leaves_everything_to_the_next(self, history, database, given_up):
        history.turn(history.customer(), 0, "date")
        history.at(60)
        with database.connect() as connection:
            connection.exec_driver_sql(recording.JUDGE, {
                "silent_since": BEGIN + timedelta(minutes=30), "batch": 10})
            connection.rollback()
        assert given_up() == [] and recording.judge() == 1

    def test_the_worker_knows_the_job(self):
        from marcai.worker.main import _jobs_of_rooms

        assert jobs.JOBS[0] in _jobs_of_rooms()


def test_an_erased_customer_leaves_no_row_of_the_turn_that_was_under_way(history, salon, database):
    import marcai.whatsapp.personal  # noqa: F401
    from marcai.customers import rights

    ana = history.customer()
    history.turn(ana, 0, "date")
    with database.begin() as connection:
        connection.execute(text("UPDATE lanes SET forgotten = true"))
    history.turn(ana, 1, "time")
    assert turns_of(database, "step") == [("date",)]
    assert rights.erase_customer(salon, ana)


def test_her_copy_has_what_analysts_see(history, salon):
    import marcai.analytics.personal  # noqa: F401
    from marcai.customers import rights

    ana = history.customer()
    history.walk(ana, 0, "service", "date")
    history.at(60)
    recording.judge()
    found = rights.export_customer(salon, ana)["analytics"]
    assert [turn["step"] for turn in found["turns"]] == ["service", "date"]
    assert found["not_finished"][0]["reason"] == "timeout"


def test_every_question_of_a_booking_has_a_flow():
    import yaml

    with open("domain.yml", encoding="utf-8") as file:
        questions = set(yaml.safe_load(file)["slots"]["question"]["values"])
    assert set(FLOW_OF) - {"list", "details", "booked"} <= questions


def test_the_tracker_tells_what_was_open_before_and_after():
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    from marcai.whatsapp.figures import facts_of

    slots = Domain.from_yaml("""
version: "3.1"
slots:
  question: {type: text, mappings: [{type: custom}]}
  draft: {type: any, mappings: [{type: custom}]}
""").slots
    tracker = DialogueStateTracker("x", slots)
    data = {"intent": {"name": "nlu_fallback"}, "intent_ranking": [
        {"name": "nlu_fallback", "confidence": 0.7}, {"name": "stop", "confidence": 0.3}]}
    said = [UserUttered("x", data["intent"], [], data), ActionExecuted("action_fallback"),
            SlotSet("draft", {"misses": 2}), SlotSet("question", "date"), ActionExecuted("action_listen")]
    for event in [SlotSet("draft", {"misses": 1}), SlotSet("question", "time"), *said]:
        tracker.update(event)
    assert facts_of(tracker, 2) == recording.Facts(
        "nlu_fallback", "action_fallback", "time", "schedule", "date", "open", 2, "stop", 0.3, None)
    for event in [SessionStarted(), *said]:
        tracker.update(event)
    assert facts_of(tracker, 7).asked is None
    assert facts_of(tracker, 13) is None


def test_turns_without_facts_leave_no_row(history, salon, database):
    from marcai.whatsapp import lanes, turns
    from marcai.whatsapp.models import InboundMessage, Lane
    from tests.history import SAID

    ana = history.customer()
    now = history.at(0)
    with database.begin() as connection:
        connection.execute(Lane.__table__.update().values(leased_by="t"))
        inbound = connection.execute(insert(InboundMessage).values(
            phone_number_id="1", message_key=uuid4().bytes, lane_id=ana, kind="reaction", sent_at=now,
            received_at=now).returning(InboundMessage.id)).scalar()
    turns.commit(turns.Turn(lanes.Lane(ana, salon.id, "t", 0), salon, ana, [inbound], SAID, silent=True))
    assert turns_of(database) == []
