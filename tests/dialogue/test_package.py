"""Flow 3: several services in one visit."""

from itertools import pairwise

import pytest
from sqlalchemy import text

from marcai.platform.database import engine
from tests.dialogue.harness import never_together

FIVE = ["barba", "corte-masculino", "sobrancelha", "manicure", "pedicure"]


def booked():
    """The bookings, each with the codes of its services and of its professionals in order."""
    with engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text("""
            SELECT array_agg(s.code ORDER BY i.position), array_agg(DISTINCT p.code), b.total_price::float,
                   extract(epoch FROM b.ends_at - b.starts_at)::int / 60
              FROM bookings b JOIN booking_items i ON i.booking_id = b.id JOIN services s ON s.id = i.service_id
              JOIN staff p ON p.id = i.staff_id WHERE b.status = 'confirmed' GROUP BY b.id ORDER BY b.created_at"""))]


def test_after_the_first_service_another_is_offered_with_the_total_so_far(talk):
    talk("book_appointment", "queria marcar uma escova")
    assert talk.question == "add_another"
    assert "Deseja adicionar outro serviço a este agendamento?" in talk.text
    assert "*Escova*" in talk.text and "45 min" in talk.text and "R$ 70" in talk.text
    assert talk.options == ["Sim, adicionar", "Não, só isso"]


def test_the_package_grows_with_its_total_until_she_says_no(talk):
    talk("book_appointment", "quero marcar")
    assert talk.question == "service"
    talk.tap("Escova")
    talk.tap("Sim, adicionar")
    talk.tap("Manicure")
    assert talk.question == "add_another"
    assert "Escova e Manicure" in talk.text and "1h25" in talk.text and "R$ 105" in talk.text
    talk.tap("Sim, adicionar")
    talk.tap("Design de sobrancelha")
    assert "1h55" in talk.text and "R$ 150" in talk.text
    talk.tap("Não, só isso")
    assert talk.question == "package"


def test_the_package_shows_every_service_the_total_time_and_the_total_price(talk):
    talk("book_appointment", "quero escova e manicure")
    talk("deny", "só isso")
    assert talk.names == ["utter_ask_package"]
    assert "• Escova · 45 min · R$ 70\n• Manicure · 40 min · R$ 35" in talk.text
    assert "Tempo total: *1h25*" in talk.text and "Valor total: *R$ 105*" in talk.text
    assert talk.options == ["Sim, confirmar", "Mudar serviços"]
    assert talk.state == "SERVICE_SELECTED"
    talk.tap("Sim, confirmar")
    assert (talk.question, talk.state) == ("date", "SERVICES_CONFIRMED")


def test_only_what_goes_with_the_chosen_services_is_offered(talk):
    talk("book_appointment", "quero fazer progressiva")
    talk.tap("Sim, adicionar")
    assert talk.question == "another_service"
    assert not {"Escova", "Coloração", "Luzes", "Escova progressiva"} & set(talk.options)
    assert {"Manicure", "Barba", "Hidratação"} <= set(talk.options)


def test_what_does_not_go_together_is_not_taken_when_it_is_written(talk):
    talk("book_appointment", "quero progressiva")
    talk("inform", "e uma escova também")
    assert "utter_incompatible" in talk.names
    assert "*Escova* e *Escova progressiva* não combinam" in talk.text
    assert talk.draft.services == ["progressiva"]


def test_five_services_fit_and_a_sixth_is_not_taken(talk):
    talk("book_appointment", "barba, corte masculino, sobrancelha, manicure e pedicure")
    assert sorted(talk.draft.services) == sorted(FIVE)
    assert talk.question == "package"  # there is nothing more to add
    talk("inform", "põe massagem também")
    assert "até 5 serviços" in talk.text
    assert sorted(talk.draft.services) == sorted(FIVE)


def test_six_services_in_one_message_become_five_and_a_word_about_it(talk):
    talk("book_appointment", "barba, corte masculino, sobrancelha, manicure, pedicure e massagem")
    assert sorted(talk.draft.services) == sorted(FIVE)
    assert "utter_too_many_services" in talk.names


def test_a_second_service_with_the_yes_is_taken_at_once(talk):
    talk("book_appointment", "quero barba")
    talk("affirm", "sim, sobrancelha")
    assert talk.draft.services == ["barba", "sobrancelha"]
    assert talk.question == "add_another"


def test_a_no_with_a_service_takes_the_service(talk):
    talk("book_appointment", "quero barba")
    talk("deny", "não, só mais a sobrancelha")
    assert talk.draft.services == ["barba", "sobrancelha"]
    assert talk.question == "package"


def test_the_package_can_be_changed(talk):
    talk("book_appointment", "quero barba, sobrancelha e manicure")
    talk("deny", "só isso")
    talk.tap("Mudar serviços")
    assert talk.question == "change_package"
    assert talk.options == ["Barba", "Design de sobrancelha", "Manicure", "➕ Adicionar outro", "✅ Deixar como está"]
    talk.tap("Manicure")
    assert "Tirei *Manicure*" in talk.text
    assert talk.draft.services == ["barba", "sobrancelha"]
    assert talk.question in ("package", "add_another")


def test_adding_to_the_package_and_leaving_it_as_it_is(talk):
    talk("book_appointment", "quero barba e sobrancelha")
    talk("deny", "só isso")
    talk.tap("Mudar serviços")
    talk.tap("➕ Adicionar outro")
    assert talk.question == "another_service"
    talk.tap("Só isso mesmo")
    assert talk.question == "package"
    talk.tap("Mudar serviços")
    talk.tap("✅ Deixar como está")
    assert talk.question == "date"


