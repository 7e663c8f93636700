"""A question in between is answered, and the open question comes again; nothing that was chosen is lost."""

import pytest

from tests.dialogue.harness import OPEN, bring_to, domain

ANSWERED = {
    "thank": "", "help": "Eu marco", "talk_to_human": "+55 11 4000-0001", "running_late": "", "payment_options": "",
    "complain": "", "business_hours": "Terça a sábado, das 9h às 19h", "business_address": "Rua das Acácias, 120",
    "cancellation_policy": "24 horas antes", "delete_my_data": "", "export_my_data": "", "opt_out": "", "opt_in": "",
    "bot_challenge": "assistente virtual", "give_feedback": "", "ask_price": "", "ask_duration": "",
    "list_professionals": "Nossa equipe", "out_of_scope": "", "greet": "Oi!", "media_message": "",
    "late_message": "Ainda vale?", "expired_option": "expirou", "my_appointments": "", "list_services": "",
    "service_details": "Lavagem e escova",
}
WORDS = {"ask_price": "quanto é a escova?", "ask_duration": "quanto tempo leva a escova?",
         "service_details": "como é a escova?", "out_of_scope": "qual a capital da França?"}


def test_every_question_that_the_assistant_asks_is_tried_here():
    assert set(OPEN) == set(domain()["slots"]["question"]["values"])


@pytest.mark.parametrize("question", OPEN)
def test_every_question_in_between_is_answered_and_the_open_one_comes_again(at, question):
    talk = at(question)
    asked, offered, chosen = talk.said[-1]["text"], talk.options, talk.draft
    for intent, answer in ANSWERED.items():
        talk(intent, WORDS.get(intent, ""))
        assert answer in talk.text, intent
        assert talk.question == question, intent
        if question == "name" and intent in ("list_services", "service_details"):
            assert asked not in talk.text  # who looks around need not say her name yet
            continue
        assert talk.said[-1]["text"] == asked.removeprefix("Anotado ✍️ "), intent  # nothing was noted now
        assert [title for title in offered if title not in talk.options] == [], intent
        now = talk.draft
        assert (now.services, now.unclear, now.staff, now.when, now.start) == (
            chosen.services, chosen.unclear, chosen.staff, chosen.when, chosen.start), intent


def test_a_question_before_the_cancellation_is_confirmed_comes_back_to_it(talk):
    bring_to(talk, "booking")
    talk("affirm", "sim")
    talk("cancel_appointment", "quero cancelar")
    assert talk.question == "cancel"
    talk("cancellation_policy", "até quando posso cancelar?")
    assert talk.question == "cancel"
    assert talk.names == ["utter_cancellation_policy", "utter_ask_cancel"]
    talk("affirm", "sim")
    assert talk.names == ["utter_cancelled"]


def test_where_to_park_is_not_answered_with_the_address_alone(talk):
    bring_to(talk, "date")
    talk("business_address", "tem estacionamento?")
    assert talk.names == ["utter_business_address", "utter_parking", "utter_ask_date"]


def test_the_details_of_a_service_in_between_lose_nothing(talk):
    bring_to(talk, "time")
    talk("service_details", "como é a coloração?")
    assert "Tintura completa" in talk.text
    assert talk.draft.services == ["barba"]
    talk("inform", "às 15h30")
    assert (talk.question, talk.draft.services) == ("booking", ["barba"])


@pytest.mark.parametrize(("kind", "words"), [
    ("audio", "ouvir áudio"), ("image", "imagens"), ("video", "vídeos"), ("document", "arquivos"),
    ("sticker", "figurinha"), ("location", "localização"), ("contacts", "contato"), ("something_new", "Não consegui"),
])
def test_what_is_not_text_gets_a_kind_word_and_the_open_question(talk, kind, words):
    bring_to(talk, "date")
    talk("media_message", metadata={"media": kind})
    assert words in talk.text
    assert talk.question == "date" and talk.names[-1] == "utter_ask_date"


def test_an_expired_option_without_a_question_shows_the_menu(talk):
    talk("expired_option", "Confirmar")
    assert talk.names[-2:] == ["utter_expired_option", "utter_main_menu"]


def test_a_yes_or_no_without_a_question_is_met_kindly(talk):
    talk("affirm", "sim")
    assert talk.names[-1] == "utter_at_your_service"
    talk("deny", "não")
    assert talk.names[-1] == "utter_at_your_service"


# ---- what was not understood -----------------------------------------------------------------------------------------


def test_the_likeliest_meanings_are_offered_first(talk):
    talk("nlu_fallback", "hmmm quero ver quanto", ranking=("nlu_fallback", "ask_price", "list_services", "help"))
    assert talk.names[-1] == "utter_not_understood"
    assert talk.options == ["Saber preços", "Ver serviços", "Ver o menu"]


def test_noise_is_met_with_what_customers_mostly_want(talk):
    for text in ("asdfgh", "....", "😀"):
        talk("out_of_scope", text, ranking=("out_of_scope", "business_address", "talk_to_human"))
        assert talk.names == (["utter_greet_known"] if text == "asdfgh" else []) + ["utter_not_understood"]
        assert talk.options == ["Marcar horário", "Ver serviços", "Ver o menu"]
        talk("business_hours", "que horas abre?")


