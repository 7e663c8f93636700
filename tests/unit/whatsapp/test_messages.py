"""Responses become bodies that keep every published limit and lose no option."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from marcai.whatsapp import limits, messages
from marcai.whatsapp.messages import Words, render

WORDS = Words("Ver mais", "Ver opções")


def bodies(*responses):
    return [bubble.body for bubble in render(responses, WORDS).bubbles]


def buttons(*titles, **more):
    return [{"title": title, "payload": f"/x{place}", **more} for place, title in enumerate(titles)]


def titles(body):
    return [row["title"] for row in rows(body)]


def rows(body):
    action = body["interactive"]["action"]
    return [button["reply"] for button in action.get("buttons", [])] + [
        row for section in action.get("sections", []) for row in section["rows"]]


class TestForm:
    def test_texts_of_a_turn_are_one_bubble(self):
        assert bodies({"text": "Oi!"}, {"text": "Tudo bem?"}) == [
            {"type": "text", "text": {"body": "Oi!\n\nTudo bem?", "preview_url": False}}]

    def test_texts_come_in_front_of_the_options(self):
        body, = bodies({"text": "Anotado."}, {"text": "Mais algo?", "buttons": buttons("Sim", "Não")})
        assert body["interactive"]["type"] == "button"
        assert body["interactive"]["body"]["text"] == "Anotado.\n\nMais algo?"
        assert titles(body) == ["Sim", "Não"]

    def test_a_text_after_options_is_a_bubble_of_its_own(self):
        assert [body["type"] for body in bodies({"text": "a", "buttons": buttons("x")}, {"text": "b"})] == [
            "interactive", "text"]

    def test_three_short_titles_are_buttons_everything_else_a_list(self):
        def form(*given, **more):
            return bodies({"text": "?", "buttons": buttons(*given, **more)})[0]["interactive"]["type"]

        assert form("a", "b", "c") == "button" and form("x" * 20) == "button"
        assert form("a", "b", "c", "d") == "list" and form("x" * 21) == "list"
        assert form("a", description="d") == "list" and form("a", section="s") == "list"

    def test_sections_keep_their_order_and_the_end_stays_at_the_end(self):
        body, = bodies({"text": "?", "list_button": "Serviços", "buttons": [
            {"title": "Voltar", "payload": "/v", "place": "end"},
            {"title": "Corte", "payload": "/c", "section": "Cabelo", "description": "R$ 90 · 45 min"},
            {"title": "Mão", "payload": "/m", "section": "Unhas"},
            {"title": "Escova", "payload": "/e", "section": "Cabelo"}]})
        action = body["interactive"]["action"]
        assert action["button"] == "Serviços"
        assert [(part["title"], [row["title"] for row in part["rows"]]) for part in action["sections"]] == [
            ("Cabelo", ["Corte", "Escova"]), ("Unhas", ["Mão"]), ("Ver opções", ["Voltar"])]
        assert action["sections"][0]["rows"][0]["description"] == "R$ 90 · 45 min"

    def test_a_shortened_row_has_its_whole_title_below(self):
        body, = bodies({"text": "?", "buttons": buttons("Corte feminino com lavagem e escova", "b", "c", "d")})
        assert rows(body)[0]["title"] == "Corte feminino com…"
        assert rows(body)[0]["description"] == "Corte feminino com lavagem e escova"

    def test_a_link_is_a_button_with_an_address(self):
        body, = bodies({"text": "Seu horário", "link": {"title": "Gerenciar horário", "url": "https://x.y/z"}})
        assert body["interactive"]["type"] == "cta_url"
        assert body["interactive"]["action"]["parameters"] == {"display_text": "Gerenciar horário",
                                                               "url": "https://x.y/z"}

    def test_a_link_beside_options_is_written_out(self):
        body, = bodies({"text": "a", "link": {"title": "Ver", "url": "https://x"}, "buttons": buttons("Sim")})
        assert body["interactive"]["body"]["text"] == "a\n\nVer: https://x"

    def test_an_image_has_its_words_as_caption_or_heads_the_buttons(self):
        image, = bodies({"text": "Corte", "image": "https://x/i.jpg"})
        assert image == {"type": "image", "image": {"link": "https://x/i.jpg", "caption": "Corte"}}
        body, = bodies({"text": "Corte", "image": "https://x/i.jpg", "attachment": "https://x/i.jpg",
                        "buttons": buttons("Sim")})
        assert body["interactive"]["header"] == {"type": "image", "image": {"link": "https://x/i.jpg"}}

    def test_keys_of_metadata_count_and_unknown_ones_do_not(self):
        body, = bodies({"text": "a", "buttons": buttons("Sim"), "metadata": {"footer": "Reaja"}, "name": "Ana"})
        assert body["interactive"]["footer"] == {"text": "Reaja"} and "Ana" not in str(body)

    def test_what_a_bubble_is_about_goes_along(self):
        rendered = render([{"text": "a", "utter_action": "utter_a", "about": {"service_id": "1"}}], WORDS)
        assert rendered.bubbles[0].about == {"service_id": "1", "response": "utter_a"}

    def test_nothing_is_no_bubble(self):
        assert bodies() == bodies({}) == bodies({"text": ""}, {"text": None, "buttons": []}) == []

    def test_a_refused_body_says_the_same_as_text(self):
        body, = bodies({"text": "Qual?", "buttons": buttons("a", "b", "c", "d")})
        assert messages.plain(body)["text"]["body"] == "Qual?\n\n• a\n• b\n• c\n• d"
        assert messages.plain({"type": "text", "text": {"body": "x"}}) is None


# --- any response at all ------------------------------------------------------------------------------------------

WORD = st.sampled_from(["Corte", "feminino", "👩‍🦰", "🇧🇷", "ção", "e\u0301", "a" * 30, "\n\n", "R$ 90", ". ", "💇🏽‍♀️"])
PHRASE = st.lists(WORD, max_size=6).map(" ".join) | st.text(max_size=30)
LONG = st.lists(WORD, max_size=900).map(" ".join)
BUTTON = st.fixed_dictionaries({"title": PHRASE, "payload": st.just("/x")}, optional={
    "description": PHRASE, "section": st.sampled_from(["Cabelo", "Unhas " * 8, ""]), "place": st.just("end"),
    "lasting": st.booleans()})
RESPONSE = st.fixed_dictionaries({}, optional={
    "text": PHRASE | LONG, "buttons": st.lists(BUTTON, max_size=35), "image": st.just("https://x/i.jpg"),
    "header": PHRASE, "footer": PHRASE, "list_button": PHRASE,
    "link": st.fixed_dictionaries({"title": PHRASE, "url": st.just("https://x/y")})})


def check(body):
    kind = body["type"]
    if kind == "text":
        assert body["text"]["body"].strip() and limits.fits(body["text"]["body"], 4096)
        return []
    if kind == "image":
        assert limits.fits(body["image"].get("caption", ""), 1024)
        return []
    inside = body["interactive"]
    action = inside["action"]
    text = inside["body"]["text"]
    assert text.strip() and limits.fits(text, 4096 if inside["type"] == "list" else 1024)
    header = inside.get("header", {})
    assert header.get("type") in ("text", None) or inside["type"] != "list"
    for part in (header.get("text"), inside.get("footer", {}).get("text")):
        assert part is None or (part.strip() and limits.fits(part, 60))
    if inside["type"] == "cta_url":
        assert 0 < limits.size(action["parameters"]["display_text"]) <= 20
        return []
    found = rows(body)
    names = [row["title"] for row in found]
    assert len({name.casefold() for name in names}) == len(names) and all(name.strip() for name in names)
    assert all(0 < len(row["id"]) <= 200 for row in found)
    if inside["type"] == "button":
        assert 1 <= len(found) <= 3 and all(limits.fits(name, 20) for name in names)
    else:
        sections = action["sections"]
        assert 1 <= len(found) <= 10 and all(part["rows"] for part in sections)
        assert all(limits.fits(name, 24) for name in names)
        assert all(row.get("description") is None or 0 < limits.size(row["description"]) <= 72 for row in found)
        assert len(sections) == 1 or all(0 < limits.size(part.get("title", "")) <= 24 for part in sections)
        assert all(limits.fits(part.get("title", ""), 24) for part in sections)
        assert 0 < limits.size(action["button"]) <= 20
    return [row["id"] for row in found]


@settings(max_examples=250, deadline=None)
@given(st.lists(RESPONSE, max_size=4))
def test_any_response_keeps_every_limit_and_every_option_can_be_reached(responses):
    rendered = render(responses, WORDS)
    options = {option.token: option for option in rendered.options}
    assert len(options) == len(rendered.options)
    reached, waiting = set(), [bubble.body for bubble in rendered.bubbles]
    while waiting:
        for token in check(waiting.pop()):
            assert token in options and token not in reached
            reached.add(token)
            waiting += options[token].page or []
    assert reached == set(options)
    given = [button for response in responses for button in response.get("buttons", []) if button["title"].strip()]
    assert sum(1 for option in options.values() if not option.page) == len(given)
    said = "".join(str(bubble.body) for bubble in rendered.bubbles)
    assert bool(said) == any(
        response.get(key, "").strip() for response in responses for key in ("text", "header", "footer")
    ) or bool(given) or any(response.get("image") or response.get("link") for response in responses)
