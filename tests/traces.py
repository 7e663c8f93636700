"""Looks for what must be nowhere: a text in any column of any table, encrypted ones opened."""

from __future__ import annotations

from typing import Any

from sqlalchemy import LargeBinary, select, type_coerce
from sqlalchemy.engine import Engine

from marcai.migrations.tables import metadata
from marcai.platform import crypto


def traces(engine: Engine, *marks: str) -> set[str]:
    """The columns, as `table.column`, in which one of the texts stands."""
    found = set()
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [type_coerce(column, LargeBinary) if isinstance(column.type, crypto.SEALED) else column
                       for column in table.columns]
            for row in connection.execute(select(*columns)):
                found |= {f"{table.name}.{column.name}" for column, value in zip(table.columns, row, strict=True)
                          if any(mark.lower() in shown(value).lower() for mark in marks)}
    return found


def shown(value: Any) -> str:
    """A value as text: decrypted when one of our keys encrypted it."""
    if not isinstance(value, (bytes, memoryview)):
        return str(value)
    try:
        return crypto.decrypt(bytes(value)).decode("utf-8", "replace")
    except crypto.InvalidToken:
        return bytes(value).decode("latin-1")
