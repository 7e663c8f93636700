"""Every published limit is refused with Meta's code, and the longest permitted message is accepted."""

from __future__ import annotations

import copy

import pytest

ANA = "5511999990001"
SMILE = "😀"  # one code point, two UTF-16 units: the stricter count is used


def text(body="olá", **more):
    return {"type": "text", "text": {"body": body, **more}}


def button(titles=("Sim",), ids=None, body="Confirma?", **more):
    ids = ids or [f"id{number}" for number in range(len(titles))]
    return {"type": "interactive", "interactive": {
        "type": "button", "body": {"text": body}, **more,
        "action": {"buttons": [{"type": "reply", "reply": {"id": key, "title": title}}
                               for key, title in zip(ids, titles, strict=True)]}}}


def a_list(sections, body="Escolha", label="Ver opções", **more):
    return {"type": "interactive", "interactive": {
        "type": "list", "body": {"text": body}, **more,
        "action": {"button": label, "sections": sections}}}


def section(title, *rows, **row):
    rows = rows or ("a",)
    found = {"rows": [{"id": f"{title}-{name}", "title": name, **row} for name in rows]}
    return {**found, "title": title} if title is not None else found


def cta(label="Abrir", url="https://example.com/x", body="Veja", **more):
    return {"type": "interactive", "interactive": {"type": "cta_url", "body": {"text": body}, **more, "action": {
        "name": "cta_url", "parameters": {"display_text": label, "url": url}}}}


def place(body="Onde?", **more):
    return {"type": "interactive", "interactive": {
        "type": "location_request_message", "body": {"text": body}, "action": {"name": "send_location"}, **more}}


def image(**content):
    return {"type": "image", "image": content or {"link": "https://example.com/a.png"}}


def template(name="lembrete_2h", language="pt_BR", words=("Ana", "10h", "Corte", "Rua A"), extra=()):
    components = [{"type": "body", "parameters": [{"type": "text", "text": word} for word in words]}, *extra]
    return {"type": "template", "template": {"name": name, "language": {"code": language}, "components": components}}


def text_header(words):
    return {"header": {"type": "text", "text": words}}


ROWS = tuple("abcdefghij")

ACCEPTED = {
    "text of 4096": text("x" * 4096),
    "text with preview": text("https://example.com", preview_url=True),
    "echoed data of 512": {**text(), "biz_opaque_callback_data": "x" * 512},
    "three buttons": button(("a" * 20, "b" * 20, "c"), ["x" * 256, "2", "3"], "x" * 1024, footer={"text": "f" * 60},
                            **text_header("h" * 60)),
    "buttons under a picture": button(header={"type": "image", "image": {"link": "https://example.com/a.png"}}),
    "ten rows in ten sections": a_list([section(name * 24, name * 24, description="d" * 72) for name in ROWS],
                                       "x" * 4096, "b" * 20, footer={"text": "f" * 60}, **text_header("h" * 60)),
    "one section without title": a_list([section(None, *ROWS)]),
    "link button": cta("a" * 20, body="x" * 1024),
    "location request": place("x" * 1024),
    "picture with caption": image(link="https://example.com/a.png", caption="x" * 1024),
    "template": template(),
    "location": {"type": "location", "location": {"latitude": -23.5, "longitude": -46.6, "name": "Salão"}},
}

