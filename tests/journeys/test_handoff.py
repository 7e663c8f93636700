"""Flow 8, last part: a customer asks for a person, one answers on the page, and the assistant goes on where it was."""

from __future__ import annotations

from tests.journeys.people import Desk, Person, until


def request_of(person: Person):
    """The customer's newest request."""
    return until(lambda: person.records.rows(
        "SELECT * FROM handoffs WHERE customer_id = :id ORDER BY requested_at DESC", id=person.id), "she has asked")[0]


def test_a_person_answers_in_the_middle_of_a_booking_and_the_assistant_finishes_it(carla, desk, records):
    carla.say("quero marcar barba", "Deseja adicionar outro serviço")
    carla.tap("Não, só isso", "Para que dia?")
    days = carla.days
    carla.say("quero falar com um atendente", "lugar* na fila", "mais ou menos")
    assert carla.options == ["Voltar ao assistente"] and carla.session["state"] == "ASSISTED"
    asked = request_of(carla)
    assert str(asked.id) in records.redis.zrange("handoff:queue:bela-vista", 0, -1)
    until(lambda: any(entry["name"] == "handoff.requested" for _, entry in records.redis.xrange("events")),
          "the event is on the stream")

    carla.phone.say("é que eu tive alergia da última vez")
    carla.phone.expect_nothing(seconds=4)
    desk.post(f"/c/{asked.id}/assumir")
    carla.hear("*Júlia*, da equipe do Salão Bela Vista")
    page = desk.page(f"/c/{asked.id}")
    assert "é que eu tive alergia" in page and "<dd>Barba</dd>" in page and "perguntou o dia" in page

    desk.post(f"/c/{asked.id}/responder", texto="Oi, Carla! Usamos outro produto, *sem álcool* 😊", chave="j1")
    carla.hear("Usamos outro produto")
    carla.phone.say("ótimo, obrigada!")
    carla.phone.expect_nothing(seconds=4)
    until(lambda: "ótimo, obrigada!" in desk.state(asked.id)["messages"], "the attendant reads the answer")
    until(lambda: 'aria-label="lida"' in desk.state(asked.id)["messages"], "and sees that hers was read")

    desk.post(f"/c/{asked.id}/encerrar")
    carla.hear("assistente virtual de novo", "Para que dia?")
    assert carla.days == days and carla.session["state"] != "ASSISTED"
    carla.choose_a_time()
    carla.confirm()
    booking, = carla.bookings
    assert booking.services == ["Barba"]
    carla.got_every_reply_once()
    rows = records.rows("SELECT event FROM audit_records WHERE customer_id = :id", id=carla.id)
    assert {row.event for row in rows} >= {"handoff_requested", "handoff_taken", "conversation_opened",
                                           "attendant_replied", "handoff_closed"}


def test_with_nobody_there_the_request_waits_for_whoever_comes_first(carla, system, records):
    records.redis.delete("handoff:duty:bela-vista")
    carla.say("quero marcar escova", "Deseja adicionar outro serviço")
    carla.say("quero falar com uma pessoa", "não tem ninguém da equipe por aqui", "+55 11 4000-0001", "Terça a sábado",
              "deixei seu pedido na fila", "Deseja adicionar outro serviço")
    asked = request_of(carla)
    carla.tap("Não, só isso", "Para que dia?")
    came = Desk(system)
    came.sign_in()
    assert f"/atendimento/c/{asked.id}/assumir" in came.page()
    came.post(f"/c/{asked.id}/assumir")
    carla.hear("chegou para te atender")
    came.post(f"/c/{asked.id}/encerrar")
    carla.hear("assistente virtual de novo", "Para que dia?")
    came.leave()


def test_she_may_go_back_to_the_assistant_at_any_time(carla, desk):
    carla.say("quero marcar barba", "Deseja adicionar outro serviço")
    carla.say("me passa pra um atendente", "lugar* na fila")
    carla.tap("Voltar ao assistente", "estou de volta", "Deseja adicionar outro serviço")
    assert request_of(carla).state == "gone"
    carla.tap("Não, só isso", "Para que dia?")
