"""A customer asks "por que não?" of times and days, on a Wednesday at one: the reason, and what is nearest."""

import secrets
from datetime import timedelta

import pytest

from marcai.platform import clock
from marcai.scheduling import walltime
from tests.journeys.people import Person, Records, new_number, simulator

ZONE = "America/Sao_Paulo"


def next_wednesday():
    """The next Wednesday at 13h, with a week after it in which only the salon's own days off are free."""
    at = clock.local_now(ZONE).replace(hour=13, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while at.weekday() != 2 or any(walltime.is_holiday("BR-SP", (at + timedelta(days=n)).date()) for n in range(7)):
        at += timedelta(days=1)
    return at


@pytest.fixture(scope="module")
def on_wednesday(tmp_path_factory):
    """A copy of the product of its own, where it is Wednesday, one in the afternoon."""
    from marcai.platform.supervisor import System

    secret = {key: secrets.token_hex(20) for key in ("WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN")}
    running = System(tmp_path_factory.mktemp("wednesday"), private=True, overrides=secret)
    running.start()
    running.move_clock((next_wednesday() - clock.local_now(ZONE)).total_seconds())
    yield running
    running.stop()


@pytest.fixture
def somebody(on_wednesday):
    with simulator(on_wednesday.env) as client:
        yield lambda name: Person(Records(on_wednesday.env), client.phone(new_number())).introduce_herself(name)


def test_every_reason_is_told_and_nobody_else_is_mentioned(somebody):
    rita = somebody("Rita Prado")
    rita.say("barba com o Bruno hoje às 16h", "Confere pra mim?")
    rita.confirm()
    carla = somebody("Carla Souza")
    carla.say("quero fazer a barba com o Bruno hoje", "Qual fica melhor?")
    for words, reason, near in [
        ("por que não às 13h30?", "já está muito em cima da hora", "15h"),  # an hour's notice is wanted
        ("e às 14h30 não dá?", "Às 14h30 Bruno não está atendendo", "15h"),  # his break
        ("pq n tem às 20h?", "a gente não está aberto", "18h30"),
        ("às 18h45 não rola?", "o turno termina antes", "18h30"),
        ("porque não às 16h", "às 16h já está ocupado", "16h30"),
        ("ué, por que não?", "às 16h já está ocupado", "15h30"),
    ]:
        carla.say(words, reason)
        assert near in carla.clocks, carla.phone.transcript()
        assert carla.session["services"] == ["barba"] and carla.session["staff"] == "bruno"
    carla.say("troca a barba por corte feminino", "Tirei *Barba*")
    carla.say("por que não às 15h30?", "Às 15h30 não cabe", "leva 1h", "até o próximo compromisso")
    assert carla.clocks
    carla.say("por que não tem domingo?", "a gente não abre", "próximos dias com vaga")
    assert len(carla.days) == 3
    carla.say("por que não?", "a gente não abre")
    carla.tap("🗓️ Dias próximos", "Olha os dias em volta", "⚪ domingo")
    carla.choose_a_time()
    assert "Corte feminino" in carla.text
    carla.confirm()
    told = "\n".join(str(bubble) for bubble in carla.phone.bubbles() if bubble.by == "bot")
    assert "Rita" not in told and rita.bookings[0].code not in told


def test_a_professional_who_does_not_work_that_day_and_a_day_that_is_full_have_their_reasons(somebody, on_wednesday):
    lia = somebody("Lia Castro")
    lia.say("quero massagem com a Denise", "Deseja adicionar outro")
    lia.say("só isso", "Para que dia?")
    lia.say("por que não tem terça?", "Denise não está atendendo")
    assert len(lia.days) == 3
    lia.say("e sábado não dá?", "Tem sim!")
    assert lia.clocks
    Records(on_wednesday.env).do(
        "INSERT INTO time_off (tenant_id, staff_id, starts_at, ends_at) "
        "SELECT tenant_id, id, :since, :until FROM staff WHERE code = 'denise'",
        since=next_wednesday(), until=next_wednesday() + timedelta(days=2))
    lia.say("por que não tem quinta?", "Denise não está atendendo")
    lia.say("o primeiro que tiver", "Confere pra mim?", "Massagem relaxante")
    lia.confirm()
