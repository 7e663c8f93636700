"""Requests that clients may repeat: each is done once, and its answer is kept for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, DateTime, LargeBinary, delete, select, update
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.dialects.postgresql import insert

from marcai.platform import clock, retention
from marcai.platform.crypto import EncryptedJSON, blind_indexes
from marcai.platform.database import Base, transaction

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=30)  # after so long without an answer, the process that worked on it is taken for dead


class IdempotentRequest(Base):
    """A request with its key. Key and content are kept as keyed hashes only, the answer encrypted.

    INVARIANT: whoever works on a request makes what it makes under `subject_id`, so a repetition that runs because the
    first one died, or even beside it, finds what was made instead of making it again.
    """

    __tablename__ = "idempotent_requests"

    tenant_id = Column(PG_UUID(as_uuid=True), primary_key=True)
    key_index = Column(LargeBinary, primary_key=True)
    content_index = Column(LargeBinary, nullable=False)
    subject_id = Column(PG_UUID(as_uuid=True), nullable=False)
    worker_id = Column(PG_UUID(as_uuid=True), nullable=False)
    leased_until = Column(DateTime(timezone=True), nullable=False)
    answer = Column(EncryptedJSON)  # null until there is one
    created_at = Column(DateTime(timezone=True), nullable=False, index=True)


class Reused(Exception):
    """The key was used for another request."""


class Busy(Exception):
    """The same request is being worked on."""


@dataclass(frozen=True)
class Claim:
    """The right to work on a request; what it makes gets the id `subject_id`."""

    tenant_id: UUID
    key_index: bytes
    subject_id: UUID
    worker_id: UUID


@dataclass(frozen=True)
class Answer:
    """What was answered, as JSON values."""

    value: Any


def claim(tenant_id: UUID, key: str, content: str) -> Claim | Answer:
    """Asks for the right to work on a request.

    Args:
        tenant_id: whose request; keys of two establishments are two keys.
        key: chosen by the client.
        content: all that the request asks for, in a form in which equal requests are equal.

    Returns:
        The right to do it, or the answer that was given before.

    Raises:
        Reused: the key belongs to another request of the last day.
        Busy: somebody is at it.
    """
    keys = blind_indexes(f"idempotency-key:{tenant_id}", key)
    contents = blind_indexes(f"idempotent-request:{tenant_id}", content)
    now, worker_id = clock.now(), uuid4()
    table = IdempotentRequest
    mine = (table.tenant_id == tenant_id, table.key_index.in_(keys))
    with transaction() as session:
        session.execute(delete(table).where(*mine, table.created_at <= now - KEPT)
                        .execution_options(synchronize_session=False))
        row = session.execute(select(table).where(*mine).with_for_update()).scalars().first()
        if row is None:
            subject_id = uuid4()
            made = session.execute(insert(table).values(
                tenant_id=tenant_id, key_index=keys[0], content_index=contents[0], subject_id=subject_id,
                worker_id=worker_id, leased_until=now + LEASE, created_at=now,
            ).on_conflict_do_nothing().returning(table.subject_id)).scalar()
            if made is not None:
                return Claim(tenant_id, keys[0], subject_id, worker_id)
            row = session.execute(select(table).where(*mine).with_for_update()).scalars().first()
            if row is None:  # it came and went in between
                raise Busy
        if bytes(row.content_index) not in contents:
            raise Reused
        if row.answer is not None:
            return Answer(row.answer)
        if row.leased_until > now:
            raise Busy
        row.worker_id, row.leased_until = worker_id, now + LEASE
        return Claim(tenant_id, bytes(row.key_index), row.subject_id, worker_id)


def keep(claimed: Claim, answer: Any) -> None:
    """Stores the answer of a request, so that repetitions get it too; not when somebody else has taken over.

    Args:
        claimed: from `claim`.
        answer: JSON values.
    """
    _write(claimed, answer=answer)


def give_up(claimed: Claim) -> None:
    """Lets a repetition try again at once, when there is no answer to keep."""
    _write(claimed, leased_until=clock.now())


def forget_old() -> None:
    """Deletes requests whose day is over."""
    retention.purge(IdempotentRequest, IdempotentRequest.created_at <= clock.now() - KEPT)


def _write(claimed: Claim, **values: Any) -> None:
    table = IdempotentRequest
    with transaction() as session:
        session.execute(update(table).where(
            table.tenant_id == claimed.tenant_id, table.key_index == claimed.key_index,
            table.worker_id == claimed.worker_id,
        ).values(**values).execution_options(synchronize_session=False))
