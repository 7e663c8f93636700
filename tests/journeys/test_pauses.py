"""A customer who falls silent in the middle of a booking is asked, once, whether she wants to go on."""

import secrets
import time
from datetime import timedelta

import pytest

from marcai.platform import clock
from tests.journeys.people import Person, Records, new_number, simulator

SALON_ZONE = "America/Sao_Paulo"


@pytest.fixture(scope="module")
def at_noon(tmp_path_factory):
    """A copy of the product of its own, where it is midday at the salon: outside its quiet hours."""
    from marcai.platform.supervisor import System

    secret = {key: secrets.token_hex(20) for key in ("WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN")}
    running = System(tmp_path_factory.mktemp("noon"), private=True, overrides=secret)
    now = clock.local_now(SALON_ZONE)
    running.noon = (now.replace(hour=12, minute=0) - now).total_seconds()
    running.start()
    running.move_clock(running.noon)
    yield running
    running.stop()


@pytest.fixture
def carla(at_noon):
    at_noon.move_clock(at_noon.noon)
    with simulator(at_noon.env) as client:
        yield Person(Records(at_noon.env), client.phone(new_number())).introduce_herself()


def asked(person: Person) -> int:
    """How often she was asked whether she wants to go on."""
    return person.records.value(
        "SELECT count(*) FROM outbound_messages "
        "WHERE customer_id = :id AND about ->> 'notification' LIKE 'conversation.paused%'", id=person.id)


@pytest.mark.parametrize("worker", ["lives", "is killed"])
def test_five_minutes_of_silence_bring_one_question_and_the_pending_one_when_she_goes_on(at_noon, carla, worker):
    carla.say("quero fazer barba", "Deseja adicionar outro")
    carla.tap("Não, só isso", "Para que dia?")
    at_noon.move_clock(at_noon.noon + timedelta(minutes=6).total_seconds())
    if worker == "is killed":
        at_noon.kill("worker")
    carla.hear("Deseja continuar seu agendamento ou precisa de ajuda?")
    time.sleep(12)  # the worker looks every ten seconds
    assert asked(carla) == 1
    carla.tap("Continuar", "Para que dia?", "Barba")


def test_who_has_nothing_pending_is_left_in_peace(at_noon, carla):
    carla.say("onde fica o salão?", "Acácias")
    at_noon.move_clock(at_noon.noon + timedelta(minutes=6).total_seconds())
    time.sleep(12)
    assert asked(carla) == 0
