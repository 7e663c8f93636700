"""The attendants' page in a real browser: what she sees, types and clicks."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from marcai.handoff import service
from marcai.platform.database import transaction
from marcai.whatsapp import assistance
from marcai.whatsapp.models import OutboundMessage
from tests.handoff import conversations
from tests.handoff.conftest import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def maria(salon):
    """A customer in the middle of a booking who waits for a person."""
    customer_id = conversations.customer(salon)
    conversations.said(salon, customer_id, [("customer", "quero barba"), ("assistant", "Para que dia?"),
                                            ("customer", "quero falar com alguém")])
    conversations.chosen(customer_id)
    return service.request(salon, customer_id, {"draft": conversations.DRAFT, "question": "date"}).handoff


@pytest.fixture
def visit(chromium, live):
    """Opens pages; the test fails when a page's own code does, or asks another host for anything."""
    contexts, problems = [], []

    def open_page(login: str = "julia", **options):
        context = chromium.new_context(**{"viewport": {"width": 1366, "height": 800}, "locale": "pt-BR", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith((live, "data:"))
                else problems.append(request.url))
        page.goto(f"{live}/atendimento")
        page.get_by_label("Usuário").fill(login)
        page.get_by_label("Senha").fill(PASSWORD)
        page.get_by_label("Senha").press("Enter")
        page.locator("#lists").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def write(page, words: str) -> None:
    page.get_by_label("Mensagem para Maria").fill(words)
    page.get_by_label("Mensagem para Maria").press("Enter")


def test_a_customer_is_taken_answered_and_given_back(visit, salon, julia, maria):
    page = visit()
    page.get_by_role("button", name="Atender Maria").click()
    page.get_by_role("log", name="Mensagens").get_by_text("quero falar com alguém").wait_for()
    assert page.get_by_text("Barba", exact=True).is_visible()
    write(page, "Oi, Maria!")
    page.locator(".message.attendant", has_text="Oi, Maria!").wait_for()
    assert page.get_by_label("Mensagem para Maria").input_value() == ""
    page.get_by_role("button", name="Encerrar e devolver ao assistente").click()
    page.get_by_role("heading", name="Tudo pronto").wait_for()
    assert service.get(salon.id, maria.id).state == "closed"


def test_what_the_customer_writes_and_the_ticks_appear_by_themselves(visit, salon, julia, maria):
    page = visit()
    page.get_by_role("button", name="Atender Maria").click()
    write(page, "Oi!")
    page.locator(".message.attendant", has_text="Oi!").get_by_role("img", name="enviando").wait_for()
    with transaction() as session:
        session.execute(update(OutboundMessage).values(state="read"))
    page.locator(".message.attendant", has_text="Oi!").get_by_role("img", name="lida").wait_for()
    page.get_by_label("Mensagem para Maria").fill("estou escre")
    conversations.said(salon, maria.customer_id, [("customer", "é sobre alergia")])
    page.locator(".message.customer", has_text="é sobre alergia").wait_for()
    assert page.get_by_label("Mensagem para Maria").input_value() == "estou escre", "nothing is typed in vain"
    assert page.evaluate("document.activeElement.id") == "text"


def test_who_comes_to_the_queue_appears_and_the_title_tells(visit, salon, julia):
    page = visit()
    page.get_by_text("Ninguém esperando").wait_for()
    customer_id = conversations.customer(salon, name="Bia")
    service.request(salon, customer_id, {"draft": {}, "question": None})
    page.get_by_role("button", name="Atender Bia").wait_for()
    page.wait_for_function("document.title.startsWith('(1)')")


def test_a_reply_kept_ready_is_put_in_the_box_with_her_name(visit, salon, julia, maria):
    from marcai.handoff import canned

    canned.suggest(salon)
    page = visit()
    page.get_by_role("button", name="Atender Maria").click()
    page.get_by_role("button", name="Já vou ver").click()
    assert page.get_by_label("Mensagem para Maria").input_value().startswith("Oi, Maria! Já estou vendo")


def test_somebody_else_was_quicker(visit, salon, julia, rita, maria):
    page = visit()
    page.get_by_role("button", name="Atender Maria").wait_for()
    page.route("**/estado*", lambda route: route.abort())
    assistance.take(salon, rita, maria.id)
    page.get_by_role("button", name="Atender Maria").click()
    page.get_by_role("alert").get_by_text("Outra pessoa já atendeu").wait_for()


def test_a_message_that_could_not_be_sent_is_kept_and_sent_once(visit, salon, julia, maria):
    page = visit()
    page.get_by_role("button", name="Atender Maria").click()
    page.route("**/responder", lambda route: route.abort())
    write(page, "importante")
    page.get_by_role("alert").get_by_text("Sem conexão").wait_for()
    assert page.get_by_label("Mensagem para Maria").input_value() == "importante"
    page.unroute("**/responder")
    page.get_by_role("button", name="Enviar").click()
    page.locator(".message.attendant", has_text="importante").wait_for()


def test_a_pause_and_the_end_of_the_sign_in(visit, salon, julia):
    from marcai.handoff import presence
    from marcai.platform import redis

    page = visit()
    page.get_by_role("switch", name="Em atendimento").click()
    page.get_by_role("heading", name="Você está em pausa").wait_for()
    assert presence.on_duty(salon.slug) == frozenset()
    page.get_by_role("switch", name="Em atendimento").press("Enter")
    page.get_by_role("heading", name="Tudo pronto").wait_for()
    redis.client().flushdb()
    page.get_by_role("heading", name="Atendimento").wait_for()
    page.get_by_label("Senha").wait_for()


def test_all_of_it_works_by_keyboard(visit, salon, julia, maria):
    page = visit()
    page.get_by_role("button", name="Atender Maria").focus()
    page.keyboard.press("Enter")
    page.locator("#text").wait_for()
    assert page.evaluate("document.activeElement.id") == "text", "she can write at once"
    page.keyboard.type("linha um")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("linha dois")
    page.keyboard.press("Enter")
    page.locator(".message.attendant .text", has_text="linha um\nlinha dois").wait_for()


def test_on_a_phone_one_thing_is_shown_at_a_time(visit, salon, julia, maria):
    page = visit(viewport={"width": 390, "height": 800}, has_touch=True)
    page.get_by_role("button", name="Atender Maria").click()
    page.locator("#text").wait_for()
    assert not page.locator("#lists").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.get_by_role("button", name="Enviar").bounding_box()
    assert box["y"] + box["height"] <= 800, "the box to write in is on the screen"
    page.get_by_text("Sobre a cliente").click()
    page.get_by_text("Barba", exact=True).wait_for()
    page.get_by_role("link", name="Voltar à fila").click()
    page.get_by_role("link", name="Maria").wait_for()


def test_without_its_script_the_page_still_works(visit, salon, julia, maria):
    page = visit(java_script_enabled=False)
    page.get_by_role("button", name="Atender Maria").click()
    page.get_by_label("Mensagem para Maria").fill("Oi, Maria!")
    page.get_by_role("button", name="Enviar").click()
    page.locator(".message.attendant", has_text="Oi, Maria!").wait_for()


def test_a_manager_reads_along_and_edits_the_replies(visit, salon, julia, marta, maria):
    assistance.take(salon, julia, maria.id)
    page = visit("marta")
    page.get_by_role("link", name="Maria").click()
    page.get_by_role("log", name="Mensagens").get_by_text("quero falar com alguém").wait_for()
    assert page.locator("#text").count() == 0, "it is not hers to answer"
    page.get_by_role("link", name="Respostas").click()
    page.get_by_label("Título").last.fill("Endereço")
    page.get_by_label("Texto").last.fill("Rua das Acácias, 120")
    page.get_by_role("button", name="Adicionar").click()
    page.get_by_role("button", name="Apagar Endereço").wait_for()
