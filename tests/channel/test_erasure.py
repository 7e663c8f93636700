"""A customer who has her data erased, also in the middle of the conversation that asks for it."""

from __future__ import annotations

from sqlalchemy import text as sql

import marcai.whatsapp.personal  # noqa: F401
from marcai.customers import rights
from marcai.customers import service as customers
from tests.channel.line import text, until

ANA = "5511988887777"


def test_after_an_erasure_in_her_turn_only_the_answer_goes_out(line, graph, database, salon):
    line.receive(text(ANA, "meu segredo é 42"))
    until(lambda: graph.texts(ANA))
    first = line.agent.seen[0]["sender"]

    def script(message):
        assert rights.erase_customer(salon, customers.get(message.sender_id).id)
        return "Seus dados foram apagados."

    line.agent.script = script
    line.receive(text(ANA, "apague o segredo"))
    until(lambda: len(graph.texts(ANA)) == 2)
    assert graph.texts(ANA)[1] == "Seus dados foram apagados."
    with database.connect() as connection:
        assert connection.execute(sql("SELECT count(*) FROM conversation_snapshots")).scalar() == 0
        assert connection.execute(sql("SELECT customer_id, forgotten, waiting FROM lanes")).all() == [
            (None, False, False)]
        from marcai.whatsapp import sealed

        for table, column in (("inbound_messages", "payload"), ("conversation_events", "data")):
            for value in connection.execute(sql(f"SELECT {column} FROM {table}")).scalars():
                assert value is None or "segredo" not in str(sealed.unseal(value))
    line.agent.script = lambda message: "Oi de novo"
    line.receive(text(ANA, "oi"))
    until(lambda: len(graph.texts(ANA)) == 3)
    assert line.agent.seen[-1]["sender"] != first
