"""The page in a real browser: what a customer sees, types and taps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from phones import phone_of, type_in

pytestmark = pytest.mark.browser

ANA, BIA = "5511999990001", "5511999990002"


@pytest.fixture
def page(chromium, sim) -> Iterator:
    """The page on a desktop; the test fails when the page's own code does."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="pt-BR")
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(sim.base_url)
    yield opened
    context.close()
    assert problems == []


def text(body: str) -> dict:
    return {"type": "text", "text": {"body": body}}


def buttons(body: str, *titles: str) -> dict:
    return {"type": "interactive", "interactive": {"type": "button", "body": {"text": body}, "action": {"buttons": [
        {"type": "reply", "reply": {"id": title, "title": title}} for title in titles]}}}


def services() -> dict:
    rows = [{"id": name, "title": name, "description": "R$ 90,00"} for name in ("Corte", "Escova")]
    return {"type": "interactive", "interactive": {
        "type": "list", "body": {"text": "Escolha um serviço"}, "action": {"button": "Ver serviços", "sections": [
            {"title": "Cabelo", "rows": rows}, {"title": "Unhas", "rows": [{"id": "m", "title": "Manicure"}]}]}}}


def test_a_new_customer_types_and_sees_the_answer_and_blue_ticks(page, bot):
    bot.reply = lambda message: [text("Olá, *Bem-vinda*! <b>oi</b>")]
    page.get_by_role("button", name="Novo cliente").click()
    page.get_by_label("Nome", exact=True).fill("Ana Lima")
    page.get_by_role("button", name="Abrir conversa").click()
    phone = phone_of(page, "Ana Lima")
    type_in(phone, "oi")
    phone.locator(".msg.bot").wait_for()
    assert phone.locator(".msg.bot strong").inner_text() == "Bem-vinda"
    assert "<b>oi</b>" in phone.locator(".msg.bot").inner_text()  # shown, never read as HTML
    phone.locator(".msg.customer .seen").wait_for()
    assert phone.locator(".chip").inner_text() == "Hoje"


def test_one_tick_until_the_bot_has_it(page, sim, bot):
    sim.config(retry_first=600)
    bot.answers = [500]
    sim.phone(ANA, name="Ana")
    phone = phone_of(page, "Ana")
    type_in(phone, "oi")
    bot.wait(lambda: bot.posts)
    phone.locator(".msg.customer [href='#i-check']").wait_for(state="attached")
    assert phone.locator(".msg.customer [href='#i-checks']").count() == 0


def test_the_list_opens_as_a_sheet_and_one_row_is_sent(page, sim, bot):
    bot.reply = lambda message: [services()] if message["type"] == "text" else [text("Ótima escolha")]
    sim.phone(ANA, name="Ana")
    phone = phone_of(page, "Ana")
    type_in(phone, "oi")
    phone.get_by_role("button", name="Ver serviços").click()
    sheet = phone.get_by_role("dialog", name="Ver serviços")
    assert sheet.locator("h5").all_inner_texts() == ["Cabelo", "Unhas"]
    assert sheet.get_by_role("button", name="Enviar").is_disabled()
    sheet.get_by_role("radio", name="Escova").check()
    sheet.get_by_role("button", name="Enviar").click()
    phone.get_by_text("Ótima escolha").wait_for()
    assert bot.messages[-1]["interactive"]["list_reply"]["id"] == "Escova"
    assert not sheet.is_visible()


def test_the_sheet_closes_with_escape_and_the_focus_returns(page, sim, bot):
    bot.reply = lambda message: [services()]
    sim.phone(ANA, name="Ana")
    phone = phone_of(page, "Ana")
    type_in(phone, "oi")
    opener = phone.get_by_role("button", name="Ver serviços")
    opener.press("Enter")
    phone.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    phone.get_by_role("dialog").wait_for(state="detached")
    assert opener.evaluate("button => button === document.activeElement")


def test_new_and_old_buttons_can_be_tapped(page, sim, bot):
    answers = iter([[buttons("Confirma?", "Sim", "Não")], [buttons("E agora?", "Pagar")], [text("de novo")]])
    bot.reply = lambda message: next(answers)
    sim.phone(ANA, name="Ana")
    phone = phone_of(page, "Ana")
    type_in(phone, "oi")
    phone.get_by_role("button", name="Sim", exact=True).click()
    phone.get_by_role("button", name="Pagar").wait_for()
    phone.get_by_role("button", name="Não", exact=True).click()
    phone.get_by_text("de novo").wait_for()
    first, second = (message["interactive"]["button_reply"]["id"] for message in bot.messages[1:])
    assert (first, second) == ("Sim", "Não")
    assert bot.messages[1]["context"]["id"] == bot.messages[2]["context"]["id"]


