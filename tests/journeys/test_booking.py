"""From the first word to a confirmed booking, by signed webhooks in and Graph calls out."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

HOME = ZoneInfo("America/Sao_Paulo")


def day_and_time(booking):
    """A booking's local day and time as they are written to customers."""
    return day_and_time_of(booking.starts_at.astimezone(HOME))


def day_and_time_of(local):
    """A local day and time as they are written to customers."""
    return f"{local:%d/%m}", f"{local.hour}h{local:%M}".removesuffix("00")


def test_a_new_customer_books_two_services_by_writing(stranger):
    stranger.say("oi, queria marcar corte e barba no sábado à tarde", "Salão Bela Vista", "privacidade",
                 "Como posso te chamar?")
    stranger.say("Carla Souza", "Prazer, Carla!", "Corte masculino", "Corte feminino")
    stranger.say("feminino")
    if stranger.days:  # that Saturday is full, over or a holiday: what is offered instead will do
        stranger.choose_a_day()
    at = stranger.clocks[1]
    stranger.say(f"pode ser às {at}", "Confere pra mim?", "Corte feminino", "Barba", "R$ 130", "1h30")
    assert stranger.session["state"] == "SLOT_HELD"
    assert {row.state for row in stranger.taken} == {"hold"}
    details = stranger.say("sim", "Prontinho, Carla!", "Agendamento confirmado")

    booking, = stranger.bookings
    day, time = day_and_time(booking)
    assert sorted(booking.services) == ["Barba", "Corte feminino"]
    assert (booking.status, float(booking.total_price), time) == ("confirmed", 130.0, at)
    assert {row.state for row in stranger.taken} == {"booked"}
    assert stranger.session["state"] == "BOOKED"
    for what in ("Corte feminino", "Barba", day, time, *(name.split()[0] for name in booking.people), "R$ 130",
                 "Venha com o cabelo sem creme", "até 24 horas antes", booking.code, "Rua das Acácias, 120"):
        assert what in details, what
    assert any(bubble.link.startswith("http") for bubble in stranger.heard)
    stranger.got_every_reply_once()


def test_a_customer_books_by_taps_alone(carla):
    carla.tap("📅 Marcar horário", "Qual serviço")
    sections = {section for bubble in carla.heard for section in bubble.sections}
    assert sections & {"Cabelo", "Barbearia", "Unhas", "Estética"}
    carla.tap("Escova", "Deseja adicionar outro serviço a este agendamento?", "R$ 70", "45 min")
    assert carla.options == ["Sim, adicionar", "Não, só isso"]
    assert carla.session["state"] == "SERVICE_SELECTED"
    carla.tap("Sim, adicionar", "O que mais")
    assert "Escova progressiva" not in carla.options
    carla.tap("Manicure", "Escova e Manicure", "R$ 105", "1h25")
    carla.tap("Não, só isso", "Seu pacote", "Tempo total: *1h25*", "Valor total: *R$ 105*")
    carla.tap("Sim, confirmar", "Para que dia?")
    assert carla.session["state"] == "SERVICES_CONFIRMED"
    carla.choose_a_day(1)
    assert carla.session["state"] == "DATE_SELECTED"
    at = carla.choose_a_time(2)
    carla.confirm()
    booking, = carla.bookings
    assert sorted(booking.services) == ["Escova", "Manicure"] and day_and_time(booking)[1] == at
    assert sorted(booking.people) == ["Ana Souza", "Carla Mendes"] or len(booking.people) == 2


def test_everything_said_at_once_needs_only_a_yes(carla):
    carla.say("tem horário pra barba?", "Barba")
    carla.tap("Não, só isso", "Para que dia?")
    carla.choose_a_day(-1)
    at = carla.clocks[-1]
    day = re.search(r"\d\d/\d\d", carla.text)[0]
    carla.say("menu", "O que você quer fazer?")
    carla.say(f"quero fazer a barba dia {day} às {at} com o Bruno", "Confere pra mim?", "Bruno", at, day)
    carla.say("confirmo", "Prontinho", "Agendamento confirmado")
    booking, = carla.bookings
    assert (booking.people, day_and_time(booking)) == (["Bruno Lima"], (day, at))


def test_five_services_fit_in_a_visit_and_no_more(carla):
    carla.say("quero barba, corte masculino, sobrancelha, manicure e pedicure", "Seu pacote", "Valor total: *R$ 215*")
    carla.say("põe massagem também", "até 5 serviços")
    carla.say("isso mesmo, pode seguir", "Para que dia?")
    carla.choose_a_day(-1)
    carla.choose_a_time()
    carla.confirm()
    booking, = carla.bookings
    assert len(booking.services) == 5 and float(booking.total_price) == 215.0


def test_services_that_do_not_go_together_are_not_booked_together(carla):
    carla.say("quero fazer progressiva", "Deseja adicionar outro")
    carla.say("e escova também", "não combinam na mesma visita")
    assert carla.session["services"] == ["progressiva"]


