"""Prepared statements: sent once per connection, typed, unharmed by a rollback, and transactions of their own."""

from contextlib import ExitStack
from datetime import datetime, timezone
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from marcai.platform.database import engine, transaction
from marcai.platform.settings import settings
from marcai.platform.statements import Statement


@pytest.fixture
def numbers(database):
    """A table for the test alone."""
    with transaction() as session:
        session.execute(text("CREATE TABLE IF NOT EXISTS numbers (n int PRIMARY KEY, at timestamptz)"))
    yield
    with transaction() as session:
        session.execute(text("DROP TABLE numbers"))


def prepared(connection):
    return [row.name for row in connection.exec_driver_sql("SELECT name FROM pg_prepared_statements")]


def test_values_of_every_kind_arrive_as_they_are(database):
    everything = Statement(
        "SELECT %(none)s::text AS none, %(id)s::uuid AS id, %(when)s::timestamptz AS moment, %(raw)s::bytea AS raw,"
        " %(empty)s::uuid[] AS empty, %(nothings)s::bytea[] AS nothings, %(words)s::text[] AS words,"
        " 5 %% 3 AS left, %(again)s AS again, %(again)s::int AS typed")
    id, now = uuid4(), datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    row = everything(none=None, id=id, when=now, raw=b"\x00'\\", empty=[], nothings=[None, None],
                     words=["it's", '{"a", \\}'], again=7)[0]
    assert (row.none, str(row.id), row.moment, bytes(row.raw)) == (None, str(id), now, b"\x00'\\")
    assert (row.empty, row.nothings, row.words) in (([], [None, None], ["it's", '{"a", \\}']),
                                                    ("{}", [None, None], ["it's", '{"a", \\}']))
    assert (row.left, row.again, row.typed) == (2, 7, 7)


def test_each_connection_prepares_it_once(database):
    one = Statement("SELECT %(n)s::int AS n -- once")
    with engine().connect() as connection:
        for n in (1, 2, 3):
            assert one.on(connection, n=n).scalar() == n
        assert prepared(connection).count(one.name) == 1
        with engine().connect() as other:
            assert one.name not in prepared(other)
            assert one.on(other, n=4).scalar() == 4


def test_a_rollback_takes_back_the_rows_and_keeps_the_statement(numbers):
    insert = Statement("INSERT INTO numbers (n) VALUES (%(n)s) RETURNING n")
    with pytest.raises(RuntimeError), engine().begin() as connection:
        insert.on(connection, n=1)
        raise RuntimeError
    assert insert(n=1)[0].n == 1
    assert Statement("SELECT count(*) AS rows FROM numbers")()[0].rows == 1


def test_only_a_light_statement_does_not_wait_for_the_disk(numbers):
    with engine().begin() as connection:
        before = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
        Statement("INSERT INTO numbers (n) VALUES (%(n)s)").on(connection, n=1)
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == before
        Statement("INSERT INTO numbers (n) VALUES (%(n)s)", lightly=True).on(connection, n=2)
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "off"
    with engine().begin() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == before


PUT = Statement("""
    INSERT INTO tenants (id, slug, name, timezone, phone_number_id, display_phone_number, policy)
    SELECT id, id::text, %(name)s::text, 'UTC', id::text, '', '{}' FROM unnest(%(ids)s::uuid[]) AS new (id)
    RETURNING id
""")


def put(*ids, keep=None):
    return PUT.locked({"ids": list(ids), "name": "x"}, locks=[2, 1], keep=keep)


def kept(tenant_id):
    with transaction() as session:
        return session.execute(text("SELECT count(*) FROM tenants WHERE id = :id"), {"id": tenant_id}).scalar_one() == 1


def test_a_locked_statement_is_committed_when_it_is_answered(database):
    first, second = uuid4(), uuid4()
    assert put(first) == [(first,)] and put(second) == [(second,)]
    assert kept(first) and kept(second)


def test_a_locked_statement_is_undone_when_its_rows_are_not_wanted(database):
    refused, wanted = uuid4(), uuid4()
    put(refused, keep=lambda rows: len(rows) == 2)
    put(wanted, keep=lambda rows: len(rows) == 1)
    assert not kept(refused) and kept(wanted)


def test_after_a_locked_statement_its_connection_has_transactions_again(database):
    tenant_id = uuid4()
    put(uuid4())
    with pytest.raises(ZeroDivisionError), transaction() as session:
        PUT.on(session.connection(), ids=[tenant_id], name="x")
        raise ZeroDivisionError
    assert not kept(tenant_id)


def test_a_statement_that_fails_says_so_as_a_session_would_and_leaves_no_transaction_open(database):
    tenant_id = uuid4()
    put(tenant_id)
    for keep in (None, lambda rows: True):
        with pytest.raises(IntegrityError) as caught:
            put(tenant_id, keep=keep)
        assert "'x'" not in str(caught.value)  # no values, which may be personal
        with transaction() as session:
            assert session.execute(text("""
                SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'
            """)).scalar_one() == 0


def test_after_connections_were_lost_one_statement_fails_and_the_next_ones_succeed(database):
    with ExitStack() as open_at_once:
        for _ in range(3):
            open_at_once.enter_context(engine().connect())
    killer = psycopg2.connect(settings().database_url)
    killer.cursor().execute("""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    """)
    killer.close()
    with pytest.raises(OperationalError) as caught:
        put(uuid4())
    assert caught.value.connection_invalidated
    for _ in range(4):
        tenant_id = uuid4()
        put(tenant_id)
        assert kept(tenant_id)
