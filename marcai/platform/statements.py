"""Statements that PostgreSQL reads once per connection: for those of every turn, parsing costs more than running."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg2
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import DBAPIError

from marcai.platform.database import engine

_PARAMETER = re.compile(r"%\((\w+)\)s(::\w+(?:\[\])?)?")

# What is lost with a crash of PostgreSQL is no loss here, so nobody waits for the disk.
_LIGHTLY = "SET LOCAL synchronous_commit = off; "

# Types whose text needs no quoting within an array literal.
_PLAIN: dict[type, Callable[[Any], str]] = {UUID: lambda one: one.hex, datetime: datetime.isoformat, int: str}


class Statement:
    """One statement with parameters like ``%(name)s``, prepared by each connection at its first use.

    A parameter whose type PostgreSQL cannot infer is written with it in one place: ``%(name)s::uuid``.
    """

    def __init__(self, sql: str, *, lightly: bool = False) -> None:
        """Reads the parameters; nothing is sent yet.

        Args:
            sql: the text.
            lightly: the commit does not wait for the disk; only for what may be lost with PostgreSQL itself.
        """
        self._sql = sql
        types: dict[str, str] = {}
        for name, cast in _PARAMETER.findall(sql):
            types[name] = types.get(name) or cast
        places = {name: f"${place}" for place, name in enumerate(types, 1)}
        body = _PARAMETER.sub(lambda found: places[found[1]] + (found[2] or types[found[1]]), sql).replace("%%", "%")
        self.name = f"marcai_{hashlib.sha256(body.encode()).hexdigest()[:24]}"
        self._prepare = f"PREPARE {self.name} AS {body}"
        given = ", ".join(f"%({name})s{cast}" for name, cast in types.items())
        self._execute = f"{_LIGHTLY if lightly else ''}EXECUTE {self.name}{f'({given})' if given else ''}"

    def on(self, connection: Connection, **values: Any) -> CursorResult:
        """Runs it in the connection's transaction.

        Args:
            connection: of SQLAlchemy; a session has one as `session.connection()`.
            values: the parameters.
        """
        self._known_by(connection.connection)
        return connection.exec_driver_sql(self._execute, values)

    def __call__(self, **values: Any) -> Sequence[Any]:
        """Runs it as a transaction of its own, which takes one round trip, and gives its rows."""
        with engine().connect() as connection:
            driver = connection.connection.dbapi_connection
            driver.autocommit = True  # no BEGIN, no COMMIT
            try:
                result = self.on(connection, **values)
                return result.all() if result.returns_rows else []
            finally:
                if not driver.closed:
                    driver.autocommit = False

    def locked(
        self, values: Mapping[str, Any], *, locks: Iterable[int], keep: Callable[[Sequence[tuple]], bool] | None = None
    ) -> Sequence[tuple]:
        """Runs it as a transaction of its own that holds advisory locks: one round trip, one commit.

        They are taken by a statement before this one, so that this one sees what whoever had them before has committed.

        Args:
            values: the parameters.
            locks: keys of the advisory locks.
            keep: says by the rows whether to commit, for which it takes a second round trip.

        Raises:
            DBAPIError: as SQLAlchemy raises it for a session's statement; nothing was committed, or nobody knows.
        """
        connection = engine().raw_connection()
        driver = connection.dbapi_connection
        try:
            driver.autocommit = True  # no BEGIN, no COMMIT: what is sent in one string is one transaction
            self._known_by(connection)
            with driver.cursor() as cursor:
                begin = "BEGIN; " if keep else ""
                locked = ", ".join(f"pg_advisory_xact_lock({key})" for key in sorted(locks))
                cursor.execute(f"{begin}SELECT {locked}; {self._execute}", _arrays_as_text(values))
                rows = cursor.fetchall()
                if keep:
                    cursor.execute("COMMIT" if keep(rows) else "ROLLBACK")
            driver.autocommit = False
            return rows
        except BaseException as error:
            lost = engine().dialect.is_disconnect(error, driver, None)
            connection.invalidate(error)  # nobody knows what state it is in
            if lost:
                engine().dispose()  # the others are most likely lost as well
            if isinstance(error, psycopg2.Error):
                raise DBAPIError.instance(
                    self._sql, None, error, psycopg2.Error, hide_parameters=True, connection_invalidated=lost
                ) from error
            raise
        finally:
            connection.close()

    def _known_by(self, connection: Any) -> None:
        prepared = connection.info.setdefault("prepared", set())
        if self.name not in prepared:
            with connection.cursor() as cursor:
                cursor.execute(self._prepare)
            prepared.add(self.name)  # it outlives a rollback


def _arrays_as_text(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with arrays of ids and instants as one literal each, which PostgreSQL reads faster than constructors."""
    return {
        name: "{" + ",".join(map(_PLAIN[type(value[0])], value)) + "}"
        if isinstance(value, list) and value and type(value[0]) in _PLAIN and len(set(map(type, value))) == 1 else value
        for name, value in values.items()
    }
