"""Flow 2: the list of services, the details of one, and back."""

import pytest
from sqlalchemy import text

from marcai.platform.database import engine

ALL = 15  # services of the demonstration salon


def buttons(talk):
    """The options of the last message."""
    return [button for message in talk.said for button in message["buttons"]]


def views():
    """code -> how often its details were seen."""
    with engine().connect() as connection:
        return dict(connection.execute(text(
            "SELECT s.code, i.views FROM service_interest i JOIN services s ON s.id = i.service_id")).all())


def test_all_services_are_listed_by_category_with_name_price_and_duration(talk):
    talk("list_services", "quais serviços vocês têm?")
    listed = buttons(talk)
    assert len(listed) == ALL
    assert {button["section"] for button in listed} == {"Cabelo", "Barbearia", "Unhas", "Estética"}
    barba = next(button for button in listed if button["title"] == "Barba")
    assert barba["description"] == "R$ 40 · 30 min"
    assert all(button["description"] for button in listed)


def test_a_tap_on_a_service_opens_its_details(talk):
    talk("list_services", "ver serviços")
    talk.tap("Coloração")
    assert "Tintura completa" in talk.text
    assert "R$ 180" in talk.text and "1h30" in talk.text
    assert "Não lave o cabelo no dia" in talk.text
    assert talk.options == ["Agendar este serviço", "Ver outro serviço", "Voltar ao menu"]


def test_details_without_preparation_do_not_speak_of_it(talk):
    talk("service_details", "como é a escova?")
    assert "utter_service_preparation" not in talk.names


@pytest.mark.parametrize("image", ["https://example.com/barba.jpg", None])
def test_a_picture_is_sent_with_the_details_where_there_is_one(talk, image):
    with engine().begin() as connection:
        connection.execute(text("UPDATE services SET image_url = :image WHERE code = 'barba'"), {"image": image})
    talk("service_details", "como é a barba?")
    assert talk.said[-1]["values"].get("image") == image


def test_the_service_on_screen_can_be_booked(talk):
    talk("service_details", "como é a barba?")
    talk.tap("Agendar este serviço")
    assert (talk.draft.services, talk.question, talk.state) == (["barba"], "add_another", "SERVICE_SELECTED")


def test_from_the_details_she_may_go_back_to_the_list_or_the_menu(talk):
    talk("service_details", "como é a barba?")
    talk.tap("Ver outro serviço")
    assert "utter_list_services" in talk.names
    talk.tap("Escova")
    talk.tap("Voltar ao menu")
    assert talk.names == ["utter_main_menu"]


def test_a_yes_to_the_details_books_the_service(talk):
    talk("service_details", "como é a barba?")
    talk("affirm", "quero")
    assert talk.draft.services == ["barba"]


def test_each_look_at_the_details_is_counted(talk, customer):
    talk("service_details", "como é a barba?")
    talk("list_services", "serviços")
    talk.tap("Barba")
    customer()("service_details", "como é a escova?")
    assert views() == {"barba": 2, "escova": 1}


def test_the_details_ask_for_a_reaction_and_say_which_service_they_show(talk):
    talk("service_details", "como é a barba?")
    assert talk.said[-1]["values"]["about"]["service_id"]
    assert "👍" in str(talk.said[-1]) or "utter_service_choices" in talk.names


def test_a_word_that_fits_two_services_asks_which(talk):
    talk("service_details", "como é o corte?")
    assert talk.names[-1] == "utter_which_service"
    assert sorted(talk.options) == ["Corte feminino", "Corte masculino"]
    talk.tap("Corte feminino")
    assert "Lavagem, corte e finalização" in talk.text


@pytest.mark.parametrize(("intent", "words", "answer"), [
    ("ask_price", "quanto tá a escova?", "*Escova*: R$ 70"),
    ("ask_duration", "demora quanto a luzes?", "*Luzes* leva 2h30"),
])
def test_price_and_duration_are_told_with_a_way_to_book(talk, intent, words, answer):
    talk(intent, words)
    assert answer in talk.text
    assert talk.options == ["Agendar este serviço", "Ver outros serviços"]
    talk.tap("Agendar este serviço")
    assert talk.question == "add_another"


