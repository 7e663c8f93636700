"""Taps: what was offered to whom, and for how long."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import text as sql

from tests.channel.graph_double import options
from tests.channel.line import message, tap, text, until

ANA, BIA = "5511988887777", "5521977776666"


def buttons(count: int = 2, **more):
    return [{"title": f"Opção {number}", "payload": f'/inform{{"date": "d{number}", "n": ["a", "b"]}}', **more}
            for number in range(1, count + 1)]


def offer(line, graph, phone=ANA, count=2, words="menu", **more):
    """Has the bot offer options and gives title -> token of the bubble."""
    line.agent.script = lambda message: {"text": f"Escolha: {message.text}", "buttons": buttons(count, **more)}
    before = len(graph.sent_to(phone))
    line.receive(text(phone, words))
    until(lambda: len(graph.sent_to(phone)) > before)
    return options(graph.sent_to(phone)[before])


def last(line):
    return line.agent.seen[-1]


def said(line, count):
    until(lambda: len(line.agent.seen) >= count)
    return last(line)


def test_a_tap_is_what_was_offered_as_parsed_data(line, graph):
    tokens = offer(line, graph)
    assert not any("date" in token or "/" in token for token in tokens.values())
    line.receive(tap(ANA, tokens["Opção 2"], "whatever the phone says"))
    seen = said(line, 2)
    assert seen["parsed"] and seen["intent"] == "inform" and seen["text"] == "Opção 2"
    assert seen["entities"] == {"date": "d2", "n": "b"} and seen["metadata"]["kind"] == "tap"


def test_a_list_tap_and_a_template_button_are_taps_too(line, graph):
    tokens = offer(line, graph, count=5)
    line.receive(message(ANA, "interactive", content={"type": "list_reply", "list_reply": {
        "id": tokens["Opção 4"], "title": "x"}}))
    assert said(line, 2)["entities"]["date"] == "d4"
    tokens = options(graph.sent_to(ANA)[-1]) if len(graph.sent_to(ANA)) > 1 else {}
    until(lambda: len(graph.sent_to(ANA)) == 2)
    tokens = options(graph.sent_to(ANA)[-1])
    line.receive(message(ANA, "button", content={"payload": tokens["Opção 1"], "text": "x"}))
    assert said(line, 3)["entities"]["date"] == "d1"


def test_an_option_of_an_earlier_question_has_expired(line, graph):
    old = offer(line, graph)
    offer(line, graph, words="outra pergunta")
    line.receive(tap(ANA, old["Opção 1"], "Opção 1"))
    seen = said(line, 3)
    assert (seen["intent"], seen["text"]) == ("expired_option", "Opção 1")


def test_an_option_stays_while_only_text_is_said(line, graph):
    tokens = offer(line, graph)
    line.agent.script = lambda message: "só texto"
    line.receive(text(ANA, "quanto custa?"))
    until(lambda: len(graph.sent_to(ANA)) == 2)
    line.receive(tap(ANA, tokens["Opção 1"]))
    assert said(line, 3)["intent"] == "inform"


def test_a_lasting_option_stays_after_later_questions(line, graph):
    tokens = offer(line, graph, lasting=True)
    offer(line, graph, words="outra")
    line.receive(tap(ANA, tokens["Opção 1"]))
    assert said(line, 3)["intent"] == "inform"


def test_options_expire_after_a_day(line, graph, database, salon):
    from marcai.customers import service as customers
    from marcai.platform.database import transaction
    from marcai.whatsapp import beginning
    from marcai.whatsapp import options as offered

    tokens = offer(line, graph, lasting=True)
    with transaction() as session:
        customer = customers.identify(session, salon.id, wa_id=ANA, user_id=None)
        notified = offered.offer(session, tenant_id=salon.id, customer_id=customer.id, title="Confirmar",
                                 payload="/affirm")
        customer_id = customer.id
    with database.begin() as connection:
        connection.execute(sql("UPDATE offered_options SET expires_at = expires_at - :day"),
                           {"day": timedelta(hours=25)})
    assert beginning.read(customer_id, tokens["Opção 1"])[1] is None
    assert beginning.read(customer_id, notified)[1].payload == "/affirm"
    line.receive(tap(ANA, tokens["Opção 1"]))
    assert said(line, 2)["intent"] == "expired_option"


def test_another_customers_option_and_a_made_up_one_mean_nothing(line, graph):
    tokens = offer(line, graph)
    for number, token in enumerate([tokens["Opção 1"], '/cancel{"code": "x"}', "", "x" * 500, "é\x00"], start=2):
        line.receive(tap(BIA, token, "Confirmar"))
        seen = said(line, number)
        assert seen["intent"] == "expired_option" and not seen["entities"], token


def test_a_double_tap_counts_once(line, graph):
    tokens = offer(line, graph)
    line.receive(tap(ANA, tokens["Opção 1"]), tap(ANA, tokens["Opção 1"]))
    said(line, 2)
    until(lambda: len(graph.sent_to(ANA)) == 2)
    line.receive(tap(ANA, tokens["Opção 1"]))  # the third came when the first was answered already
    time.sleep(0.3)
    line.receive(text(ANA, "fim"))
    assert said(line, 3)["text"] == "fim"
    assert [seen["intent"] for seen in line.agent.seen] == ["greet", "inform", "greet"]


def test_different_taps_are_turns_of_their_own_in_order(line, graph):
    line.agent.script = lambda message: {"text": "?", "buttons": buttons(3, lasting=True)}
    line.receive(text(ANA, "menu"))
    until(lambda: graph.sent_to(ANA))
    tokens = options(graph.sent_to(ANA)[0])
    line.receive(tap(ANA, tokens["Opção 3"]), tap(ANA, tokens["Opção 1"]), text(ANA, "a"), text(ANA, "b"))
    until(lambda: len(line.agent.seen) == 4)
    assert [seen["text"] for seen in line.agent.seen] == ["menu", "Opção 3", "Opção 1", "a\nb"]


def test_more_than_ten_options_are_reached_page_by_page_without_asking_rasa(line, graph):
    tokens = offer(line, graph, count=25)
    reached = dict(tokens)
    assert len(tokens) == 10 and list(tokens)[-1] == "Ver mais"
    for page, size in ((2, 10), (3, 7)):
        line.receive(tap(ANA, tokens["Ver mais"], "Ver mais"))
        until(lambda page=page: len(graph.sent_to(ANA)) == page)
        tokens = options(graph.sent_to(ANA)[-1])
        assert len(tokens) == size
        reached |= tokens
    assert len(line.agent.seen) == 1
    assert set(reached) - {"Ver mais"} == {f"Opção {number}" for number in range(1, 26)}
    for number, title in enumerate(["Opção 1", "Opção 25"], start=2):  # first and last page are both still live
        line.agent.script = lambda message: "certo"
        line.receive(tap(ANA, reached[title]))
        assert said(line, number)["text"] == title