REFUSED = {
    # text
    "text of 4097": (100, text("x" * 4097)),
    "text counted in UTF-16": (100, text(SMILE * 2049)),
    "blank text": (100, text("  ")),
    "text missing": (131008, {"type": "text"}),
    "body missing": (131008, {"type": "text", "text": {}}),
    "unknown key": (100, text(colour="red")),
    "preview not boolean": (100, text(preview_url="yes")),
    "unknown type": (100, {"type": "poll", "poll": {}}),
    "two contents": (100, {**text(), "image": {"link": "https://example.com/a.png"}}),
    "echoed data of 513": (100, {**text(), "biz_opaque_callback_data": "x" * 513}),
    "recipient type": (100, {**text(), "recipient_type": "group"}),
    # reply buttons
    "four buttons": (131009, button(("a", "b", "c", "d"))),
    "no button": (131009, button(())),
    "button title of 21": (131009, button(("x" * 21,))),
    "button title counted in UTF-16": (131009, button((SMILE * 11,))),
    "blank button title": (131009, button((" ",))),
    "button titles repeated": (131009, button(("Sim", "Sim"))),
    "button ids repeated": (131009, button(("Sim", "Não"), ["1", "1"])),
    "button id of 257": (131009, button(("Sim",), ["x" * 257])),
    "button body of 1025": (131009, button(body="x" * 1025)),
    "footer of 61": (131009, button(footer={"text": "x" * 61})),
    "header of 61": (131009, button(**text_header("x" * 61))),
    "interactive body missing": (131008, {"type": "interactive", "interactive": {"type": "button", "action": {}}}),
    "interactive type missing": (131008, {"type": "interactive", "interactive": {"body": {"text": "a"}}}),
    "interactive type unknown": (100, {"type": "interactive", "interactive": {"type": "wheel"}}),
    # lists
    "eleven rows": (131009, a_list([section("A", *ROWS), section("B", "k")])),
    "eleven sections": (131009, a_list([section(name) for name in (*ROWS, "k")])),
    "no section": (131009, a_list([])),
    "empty section": (131009, a_list([{"title": "A", "rows": []}])),
    "section title missing among several": (131008, a_list([section(None), section("B")])),
    "section title of 25": (131009, a_list([section("x" * 25), section("B")])),
    "row title of 25": (131009, a_list([section("A", "x" * 25)])),
    "row description of 73": (131009, a_list([section("A", description="x" * 73)])),
    "row id of 201": (131009, a_list([{"title": "A", "rows": [{"id": "x" * 201, "title": "a"}]}])),
    "row ids repeated": (131009, a_list([{"title": "A", "rows": [{"id": "1", "title": "a"},
                                                                 {"id": "1", "title": "b"}]}])),
    "list button of 21": (131009, a_list([section("A")], label="x" * 21)),
    "list body of 4097": (131009, a_list([section("A")], "x" * 4097)),
    "list with a picture": (131009, a_list([section("A")], header={
        "type": "image", "image": {"link": "https://example.com/a.png"}})),
    # the rest
    "link label of 21": (131009, cta("x" * 21)),
    "link body of 1025": (131009, cta(body="x" * 1025)),
    "link without scheme": (131009, cta(url="example.com")),
    "location request of 1025": (131009, place("x" * 1025)),
    "location request with footer": (131009, place(footer={"text": "f"})),
    "caption of 1025": (131009, image(link="https://example.com/a.png", caption="x" * 1025)),
    "picture with id and link": (131009, image(id="1", link="https://example.com/a.png")),
    "picture with neither": (131009, image(caption="a")),
    "picture with an unknown id": (131009, image(id="123456")),
    "reaction without message": (131008, {"type": "reaction", "reaction": {"emoji": "👍"}}),
    "reaction with a word": (131009, {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "ok"}}),
    "latitude": (131009, {"type": "location", "location": {"latitude": 91, "longitude": 0}}),
    # templates
    "unknown template": (132001, template("nunca_vi")),
    "template in another language": (132001, template(language="pt_PT")),
    "template waiting for approval": (132001, template("em_analise", words=("Ana",))),
    "template paused": (132015, template("pausado", words=("Ana",))),
    "template disabled": (132016, template("desativado", words=("Ana",))),
    "too few parameters": (132000, template(words=("Ana",))),
    "line break in a parameter": (132018, template(words=("Ana", "10h\n", "Corte", "Rua A"))),
    "filled text too long": (132005, template(words=("Ana", "10h", "Corte", "x" * 1024))),
    "payload for a button that is not there": (132000, template(extra=[
        {"type": "button", "sub_type": "quick_reply", "index": "0",
         "parameters": [{"type": "payload", "payload": "p"}]}])),
}


@pytest.fixture
def open_window(sim):
    """A customer who has just written."""
    sim.config(pair_rate=False)
    phone = sim.phone(ANA)
    phone.say("oi")
    return phone


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(open_window, graph, body):
    answer = graph(body, to=ANA)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["messaging_product"] == "whatsapp" and found["contacts"] == [{"input": ANA, "wa_id": ANA}]
    assert found["messages"][0]["id"].startswith("wamid.")


