"""Keys are changed while the system runs: everything is encrypted anew, and the old key can be taken away."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time

import pytest
from sqlalchemy import func, insert, select, text, update

from marcai.customers import service as customers
from marcai.migrations.tables import metadata
from marcai.platform import clock, crypto, renewal
from marcai.platform.crypto import SEALED
from marcai.platform.database import engine, transaction
from marcai.whatsapp.models import ConversationSnapshot
from tests.traces import leave_traces, traces

FIRST, SECOND, THIRD = (f"{name}-key-" + "0" * 32 for name in ("first", "second", "third"))
PHONE, NAME, WORDS = "5511987654321", "Josefina Marcada", "uma frase marcada"
MANY = 40


def marcai(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "marcai", *words], capture_output=True, text=True)


def sealed() -> set[str]:
    return {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns
            if isinstance(column.type, SEALED)}


def someone(salon):
    with transaction() as session:
        found = customers.identify(session, salon.id, wa_id=PHONE, user_id="BR.abc123").id
    customers.set_name(found, NAME)
    return found


@pytest.fixture
def conversations(database):
    """Many conversations, in the order in which they are walked through."""
    with transaction() as session:
        session.execute(insert(ConversationSnapshot), [
            {"sender_id": f"{number:03}", "events": [WORDS], "updated_at": clock.now()} for number in range(MANY)])


def stored(sender: str) -> bytes:
    with engine().connect() as connection:
        return bytes(connection.execute(text("SELECT events FROM conversation_snapshots WHERE sender_id = :id"),
                                        {"id": sender}).scalar())


def written_with(key: str, keys, *others: str) -> int:
    """How many conversations a key alone can read."""
    keys(key)
    newest, count = crypto.made_by_newest(), 0
    with engine().connect() as connection:
        count = sum(newest(value) for value in connection.execute(
            text("SELECT events FROM conversation_snapshots")).scalars())
    keys(*others)
    return count


def test_after_a_renewal_every_encrypted_column_of_every_table_is_read_without_the_old_keys(salon, database, keys):
    keys(FIRST)
    customer_id = someone(salon)
    leave_traces(customer_id, salon.id, WORDS)
    keys(SECOND, FIRST)
    customers.set_name(customer_id, f"{NAME} Dois")
    keys(THIRD, SECOND, FIRST)
    assert marcai("keys", "status").returncode == 1
    done = marcai("keys", "renew")
    assert done.returncode == 0, done.stderr
    assert marcai("keys", "status").returncode == 0
    keys(THIRD)
    assert traces(database, WORDS, NAME, PHONE, "BR.abc123") >= sealed()
    assert customers.get(customer_id).name == f"{NAME} Dois"
    with transaction() as session:
        assert customers.by_phone(session, salon.id, PHONE).id == customer_id
        assert customers.identify(session, salon.id, wa_id=None, user_id="BR.abc123").id == customer_id


def test_a_renewal_that_was_killed_goes_on_where_it_was(conversations, keys):
    keys(FIRST)
    with transaction() as session:
        for number in range(MANY):
            session.execute(update(ConversationSnapshot).where(ConversationSnapshot.sender_id == f"{number:03}")
                            .values(events=[WORDS, number]))
    keys(SECOND, FIRST)
    half = f"{MANY // 2:03}"
    with engine().connect() as turn, turn.begin():  # a turn under way in the middle: the renewal stays there
        turn.execute(text("SELECT 1 FROM conversation_snapshots WHERE sender_id = :id FOR UPDATE"), {"id": half})
        with killed_at_the_end([sys.executable, "-m", "marcai", "keys", "renew", "--batch", "4"]):
            wait_until(lambda: written_with(SECOND, keys, SECOND, FIRST) >= MANY // 2)
    before = stored("000")
    assert written_with(SECOND, keys, SECOND, FIRST) < MANY
    done = marcai("keys", "renew", "--batch", "4")
    assert done.returncode == 0
    assert stored("000") == before  # what was done is not done again
    keys(SECOND)
    with transaction() as session:
        found = session.execute(select(ConversationSnapshot.events).order_by(ConversationSnapshot.sender_id)).scalars()
        assert list(found) == [[WORDS, number] for number in range(MANY)]


def test_what_a_turn_writes_meanwhile_is_not_lost(conversations, keys):
    keys(FIRST)
    with transaction() as session:
        session.execute(update(ConversationSnapshot).values(events=["before"]))
    keys(SECOND, FIRST)
    with engine().connect() as turn, turn.begin():
        turn.execute(text("SELECT 1 FROM conversation_snapshots WHERE sender_id = '007' FOR UPDATE"))
        command = [sys.executable, "-m", "marcai", "keys", "renew", "--batch", "50"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as renewing:
            wait_until(lambda: written_with(SECOND, keys, SECOND, FIRST) == MANY - 1)
            turn.execute(update(ConversationSnapshot).where(ConversationSnapshot.sender_id == "007")
                         .values(events=["meanwhile"]))
            turn.commit()
            assert renewing.wait(30) == 0
    keys(SECOND)
    with transaction() as session:
        found = dict(session.execute(select(ConversationSnapshot.sender_id, ConversationSnapshot.events)).all())
    assert found["007"] == ["meanwhile"] and found["008"] == ["before"]


def test_what_no_key_can_read_is_told_and_the_rest_is_renewed(conversations, keys):
    keys(FIRST)
    with transaction() as session:
        session.execute(update(ConversationSnapshot).where(ConversationSnapshot.sender_id == "003")
                        .values(events=["lost"]))
    keys(SECOND)
    with transaction() as session:
        session.execute(update(ConversationSnapshot).where(ConversationSnapshot.sender_id != "003")
                        .values(events=["here"]))
    keys(THIRD, SECOND)
    done = marcai("keys", "renew")
    assert done.returncode == 1
    assert "1 rows cannot be read" in done.stderr and "Traceback" not in done.stderr
    assert written_with(THIRD, keys, THIRD) == MANY - 1
    keys(THIRD, SECOND, FIRST)
    assert marcai("keys", "renew").returncode == 0
    assert written_with(THIRD, keys, THIRD) == MANY


def test_a_customer_whom_a_missing_key_made_twice_keeps_both_her_rows(salon, keys):
    keys(FIRST)
    first = someone(salon)
    keys(SECOND)
    with transaction() as session:
        second = customers.identify(session, salon.id, wa_id=PHONE, user_id=None).id
    assert second != first
    keys(SECOND, FIRST)
    assert marcai("keys", "renew").returncode == 0
    keys(SECOND)
    with transaction() as session:
        assert customers.by_phone(session, salon.id, PHONE).id == second
    assert customers.get(first).name == NAME


def test_a_table_with_a_key_of_several_columns_is_walked_to_its_end(salon, keys, database):
    from marcai.platform.idempotency import IdempotentRequest

    keys(FIRST)
    with transaction() as session:
        for number in range(7):
            session.execute(insert(IdempotentRequest).values(
                tenant_id=salon.id, key_index=bytes([number]), content_index=b"", subject_id=salon.id,
                worker_id=salon.id, leased_until=func.now(), created_at=func.now(), answer={"number": number}))
    keys(SECOND, FIRST)
    [found] = renewal.renew([IdempotentRequest.__table__], batch=2)
    assert (found.rows, found.older, found.unreadable) == (7, 7, 0)
    keys(SECOND)
    with transaction() as session:
        assert sorted(answer["number"] for answer in session.execute(select(IdempotentRequest.answer)).scalars()) \
            == list(range(7))


def wait_until(condition, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)


@contextlib.contextmanager
def killed_at_the_end(command):
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        yield
        assert process.poll() is None
        process.kill()
