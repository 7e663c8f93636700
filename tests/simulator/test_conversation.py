"""Customers and business talk through the simulator as through the Cloud API."""

from __future__ import annotations

import pytest

from marcai.simulator.client import NoAnswer

ANA = "5511999990001"


def text(body: str) -> dict:
    return {"type": "text", "text": {"body": body}}


def buttons(body: str, *titles: str) -> dict:
    return {"type": "interactive", "interactive": {"type": "button", "body": {"text": body}, "action": {"buttons": [
        {"type": "reply", "reply": {"id": f"id-{title}", "title": title}} for title in titles]}}}


def sections(body: str, **groups: list[str]) -> dict:
    return {"type": "interactive", "interactive": {"type": "list", "body": {"text": body}, "action": {
        "button": "Ver opções", "sections": [{"title": name, "rows": [
            {"id": f"row-{title}", "title": title, "description": "R$ 10,00"} for title in titles]}
            for name, titles in groups.items()]}}}


def test_a_text_reaches_the_bot_and_the_answer_reaches_the_phone(sim, bot):
    bot.reply = lambda message: [text(f"eco: {message['text']['body']}"), text("algo mais?")]
    phone = sim.phone(ANA, name="Ana")
    assert [bubble.text for bubble in phone.say_and_wait("oi")] == ["eco: oi", "algo mais?"]
    (value,) = [value for value in bot.values if "messages" in value]
    assert value["metadata"] == {"display_phone_number": "551140000001", "phone_number_id": "100000000000001"}
    assert value["contacts"][0]["profile"] == {"name": "Ana"}
    assert value["contacts"][0]["wa_id"] == value["messages"][0]["from"] == ANA
    assert value["messages"][0]["timestamp"].isdigit()


def test_statuses_come_in_order_with_price_and_echoed_data(sim, bot):
    bot.reply = lambda message: [{**text("olá"), "biz_opaque_callback_data": "row-7"}]
    phone = sim.phone(ANA)
    (bubble,) = phone.say_and_wait("oi")
    bot.wait(lambda: len(bot.statuses(bubble.id)) == 3)
    statuses = bot.statuses(bubble.id)
    assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
    assert all(status["recipient_id"] == ANA for status in statuses)
    assert all(status["biz_opaque_callback_data"] == "row-7" for status in statuses)
    assert statuses[0]["pricing"]["category"] == "service" and "pricing" not in statuses[2]
    assert phone.refresh(bubble).status == "read"
    assert sim.cost() == {"billed": {"100000000000001": {"service": 1}}, "total": 1}


def test_the_customers_own_bubble_gets_its_ticks(sim, bot):
    bot.reply = lambda message: [text("olá")]
    phone = sim.phone(ANA)
    mine = phone.say("oi")
    assert mine.status == "sent"
    phone.expect()
    assert phone.refresh(mine).status == "read"


def test_buttons_and_rows_are_tapped_by_title_or_position_with_their_context(sim, bot):
    bot.reply = lambda message: [buttons("Confirma?", "Sim", "Não")] if message["type"] == "text" else [text("ok")]
    phone = sim.phone(ANA)
    (question,) = phone.say_and_wait("oi")
    assert (question.kind, question.options) == ("buttons", ["Sim", "Não"])
    phone.tap_and_wait("sim")
    tapped = bot.messages[-1]
    assert tapped["interactive"] == {"type": "button_reply", "button_reply": {"id": "id-Sim", "title": "Sim"}}
    assert tapped["context"] == {"from": "551140000001", "id": question.id}
    phone.tap_and_wait(1)
    assert bot.messages[-1]["interactive"]["button_reply"]["id"] == "id-Não"


def test_an_old_list_can_still_be_tapped(sim, bot):
    offered = sections("Escolha", Cabelo=["Corte", "Escova"], Unhas=["Manicure"])
    answers = iter([[offered], [buttons("E?", "Ok")], [], []])
    bot.reply = lambda message: next(answers)
    phone = sim.phone(ANA)
    (offer,) = phone.say_and_wait("oi")
    assert offer.sections == {"Cabelo": ["Corte", "Escova"], "Unhas": ["Manicure"]}
    phone.tap_and_wait("Manicure")
    phone.tap("Corte", offer)
    bot.wait(lambda: len(bot.messages) == 3)
    assert bot.messages[-1]["interactive"]["list_reply"] == {
        "id": "row-Corte", "title": "Corte", "description": "R$ 10,00"}
    assert bot.messages[-1]["context"]["id"] == offer.id
    phone.tap("Escova")  # found although a newer bubble has other options
    with pytest.raises(LookupError, match="no option"):
        phone.tap("Pintura")


@pytest.mark.parametrize("kind", ["image", "audio", "sticker", "document", "video", "location", "contacts",
                                  "unsupported"])
def test_everything_else_a_customer_may_send(sim, bot, kind):
    sim.phone(ANA).send(kind)
    (message,) = bot.wait(lambda: bot.messages)
    assert message["type"] == kind
    if kind == "unsupported":
        assert message["errors"][0]["code"] == 131051
    elif kind not in {"location", "contacts"}:
        assert {"id", "mime_type", "sha256"} <= set(message[kind])


