"""Events reach every group's effect once: through kills, duplicates, a flushed Redis and handlers that fail."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
import redis.asyncio
from sqlalchemy import text

from marcai.platform import clock, consumers
from marcai.platform import redis as our_redis
from marcai.platform.consumers import DEAD_STREAM, handler
from marcai.platform.database import transaction
from marcai.platform.events import STREAM, EventReceipt, EventRecord, emit
from marcai.platform.settings import settings
from marcai.worker import relay
from marcai.worker.consuming import GroupConsumer, Patience

QUICK = Patience(block_ms=10, idle_ms=0, tries=3, batch=50)
TENANT = uuid4()


@pytest.fixture
def group(database):
    """A consumer group of this test alone, and an effect in PostgreSQL that its handlers may have."""
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS test_effects (number int, group_name text)"))
        connection.execute(text("TRUNCATE test_effects"))
    yield "test"
    consumers.forget("test")
    consumers.forget("other")
    with database.begin() as connection:
        connection.execute(text("DROP TABLE test_effects"))


def happen(*numbers: int, name: str = "booking.confirmed") -> None:
    with transaction() as session:
        for number in numbers:
            emit(session, TENANT, name, {"number": number})
            session.flush()


def write_effect(session, event, group_name: str = "test") -> None:
    session.execute(text("INSERT INTO test_effects VALUES (:number, :group)"),
                    {"number": event.payload["number"], "group": group_name})


def effects(group_name: str = "test") -> list[int]:
    with transaction() as session:
        found = session.execute(text("SELECT number FROM test_effects WHERE group_name = :group"),
                                {"group": group_name})
        return list(found.scalars())


def consume(*group_names: str, steps: int = 2) -> None:
    async def run() -> None:
        client = redis.asyncio.Redis.from_url(settings().redis_url, decode_responses=True)
        for group_name in group_names or ("test",):
            consumer = GroupConsumer(group_name, client, QUICK)
            for _ in range(steps):
                await consumer.step()
        await client.close()

    asyncio.run(run())


def test_events_reach_the_stream_in_the_order_they_were_written(database):
    happen(1, 2, 3)
    assert relay.relay_new() == 3
    assert relay.relay_new() == 0
    entries = our_redis.client().xrange(STREAM)
    assert [fields["payload"] for _, fields in entries] == ['{"number":1}', '{"number":2}', '{"number":3}']


def test_an_event_of_a_transaction_that_failed_is_never_relayed(database):
    with pytest.raises(RuntimeError), transaction() as session:
        emit(session, TENANT, "booking.confirmed", {"number": 1})
        raise RuntimeError
    assert relay.relay_new() == 0


def test_a_kill_between_the_stream_and_the_commit_relays_again_and_has_one_effect(group, monkeypatch):
    handler("booking.confirmed", group=group)(write_effect)
    happen(1)
    monkeypatch.setattr(relay.RELAYED, "labels", lambda *_: 1 / 0)  # dies after XADD, before COMMIT
    with pytest.raises(ZeroDivisionError):
        relay.relay_new()
    monkeypatch.undo()
    assert relay.relay_new() == 1
    assert our_redis.client().xlen(STREAM) == 2
    consume()
    assert effects() == [1]


def test_each_group_gets_every_event_it_has_a_handler_for(group):
    handler("booking.confirmed", "booking.cancelled", group="test")(write_effect)

    @handler("booking.cancelled", group="other")
    def also(session, event):
        write_effect(session, event, "other")

    happen(1)
    happen(2, name="booking.cancelled")
    relay.relay_new()
    consume("test", "other")
    assert effects("test") == [1, 2]
    assert effects("other") == [2]


def test_a_handler_that_fails_leaves_no_effect_and_is_tried_again(group):
    tries = []

    @handler("booking.confirmed", group=group)
    def fails_once(session, event):
        write_effect(session, event)
        tries.append(event.id)
        if len(tries) == 1:
            raise RuntimeError("not yet")

    happen(1)
    relay.relay_new()
    consume(steps=4)
    assert len(tries) == 2
    assert effects() == [1]


def test_an_event_nobody_can_deal_with_is_parked_and_the_others_go_on(group, capsys):
    @handler("booking.confirmed", group=group)
    def chokes(session, event):
        if event.payload["number"] == 1:
            raise ValueError("maria@example.com")
        write_effect(session, event)

    happen(1, 2)
    relay.relay_new()
    consume(steps=6)
    assert effects() == [2]
    [(_, dead)] = our_redis.client().xrange(DEAD_STREAM)
    assert dead["group"] == group and dead["error"] == "ValueError" and dead["payload"] == '{"number":1}'
    assert our_redis.client().xpending(STREAM, group)["pending"] == 0
    with transaction() as session:
        assert sorted(session.execute(text("SELECT state FROM event_receipts")).scalars()) == ["dead", "done"]
    assert "events.parked" in capsys.readouterr().out


def test_an_entry_that_is_no_event_is_parked(group):
    handler("booking.confirmed", group=group)(write_effect)
    our_redis.client().xadd(STREAM, {"hello": "world"})
    consume()
    [(_, dead)] = our_redis.client().xrange(DEAD_STREAM)
    assert dead["hello"] == "world"


def test_a_flushed_redis_delays_events_and_loses_none(group, monkeypatch):
    handler("booking.confirmed", group=group)(write_effect)
    happen(1)
    relay.relay_new()
    our_redis.client().flushdb()
    assert relay.relay_again() == 0  # too early: a reader may still be at it
    later = clock.now() + relay.AGAIN_AFTER + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert relay.relay_again() == 1
    consume()
    assert effects() == [1]
    much_later = later + relay.AGAIN_AFTER * 2
    monkeypatch.setattr(clock, "now", lambda: much_later)
    assert relay.relay_again() == 0


def test_while_redis_is_away_events_wait_in_the_outbox(database, monkeypatch):
    happen(1)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    settings.cache_clear(), our_redis.client.cache_clear()
    with pytest.raises(our_redis.redis.ConnectionError):
        relay.relay_new()
    monkeypatch.undo()
    settings.cache_clear(), our_redis.client.cache_clear()
    assert relay.relay_new() == 1


def test_old_events_go_with_their_receipts(group, monkeypatch):
    handler("booking.confirmed", group=group)(write_effect)
    happen(1)
    relay.relay_new()
    consume()
    later = clock.now() + relay.KEEP_FOR + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert relay.forget_old() == 1
    with transaction() as session:
        assert session.query(EventRecord).count() == 0
        assert session.query(EventReceipt).count() == 0


def test_two_handlers_of_one_group_for_one_event_are_refused(group):
    handler("booking.confirmed", group=group)(write_effect)
    with pytest.raises(ValueError, match="has a handler"):
        handler("booking.confirmed", group=group)(lambda session, event: None)
