"""Whatever can go wrong between Meta and the bot can be made to go wrong here, on demand."""

from __future__ import annotations

import json

import httpx
import pytest

ANA = "5511999990001"
BIA = "5511999990002"


def text(body: str) -> dict:
    return {"type": "text", "text": {"body": body}}


def bodies(bot) -> list[str]:
    return [message["text"]["body"] for message in bot.messages]


def test_the_signature_is_over_the_raw_bytes_with_metas_escapes(sim, bot):
    sim.phone(ANA).say("olá https://a/b")
    bot.wait(lambda: bot.posts)
    post = bot.posts[0]
    assert post["genuine"]
    assert b"ol\\u00e1 https:\\/\\/a\\/b" in post["raw"]
    assert json.loads(post["raw"])["object"] == "whatsapp_business_account"


def test_a_webhook_is_repeated_until_200_and_does_not_hold_up_later_ones(sim, bot):
    bot.answers = [500, 503]
    phone = sim.phone(ANA)
    mine = phone.say("primeira")
    bot.wait(lambda: sum(post["answered"] != 200 for post in bot.posts) == 2)
    phone.say("dois")
    bot.wait(lambda: sum(post["answered"] == 200 for post in bot.posts) == 2)
    answered = [post["answered"] for post in bot.posts if b"primeira" in post["raw"]]
    assert answered == [500, 503, 200]
    bot.wait(lambda: phone.refresh(mine).status == "delivered")
    assert sim.deliveries()[0]["attempts"] == [500, 503, 200]


def test_it_gives_up_in_the_end(sim, bot):
    sim.config(retry_attempts=2)
    bot.answers = [500] * 3
    sim.phone(ANA).say("um")
    bot.wait(lambda: sim.deliveries()[0]["state"] == "dropped")
    assert len(bot.posts) == 3


def test_duplicates_have_the_same_bytes(sim, bot):
    sim.phone(ANA).say("oi", duplicates=2)
    bot.wait(lambda: len(bot.posts) == 3)
    assert len({post["raw"] for post in bot.posts}) == 1


def test_rebatched_duplicates_have_other_bytes_and_the_same_ids(sim, bot):
    phone = sim.phone(ANA)
    phone.say("um")
    phone.say("dois", rebatched=True)
    bot.wait(lambda: len(bot.posts) == 3)
    assert bodies(bot) == ["um", "dois", "um", "dois"]
    ids = [message["id"] for message in bot.messages]
    assert ids[:2] == ids[2:]


def test_a_tampered_signature_is_not_repeated(sim, bot):
    phone = sim.phone(ANA)
    mine = phone.say("forjada", tampered=True)
    bot.wait(lambda: sim.deliveries()[0]["state"] == "refused")
    assert [post["genuine"] for post in bot.posts] == [False]
    assert phone.refresh(mine).status == "sent"


def test_a_late_message_carries_its_old_time_and_opens_no_fresh_window(sim, bot, graph):
    phone = sim.phone(ANA)
    phone.say("agora")
    phone.say("de dias atrás", late_seconds=3 * 86400)
    bot.wait(lambda: len(bot.messages) == 2)
    now, late = (int(message["timestamp"]) for message in bot.messages)
    assert now - late >= 3 * 86400 - 5
    other = sim.phone(BIA)
    other.say("velha", late_seconds=3 * 86400)
    assert graph(text("olá"), to=BIA).json()["error"]["code"] == 131047


def test_armed_faults_hit_the_next_message_only(sim, bot):
    phone = sim.phone(ANA)
    phone.set(armed={"duplicates": 1})
    phone.say("um")
    phone.say("dois")
    bot.wait(lambda: len(bot.posts) == 3)
    assert bodies(bot) == ["um", "um", "dois"]


def test_unknown_faults_are_refused(sim):
    with pytest.raises(ValueError, match="unknown faults"):
        sim.phone(ANA).say("oi", twice=True)


