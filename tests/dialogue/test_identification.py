"""Flow 1: a customer is recognised, or asked for her name once."""

import pytest
from sqlalchemy import text

from marcai.conversation.session import key
from marcai.customers import service as customers
from marcai.platform import redis
from marcai.platform.database import engine


def test_a_new_customer_is_greeted_told_about_her_data_and_asked_for_her_name(new):
    new("greet", "oi")
    assert new.names == ["utter_greet_new", "utter_consent", "utter_ask_name"]
    assert (new.question, new.state) == ("name", "NEW")
    assert "Salão Bela Vista" in new.text


@pytest.mark.parametrize(("intent", "text", "entities"), [
    ("provide_name", "meu nome é joão da silva", {"person_name": "joão da silva"}),
    ("inform", "João da Silva", {}),
    ("nlu_fallback", "joão da silva", {}),
    ("out_of_scope", "João da Silva", {}),
])
def test_a_new_customers_name_is_captured_however_she_says_it(new, intent, text, entities):
    new("greet", "oi")
    new(intent, text, **entities)
    assert customers.get(new.id).name == "João da Silva"
    assert new.names == ["utter_name_saved", "utter_main_menu"]
    assert "João!" in new.text
    assert new.state == "IDENTIFIED"


def test_a_known_customer_is_greeted_by_her_first_name_and_not_asked(talk):
    talk("greet", "bom dia")
    assert talk.names == ["utter_greet_known", "utter_main_menu"]
    assert "Carla!" in talk.text and "Souza" not in talk.text
    assert talk.state == "IDENTIFIED"


def test_a_known_customer_is_greeted_once_in_a_session(talk):
    talk("greet", "oi")
    talk("greet", "oi?")
    assert talk.names == ["utter_greet_again", "utter_main_menu"]
    talk("list_services", "quais serviços vocês têm?")
    assert "utter_greet_known" not in talk.names


def test_the_note_about_her_data_comes_once_in_a_lifetime(new):
    new("greet", "oi")
    assert "utter_consent" in new.names
    new("inform", "Rita")
    assert "utter_consent" not in new.names
    new.slots = {"draft": None, "question": None}  # the next session
    new("greet", "oi")
    assert "utter_consent" not in new.names


def test_a_name_is_stored_encrypted(new):
    new("greet", "oi")
    new("inform", "Carla Souza")
    with engine().connect() as connection:
        row = connection.execute(text("SELECT name::text, phone::text FROM customers")).one()
    assert "Carla" not in row.name and "900000001" not in row.phone


def test_giving_a_name_is_audited_without_the_name(new):
    new("greet", "oi")
    new("inform", "Carla Souza")
    with engine().connect() as connection:
        rows = connection.execute(text("SELECT event, detail::text FROM audit_records ORDER BY id")).all()
    assert [row.event for row in rows] == ["identified", "consent_told", "named"]
    assert not any("Carla" in row.detail for row in rows)


def test_a_name_may_be_corrected_later(talk):
    talk("provide_name", "na verdade meu nome é Karla com K", person_name="Karla")
    assert customers.get(talk.id).name == "Karla"
    assert talk.names[:2] == ["utter_greet_known", "utter_name_changed"] or "utter_name_changed" in talk.names


def test_correcting_the_name_while_booking_leads_back_to_the_question(talk):
    talk("book_appointment", "quero barba")
    talk("provide_name", "me chama de Carlinha", person_name="Carlinha")
    assert talk.names == ["utter_name_changed", "utter_ask_add_another_again"]


def test_what_she_wanted_is_kept_while_her_name_is_asked(new):
    new("book_appointment", "oi, queria marcar barba e sobrancelha no sábado às 10h")
    assert new.question == "name"
    new("inform", "Pedro")
    assert "utter_name_saved" in new.names
    assert new.draft.services == ["barba", "sobrancelha"]
    assert new.draft.start == "2026-11-28T10:00"


def test_a_message_about_a_visit_is_not_taken_for_a_name(new):
    new("greet", "oi")
    new("inform", "quero barba sábado")
    assert customers.get(new.id).name is None
    assert new.draft.services == ["barba"]


def test_a_customer_who_would_rather_not_give_her_name_is_asked_once_more_before_the_booking(new):
    new("book_appointment", "quero barba sábado às 10h")
    new("book_appointment", "só quero marcar")
    assert new.names == ["utter_ask_name_to_book"]
    assert new.session["held_until"]  # the time is hers meanwhile
    new("inform", "Rita")
    assert new.names == ["utter_name_saved", "utter_ask_booking"]


