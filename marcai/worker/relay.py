"""The relay: events that transactions left in the outbox go onto the Redis Stream `events`, in order, at least once.

PostgreSQL stays the truth. An event counts as delivered to a group when the group's receipt is there, and one that
has no receipt some minutes after it was relayed is relayed again: a Redis that was flushed, lost its last second, or
trimmed its stream delays events and loses none.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select, text, update
from sqlalchemy.orm import Session

from marcai.platform import clock, consumers, redis, retention
from marcai.platform.consumers import Event
from marcai.platform.database import transaction
from marcai.platform.events import STREAM, EventReceipt, EventRecord
from marcai.platform.metrics import RELAYED

BATCH = 200
STREAM_LENGTH = 100_000  # about this many entries stay on the stream
AGAIN_AFTER = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(days=2)  # an event nobody dealt with for so long is left alone
KEEP_FOR = timedelta(days=30)
ADVISORY_LOCK = 0x4D61726563  # one relay at a time keeps the order; the others skip their turn


def _only_one(session: Session) -> bool:
    return bool(session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK}).scalar())


def relay_new() -> int:
    """Relays one batch of new events in the order of their writing.

    A kill between the stream and the commit relays them twice, which receipts make harmless.

    Returns:
        How many; a full batch means that more may wait.

    Raises:
        redis.RedisError: Redis is away; nothing is marked as relayed.
    """
    with transaction() as session:
        if not _only_one(session):
            return 0
        waiting = select(EventRecord).where(EventRecord.relayed_at.is_(None)).order_by(EventRecord.id)
        records = session.execute(waiting.limit(BATCH).with_for_update(skip_locked=True)).scalars().all()
        return _put(session, records, "new")


def relay_again() -> int:
    """Relays once more what some group with a handler for it has not dealt with after a while.

    Returns:
        How many.

    Raises:
        redis.RedisError: Redis is away.
    """
    now = clock.now()
    with transaction() as session:
        if not _only_one(session):
            return 0
        records: dict[int, EventRecord] = {}
        for group, names in consumers.groups().items():
            receipt = exists().where(EventReceipt.event_id == EventRecord.id, EventReceipt.group_name == group)
            missed = select(EventRecord).where(
                EventRecord.relayed_at < now - AGAIN_AFTER, EventRecord.at > now - GIVE_UP_AFTER,
                EventRecord.name.in_(sorted(names)), ~receipt,
            )
            found = session.execute(missed.order_by(EventRecord.id).limit(BATCH)).scalars()
            records.update((record.id, record) for record in found)
        return _put(session, [records[number] for number in sorted(records)], "again")


def _put(session: Session, records: list[EventRecord], reason: str) -> int:
    if not records:
        return 0
    with redis.client().pipeline(transaction=False) as pipe:
        for record in records:
            pipe.xadd(STREAM, Event.from_record(record).to_stream(), maxlen=STREAM_LENGTH, approximate=True)
        pipe.execute()
    session.execute(
        update(EventRecord).where(EventRecord.id.in_([record.id for record in records]))
        .values(relayed_at=clock.now()).execution_options(synchronize_session=False)
    )
    RELAYED.labels(reason).inc(len(records))
    return len(records)


def forget_old() -> int:
    """Deletes events, with their receipts, that were relayed long ago.

    Returns:
        How many.
    """
    return retention.purge(EventRecord, EventRecord.relayed_at < clock.now() - KEEP_FOR)
