"""Prepared statements: sent once per connection, typed, and gone through a rollback unharmed."""

from datetime import datetime, timezone
from uuid import uuid4

import pytest
from sqlalchemy import text

from marcai.platform.database import engine, transaction
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
