"""What a turn costs the database, and how soon the answer leaves."""

from __future__ import annotations

import statistics
import time

from sqlalchemy import event

from marcai.whatsapp import lanes, outbox
from tests.channel.graph_double import options
from tests.channel.line import tap, text, until

ANA = "5511988887777"


def test_a_turn_takes_six_statements_at_most(line, graph, database):
    line.agent.script = lambda message: {"text": "Escolha", "buttons": [{"title": "Um", "payload": "/inform"}]}
    line.receive(text(ANA, "aquece"))
    until(lambda: graph.sent_to(ANA))
    time.sleep(0.3)
    statements = []

    def note(connection, cursor, statement, *_):
        statements.append(" ".join(statement.split())[:90])

    event.listen(database, "before_cursor_execute", note)
    try:
        for number, said in enumerate([text(ANA, "oi"), None], start=2):
            time.sleep(0.15)
            statements.clear()
            line.receive(said or tap(ANA, options(graph.sent_to(ANA)[-1])["Um"]))
            until(lambda number=number: len(graph.sent_to(ANA)) == number)
            time.sleep(0.3)
            polls = (lanes.TAKE_DUE.name, outbox.CLAIM.name)  # whatever else waits
            turn = [one for one in statements if not any(name in one for name in polls)]
            assert len(turn) <= 5 + (said is None), statements
    finally:
        event.remove(database, "before_cursor_execute", note)


def test_the_answer_leaves_soon_and_a_rush_is_served(line, graph, capsys):
    phones = [f"55119{number:08d}" for number in range(30)]
    for phone in phones[:5]:
        line.receive(text(phone, "aquece"))
    until(lambda: len(graph.calls) == 5)
    waits = []
    for number in range(20):
        began = time.monotonic()
        line.receive(text(phones[number], "oi"))
        until(lambda number=number: len(graph.calls) == 6 + number)
        waits.append(graph.calls[-1]["at"] - began)
    graph.calls.clear()
    began = time.monotonic()
    for number in range(90):
        line.receive(text(phones[number % 30], f"m{number}"))
    until(lambda: len({call["to"] for call in graph.calls}) == 30 and sum(
        one.count("m") for one in line.agent.texts()) >= 90, 60)
    rush = time.monotonic() - began
    with capsys.disabled():
        print(f"\nwebhook to Graph call: median {statistics.median(waits) * 1000:.0f} ms, "
              f"worst {max(waits) * 1000:.0f} ms; 90 messages of 30 customers: {rush:.1f} s")
    assert statistics.median(waits) < 0.5