def test_received_media_can_be_downloaded_with_the_token(sim, bot, graph):
    sim.phone(ANA).send("audio")
    media_id = bot.wait(lambda: bot.messages)[0]["audio"]["id"]
    headers = {"Authorization": "Bearer test-token"}
    described = graph.http.get(f"/v26.0/{media_id}", headers=headers).json()
    assert described["mime_type"] == "audio/ogg"
    assert graph.http.get(described["url"]).status_code == 401
    assert len(graph.http.get(described["url"], headers=headers).content) == described["file_size"]


def test_reactions_both_ways(sim, bot, graph):
    bot.reply = lambda message: [text("gostou?")] if message["type"] == "text" else []
    phone = sim.phone(ANA)
    (bubble,) = phone.say_and_wait("oi")
    phone.react("👍")
    bot.wait(lambda: bot.messages[-1]["type"] == "reaction")
    assert bot.messages[-1]["reaction"] == {"message_id": bubble.id, "emoji": "👍"}
    phone.react("")
    bot.wait(lambda: "emoji" not in bot.messages[-1].get("reaction", {"emoji": 1}))
    mine = phone.last("customer")
    assert graph({"type": "reaction", "reaction": {"message_id": mine.id, "emoji": "❤️"}}, to=ANA).status_code == 200
    assert phone.refresh(mine).reactions == {"bot": "❤️"}


def test_typing_is_shown_until_the_answer_comes(sim, bot, graph):
    phone = sim.phone(ANA)
    mine = phone.say("oi")
    answer = graph({"messaging_product": "whatsapp", "status": "read", "message_id": mine.id,
                    "typing_indicator": {"type": "text"}})
    assert answer.json() == {"success": True}
    assert phone.state["typing"]
    graph(text("olá"), to=ANA)
    assert not phone.state["typing"]


def test_old_brazilian_accounts_are_renamed_in_the_answer(sim, bot, graph):
    phone = sim.phone("5531987654321", kind="12")
    phone.say("oi")
    assert bot.wait(lambda: bot.messages)[0]["from"] == "553187654321"
    for written in ("5531987654321", "553187654321", "+55 31 98765-4321"):
        answer = graph(text("olá"), to=written).json()
        assert answer["contacts"] == [{"input": written, "wa_id": "553187654321"}]
        assert answer["messages"][0]["id"].startswith("wamid.")


def test_username_customers_have_no_number(sim, bot):
    bot.reply = lambda message: [text("olá")]
    phone = sim.phone(name="Bia", kind="username", username="bia.ok")
    phone.say_and_wait("oi")
    (value,) = [value for value in bot.values if "messages" in value]
    assert "from" not in value["messages"][0] and "wa_id" not in value["contacts"][0]
    assert value["contacts"][0]["profile"] == {"name": "Bia", "username": "bia.ok"}
    assert value["messages"][0]["from_user_id"] == value["contacts"][0]["user_id"] == phone.user_id
    wamid = phone.last().id
    bot.wait(lambda: bot.statuses(wamid))
    assert "recipient_id" not in bot.statuses(wamid)[0]


def test_a_changed_number_is_told_and_reachable(sim, bot, graph):
    phone = sim.phone(ANA)
    phone.say("oi")
    phone.change_number("5511988887777")
    message = bot.wait(lambda: [one for one in bot.messages if one["type"] == "system"])[0]
    assert message["from"] == ANA and message["system"]["wa_id"] == "5511988887777"
    assert all("contacts" not in value for value in bot.values if value.get("messages") == [message])
    assert graph(text("olá"), to="5511988887777").status_code == 200
    assert graph(text("olá"), to=ANA).json()["error"]["code"] == 131026


def test_template_quick_replies_come_back_as_button_messages(sim, bot, graph):
    phone = sim.phone(ANA)
    words = [{"type": "text", "text": word} for word in ("Ana", "Corte", "às 10h", "Bela")]
    answer = graph({"type": "template", "template": {
        "name": "lembrete_24h", "language": {"code": "pt_BR"}, "components": [
            {"type": "body", "parameters": words},
            {"type": "button", "sub_type": "quick_reply", "index": "0",
             "parameters": [{"type": "payload", "payload": "confirm:9"}]}]}}, to=ANA)
    assert answer.status_code == 200, answer.text
    (bubble,) = phone.expect()
    assert bubble.text.startswith("Oi, Ana! Passando para lembrar: Corte amanhã") and bubble.kind == "template"
    phone.tap("Confirmar")
    message = bot.wait(lambda: bot.messages)[0]
    assert message["type"] == "button" and message["button"] == {"payload": "confirm:9", "text": "Confirmar"}


def test_customers_of_two_establishments_do_not_meet(sim, bot, graph):
    sim.line("100000000000002", "Barbearia")
    first, second = sim.phone(ANA), sim.phone(ANA, phone_number_id="100000000000002")
    first.say("oi")
    second.say("olá")
    bot.wait(lambda: len(bot.messages) == 2)
    assert {value["metadata"]["phone_number_id"] for value in bot.values} == {"100000000000001", "100000000000002"}
    graph(text("da barbearia"), to=ANA, line="100000000000002")
    assert [bubble.text for bubble in second.expect()] == ["da barbearia"]
    first.expect_nothing(seconds=0.1)


def test_no_answer_shows_the_conversation(sim, bot):
    phone = sim.phone(ANA)
    phone.say("tem alguém aí?")
    with pytest.raises(NoAnswer, match="tem alguém aí"):
        phone.expect(timeout=0.1)


def test_the_handshake(sim, bot):
    assert sim.handshake()["accepted"]
    assert not sim.handshake("wrong")["accepted"]