def test_something_else_is_told_honestly_and_the_third_time_leads_to_help(talk):
    bring_to(talk, "date")
    talk("out_of_scope", "qual a capital da França?")
    assert talk.names == ["utter_out_of_scope", "utter_ask_date"]
    talk("out_of_scope", "e a da Itália?")
    assert talk.names == ["utter_not_understood_midway"]
    talk("nlu_fallback", "sei lá né")
    assert talk.names == ["utter_need_help"]
    talk("inform", "sábado")
    assert (talk.question, talk.draft.misses) == ("time", 0)


def test_a_laugh_is_shared_and_no_misunderstanding(talk):
    bring_to(talk, "date")
    talk("out_of_scope", "kkkkkk")
    assert talk.names == ["utter_laughter", "utter_ask_date"] and talk.draft.misses == 0


def test_an_answer_taken_from_words_that_nlu_did_not_understand_begins_the_count_anew(talk):
    bring_to(talk, "date")
    talk("nlu_fallback", "asdf qwer")
    talk("nlu_fallback", "sábado")
    assert (talk.question, talk.draft.misses) == ("time", 0)


def test_noise_is_no_name(new):
    new("greet", "oi")
    new("inform", "asdfgh")
    assert new.names == ["utter_name_not_understood"]


def test_help_grows_with_each_message_that_is_not_understood_and_begins_anew_after_one_that_is(talk):
    for answer in ("utter_not_understood", "utter_not_understood_again", "utter_need_help", "utter_need_help"):
        talk("nlu_fallback", "asdf qwer")
        assert talk.names[-1] == answer
    talk("business_hours", "que horas abre?")
    talk("nlu_fallback", "asdf qwer")
    assert talk.names[-1] == "utter_not_understood"


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope", "inform", "affirm", "stop"])
@pytest.mark.parametrize("question", OPEN)
def test_nonsense_at_any_question_is_helped_more_each_time_and_loses_nothing(at, question, intent):
    talk = at(question)
    before, asked, offered = talk.draft, talk.said[-1]["text"].removeprefix("Anotado ✍️ "), talk.options
    for level, answer in enumerate(("utter_name_not_understood" if question == "name" else "utter_not_understood",
                                    "utter_not_understood_midway", "utter_need_help"), start=1):
        talk(intent, "asdfgh")
        assert answer in talk.names, talk.transcript()
        now = talk.draft
        assert (talk.question, now.misses) == (question, level)
        assert (now.services, now.when, now.start, now.unclear, now.cancelling, now.moving) == (
            before.services, before.when, before.start, before.unclear, before.cancelling, before.moving)
        if level == 1 and question != "name":
            assert talk.said[-1]["text"] == asked and set(offered) <= set(talk.options)
    talk.tap("Continuar")
    assert (talk.question, talk.draft.misses) == (question, 0)
    assert talk.said[-1]["text"] == asked and set(offered) <= set(talk.options)


def test_an_answer_that_nlu_did_not_understand_is_taken_all_the_same(talk):
    bring_to(talk, "date")
    talk("nlu_fallback", "sabadao")
    if talk.question == "date":  # not a day either
        talk("nlu_fallback", "sábado")
    assert talk.question == "time"


def test_a_service_that_nlu_did_not_understand_begins_a_booking(talk):
    talk("nlu_fallback", "massagem!!")
    assert (talk.draft.services, talk.question) == (["massagem"], "add_another")


def test_a_database_that_is_away_is_no_apology_but_no_answer_and_the_turn_is_run_again(talk, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from marcai.scheduling import availability

    def away(*_, **__):
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    bring_to(talk, "add_another")
    with monkeypatch.context() as patched:
        patched.setattr(availability, "can_be_done", away)
        with pytest.raises(OperationalError):
            talk("deny", "só isso")
    talk("deny", "só isso")
    assert talk.question == "date"


@pytest.mark.parametrize("words", ["😀", "?????", "x" * 4000, "31/02 25h", "kkkkkkkk", "\u200b", "'; DROP TABLE x; --"])
def test_strange_words_never_break_a_turn(talk, words):
    for intent in ("inform", "nlu_fallback", "book_appointment", "affirm", "deny", "ask_price", "provide_name",
                   "cancel_appointment", "other_times", "list_services"):
        talk(intent, words)
        assert "utter_apology" not in talk.names, intent


def test_an_error_inside_is_an_apology_with_a_way_on_and_loses_nothing(talk, monkeypatch):
    from marcai.scheduling import availability

    bring_to(talk, "add_another")

    def broken(*_, **__):
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(availability, "can_be_done", broken)
        talk("deny", "só isso")
    assert talk.names == ["utter_apology"]
    assert (talk.draft.services, talk.question) == (["barba"], "add_another")
    talk.tap("Tentar de novo")
    talk("deny", "só isso")
    assert talk.question == "date"


@pytest.mark.parametrize("intent", ["goodbye", "thank", "my_appointments", "stop", "main_menu", *ANSWERED])
def test_a_customer_without_a_name_is_not_called_by_nothing(new, intent):
    new("greet", "oi")
    new(intent, WORDS.get(intent, ""))  # the harness refuses ", !"
    assert new.said
