"""Puts a customer's words wherever a table can hold them, and looks for them in every column, encrypted ones opened."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import CheckConstraint, DateTime, Integer, LargeBinary, Table, Text, insert, select, type_coerce
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Engine

from marcai.migrations.tables import metadata
from marcai.platform import clock, crypto
from marcai.platform.crypto import SEALED, EncryptedText
from marcai.platform.database import transaction

HERS = {"customer_id": UUID, "conversation": UUID, "sender_id": str}  # columns that name a customer, and how
PLAIN = {"offered_options": ("title", "payload")}  # plain columns in which words of hers may stand

def sealed_tables() -> list[Table]:
    """The tables with something encrypted, but for the customers themselves."""
    return [table for table in metadata.sorted_tables
            if table.name != "customers" and any(isinstance(column.type, SEALED) for column in table.columns)]


def _allowed(table: Table, column: Any) -> str:
    """A text that the table's checks allow in a column."""
    for check in table.constraints:
        text = str(check.sqltext) if isinstance(check, CheckConstraint) else ""
        if match := re.match(rf"{column.name} IN \('([^']+)'", text):
            return match[1]
    return "x"


def leave_traces(customer_id: UUID, tenant_id: UUID, words: str) -> None:
    """Makes a row about a customer, with these words, in every table that keeps something encrypted."""
    with transaction() as session:
        for table in sealed_tables():
            session.execute(insert(table).values(_row(table, customer_id, tenant_id, words)))


def _row(table: Table, customer_id: UUID, tenant_id: UUID, words: str) -> dict[str, Any]:
    values = {}
    for column in table.columns:
        if column.name in HERS:
            values[column.name] = HERS[column.name](str(customer_id))
        elif isinstance(column.type, SEALED):
            values[column.name] = words if isinstance(column.type, EncryptedText) else {"text": words}
        elif column.name in PLAIN.get(table.name, ()):
            values[column.name] = words
        elif column.name == "tenant_id":
            values[column.name] = tenant_id
        elif column.nullable or column.server_default is not None or column.identity or column.default:
            continue
        elif column.foreign_keys:
            pytest.fail(f"{table.name}.{column.name}: teach this test to make a row of what it points at")
        elif isinstance(column.type, Text):
            values[column.name] = _allowed(table, column)
        elif isinstance(column.type, DateTime):
            values[column.name] = clock.now()
        elif isinstance(column.type, postgresql.UUID):
            values[column.name] = uuid4()
        elif isinstance(column.type, LargeBinary):
            values[column.name] = uuid4().bytes
        else:
            values[column.name] = 1 if isinstance(column.type, Integer) else False
    return values


def traces(engine: Engine, *marks: str) -> set[str]:
    """The columns, as `table.column`, in which one of the texts stands."""
    found = set()
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [type_coerce(column, LargeBinary) if isinstance(column.type, SEALED) else column
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
