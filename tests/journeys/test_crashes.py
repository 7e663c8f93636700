"""Any process may die at any moment: the customer notices a pause at most."""

import pytest


@pytest.mark.parametrize("process", ["actions", "web", "worker", "redis", "postgres", "rasa"])
def test_a_process_dies_in_the_middle_of_a_booking(system, somebody, process):
    carla = somebody().introduce_herself()
    carla.say("quero fazer manicure", "Deseja adicionar outro")
    carla.phone.say("e pedicure também")
    system.kill(process)
    carla.hear("Manicure e Pedicure")
    carla.tap("Não, só isso", "Seu pacote")
    carla.tap("Sim, confirmar", "Para que dia?")
    carla.choose_a_time(0)
    carla.phone.tap("Confirmar")
    system.kill(process)
    carla.hear("Prontinho", "Agendamento confirmado", patience=180)
    booking, = carla.bookings
    assert (booking.status, sorted(booking.services)) == ("confirmed", ["Manicure", "Pedicure"])
    assert {row.state for row in carla.taken} == {"booked"}
    carla.got_every_reply_once()
    system.wait_ready(process)
