"""Two customers side by side on the simulator's page fight for one time of the running product."""

import re

import pytest
from phones import choose, phone_of, send, type_in

from marcai.simulator.client import SimulatorClient

pytestmark = pytest.mark.browser

ANA, BIA = "5511988880001", "5511988880002"
PATIENCE = 60_000  # milliseconds; a test machine may be busy


@pytest.fixture
def page(browser, system):
    """The page of the running product's simulator; the test fails when the page's own code does."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="pt-BR", device_scale_factor=2)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(f"http://127.0.0.1:{system.env['SIMULATOR_PORT']}")
    yield opened
    context.close()
    assert problems == []


@pytest.fixture
def rivals(page, system):
    """Two phones, both of which show the same free times of one day."""
    with SimulatorClient(f"http://127.0.0.1:{system.env['SIMULATOR_PORT']}") as client:
        client.phone(ANA, name="Ana")
        client.phone(BIA, name="Bia")
    for name in ("Ana", "Bia"):  # other tests' customers may fill the page
        page.locator(".chats button", has=page.locator("b", has_text=re.compile(f"^{name}$"))).first.click()
    phones = [phone_of(page, "Ana"), phone_of(page, "Bia")]
    for phone, name in zip(phones, ("Ana Paula", "Bia Lima"), strict=True):
        type_in(phone, "oi, queria fazer a barba com o Bruno, só isso")
        phone.get_by_text("Como posso te chamar?").wait_for()
        type_in(phone, name)
        phone.get_by_role("button", name="Ver dias").wait_for()
    for phone in phones:
        phone.get_by_role("button", name="Ver dias").click()
        phone.get_by_role("dialog").get_by_role("radio").nth(1).check()
        send(phone)
        phone.get_by_role("button", name="Ver horários").wait_for()
    return phones


def clocks(bubble) -> list[str]:
    """The clock times that may be tapped in a bubble."""
    titles = bubble.get_by_role("button").all_inner_texts()
    return [title.strip() for title in titles if re.fullmatch(r"\d{1,2}h(\d\d)?", title.strip())]


def test_one_gets_the_time_and_the_other_at_once_what_is_near(page, rivals):
    for phone in rivals:
        choose(phone, "Ver horários", "11h")
    for phone in rivals:
        send(phone)
    page.locator(".phone .msg.bot", has_text="Confere pra mim?").wait_for()
    page.locator(".phone .msg.bot", has_text="Este horário acabou de ser reservado por outro cliente").wait_for()
    winner, loser = rivals if rivals[0].get_by_text("Confere pra mim?").count() else rivals[::-1]
    assert winner.get_by_text("acabou de ser reservado").count() == 0
    assert loser.get_by_text("Confere pra mim?").count() == 0

    offered = clocks(loser.locator(".msg.bot").last)
    assert offered and set(offered) <= {"10h30", "10h45", "11h15", "11h30"}, "within half an hour of what was lost"
    winner.get_by_role("button", name="Confirmar").click()
    winner.get_by_text("Agendamento confirmado!").wait_for()

    loser.get_by_role("button", name=offered[-1], exact=True).click()
    loser.get_by_role("button", name="Confirmar").click()
    loser.get_by_text("Agendamento confirmado!").wait_for()
    assert loser.get_by_text(f"das {offered[-1]} às").count() >= 1
    for phone, other in ((winner, loser), (loser, winner)):
        name = other.get_attribute("aria-label").removeprefix("Celular de ")
        assert name not in phone.locator(".msg.bot").all_inner_texts()