@pytest.mark.parametrize(("words", "services"), [
    ("tira a barba", ["sobrancelha", "manicure"]),
    ("troca a barba por corte masculino", ["sobrancelha", "manicure", "corte-masculino"]),
    ("quero só a barba", ["barba"]),
    ("sem barba e sem manicure", ["sobrancelha"]),
    ("põe pedicure também", ["barba", "sobrancelha", "manicure", "pedicure"]),
])
@pytest.mark.parametrize("at", ["add_another", "package", "date", "time", "booking"])
def test_services_change_at_any_point(talk, at, words, services):
    talk("book_appointment", "quero barba, sobrancelha e manicure")
    for intent, said in [("deny", "só isso"), ("affirm", "isso"), ("inform", "sábado"), ("inform", "às 10h")]:
        if talk.question == at:
            break
        talk(intent, said)
    assert talk.question == at, talk.transcript()
    talk("inform", words)
    assert sorted(talk.draft.services) == sorted(services)
    assert "utter_not_understood" not in talk.names


def test_a_change_at_the_summary_keeps_day_and_time(talk):
    talk("book_appointment", "barba e sobrancelha sábado às 10h")
    assert talk.question == "booking"
    talk("inform", "tira a sobrancelha")
    assert (talk.question, talk.draft.start) == ("booking", "2026-11-28T10:00")
    talk("inform", "e põe corte masculino")
    assert (talk.question, talk.draft.start) == ("booking", "2026-11-28T10:00")
    talk("affirm", "sim")
    assert booked() == [(["barba", "corte-masculino"], ["bruno"], 95.0, 60)] or \
        booked() == [(["corte-masculino", "barba"], ["bruno"], 95.0, 60)]


def test_the_last_service_taken_away_asks_for_a_service(talk):
    talk("book_appointment", "quero barba")
    talk("inform", "tira a barba")
    assert (talk.question, talk.draft.services) == ("service", [])


def test_everything_said_at_once_leaves_only_the_confirmation(talk):
    talk("book_appointment", "quero corte feminino e escova com a Ana sábado às 10h")
    assert talk.question == "booking"
    assert "Corte feminino" in talk.text and "Escova" in talk.text and "👤 Ana" in talk.text
    assert "*sábado, 28/11*, das 10h às 11h45" in talk.text and "R$ 160" in talk.text and "1h45" in talk.text
    talk("affirm", "isso mesmo")
    assert booked()[0][1:] == (["ana"], 160.0, 105)


def test_a_booking_of_several_services_is_one_block_of_time_in_the_database(talk):
    talk("book_appointment", "quero barba, manicure e sobrancelha sábado às 10h")
    talk("affirm", "sim")
    (services, _, total, minutes), = booked()
    assert sorted(services) == ["barba", "manicure", "sobrancelha"]
    assert (total, minutes) == (120.0, 100)
    with engine().connect() as connection:
        rows = connection.execute(text(
            "SELECT i.starts_at, i.ends_at FROM booking_items i ORDER BY i.position")).all()
    assert all(before.ends_at == after.starts_at for before, after in pairwise(rows))


def test_one_professional_who_does_it_all_comes_before_a_sequence(talk):
    talk("book_appointment", "corte feminino e hidratação sexta às 15h")
    if talk.question == "professional":
        assert set(talk.options) <= {"Ana", "Bruno", "Tanto faz"}
        talk.tap("Tanto faz")
    talk("affirm", "sim")
    (_, people, _, _), = booked()
    assert len(people) == 1


def test_nobody_does_it_all_then_the_professionals_follow_each_other(talk):
    talk("book_appointment", "escova e barba sábado às 10h")
    assert talk.question == "booking"  # with whom is no question: Ana for one, Bruno for the other
    assert "Ana" in talk.text and "Bruno" in talk.text
    talk("affirm", "sim")
    assert booked()[0][1] == ["ana", "bruno"]


def test_a_professional_who_cannot_do_it_all_is_told_and_others_are_found(talk):
    talk("book_appointment", "quero barba com a Ana sábado às 10h")
    assert "Ana não faz *Barba*" in talk.text
    assert talk.draft.staff is None and talk.question == "booking"
    assert "👤 Bruno" in talk.text


def test_services_whose_professionals_are_never_there_together_are_split_in_two_visits(talk):
    never_together()
    talk("book_appointment", "barba e massagem")
    talk("deny", "só isso")
    talk("affirm", "sim")
    assert talk.question == "two_visits"
    assert talk.options == ["Barba", "Massagem relaxante"]
    talk.tap("Massagem")
    assert (talk.draft.services, talk.question) == (["barba"], "date")


def test_a_long_package_is_only_offered_starts_where_all_of_it_fits(talk):
    talk("book_appointment", "luzes sábado à tarde")  # Ana leaves at 16h on Saturdays; 2h30 and 10 minutes to clean up
    offered = [title for title in talk.options if title[0].isdigit()]
    assert offered and max(offered, key=lambda title: int(title.split("h")[0])).startswith("13")


def test_a_word_that_fits_two_services_is_asked_before_the_rest(talk):
    talk("book_appointment", "corte e barba")
    assert (talk.question, sorted(talk.options)) == ("which_service", ["Corte feminino", "Corte masculino"])
    talk("inform", "masculino")
    assert sorted(talk.draft.services) == ["barba", "corte-masculino"]


@pytest.mark.parametrize("answer", ["o primeiro", "1"])
def test_which_one_may_be_answered_by_its_place(talk, answer):
    talk("book_appointment", "barba e corte")
    first = talk.options[0]
    talk("inform", answer)
    assert first in {"Corte feminino": {"corte-feminino": 1}, "Corte masculino": {"corte-masculino": 1}}
    assert {"Corte feminino": "corte-feminino", "Corte masculino": "corte-masculino"}[first] in talk.draft.services
    assert talk.draft.when.exact is None
