"""A customer who has her data erased, also in the middle of the conversation that asks for it."""

from __future__ import annotations

from sqlalchemy import text as sql

from marcai.customers import rights
from marcai.customers import service as customers
from marcai.platform import rooms
from tests.channel.line import message, text, until
from tests.traces import traces

ANA = "5511988887777"

rooms.modules("personal")


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


def test_all_that_she_ever_sent_is_erased_also_what_was_no_turn(line, graph, database, salon):
    line.receive(text(ANA, "meu segredo é 42"), contacts=[{"wa_id": ANA, "profile": {"name": "Ana Segredo"}}])
    until(lambda: graph.texts(ANA))
    line.receive(message(ANA, "edit", content={"message": {"text": {"body": "meu segredo é 43"}}}),
                 message(ANA, "reaction", content={"message_id": "wamid.X", "emoji": "👍"}),
                 message(ANA, "image", content={"id": "1", "caption": "foto do segredo"}))
    until(lambda: len(graph.texts(ANA)) == 2)
    assert traces(database, "segredo", ANA) >= {"inbound_messages.payload", "conversation_events.data",
                                                "outbound_messages.payload", "customers.phone"}
    until(lambda: idle(database))
    assert customers.erase(salon, ANA)
    assert traces(database, "segredo", ANA) == set()
    with database.connect() as connection:
        assert connection.execute(sql("SELECT count(*) FROM lanes")).scalar() == 0


def test_after_an_erasure_at_the_desk_her_next_message_is_a_stranger_s_and_is_kept(line, graph, database, salon):
    line.receive(text(ANA, "oi"))
    until(lambda: graph.texts(ANA))
    first = line.agent.seen[0]["sender"]
    until(lambda: idle(database))
    assert customers.erase(salon, ANA)
    line.receive(text(ANA, "quero marcar um corte"))
    until(lambda: len(graph.texts(ANA)) == 2)
    until(lambda: idle(database))
    again = line.agent.seen[-1]["sender"]
    assert again != first
    with database.connect() as connection:
        kept = connection.execute(sql("SELECT count(*) FROM conversation_snapshots WHERE sender_id = :id"),
                                  {"id": again}).scalar()
    assert kept == 1


def idle(database) -> bool:
    """Whether nobody is served and nothing waits."""
    with database.connect() as connection:
        return connection.execute(sql("SELECT NOT bool_or(waiting OR leased_by IS NOT NULL) FROM lanes")).scalar()