def test_she_changes_her_mind_at_every_question(carla):
    carla.say("quero marcar uma escova", "Deseja adicionar outro")
    carla.say("troca a escova por manicure", "Tirei *Escova*", "Manicure")
    carla.say("sim", "O que mais")
    carla.say("põe pedicure e barba", "Barba")
    carla.say("só isso", "Seu pacote")
    carla.say("tira a barba", "Tirei *Barba*")
    assert carla.session["services"] == ["manicure", "pedicure"]
    while "Para que dia?" not in carla.text:
        carla.say("isso mesmo" if "Seu pacote" in carla.text else "não, só isso")
    first = carla.choose_a_day(0)
    carla.say("outro dia", "Para que dia?")
    assert first not in carla.days
    carla.choose_a_day(0)
    at = carla.choose_a_time(0)
    later = [clock for clock in ("10h", "11h", "14h", "15h", "16h") if clock != at][-1]
    carla.say(f"na verdade às {later}")
    if carla.clocks:  # not at that time: near ones are offered
        carla.choose_a_time(0)
    elif "Tanto faz" in carla.options:
        carla.tap("Tanto faz")
    carla.tap("Mudar", "O que você quer mudar?")
    carla.say("tira a pedicure", "Tirei *Pedicure*")
    if "Tanto faz" in carla.options:
        carla.tap("Tanto faz")
    carla.confirm()
    booking, = carla.bookings
    assert booking.services == ["Manicure"]
    assert len(carla.taken) == 1


def test_giving_up_gives_the_time_back(carla):
    carla.say("quero massagem", "Deseja adicionar outro")
    carla.say("não", "Para que dia?")
    carla.choose_a_time()
    assert [row.state for row in carla.taken] == ["hold"]
    carla.say("deixa pra lá", "deixei pra lá")
    assert (carla.taken, carla.bookings) == ([], [])
    assert carla.session["state"] == "IDENTIFIED"


def test_two_customers_want_the_same_time_and_both_finish(somebody):
    first, second = somebody().introduce_herself("Ana Paula"), somebody().introduce_herself("Bia Lima")
    for person in (first, second):
        person.say("quero fazer a barba", "Deseja adicionar outro")
        person.tap("Não, só isso", "Para que dia?")
    day = first.days[2]
    first.tap(day)
    second.tap(day)
    at = first.clocks[0]
    assert at in second.clocks
    first.phone.tap(at)
    second.phone.tap(at)
    first.hear()
    second.hear()
    winner, loser = (first, second) if "Confirmar" in first.options else (second, first)
    assert "Confirmar" in winner.options and "Confirmar" not in loser.options
    assert "acabou de ser reservado" in loser.text
    assert loser.clocks and at not in loser.clocks
    loser.choose_a_time()
    loser.confirm()
    winner.confirm()
    assert len(first.bookings) == len(second.bookings) == 1
    assert first.bookings[0].starts_at != second.bookings[0].starts_at


def test_a_booking_is_listed_moved_cancelled_and_repeated(carla):
    carla.say("quero depilação de perna", "Deseja adicionar outro")
    carla.say("só isso", "Para que dia?")
    carla.choose_a_time()
    carla.confirm()
    carla.say("meus agendamentos", "Depilação de perna inteira")
    carla.tap("Remarcar", "Vamos mudar")
    carla.choose_a_time(-1)
    carla.tap("Confirmar", "Prontinho")
    carla.say("quero cancelar meu horário", "Cancelar", "Depilação")
    carla.say("sim", "Cancelado")
    assert [booking.status for booking in carla.bookings].count("confirmed") == 0
    assert carla.taken == []
    carla.say("quero o mesmo da última vez", "Repetindo", "Depilação")
    carla.choose_a_time()
    carla.tap("Confirmar", "Prontinho")
    assert [booking.status for booking in carla.bookings].count("confirmed") == 1
    carla.got_every_reply_once()


def test_a_booking_is_moved_onto_part_of_its_own_time(carla):
    carla.say("quero massagem", "Deseja adicionar outro")
    carla.say("só isso", "Para que dia?")
    carla.choose_a_day(-1)
    carla.tap(carla.clocks[0], "Confere pra mim?")
    carla.confirm()
    before, = carla.bookings
    day, _ = day_and_time(before)
    later = (before.starts_at + timedelta(minutes=15)).astimezone(HOME)
    carla.say(f"dá pra mudar pra dia {day} às {later:%Hh%M}?", "Vamos mudar", "Confere pra mim?",
              f"das {day_and_time_of(later)[1]} às")
    assert sorted(row.state for row in carla.taken) == ["booked", "hold"]
    carla.tap("Confirmar", "Prontinho, Carla! Mudei seu horário")
    after, = carla.bookings
    assert (after.id, after.starts_at, after.code) == (before.id, before.starts_at + timedelta(minutes=15), before.code)
    assert [row.state for row in carla.taken] == ["booked"]