def test_held_messages_arrive_in_any_order(sim, bot):
    phone = sim.phone(ANA)
    sim.hold("messages")
    for word in ("um", "dois", "três"):
        phone.say(word)
    assert sim.release(order="reversed") == 3
    bot.wait(lambda: len(bot.messages) == 3)
    assert bodies(bot) == ["três", "dois", "um"]


@pytest.mark.parametrize(("shape", "entries", "changes"), [("messages", 1, 1), ("changes", 1, 1000),
                                                           ("entries", 1000, 1)])
def test_a_batch_of_a_thousand_is_one_post(sim, bot, shape, entries, changes):
    phones = [sim.phone(f"55119999{number:05}") for number in range(10)]
    sent = sim.batch([(phones[number % 10], f"m{number}") for number in range(1000)], shape=shape)
    assert sent == 1000
    bot.wait(lambda: bot.posts)
    (post,) = bot.posts
    assert len(post["json"]["entry"]) == entries and len(post["json"]["entry"][0]["changes"]) == changes
    assert bodies(bot) == [f"m{number}" for number in range(1000)]
    assert len(bot.values[0]["contacts"]) == (10 if shape == "messages" else 1)


@pytest.mark.parametrize(("order", "expected"), [("reversed", ["read", "delivered", "sent"]),
                                                 ("skip_delivered", ["sent", "read"])])
def test_statuses_in_other_orders(sim, bot, graph, order, expected):
    phone = sim.phone(ANA, status_order=order)
    phone.say("oi")
    wamid = graph(text("olá"), to=ANA).json()["messages"][0]["id"]
    bot.wait(lambda: len(bot.statuses(wamid)) == len(expected))
    assert [status["status"] for status in bot.statuses(wamid)] == expected
    assert phone.last().status == "read"


def test_a_status_may_come_before_the_answer_to_the_call(sim, bot, graph):
    sim.phone(ANA, status_order="early").say("oi")
    wamid = graph(text("olá"), to=ANA).json()["messages"][0]["id"]
    assert [status["status"] for status in bot.statuses(wamid)][:1] == ["sent"]


def test_receipts_may_stop_half_way(sim, bot, graph):
    phone = sim.phone(ANA, receipts="sent")
    phone.say("oi")
    wamid = graph(text("olá"), to=ANA).json()["messages"][0]["id"]
    bot.wait(lambda: bot.statuses(wamid))
    assert phone.last().status == "sent" and sim.cost()["total"] == 0


def test_the_next_sends_fail_with_any_code(sim, bot, graph):
    phone, other = sim.phone(ANA), sim.phone(BIA)
    phone.say("oi")
    other.say("oi")
    phone.fail_next(131056, times=2)
    assert graph(text("olá"), to=BIA).status_code == 200
    answers = [graph(text("olá"), to=ANA) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 200]
    assert answers[0].json()["error"]["code"] == 131056
    assert [call["status"] for call in phone.calls()] == [400, 400, 200]


def test_a_send_may_be_accepted_and_fail_later(sim, bot, graph):
    phone = sim.phone(ANA)
    phone.say("oi")
    phone.fail_next(131026, mode="async")
    wamid = graph(text("olá"), to=ANA).json()["messages"][0]["id"]
    (status,) = bot.wait(lambda: bot.statuses(wamid))
    assert status["status"] == "failed" and status["errors"][0]["code"] == 131026
    assert phone.last().status == "failed"


@pytest.mark.parametrize(("mode", "shown"), [("cut", 1), ("drop", 0)])
def test_the_connection_may_break_after_or_before_acceptance(sim, bot, graph, mode, shown):
    phone = sim.phone(ANA)
    phone.say("oi")
    phone.fail_next(mode=mode)
    with pytest.raises(httpx.TransportError):
        graph(text("olá"), to=ANA)
    assert len([bubble for bubble in phone.bubbles() if bubble.by == "bot"]) == shown


def test_other_hosts_and_foreign_origins_are_refused(sim, graph):
    assert graph.http.get("/healthz").json() == {"status": "ok"}
    assert graph.http.get("/sim/state", headers={"Host": "evil.example"}).status_code == 403
    assert graph.http.post("/sim/reset", headers={"Origin": "http://evil.example"}).status_code == 403
