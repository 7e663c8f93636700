"""A dental clinic, a pet shop and a tattoo studio beside the salon, in one running system and on numbers of their own.

Their services, professionals and customers' names are in no training example.
"""

import re
import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import ROOT

LINES = {"sorriso-claro": "100000000000002", "bicho-feliz": "100000000000003", "agulha-fina": "100000000000004"}
ZONES = {"sorriso-claro": "America/Manaus", "bicho-feliz": "America/Recife", "agulha-fina": "America/Sao_Paulo"}


@pytest.fixture(scope="module")
def houses(system, whatsapp):
    """The three establishments, loaded beside the salon."""
    for slug, line in LINES.items():
        done = subprocess.run([sys.executable, "-m", "marcai", "tenant", "load", str(ROOT / f"tests/data/{slug}.yml")],
                              env=system.env, text=True, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr
        whatsapp.line(line, slug)


@pytest.fixture
def customer_of(houses, somebody):
    """Makes people who write to an establishment for the first time."""
    def make(slug, **settings):
        return somebody(slug, phone_number_id=LINES[slug], **settings)

    return make


def local(person, booking):
    """Day and time of a booking as its establishment's wall clock shows them, written as to customers."""
    at = booking.starts_at.astimezone(ZoneInfo(ZONES[person.slug]))
    return f"{at:%d/%m}", f"{at.hour}h{at:%M}".removesuffix("00")


def a_free_day(customer_of, slug, wish, *, day=-1):
    """A day, as "dd/mm", and the clock times that somebody who asks for this is offered on it."""
    scout = customer_of(slug).introduce_herself("Olga Brandt")
    scout.say(wish)
    while not scout.days:
        scout.say("só isso")
    chosen = scout.choose_a_day(day)
    return re.search(r"\d\d/\d\d", chosen)[0], scout.clocks


def test_a_patient_says_everything_at_once_and_corrects_the_time(customer_of):
    day, clocks = a_free_day(customer_of, "sorriso-claro", "quero uma limpeza dental com a dra Marina")
    patient = customer_of("sorriso-claro")
    patient.say("Boa tarde, aqui é o Anderson Okamoto. "
                f"Queria marcar uma limpeza dental com a doutora Marina dia {day} "
                f"às {clocks[0]}", "da *Clínica Sorriso Claro*", "Confere pra mim?", "Profilaxia", "Dra. Marina", day,
                f"das {clocks[0]} às", "R$ 180")
    patient.say(f"na verdade melhor às {clocks[1]}", "Confere pra mim?", f"das {clocks[1]} às")
    details = patient.say("pode confirmar", "Prontinho, Anderson!", "Agendamento confirmado")
    booking, = patient.bookings
    assert (booking.services, booking.people) == (["Profilaxia"], ["Dra. Marina Sato"])
    assert local(patient, booking) == (day, clocks[1]), "told in the clinic's own time zone"
    for what in ("Profilaxia", "Dra. Marina", day, clocks[1], "Av. Djalma Batista", "Avise com dois dias",
                 booking.code):
        assert what in details, what
    assert len(patient.taken) == 2, "the dentist and a chair"
    patient.got_every_reply_once()


def test_a_patient_asks_for_prices_and_for_what_there_is_not_before_booking(customer_of):
    patient = customer_of("sorriso-claro")
    patient.say("boa noite, quanto custa o canal?", "*Tratamento de canal*: R$ 900", "Como posso te chamar?")
    patient.say("Wellington Ferraz", "Prazer, Wellington!")
    patient.say("vocês fazem implante?", "*implante* a gente não faz", "Olha o que a gente faz")
    assert {"Avaliação odontológica", "Tratamento de canal"} <= set(patient.options)
    patient.say("e limpeza de pele?", "*limpeza de pele* a gente não faz")
    patient.say("então quero marcar o canal", "*Tratamento de canal*", "Deseja adicionar outro")
    patient.say("só isso mesmo", "Para que dia?")
    patient.choose_a_time()
    assert "Dr. Otávio" in patient.text
    patient.confirm()
    booking, = patient.bookings
    assert (booking.services, booking.people) == (["Tratamento de canal"], ["Dr. Otávio Nunes"])


def test_treatments_that_do_not_go_together_and_the_preparation_are_told(customer_of):
    patient = customer_of("sorriso-claro").introduce_herself("Zuleide Amaral")
    patient.say("queria clarear os dentes e colocar uma faceta", "não combinam na mesma visita",
                "Deixei só *Clareamento a laser*")
    patient.say("como devo me preparar?", "Evite café e vinho na véspera")
    patient.say("quero marcar", "Deseja adicionar outro")
    patient.say("não, só isso", "Para que dia?")
    patient.choose_a_time()
    assert "Evite café e vinho na véspera" in patient.confirm()
    booking, = patient.bookings
    assert booking.services == ["Clareamento a laser"]


def test_a_doctor_who_does_not_work_there_is_answered_with_those_who_do(customer_of):
    patient = customer_of("sorriso-claro").introduce_herself("Ivone Takahashi")
    patient.say("quero fazer uma avaliação com a doutora Yasmin", "Não encontrei *doutora Yasmin*",
                "Dra. Helena, Dr. Otávio e Dra. Marina")
    patient.say("então com o doutor Otávio")
    patient.say("não, só isso", "Para que dia?")
    patient.choose_a_time()
    patient.confirm()
    assert patient.bookings[0].people == ["Dr. Otávio Nunes"]


def test_treatments_of_professionals_who_never_meet_become_two_visits(customer_of):
    patient = customer_of("sorriso-claro").introduce_herself("Nilson Prates")
    patient.say("preciso extrair o siso e fazer uma placa de bruxismo", "Deseja adicionar outro")
    patient.say("não, só isso", "Seu pacote")
    patient.tap("Sim, confirmar", "Qual deixamos para outro dia?")
    patient.say("a placa de bruxismo", "Tirei *Placa de bruxismo*", "Para que dia?")
    patient.choose_a_time()
    assert "Venha com acompanhante" in patient.confirm()
    assert patient.bookings[0].services == ["Extração de siso"]


def test_a_dog_gets_its_bath_and_clip_and_its_owner_corrects_the_day(customer_of):
    day, clocks = a_free_day(customer_of, "bicho-feliz", "quero banho e tosa com o Josué")
    other, times = a_free_day(customer_of, "bicho-feliz", "quero banho e tosa com o Josué", day=0)
    owner = customer_of("bicho-feliz")
    owner.say(f"oii queria marcar banho e tosa pro meu shih tzu com o Josué dia {day} às {clocks[0]}",
              "do *Pet Shop Bicho Feliz*", "Como posso te chamar?")
    owner.say("Tamires Quintela", "Confere pra mim?", "Banho e tosa", "Josué", day, "R$ 110")
    owner.say(f"não, melhor dia {other} às {times[-1]}", "Confere pra mim?", other, f"das {times[-1]} às")
    owner.say("isso", "Prontinho, Tamires!", "Rua da Hora, 45")
    booking, = owner.bookings
    assert (booking.services, booking.people) == (["Banho e tosa"], ["Josué Lira"])
    assert local(owner, booking) == (other, times[-1])
    assert len(owner.taken) == 3, "Josué, the bathtub and a table"


def test_a_word_that_several_services_share_is_asked_about(customer_of):
    owner = customer_of("bicho-feliz").introduce_herself("Ubirajara Melo")
    owner.say("queria marcar uma tosa pro meu poodle", "Seria Banho e tosa, Tosa higiênica ou Tosa na tesoura?")
    owner.say("a higiênica", "*Tosa higiênica*", "Deseja adicionar outro")
    owner.say("põe limpeza de ouvidos e corte de unhas também", "Tosa higiênica, Limpeza de ouvidos e Corte de unhas",
              "R$ 100")
    owner.say("vocês fazem adestramento?", "*adestramento* a gente não faz")
    owner.say("não, só isso", "Seu pacote", "Tempo total: *1h20*")
    owner.say("tá certinho", "Para que dia?")
    owner.choose_a_time(-1)
    owner.confirm()
    booking, = owner.bookings
    assert sorted(booking.services) == ["Corte de unhas", "Limpeza de ouvidos", "Tosa higiênica"]


def test_a_whole_arm_is_a_day_s_work_and_is_offered_only_where_it_fits(customer_of):
    person = customer_of("agulha-fina")
    person.say("queria fazer um fechamento de braço com o Rafa", "do *Estúdio Agulha Fina*", "Como posso te chamar?")
    person.say("Thainá Kubitz", "Fechamento de braço", "8h", "R$ 2.500")
    person.say("só isso", "Para que dia?")
    assert person.days and all(day.startswith("quarta") for day in person.days)  # his one shift that is long enough
    person.say("sábado", "Não temos horários disponíveis nesta data")
    person.say("por que não?", "o turno termina antes")
    day = person.days[0]
    person.tap(day, "Confere pra mim?", "das 13h às 21h", "Rafael")
    person.say("fechado, pode confirmar", "Prontinho, Thainá!", "Rua do Lavradio, 12")
    booking, = person.bookings
    assert (booking.services, booking.people) == (["Fechamento de braço"], ["Rafael Duarte"])
    assert local(person, booking)[1] == "13h"


def test_a_studio_that_works_past_midnight_books_past_midnight(customer_of):
    person = customer_of("agulha-fina").introduce_herself("Theo Wanderley")
    person.say("quero uma tatuagem fineline com o Rafa no sábado às 23h")
    if "Confere" not in person.text:  # that Saturday is a holiday or too near
        saturday = next(day for day in person.days if day.startswith("sábado"))
        person.tap(saturday)
    if person.clocks:
        person.tap("23h")
    assert "das 23h às 0h30" in person.text
    assert "Coma bem e não beba na véspera" in person.confirm()
    assert local(person, person.bookings[0])[1] == "23h"


def test_piercings_are_told_apart_and_two_go_together(customer_of):
    person = customer_of("agulha-fina").introduce_herself("Mel Arruda")
    person.say("quero fazer um piercing", "Seria Piercing no nariz ou Piercing na orelha?")
    person.say("no nariz", "*Piercing no nariz*")
    person.say("e furar a orelha também", "Seu pacote", "Piercing no nariz", "Piercing na orelha", "R$ 230")
    person.say("quanto sai uma cobertura?", "*Cobertura*: R$ 900", "Seu pacote")
    assert person.session["services"] == ["piercing-nariz", "piercing-orelha"]
    while not person.clocks:
        person.choose_a_day() if person.days else person.say("só isso" if "adicionar" in person.text else "sim")
    person.choose_a_time()
    person.confirm()
    assert person.bookings[0].people == ["Kauê Reis"]


def test_one_number_at_two_establishments_sees_nothing_of_the_other(customer_of, somebody):
    at_salon = somebody().introduce_herself("Bento Sabino")
    at_salon.say("quero fazer a barba", "Deseja adicionar outro")
    at_salon.say("só isso", "Para que dia?")
    at_salon.choose_a_time()
    at_salon.confirm()
    code = at_salon.bookings[0].code
    at_clinic = customer_of("sorriso-claro", number=at_salon.phone.wa_id)
    at_clinic.say("oi, meus horários", "Clínica Sorriso Claro", "Como posso te chamar?")  # not known by name here
    assert "Bento" not in at_clinic.text
    at_clinic.say("Bento Sabino", "Prazer")
    at_clinic.say("quais são os meus horários?", "Você ainda não tem horários")
    at_clinic.say(f"quero cancelar o {code}", "Não achei nenhum horário seu")
    at_clinic.say("quero o mesmo da última vez", "Ainda não tenho um horário seu")
    at_clinic.say("avaliação")
    at_clinic.say("só isso", "Para que dia?")
    at_clinic.choose_a_time()
    at_clinic.confirm()
    assert at_clinic.id != at_salon.id
    assert [booking.services for booking in at_clinic.bookings] == [["Avaliação odontológica"]]
    at_salon.say("meus horários", "Barba")
    assert "Avaliação" not in at_salon.text and at_salon.bookings[0].status == "confirmed"
    for person, other in ((at_salon, "Sorriso Claro"), (at_clinic, "Bela Vista")):
        assert not [str(bubble) for bubble in person.phone.bubbles() if bubble.by == "bot" and other in str(bubble)]
        assert {call["phone_number_id"] for call in person.phone.calls()} == {person.phone.simulator.phone_number_id
                                                                             if person is at_salon
                                                                             else LINES["sorriso-claro"]}
    assert {row.tenant_id for row in at_salon.taken}.isdisjoint({row.tenant_id for row in at_clinic.taken})


def test_each_house_tells_its_own_hours_and_address(customer_of):
    for slug, hours, address in (("sorriso-claro", "Segunda a sexta, das 8h às 20h", "Manaus"),
                                 ("bicho-feliz", "Segunda a sábado, das 8h às 18h", "Recife"),
                                 ("agulha-fina", "Quarta a domingo, até tarde", "Rio de Janeiro")):
        person = customer_of(slug).introduce_herself("Rui Castanho")
        person.say("que horas vocês abrem?", hours)
        person.say("onde fica?", address)
