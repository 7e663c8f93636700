"""Flow 8: whatever a customer writes at whatever question, she is helped, finds her way back, and loses nothing."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import yaml

from tests.journeys.people import Person, new_number, simulator, until

ROOT = Path(__file__).resolve().parent.parent.parent
LEVELS = ("Não compreendi 🙈 Você quer dizer…", "Ainda não peguei",
          "Deseja continuar seu agendamento ou precisa de ajuda?")

BARBA = ["quero fazer a barba", "[Não, só isso]"]
PACKAGE = ["quero barba e manicure", "[Não, só isso]"]
SUMMARY = [*BARBA, "[dia]", "[horário]"]
BOOKED = [*SUMMARY, "[Confirmar]"]
# question -> what she does, words of the question, and an answer with words of what follows it
OPEN = {
    "name": (["oi"], "Como posso te chamar?", "Carla Souza", "Prazer, Carla!"),
    "service": (["quero marcar um horário"], "Qual serviço você quer marcar?", "massagem", "*Massagem relaxante*"),
    "which_service": (["quero marcar um corte"], "Seria Corte feminino ou Corte masculino?", "feminino",
                      "Anotado ✍️ *Corte feminino*"),
    "add_another": (BARBA[:1], "Deseja adicionar outro serviço", "[Não, só isso]", "Para que dia?"),
    "another_service": ([*BARBA[:1], "[Sim, adicionar]"], "O que mais você quer fazer", "manicure",
                        "Anotado ✍️ *Barba e Manicure*"),
    "package": (PACKAGE, "Seu pacote", "[Sim, confirmar]", "Para que dia?"),
    "change_package": ([*PACKAGE, "[Mudar serviços]"], "O que eu tiro?", "a manicure", "Tirei *Manicure*"),
    "two_visits": (["quero barba e massagem", "[Não, só isso]", "[Sim, confirmar]"], "Qual deixamos para outro dia?",
                   "a massagem", "Tirei *Massagem relaxante*"),
    "date": (BARBA, "Para que dia?", "[dia]", "Qual fica melhor?"),
    "time": ([*BARBA, "[dia]"], "Qual fica melhor?", "[horário]", "Confere pra mim?"),
    "professional": (["corte feminino", "[Não, só isso]", "[dia]", "[horário dos dois]"], "Com quem você prefere?",
                     "[Tanto faz]", "Confere pra mim?"),
    "booking": (SUMMARY, "Confere pra mim?", "[Confirmar]", "Prontinho, Carla!"),
    "change_booking": ([*SUMMARY, "[Mudar]"], "O que você quer mudar?", "[Outro dia]", "Para que dia?"),
    "cancel": ([*BOOKED, "quero cancelar meu horário"], "Cancelar *Barba*", "[Não, manter]", "continua marcado"),
    "which_to_cancel": ([*BOOKED, *BOOKED, "quero cancelar meu horário"], "Qual deles você quer cancelar?",
                        "o primeiro", "Cancelar *Barba*"),
    "which_to_move": ([*BOOKED, *BOOKED, "quero remarcar meu horário"], "Qual deles você quer mudar?", "o segundo",
                      "Vamos mudar *Barba*"),
}
DIGRESSIONS = {  # what she asks in between, and words of the answer
    "quanto é a escova mesmo?": "*Escova*: R$ 70 · 45 min",
    "que horas vocês abrem?": "A gente atende assim: Terça a sábado, das 9h às 19h",
    "onde fica o salão?": "Estamos aqui: Rua das Acácias, 120",
    "quais serviços vocês têm?": "Olha o que a gente faz por aqui",
    "quem trabalha aí?": "Nossa equipe 💜\n• *Ana*: Corte feminino",
    "quais as formas de pagamento?": "Você paga no local",
    "o que você sabe fazer?": "Eu marco, mudo e cancelo horários",
    "muito obrigada": "!",
    "quem é você?": "Sou a assistente virtual do *Salão Bela Vista*",
    "tem estacionamento?": "Sobre estacionamento, vale confirmar com a equipe: +55 11 4000-0001",
    "qual a capital da França?": "Isso eu não sei responder 😅 Aqui no *Salão Bela Vista* eu marco",
}


@pytest.fixture
def quick(system, records):
    """Makes people who read no longer than they must: whoever waits for certain words need not wait for silence."""
    with simulator(system.env, quiet=0.12) as client:
        yield lambda: Person(records, client.phone(new_number()))


@pytest.fixture
def bring(quick):
    """Makes a customer who is asked a question; only who is asked her name is new."""
    def make(question: str) -> Person:
        steps, asked, *_ = OPEN[question]
        person = quick()
        if question != "name":
            person.introduce_herself()
        for step in steps:
            do(person, step)
        assert asked in person.text and person.session["question"] == question, person.phone.transcript()
        return person

    return make


@pytest.fixture
def never_together(records):
    """For a while, Bruno works on Tuesdays only, and Denise on all other days."""
    records.do("CREATE TABLE shifts_of_before AS SELECT * FROM shifts")
    records.do("DELETE FROM shifts USING staff WHERE staff.id = staff_id AND (code, weekday = 1) IN "
               "(('bruno', false), ('denise', true))")
    yield
    records.do("DELETE FROM shifts")
    records.do("INSERT INTO shifts SELECT * FROM shifts_of_before")
    records.do("DROP TABLE shifts_of_before")


_turn_about = itertools.count()


def do(person: Person, step: str, *needles: str) -> str:
    """Says a step, or taps it: "[Confirmar]"; days and times are taken from those on offer."""
    if step == "[dia]":
        return person.tap(person.days[-1 - next(_turn_about) % 4], "Qual fica melhor?")  # no day is to fill up
    if step == "[horário]":
        return person.tap(person.clocks[0], "Confere pra mim?")
    if step == "[horário dos dois]":
        for clock in list(person.clocks):
            if "Com quem" in person.tap(clock, clock):
                break
            person.say("outro horário", "Qual fica melhor?")
        return person.text
    if step == "[Confirmar]":
        return person.tap("Confirmar", "Agendamento confirmado")
    return person.tap(step[1:-1], *needles) if step.startswith("[") else person.say(step, *needles)


def chosen(person: Person) -> dict:
    """Her session without what passes by itself."""
    return {key: value for key, value in person.session.items() if key not in ("updated_at", "held_until")}


def turns(person: Person) -> list:
    """What analysts are told of her turns."""
    return person.records.rows("SELECT * FROM dialogue_turns WHERE conversation = :id ORDER BY id", id=person.id)


def test_every_question_that_the_assistant_asks_is_tried_here():
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(OPEN) == set(domain["slots"]["question"]["values"])


@pytest.mark.parametrize("question", OPEN)
def test_whatever_she_asks_in_between_is_answered_and_the_question_comes_again(request, bring, question):
    if question == "two_visits":
        request.getfixturevalue("never_together")
    person = bring(question)
    _, asked, answer, follows = OPEN[question]
    offered, before = person.options, chosen(person)
    for words, answered in DIGRESSIONS.items():
        if (question, words) == ("service", "quais serviços vocês têm?"):
            answered = asked  # the question shows the list itself
        if (question, words) == ("name", "quais serviços vocês têm?"):  # who looks around need not say her name yet
            assert asked not in person.say(words, answered)
            continue
        person.say(words, answered, asked)
        assert person.text.rindex(asked) >= person.text.index(answered), person.text
        assert set(offered) - {"Ver mais"} <= set(person.options), person.phone.transcript()
        assert chosen(person) == before, words
    do(person, answer, follows)
    assert all(row.step == question for row in turns(person)[-1 - len(DIGRESSIONS):-1])
    do(person, "deixa pra lá")


def test_help_grows_with_each_message_that_is_not_understood_and_loses_nothing(bring, records):
    records.redis.delete("handoff:duty:bela-vista")
    carla = bring("time")
    before, clocks = chosen(carla), carla.clocks

    carla.say("asdfgh", LEVELS[0], "Qual fica melhor?")
    assert carla.options[:3] == ["Ver serviços", "Meus horários", "Ver o menu"] and carla.clocks == clocks
    carla.say("....", LEVELS[1])
    assert carla.options == ["▶️ Continuar", "✨ Ver serviços", "Ver o menu"]
    carla.say("???", LEVELS[2], "Nossa equipe também atende pelo +55 11 4000-0001")
    assert carla.options == ["Continuar", "Ver o menu"]
    carla.say("😀😀", LEVELS[2])
    assert chosen(carla) == before
    told = turns(carla)[-4:]
    assert [(row.flow, row.step, row.miss) for row in told] == [("schedule", "time", level) for level in (1, 2, 3, 4)]

    carla.tap("Continuar", "Qual fica melhor?")
    assert carla.clocks == clocks and chosen(carla) == before
    carla.say("qual a capital da França?", "Isso eu não sei responder", "Qual fica melhor?")
    assert turns(carla)[-1].miss == 1, "a success begins anew"
    carla.say("e a da Itália?", LEVELS[1])
    carla.tap("Ver o menu", "O que você quer fazer? Seu agendamento continua guardado")
    assert carla.options == ["▶️ Continuar", "🔄 Começar de novo", "✨ Ver serviços", "🗒️ Meus horários"]
    carla.tap("▶️ Continuar", "Qual fica melhor?")
    assert chosen(carla) == before
    carla.tap(carla.clocks[0], "Confere pra mim?")
    do(carla, "[Confirmar]")
    assert carla.bookings[0].services == ["Barba"]
    carla.got_every_reply_once()


def test_every_button_of_the_help_leads_where_it_says_and_all_that_was_chosen_stays(bring, records):
    records.redis.delete("handoff:duty:bela-vista")
    carla = bring("date")
    before = chosen(carla)
    leads = [  # level, button, words of where it leads
        (1, "Ver serviços", "Olha o que a gente faz"), (1, "Meus horários", "Você ainda não tem horários"),
        (1, "Ver o menu", "continua guardado"), (2, "▶️ Continuar", "Para que dia?"),
        (2, "✨ Ver serviços", "Olha o que a gente faz"), (2, "Ver o menu", "continua guardado"),
        (3, "Continuar", "Para que dia?"), (3, "Ver o menu", "continua guardado"),
    ]
    for level, button, words in leads:
        for number in range(level):
            carla.say("hfjdkslahf", LEVELS[number])
        carla.tap(button, words)
        if words == "continua guardado":
            carla.tap("▶️ Continuar", "Para que dia?")
        else:
            assert "Para que dia?" in carla.text or carla.hear("Para que dia?")
        assert chosen(carla) == before, (level, button)
    carla.say("hfjdkslahf", LEVELS[0])
    carla.tap(carla.days[0], "Qual fica melhor?")  # the question's own options are as good as before
    do(carla, "deixa pra lá")


def test_who_books_nothing_yet_is_led_to_the_menu(quick, records):
    records.redis.delete("handoff:duty:bela-vista")
    carla = quick().introduce_herself()
    carla.say("zxcvbnm", LEVELS[0])
    assert carla.options == ["Marcar horário", "Ver serviços", "Ver o menu"]
    carla.say("?", LEVELS[1], "Vamos pelo menu?")
    assert carla.options == ["📅 Marcar horário", "✨ Ver serviços", "🗒️ Meus horários"]
    carla.say("asdasdasd", LEVELS[2])
    carla.tap("Ver o menu", "O que você quer fazer?")
    assert carla.options == ["📅 Marcar horário", "✨ Ver serviços", "🗒️ Meus horários"]
    carla.say("kkkkk", "😄", "O que você quer fazer?")
    carla.say("vai chover amanhã?", "Isso eu não sei responder", "O que você quer fazer?")
    carla.tap("📅 Marcar horário", "Qual serviço você quer marcar?")
    assert [row.miss for row in turns(carla)][-7:] == [1, 2, 3, 0, 0, 1, 0]


def test_with_somebody_on_duty_the_third_time_offers_a_person_and_the_way_back(bring, desk):
    carla = bring("add_another")
    before = chosen(carla)
    for words, level in zip(("asdfgh", "quem ganhou o jogo ontem?", "!!!"), LEVELS, strict=True):
        carla.say(words, level)
    assert carla.options == ["Continuar", "Falar com atendente", "Ver o menu"]
    carla.tap("Falar com atendente", "lugar* na fila", "mais ou menos")
    assert carla.session["state"] == "ASSISTED"
    assert carla.records.value("SELECT reason FROM handoffs WHERE customer_id = :id", id=carla.id) == "not_understood"
    carla.tap("Voltar ao assistente", "estou de volta", "Deseja adicionar outro serviço")
    assert chosen(carla) == before
    carla.say("asdfgh", LEVELS[0])
    do(carla, "deixa pra lá")


def test_where_customers_give_up_is_on_record_with_flow_step_last_intent_and_reason(bring, records):
    records.redis.delete("handoff:duty:bela-vista")
    silent, lost, stopped, asking, menu, done = (bring(question) for question in (
        "date", "package", "booking", "service", "time", "cancel"))
    lost.say("asdfgh", LEVELS[0])
    stopped.say("deixa pra lá", "Tudo bem, deixei pra lá")
    asking.say("quero falar com um atendente", "Já deixei seu pedido na fila")
    menu.say("menu", "continua guardado")
    done.tap("Sim, cancelar", "Cancelado: *Barba*")
    people = [silent, lost, stopped, asking, menu, done]
    for person in people:  # half an hour later
        records.do("UPDATE dialogue_turns SET at = at - interval '31 minutes', session_started_at = session_started_at "
                   "- interval '31 minutes' WHERE conversation = :id", id=person.id)
        records.do("UPDATE handoffs SET requested_at = requested_at - interval '31 minutes' WHERE customer_id = :id",
                   id=person.id)
    until(lambda: not records.value("SELECT count(*) FROM dialogue_turns WHERE latest AND conversation = ANY(:ids)",
                                    ids=[person.id for person in people]), "the worker has judged them all")
    recorded = "SELECT flow, step, last_intent, reason FROM abandonments WHERE conversation = :id"
    assert [[tuple(row) for row in records.rows(recorded, id=person.id)] for person in people] == [
        [("schedule", "date", "deny", "timeout")], [("package", "package", "out_of_scope", "fallback")],
        [("confirmation", "booking", "stop", "stop")], [("catalogue", "service", "talk_to_human", "handoff")],
        [("schedule", "time", "main_menu", "timeout")], [],
    ]


WAYS_OF_SAYING = {  # at a question: what she writes, none of it training data, and words of what follows
    "service": {
        "fazer a unha": "Anotado ✍️ *Manicure*", "unha do pe": "Anotado ✍️ *Pedicure*", "sombrancelha": "sobrancelha*",
        "so a barba msm": "Anotado ✍️ *Barba*", "é pra pintar o cabelo branco": "Anotado ✍️ *Coloração*",
        "pe e mao": "Anotado ✍️ *Pedicure e Manicure*", "uma limpeza d pele": "Anotado ✍️ *Limpeza de pele*",
        "Bom dia minha filha, eu queria ver se dava pra fazer uma escovinha no meu cabelo que tá muito feio":
            "Anotado ✍️ *Escova*",
    },
    "which_service": {"masc": "Corte masculino*", "o de mulher": "Corte feminino*", "o segundo": "Corte masculino*"},
    "add_another": {
        "n": "Para que dia?", "nao obg": "Para que dia?", "só isso msm": "Para que dia?", "mais nada": "Para que dia?",
        "tá bom assim": "Para que dia?", "não minha filha, só isso mesmo, muito obrigada": "Para que dia?",
        "bota uma manicure tb": "*Barba e Manicure*", "e a unha tbm": "*Barba e Manicure*", "quero sim": "O que mais",
    },
    "change_package": {"a manicure": "Tirei *Manicure*", "deixa assim": "Para que dia?",
                       "põe sobrancelha tbm": "Barba, Manicure e Design de sobrancelha"},
    "date": {
        "sábadooo": "*sábado,", "depois de amanha d tarde": "Qual fica melhor?", "semana q vem": "Para que dia?",
        "o mais rapido possivel": "Confere pra mim?", "qualquer dia": "Confere pra mim?",
        "pode ser na sexta-feira que vem depois do almoço, se não for incomodar": "*sexta,",
        "31 de fevereiro": "não existe",
    },
    "time": {"o mais cedo": "Confere pra mim?", "qualquer um": "Confere pra mim?", "o ultimo": "Confere pra mim?",
             "qq um": "Confere pra mim?", "de manha": "Qual fica melhor?", "tem mais tarde?": "Qual fica melhor?"},
    "professional": {"com o bruno": "👤 Bruno", "ana souza": "👤 Ana", "bruninho": "👤 Bruno",
                     "qq um": "Confere pra mim?", "quem tiver": "Confere pra mim?"},
    "booking": {"peraí": "Sem pressa", "muda pra sexta": "sexta,", "quero mudar": "O que você quer mudar?",
                "ss": "Prontinho", "👍": "Prontinho", "tá certo sim minha filha, pode marcar": "Prontinho"},
    "cancel": {"pode cancelar": "Cancelado: *Barba*", "não cancela não": "continua marcado",
               "melhor remarcar": "Vamos mudar *Barba*"},
}


@pytest.mark.parametrize("question", WAYS_OF_SAYING)
def test_an_answer_may_be_said_in_many_ways(bring, question):
    for words, follows in WAYS_OF_SAYING[question].items():
        person = bring(question)
        person.say(words, follows)
        assert turns(person)[-1].miss == 0
        do(person, "deixa pra lá")  # the next one may want the same time