def test_two_customers_talk_side_by_side(page, sim, bot):
    bot.reply = lambda message: [text(f"resposta a {message['text']['body']}")]
    sim.phone(ANA, name="Ana")
    sim.phone(BIA, name="Bia")
    ana, bia = phone_of(page, "Ana"), phone_of(page, "Bia")
    type_in(ana, "um")
    type_in(bia, "dois")
    ana.get_by_text("resposta a um").wait_for()
    bia.get_by_text("resposta a dois").wait_for()
    assert ana.get_by_text("resposta a dois").count() == 0


def test_typing_reactions_and_attachments(page, sim, bot):
    sim.phone(ANA, name="Ana").say("oi")
    message = bot.wait(lambda: bot.messages)[0]
    phone = phone_of(page, "Ana")
    bot.reply = lambda _: [text("gostou?")]
    phone.get_by_role("button", name="Anexar").click()
    phone.get_by_role("menuitem", name="Áudio").click()
    phone.get_by_text("gostou?").wait_for()
    assert bot.messages[-1]["type"] == "audio" and message["type"] == "text"
    bot.reply = lambda _: []
    phone.get_by_text("gostou?").click(button="right")
    phone.get_by_role("menuitemradio", name="Reagir com ❤️").click()
    phone.get_by_role("img", name="Reação: ❤️").wait_for()
    bot.wait(lambda: bot.messages[-1]["type"] == "reaction")
    phone.get_by_text("digitando…").wait_for()  # the double marks as read with a typing indicator


def test_the_developers_drawer_arms_a_duplicate(page, sim, bot):
    sim.phone(ANA, name="Ana")
    page.get_by_role("button", name="Desenvolvedor").click()
    drawer = page.get_by_role("complementary", name="Desenvolvedor")
    drawer.get_by_role("button", name="duplicada").click()
    drawer.locator("[aria-pressed='true']", has_text="duplicada").wait_for()
    type_in(phone_of(page, "Ana"), "oi")
    bot.wait(lambda: len(bot.posts) == 2)
    drawer.get_by_text("webhook duplicate").wait_for()


def test_a_narrow_screen_shows_one_phone_and_a_way_back(chromium, sim, bot):
    sim.phone(ANA, name="Ana")
    sim.phone(BIA, name="Bia")
    context = chromium.new_context(viewport={"width": 390, "height": 800}, locale="pt-BR")
    page = context.new_page()
    page.goto(sim.base_url)
    page.locator(".chat", has_text="Bia").click()
    assert phone_of(page, "Bia").bounding_box()["width"] == 390
    assert page.locator(".phone:visible").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    phone_of(page, "Bia").get_by_role("button", name="Voltar").click()
    page.locator(".chat", has_text="Ana").wait_for()
    context.close()


@pytest.mark.parametrize(("path", "there"), [("/", ".empty"), ("/sim/docs", ".opblock")])
def test_nothing_is_fetched_from_elsewhere(chromium, sim, path, there):
    context = chromium.new_context()
    page = context.new_page()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(f"{sim.base_url}{path}")
    page.locator(there).first.wait_for()
    context.close()
    assert addresses and all(address.startswith((sim.base_url, "data:")) for address in addresses)


def test_a_phone_that_is_opened_takes_the_place_of_the_one_unused_for_longest(page, sim):
    for number in range(4):
        sim.phone(f"551199999010{number}", name="Outra")
    page.reload()  # the page is full of phones that nobody has touched
    page.get_by_role("region", name="Celular de Outra").first.wait_for()
    sim.phone(ANA, name="Ana")
    sim.phone(BIA, name="Bia")
    for name in ("Ana", "Bia"):
        page.locator(".chats button", has_text=name).click()
    for name in ("Ana", "Bia"):
        assert phone_of(page, name).is_visible(), name


@pytest.mark.parametrize(("written", "shown"), [
    ("*a* _b_ ~c~", "<strong>a</strong> <em>b</em> <s>c</s>"),
    ("`d` ```e```", "<code class=\"inline\">d</code> <code>e</code>"),
    ("2*3*4 e snake_case_x", "2*3*4 e snake_case_x"),
    ("*um _dois_*", "<strong>um <em>dois</em></strong>"),
    ("* a*", "•  a*"),
    ("veja https://a.br/x_y?z=1.", 'veja <a href="https://a.br/x_y?z=1" target="_blank" rel="noopener noreferrer">'
                                   "https://a.br/x_y?z=1</a>."),
    ("> citada\n- um\n- dois", "<blockquote>citada</blockquote>•  um\n•  dois"),
    ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
])
def test_texts_are_formatted_as_in_whatsapp(page, written, shown):
    assert page.evaluate("""async (text) => {
        const { formatted } = await import("/static/format.js");
        const box = document.createElement("div");
        box.append(...formatted(text));
        return box.innerHTML;
    }""", written) == shown