def test_prices_of_several_services_are_told_at_once(talk):
    talk("ask_price", "quanto é escova e manicure?")
    assert "R$ 70" in talk.text and "R$ 35" in talk.text


def test_the_price_of_nothing_in_particular_shows_the_list(talk):
    talk("ask_price", "quanto custa?")
    assert talk.names[-1] == "utter_which_service"
    assert len(talk.options) == ALL


def test_it_means_the_service_on_screen(talk):
    talk("service_details", "como é a luzes?")
    talk("ask_price", "e quanto custa?")
    assert "R$ 320" in talk.text


def test_a_service_that_is_not_offered_is_told_so(talk):
    talk("ask_price", "quanto é o botox?", service="botox")
    assert "*botox* a gente não faz" in talk.text
    assert len(talk.options) == ALL


def test_a_new_price_is_told_once_the_file_is_loaded_again(talk, tmp_path, salon):
    from marcai.tenants import service as tenants
    from tests.dialogue.harness import ROOT

    talk("ask_price", "quanto é a barba?")
    assert "R$ 40" in talk.text
    file = tmp_path / "salon.yml"
    original = (ROOT / "tenants" / "bela-vista.yml").read_text(encoding="utf-8")
    file.write_text(original.replace('price: "40.00", duration: 30, description: "Barba com',
                                     'price: "47.50", duration: 30, description: "Barba com'), encoding="utf-8")
    tenants.load(file)
    talk("ask_price", "quanto é a barba?")
    assert "R$ 47,50" in talk.text


def test_a_service_that_is_no_longer_offered_disappears_from_list_and_draft(talk):
    from marcai.platform import redis

    talk("book_appointment", "quero barba e sobrancelha")
    with engine().begin() as connection:
        connection.execute(text("UPDATE services SET active = false WHERE code = 'barba'"))
    redis.client().flushdb()
    talk("deny", "só isso")
    assert talk.draft.services == ["sobrancelha"]


def test_who_does_what_is_told(talk):
    talk("list_professionals", "quem faz barba?")
    assert "*Bruno*" in talk.text and "*Ana*" not in talk.text
    talk("list_professionals", "quem trabalha aí?")
    assert all(name in talk.text for name in ("*Ana*", "*Bruno*", "*Carla*", "*Denise*"))


def test_the_catalogue_may_be_looked_at_in_the_middle_of_a_booking(talk):
    talk("book_appointment", "quero barba")
    talk("list_services", "o que mais vocês fazem?")
    talk.tap("Massagem")
    talk.tap("Agendar este serviço")
    assert talk.draft.services == ["barba", "massagem"]


@pytest.mark.parametrize(("intent", "words"), [
    ("book_appointment", "pode marcar amanhã"), ("check_availability", "tem horário amanhã?"), ("inform", "amanhã"),
])
def test_what_she_has_just_asked_about_is_what_she_books(talk, intent, words):
    talk("ask_price", "quanto é pé e mão?")
    talk(intent, words)
    assert sorted(talk.draft.services) == ["manicure", "pedicure"]
    assert talk.question == "time" and "amanhã, 24/11" in talk.text


def test_several_services_she_asked_about_are_booked_with_one_tap(talk):
    talk("ask_price", "quanto é escova e manicure?")
    talk.tap("Agendar")
    assert talk.draft.services == ["escova", "manicure"]


def test_a_word_with_two_prices_is_not_booked_before_she_says_which(talk):
    talk("ask_price", "quanto é o corte?")
    assert "R$ 90" in talk.text and "R$ 55" in talk.text
    talk.tap("Agendar")
    assert (talk.question, talk.draft.services) == ("which_service", [])


def test_what_she_asked_about_does_not_slip_into_another_wish(talk):
    talk("ask_price", "quanto é a escova?")
    talk("book_appointment", "então quero marcar manicure")
    assert talk.draft.services == ["manicure"]


def test_a_yes_with_an_answer_takes_the_answer_without_more_ado(talk):
    talk("book_appointment", "barba sábado")
    talk("affirm", "sim, às 15h30")
    assert talk.names == ["utter_ask_booking"]
