"""A message in, an answer out: order, coalescing, and everything that is not text."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text as sql

from tests.channel.line import message, text, until

ANA, BIA = "5511988887777", "5521977776666"


class TestOrder:
    def test_a_message_is_answered(self, line, graph):
        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA))
        assert graph.texts(ANA) == ["eco: oi"]
        call = graph.calls[0]
        assert call["path"] == f"/v26.0/{line.salon.phone_number_id}/messages"
        assert call["auth"] == "Bearer test-access-token"
        assert call["recipient_type"] == "individual"
        seen = line.agent.seen[0]
        assert seen["metadata"] == {"tenant": "bela-vista", "customer": seen["sender"], "kind": "text"}

    def test_a_lone_message_does_not_wait(self, line, graph):
        line.receive(text(ANA, "aquece"))
        until(lambda: graph.texts())
        waits = []
        for number in range(1, 4):
            time.sleep(0.05)
            began = time.monotonic()
            line.receive(text(ANA, "oi"))
            until(lambda number=number: len(graph.texts()) == number + 1)
            waits.append(time.monotonic() - began)
        assert min(waits) < 0.7, waits  # a poll is a second

    def test_texts_that_arrive_during_a_turn_are_the_next_one_together(self, line, graph):
        async def slowly(message):
            await asyncio.sleep(0.4)
            return f"eco: {message.text}"

        line.agent.script = slowly
        line.receive(text(ANA, "oi"))
        until(lambda: line.agent.seen)
        for words in ("quero", "marcar", "um corte"):
            line.receive(text(ANA, words))
        until(lambda: len(graph.texts()) == 2)
        assert line.agent.texts() == ["oi", "quero\nmarcar\num corte"]
        assert graph.texts() == ["eco: oi", "eco: quero\nmarcar\num corte"]

    def test_a_customers_messages_keep_the_order_in_which_she_sent_them(self, line, graph):
        line.agent.ready = False
        now = time.time()
        line.receive(text(ANA, "terceira", at=now - 1))
        line.receive(message(ANA, "audio", at=now - 2, id_="x"), text(ANA, "primeira", at=now - 3))
        line.agent.ready = True
        until(lambda: len(graph.texts()) == 3)
        assert line.agent.texts() == ["primeira", "[audio]", "terceira"]

    def test_customers_are_served_side_by_side_and_each_in_order(self, line, graph):
        async def slowly(message):
            await asyncio.sleep(0.15)
            return f"eco: {message.text}"

        line.agent.script = slowly
        phones = [f"55119{number:08d}" for number in range(24)]
        with ThreadPoolExecutor(4) as pool:
            for step in range(2):
                list(pool.map(lambda phone, step=step: line.receive(text(phone, f"m{step}")), phones))
        until(lambda: sum(call.count("m1") for call in graph.texts()) == 24, 30)
        assert line.agent.overlaps == 0 and line.agent.most_parallel > 4
        for phone in phones:
            assert "\n".join(graph.texts(phone)).replace("eco: ", "") == "m0\nm1"

    def test_two_processes_never_serve_a_customer_at_once(self, start_line, graph):
        from tests.channel.line import ScriptedAgent

        agent = ScriptedAgent()

        async def slowly(message):
            await asyncio.sleep(0.05)
            return f"eco: {message.text}"

        agent.script = slowly
        lines = [start_line(agent=agent), start_line(agent=agent)]
        for number in range(20):
            lines[number % 2].receive(text((ANA, BIA)[number % 3 == 0], f"m{number}"))
        until(lambda: sum(seen["text"].count("m") for seen in agent.seen) == 20, 20)
        until(lambda: len(graph.texts()) == len(agent.seen))
        assert agent.overlaps == 0
        for phone in (ANA, BIA):
            numbers = [int(part[1:]) for reply in graph.texts(phone) for part in reply[5:].split("\n")]
            assert numbers == sorted(numbers)


class TestTyped:
    @pytest.mark.parametrize("typed, understood", [
        ("/restart", "restart"), ('/agendar{"servico": "corte"}', 'agendar{"servico": "corte"}'),
        (" \n / / precos", "precos"), ("\u200b/restart", "restart"), ("\ufeff \u2060/back", "back"),
        ("//x", "x"), ("1/2 perna", "1/2 perna"), ("Quero\u200b cor\u00adte", "Quero corte"),
        ("👩‍🦰 oi", "👩‍🦰 oi"),
    ])
    def test_typed_commands_are_only_text(self, line, graph, typed, understood):
        line.receive(text(ANA, typed))
        seen = until(lambda: line.agent.seen[0])
        assert seen["text"] == understood and not seen["parsed"]
        assert seen["metadata"].get("original", typed) == typed

    def test_a_long_text_is_cut_for_understanding_and_kept_in_full(self, line):
        line.receive(text(ANA, "palavra " * 500))
        seen = until(lambda: line.agent.seen[0])
        assert len(seen["text"]) <= 1000 and len(seen["metadata"]["original"]) > 3000

    @pytest.mark.parametrize("nothing", ["", " ", "/", "///", "\u200b\u200b"])
    def test_a_text_of_nothing_gets_an_answer_all_the_same(self, line, graph, nothing):
        line.receive(text(ANA, nothing))
        assert until(lambda: line.agent.seen[0])["intent"] == "media_message"
        until(lambda: graph.texts())


class TestKinds:
    @pytest.mark.parametrize("kind, content, media", [
        ("audio", {"id": "1", "voice": True}, "audio"), ("voice", {"id": "1"}, "audio"),
        ("image", {"id": "1"}, "image"), ("video", {"id": "1"}, "video"),
        ("document", {"id": "1", "filename": "a.pdf"}, "document"), ("sticker", {"id": "1"}, "sticker"),
        ("location", {"latitude": 1, "longitude": 2}, "location"),
        ("contacts", [{"name": {}}], "contacts"), ("order", {"catalog_id": "1"}, "order"),
        ("unsupported", {"type": "poll_creation"}, "unsupported"), ("unknown", {}, "unsupported"),
        ("hologram", {}, "unsupported"),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}, "unsupported"),
        ("interactive", {"type": "call_permission_reply"}, "unsupported"),
    ])
    def test_what_is_not_text_is_a_media_message(self, line, graph, kind, content, media):
        line.receive(message(ANA, kind, content=content))
        seen = until(lambda: line.agent.seen[0])
        assert seen["intent"] == "media_message"
        assert (seen["metadata"]["kind"], seen["metadata"]["media"]) == ("media", media)
        until(lambda: graph.texts(ANA))

    def test_a_caption_is_text(self, line):
        line.receive(message(ANA, "image", content={"id": "1", "caption": "quero igual a essa"}))
        seen = until(lambda: line.agent.seen[0])
        assert seen["text"] == "quero igual a essa" and not seen["parsed"]
        assert (seen["metadata"]["kind"], seen["metadata"]["media"]) == ("text", "image")

    def test_an_album_is_answered_once(self, line, graph):
        line.receive(*[message(ANA, "image", content={"id": str(number)}) for number in range(5)])
        until(lambda: graph.texts(ANA))
        time.sleep(0.2)
        assert len(line.agent.seen) == 1

    @pytest.mark.parametrize("kind, content", [
        ("reaction", {"message_id": "wamid.X", "emoji": "👍"}), ("reaction", {"message_id": "wamid.X"}),
        ("system", {"type": "customer_identity_changed", "body": "x"}), ("edit", {}), ("revoke", {}),
        ("request_welcome", {}),
    ])
    def test_silent_kinds_are_never_a_turn(self, line, graph, database, kind, content):
        line.receive(message(ANA, kind, content=content))
        until(lambda: states(database) == ["done"])
        line.receive(text(ANA, "oi", id="wamid.HI"))
        until(lambda: graph.texts(ANA) and graph.reads)
        assert line.agent.texts() == ["oi"] and [read["message_id"] for read in graph.reads] == ["wamid.HI"]

    @pytest.mark.parametrize("emoji, liked", [("👍", 1), ("❤️", 1), ("👎", -1), ("🤔", 0), ("", 0)])
    def test_a_reaction_counts_for_the_service_that_the_bubble_shows(self, line, graph, monkeypatch, emoji, liked):
        from uuid import UUID, uuid4

        from marcai.catalogue import service as catalogue

        shown, counted = uuid4(), []
        monkeypatch.setattr(catalogue, "count_reaction", lambda tenant, service, like: counted.append((service, like)))
        line.agent.script = lambda message: {"text": "Corte feminino", "about": {"service_id": str(shown)}}
        line.receive(text(ANA, "detalhes"))
        until(lambda: graph.texts(ANA))
        wamid = graph.sent_to(ANA)[0]["wamid"]
        time.sleep(0.15)
        line.receive(message(ANA, "reaction", content={"message_id": wamid, "emoji": emoji}))
        line.receive(message(BIA, "reaction", content={"message_id": wamid, "emoji": emoji}), text(ANA, "fim"))
        until(lambda: len(graph.texts(ANA)) == 2)
        time.sleep(0.1)
        assert counted == ([(UUID(str(shown)), liked > 0)] if liked else [])

    def test_a_late_message_is_asked_about_not_acted_on(self, line, graph):
        line.receive(text(ANA, "sim", at=time.time() - 3600),
                     message(ANA, "interactive", at=time.time() - 3000, content={
                         "type": "button_reply", "button_reply": {"id": "t", "title": "Confirmar"}}),
                     text(ANA, "oi"))
        until(lambda: len(graph.texts(ANA)) == 2)
        late, fresh = line.agent.seen
        assert (late["intent"], late["metadata"]["kind"], late["text"]) == ("late_message", "late", "sim\nConfirmar")
        assert fresh["text"] == "oi" and not fresh["parsed"]


class TestWho:
    def test_a_customer_without_a_number_is_answered_by_her_user_id(self, line, graph):
        said = text("", "oi")
        del said["from"]
        line.receive({**said, "from_user_id": "BR.abc123"}, contacts=[{"user_id": "BR.abc123", "profile": {}}])
        call = until(lambda: graph.sent_to("BR.abc123")[0])
        assert call["recipient"] == "BR.abc123" and "to" not in call
        assert graph.texts("BR.abc123") == ["eco: oi"]

    def test_number_and_user_id_are_one_customer(self, line, graph):
        line.receive({**text(ANA, "um"), "from_user_id": "BR.abc123"})
        until(lambda: len(graph.texts()) == 1)
        hidden = {**text("", "dois"), "from_user_id": "BR.abc123"}
        del hidden["from"]
        line.receive(hidden)
        until(lambda: len(graph.texts()) == 2)
        assert len({seen["sender"] for seen in line.agent.seen}) == 1
        assert graph.texts(ANA) == ["eco: um", "eco: dois"]  # a number, once known, stays the address

    def test_replies_go_to_the_id_exactly_as_received(self, line, graph):
        twelve, thirteen = "553188887777", "5531988887777"
        line.receive(text(twelve, "oi"))
        until(lambda: graph.texts(twelve))
        line.receive(text(thirteen, "oi"))
        until(lambda: graph.texts(thirteen))
        assert len({seen["sender"] for seen in line.agent.seen}) == 1  # the ninth digit makes no other person

    def test_a_change_of_number_keeps_the_conversation(self, line, graph):
        line.receive(text(ANA, "oi"))
        until(lambda: graph.texts(ANA))
        line.receive(message(ANA, "system", content={"type": "user_changed_number", "wa_id": BIA, "body": "x"}))
        line.receive(text(ANA, "ainda o velho"))
        until(lambda: len(line.agent.seen) == 2)
        line.receive(text(BIA, "sou eu"))
        until(lambda: graph.texts(BIA))
        assert line.agent.seen[2]["sender"] == line.agent.seen[0]["sender"]


class TestGreeting:
    def test_read_and_typing_are_shown_and_never_delay_the_answer(self, line, graph):
        graph.read_delay = 1.0
        line.receive(text(ANA, "oi", id="wamid.IN1"))
        began = time.monotonic()
        until(lambda: graph.texts(ANA))
        assert time.monotonic() - began < 0.9
        until(lambda: graph.reads)
        assert graph.reads == [{"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN1",
                                "typing_indicator": {"type": "text"}}]


def states(database):
    with database.connect() as connection:
        return connection.execute(sql("SELECT state FROM inbound_messages ORDER BY id")).scalars().all()