@pytest.mark.parametrize(("code", "body"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(open_window, graph, code, body):
    before = len(open_window.bubbles())
    answer = graph(copy.deepcopy(body), to=ANA)
    error = answer.json()["error"]
    assert (error["code"], error["type"]) == (code, "OAuthException")
    assert answer.status_code == (404 if code == 132001 else 400)
    assert error["error_data"]["messaging_product"] == "whatsapp" and error["error_data"]["details"]
    assert error["message"].startswith(f"(#{code})") and error["fbtrace_id"]
    assert len(open_window.bubbles()) == before


def test_addresses_tokens_and_versions(open_window, graph):
    bare = {"messaging_product": "whatsapp", **text()}
    assert graph(bare).json()["error"]["code"] == 100  # no to
    assert graph({**text(), "to": ANA}).json()["error"]["code"] == 100  # no product
    assert graph([]).json()["error"]["code"] == 100
    wrong = graph(text(), to=ANA, token="other")
    assert wrong.status_code == 401 and wrong.json()["error"]["code"] == 190
    assert graph(text(), to=ANA, line="42").json()["error"]["error_subcode"] == 33
    assert graph(text(), to=ANA, version="26").status_code == 400
    assert graph(text(), to="5511900000000").json()["error"]["code"] == 131026
    assert graph(text(), to="551140000001").json()["error"]["code"] == 131021


def test_recipient_addresses_a_user_id_and_to_wins(sim, graph):
    bia, ana = sim.phone(name="Bia", kind="username"), sim.phone(ANA)
    bia.say("oi")
    ana.say("oi")
    body = {"messaging_product": "whatsapp", "recipient": bia.user_id, **text()}
    assert graph(body).json()["contacts"] == [{"input": bia.user_id, "user_id": bia.user_id}]
    assert graph({**body, "to": ANA}).json()["contacts"] == [{"input": ANA, "wa_id": ANA}]


def test_read_receipts_are_strict(open_window, graph):
    wamid = open_window.last("customer").id
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    assert graph(read).json() == {"success": True}
    assert graph({**read, "status": "delivered"}).json()["error"]["code"] == 100
    assert graph({**read, "message_id": "wamid.other"}).json()["error"]["code"] == 100
    assert graph({**read, "typing_indicator": {"type": "audio"}}).json()["error"]["code"] == 100
    assert graph({**read, "typing_indicator": {}}).json()["error"]["code"] == 100


def test_media_is_uploaded_checked_sent_and_deleted(open_window, graph):
    headers = {"Authorization": "Bearer test-token"}

    def upload(data: bytes, mime: str, **fields):
        return graph.http.post("/v26.0/100000000000001/media", headers=headers, data=fields,
                               files={"file": ("a", data, mime)})

    media_id = upload(b"\x89PNG", "image/png", messaging_product="whatsapp", type="image/png").json()["id"]
    assert graph(image(id=media_id, caption="Pix"), to=ANA).status_code == 200
    assert open_window.last().media["id"] == media_id
    assert graph({"type": "audio", "audio": {"id": media_id}}, to=ANA).json()["error"]["code"] == 131053
    assert upload(b"x", "image/gif", messaging_product="whatsapp").json()["error"]["code"] == 100
    assert upload(b"x", "image/png").json()["error"]["code"] == 100
    assert upload(b"x" * (5 * 2**20 + 1), "image/png", messaging_product="whatsapp").json()["error"]["code"] == 131053
    assert graph.http.delete(f"/v26.0/{media_id}", headers=headers).json() == {"success": True}
    assert graph(image(id=media_id), to=ANA).json()["error"]["code"] == 131009


def test_outside_the_window_only_templates(sim, open_window, graph):
    sim.move_clock(23 * 3600)
    assert graph(text(), to=ANA).status_code == 200
    sim.move_clock(24 * 3600 + 60)
    refused = graph(text(), to=ANA)
    assert refused.status_code == 400 and refused.json()["error"]["code"] == 131047
    assert graph(template(), to=ANA).status_code == 200
    open_window.say("voltei")
    assert graph(text(), to=ANA).status_code == 200


def test_who_never_wrote_has_no_window(sim, graph):
    sim.phone(ANA)
    assert graph(text(), to=ANA).json()["error"]["code"] == 131047


def test_pair_and_throughput_limits_are_http_400(sim, graph):
    for number in (ANA, "5511999990002"):
        sim.phone(number).say("oi")
    sim.config(pair_burst=2)
    assert [graph(text(), to=ANA).status_code for _ in range(3)] == [200, 200, 400]
    assert graph(text(), to=ANA).json()["error"]["code"] == 131056
    assert graph(text(), to="5511999990002").status_code == 200
    sim.move_clock(60)
    assert graph(text(), to=ANA).status_code == 200
    sim.config(throughput=1, pair_rate=False)
    codes = {graph(text(), to=ANA).json().get("error", {}).get("code") for _ in range(4)}
    assert 130429 in codes
