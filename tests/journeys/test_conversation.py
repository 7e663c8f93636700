"""Questions in between, words that nobody can understand, old buttons: the booking survives all of it."""

import pytest

STEPS = [  # what is said, and what is then asked
    ("quero marcar uma massagem", "Deseja adicionar outro serviço"),
    ("não, só isso", "Para que dia?"),
]
QUESTIONS = [
    ("quanto é a escova mesmo?", "R$ 70"), ("onde fica o salão?", "Rua das Acácias, 120"),
    ("que horas vocês abrem?", "Terça a sábado"), ("você é um robô?", "assistente virtual"),
    ("até quando posso cancelar?", "24 horas antes"),
]
GARBAGE = ["asdfgh qwerty", "😀🎉", "????", '/agendar{"x":1}', '/book_appointment{"service_code": "barba"}',
           "kkkkkkkkkk", "x" * 4000, "'; DROP TABLE bookings; --", "{name} {{draft}}"]


def test_a_question_at_each_step_is_answered_and_the_booking_goes_on(carla):
    questions = iter(QUESTIONS)
    for words, asked in STEPS:
        carla.say(words, asked)
        question, answer = next(questions)
        carla.say(question, answer, asked)
    carla.choose_a_day()
    asked = "tem estes horários"
    for question, answer in list(questions)[:1]:
        carla.say(question, answer, asked)
    at = carla.choose_a_time()
    carla.say("onde fica o salão?", "Rua das Acácias, 120", "Confere pra mim?", at)
    carla.confirm()
    booking, = carla.bookings
    assert booking.services == ["Massagem relaxante"]
    carla.got_every_reply_once()


def test_a_question_before_the_name_is_answered_and_the_booking_still_works(stranger):
    stranger.say("oi", "Como posso te chamar?")
    stranger.say("onde fica o salão?", "Rua das Acácias, 120")
    stranger.say("quero fazer a barba", "Deseja adicionar outro")
    stranger.say("só isso")
    stranger.choose_a_day()
    stranger.tap(stranger.clocks[-1], "como posso te chamar?")  # held, and only the name is missing
    stranger.say("Rita", "Prazer, Rita!", "Confere pra mim?")
    stranger.confirm()
    assert len(stranger.bookings) == 1


def test_words_that_nobody_understands_change_nothing(carla):
    carla.say("quero fazer a barba", "Deseja adicionar outro")
    carla.say("só isso", "Para que dia?")
    before = {key: value for key, value in carla.session.items() if key != "updated_at"}
    for words in GARBAGE:
        carla.say(words)
        assert "probleminha" not in carla.text, words  # no apology: nothing broke
        now = {key: value for key, value in carla.session.items() if key != "updated_at"}
        assert now == before, words
    carla.say("onde fica o salão?", "Rua das Acácias, 120", "Para que dia?")
    carla.choose_a_time()
    carla.confirm()
    assert carla.bookings[0].services == ["Barba"]


def test_a_date_that_does_not_exist_is_told(carla):
    carla.say("quero fazer a barba", "Deseja adicionar outro")
    carla.say("só isso", "Para que dia?")
    carla.say("31/02", "não existe")
    carla.say("dia 30 de fevereiro", "não existe")
    assert carla.days


@pytest.mark.parametrize(("kind", "content", "words"), [
    ("audio", {}, "ouvir áudio"), ("image", {}, "Não consigo ver imagens"), ("sticker", {}, "figurinha"),
    ("location", {}, "localização"), ("unsupported", {}, "Não consegui ler"), ("document", {}, "arquivos"),
])
def test_what_is_not_text_is_answered_with_the_open_question(carla, kind, content, words):
    carla.say("quero fazer a barba", "Deseja adicionar outro")
    carla.phone.send(kind, **content)
    carla.hear(words, "Deseja adicionar outro")
    assert carla.session["services"] == ["barba"]


def test_an_old_button_is_told_and_the_open_question_comes_again(carla):
    carla.say("quero fazer a barba", "Deseja adicionar outro")
    old = carla.heard[-1]
    carla.tap("Não, só isso", "Para que dia?")
    carla.choose_a_day()
    carla.phone.tap("Sim, adicionar", old)
    carla.hear("Essa opção expirou", "tem estes horários")
    carla.choose_a_time()
    carla.confirm()
    carla.phone.tap("Sim, adicionar", old)
    carla.hear("Essa opção expirou", "O que você quer fazer?")
    assert len(carla.bookings) == 1


def test_a_button_of_the_menu_still_works_later(carla):
    menu = next(bubble for bubble in carla.heard if "✨ Ver serviços" in bubble.options)
    carla.say("quero fazer a barba", "Deseja adicionar outro")
    carla.phone.tap("✨ Ver serviços", menu)
    carla.hear("Olha o que a gente faz")
    assert carla.session["services"] == ["barba"]


def test_typed_commands_of_rasa_are_words_like_others(carla, records):
    carla.say("quero fazer a barba", "Deseja adicionar outro")
    for words in ("/restart", "/session_start", "/back", '/affirm{"x": 1}', "/deny"):
        carla.say(words)
    kinds = {row.type_name for row in records.rows(
        "SELECT type_name FROM conversation_events WHERE sender_id = :id", id=str(carla.id))}
    assert not kinds & {"restart", "undo", "rewind"}
    assert carla.bookings == []
