"""A customer who falls silent with a question open is asked once whether she wants to go on."""

from datetime import timedelta
from uuid import uuid4

import pytest

from marcai.customers import service as customers
from marcai.handoff import presence
from marcai.handoff import service as handoffs
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.whatsapp import pauses
from marcai.whatsapp.models import ConversationSnapshot, OfferedOption, OutboundMessage


@pytest.fixture
def at_noon(monkeypatch):
    """Midday at the salon, so that its quiet hours do not matter; returns a way to move the clock."""
    noon = clock.local_now("America/Sao_Paulo").replace(hour=12, minute=0)
    moved = {"by": timedelta()}
    monkeypatch.setattr(clock, "now", lambda: noon.astimezone(clock.timezone.utc) + moved["by"])
    return lambda **later: moved.update(by=timedelta(**later))


def wrote(salon, wa_id="5511987654321", question="date"):
    """A customer whose last turn ended just now, with a question open or none."""
    with transaction() as session:
        customer = customers.identify(session, salon.id, wa_id=wa_id, user_id=None)
        session.merge(ConversationSnapshot(sender_id=str(customer.id), events=[], question=question,
                                           updated_at=clock.now()))
        return customer.id


def sent() -> list[dict]:
    """What was queued."""
    with transaction() as session:
        return [row.payload for row in session.query(OutboundMessage).order_by(OutboundMessage.id)]


def titles(payload: dict) -> list[str]:
    """What the buttons of a message say."""
    return [button["reply"]["title"] for button in payload["interactive"]["action"]["buttons"]]


def test_after_five_minutes_of_silence_she_is_asked_whether_she_wants_to_go_on(salon, at_noon):
    wrote(salon)
    at_noon(minutes=4)
    assert pauses.ask_the_silent() == 0
    at_noon(minutes=5)
    assert pauses.ask_the_silent() == 1
    assert "Deseja continuar seu agendamento ou precisa de ajuda?" in str(sent())
    assert titles(sent()[0]) == ["Continuar", "Ver o menu"]


def test_she_is_asked_once_in_a_pause_however_often_the_worker_looks(salon, at_noon):
    wrote(salon)
    for minute in (5, 6, 10, 29):
        at_noon(minutes=minute)
        pauses.ask_the_silent()
    assert len(sent()) == 1


def test_a_customer_without_an_open_question_is_left_in_peace(salon, at_noon):
    wrote(salon, question=None)
    at_noon(minutes=10)
    assert pauses.ask_the_silent() == 0


def test_a_pause_that_outlives_the_session_is_not_asked_about(salon, at_noon):
    wrote(salon)
    at_noon(minutes=31)
    assert pauses.ask_the_silent() == 0


def test_a_new_pause_after_a_new_turn_is_asked_about_again(salon, at_noon):
    wrote(salon)
    at_noon(minutes=5)
    pauses.ask_the_silent()
    with transaction() as session:
        snapshot = session.query(ConversationSnapshot).one()
        snapshot.nudged_at, snapshot.updated_at = None, clock.now()  # as a turn leaves it
    at_noon(minutes=11)
    assert pauses.ask_the_silent() == 1


def test_nothing_is_asked_in_the_quiet_hours(salon, at_noon):
    at_noon(hours=9, minutes=30)  # half past nine in the evening
    wrote(salon)
    at_noon(hours=9, minutes=40)
    assert pauses.ask_the_silent() == 0


def test_a_customer_who_wants_no_messages_gets_none(salon, at_noon):
    customers.opt_out(wrote(salon))
    at_noon(minutes=6)
    assert pauses.ask_the_silent() == 0


def test_two_workers_at_once_ask_once(salon, at_noon):
    from concurrent.futures import ThreadPoolExecutor

    for number in range(12):
        wrote(salon, wa_id=f"55119876540{number:02d}")
    at_noon(minutes=6)
    with ThreadPoolExecutor(4) as workers:
        counts = list(workers.map(lambda _: pauses.ask_the_silent(), range(4)))
    assert sum(counts) == 12
    assert len(sent()) == 12


def test_her_buttons_are_remembered_so_that_a_tap_is_understood(salon, at_noon):
    customer_id = wrote(salon)
    at_noon(minutes=6)
    pauses.ask_the_silent()
    with transaction() as session:
        payloads = {row.payload for row in session.query(OfferedOption).filter_by(customer_id=customer_id)}
    assert payloads == {"/continue_booking", "/main_menu"}


def test_a_person_is_offered_while_one_is_on_duty(salon, at_noon):
    wrote(salon)
    at_noon(minutes=6)
    presence.beat(salon.slug, uuid4())
    pauses.ask_the_silent()
    assert titles(sent()[0]) == ["Continuar", "Falar com atendente", "Ver o menu"]


def test_a_customer_who_waits_for_a_person_is_not_asked(salon, at_noon):
    handoffs.request(salon, wrote(salon), {})
    at_noon(minutes=6)
    assert pauses.ask_the_silent() == 0