@pytest.mark.parametrize("text", ["12345", "😀😀😀", "!!!"])
def test_what_cannot_be_a_name_is_asked_again(new, text):
    new("greet", "oi")
    new("nlu_fallback", text)
    assert new.names == ["utter_name_not_understood"]
    assert new.question == "name"
    new("inform", "Rita")
    assert customers.get(new.id).name == "Rita"


def test_a_question_instead_of_the_name_is_answered(new):
    new("greet", "oi")
    new("business_address", "onde fica?")
    assert "Rua das Acácias" in new.text


def test_the_session_lives_for_thirty_minutes_and_is_renewed_on_each_turn(talk):
    talk("greet", "oi")
    name = key("bela-vista", talk.id)
    assert 1790 < redis.client().ttl(name) <= 1800
    redis.client().expire(name, 60)
    talk("business_hours", "que horas abre?")
    assert 1790 < redis.client().ttl(name) <= 1800


def test_the_session_holds_what_its_document_says_and_nothing_personal(talk):
    talk("book_appointment", "quero barba sábado às 10h")
    held = talk.session
    assert set(held) >= {"state", "customer_id", "services", "staff", "date", "start", "visit_id", "held_until",
                         "question", "updated_at"}
    assert (held["state"], held["services"], held["date"], held["start"], held["question"]) == (
        "SLOT_HELD", ["barba"], "2026-11-28", "2026-11-28T10:00", "booking")
    assert "Carla" not in str(held) and "5511900000001" not in str(held)


def test_the_session_walks_through_the_states_of_the_contract(new):
    seen = []
    for intent, words in [("greet", "oi"), ("inform", "Pedro"), ("book_appointment", "quero barba"),
                          ("deny", "só isso"), ("inform", "sábado"), ("inform", "às 10h"), ("affirm", "sim")]:
        new(intent, words)
        seen.append(new.state)
    assert seen == ["NEW", "IDENTIFIED", "SERVICE_SELECTED", "SERVICES_CONFIRMED", "DATE_SELECTED", "SLOT_HELD",
                    "BOOKED"]


def test_losing_redis_loses_no_choice(talk):
    talk("book_appointment", "quero barba")
    redis.client().flushdb()
    talk("deny", "só isso")
    assert talk.question == "date"
    assert talk.session["services"] == ["barba"]


def test_a_goodbye_gives_up_what_was_under_way(talk):
    talk("book_appointment", "quero barba sábado às 10h")
    talk("goodbye", "tchau")
    assert talk.names == ["utter_goodbye"]
    assert (talk.draft.services, talk.question, talk.state) == ([], None, "IDENTIFIED")


def test_the_menu_keeps_what_was_under_way_until_she_goes_on_or_starts_anew(talk):
    talk("book_appointment", "quero barba sábado às 10h")
    talk("main_menu", "menu")
    assert talk.names == ["utter_main_menu_midway"]
    assert (talk.question, talk.state) == (None, "SLOT_HELD")
    talk("business_hours", "que horas abre?")
    assert talk.question == "booking" and "sábado, 28/11" in talk.text
    talk("main_menu", "menu")
    talk.tap("▶️ Continuar")
    assert talk.question == "booking"
    talk("main_menu", "menu")
    talk.tap("🔄 Começar de novo")
    assert (talk.names, talk.draft.services, talk.state) == (["utter_stopped"], [], "IDENTIFIED")
    talk.tap("📅 Marcar horário")
    assert talk.question == "service"


def test_a_yes_after_the_menu_books_nothing(talk):
    talk("book_appointment", "quero barba sábado às 10h")
    talk("main_menu", "menu")
    talk("affirm", "sim")
    assert (talk.question, talk.state) == ("booking", "SLOT_HELD")  # asked again, for she has not seen what it was


def test_a_name_said_in_a_first_message_about_something_else_is_not_asked_for(new):
    new("greet", "Boa tarde, aqui quem fala é a dona Lurdes, sou cliente antiga, a Carla está aí?")
    assert customers.get(new.id).name == "Dona Lurdes"
    assert "utter_ask_name" not in new.names


def test_a_name_said_with_a_wish_is_kept(new):
    new("greet", "oi")
    new("book_appointment", "Me chamo Antônia, tenho 72 anos e quero fazer escova")
    assert customers.get(new.id).name == "Antônia"
    assert new.names == ["utter_name_saved", "utter_ask_add_another"]
