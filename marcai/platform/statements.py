"""Statements that PostgreSQL reads once per connection: for those of every turn, parsing costs more than running."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Connection, CursorResult

from marcai.platform.database import engine

_PARAMETER = re.compile(r"%\((\w+)\)s(::\w+(?:\[\])?)?")

# What is lost with a crash of PostgreSQL is no loss here, so nobody waits for the disk.
_LIGHTLY = "SET LOCAL synchronous_commit = off; "


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
        prepared = connection.connection.info.setdefault("prepared", set())
        if self.name not in prepared:
            connection.connection.cursor().execute(self._prepare)
            prepared.add(self.name)  # it outlives a rollback
        return connection.exec_driver_sql(self._execute, values)

    def __call__(self, **values: Any) -> Sequence[Any]:
        """Runs it in a transaction of its own and gives its rows."""
        with engine().begin() as connection:
            return self.on(connection, **values).all()
