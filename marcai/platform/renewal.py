"""Key rotation: what older keys encrypted is written again with the newest, in batches, while the system runs.

It may be killed at any moment and begun again: what the newest key has encrypted already is read and left alone.
INVARIANT: only the form of a value changes. A row is locked while it is rewritten, and its value read under the lock,
so that nothing written meanwhile is lost; a row that somebody else has locked is passed over and tried again, so that
no turn can wait for us while we wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Table, and_, bindparam, literal, or_, select, tuple_, type_coerce
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from marcai.platform import crypto
from marcai.platform.database import transaction

BATCH = 500
LOCKED_PAUSE = 0.2  # seconds, before a row that was locked is tried again


@dataclass(frozen=True)
class Found:
    """What a look through one table found. `unreadable` values were encrypted with a key that is not in the list."""

    table: str
    rows: int
    older: int
    unreadable: int


def sealed_columns(table: Table) -> list[Any]:
    """The columns of a table that are encrypted."""
    return [column for column in table.columns if isinstance(column.type, crypto.SEALED)]


def renew(tables: Iterable[Table], *, write: bool = True, batch: int = BATCH) -> Iterator[Found]:
    """Looks through every table that has encrypted columns; yields what it found in each.

    Args:
        tables: all tables of the project.
        write: encrypt with the newest key what an older one encrypted; else only count it.
        batch: how many rows at once.
    """
    for table in tables:
        if sealed_columns(table):
            yield _Walk(table, write, batch).through()


class _Walk:
    """One look through one table, in the order of its primary key."""

    def __init__(self, table: Table, write: bool, batch: int) -> None:
        self._table, self._write, self._batch = table, write, batch
        self._keys = list(table.primary_key)
        self._columns = sealed_columns(table)
        self._made_by_newest = crypto.made_by_newest()
        self._rows = select(*self._keys, *(type_coerce(column, LargeBinary).label(f"sealed_{column.name}")
                                           for column in self._columns))

    def through(self) -> Found:
        """Walks to the end."""
        rows = older = unreadable = 0
        last: Sequence[Any] | None = None
        while page := self._page(last):
            stale = [row for row in page if self._older(row)]
            rows, older = rows + len(page), older + len(stale)
            lost = [row for row in stale if not self._readable(row)]
            unreadable += len(lost)
            if self._write:
                self._renew([self._key(row) for row in stale if row not in lost])
            last = self._key(page[-1])
        return Found(self._table.name, rows, older, unreadable)

    def _page(self, last: Sequence[Any] | None) -> list[Row[Any]]:
        query = self._rows.order_by(*self._keys).limit(self._batch)
        if last is not None:
            after = [literal(value, column.type) for column, value in zip(self._keys, last, strict=True)]
            query = query.where(tuple_(*self._keys) > tuple_(*after))
        with transaction() as session:
            return session.execute(query).all()

    def _renew(self, keys: list[tuple[Any, ...]]) -> None:
        """Rewrites rows until none of them needs it; those that are deleted meanwhile need nothing."""
        while keys:
            with transaction() as session:
                found = session.execute(self._rows.where(self._among(keys)).with_for_update(skip_locked=True)).all()
                for row in filter(self._older, found):
                    self._rewrite(session, row)
            done = {self._key(row) for row in found}
            keys = [key for key in keys if key not in done]
            if keys:
                time.sleep(LOCKED_PAUSE)
                with transaction() as session:
                    keys = [tuple(row) for row in session.execute(select(*self._keys).where(self._among(keys)))]

    def _rewrite(self, session: Session, row: Row[Any]) -> None:
        values = {column.name: bindparam(f"new_{column.name}", crypto.rotate(value), LargeBinary)
                  for column, value in self._sealed(row) if value is not None}
        session.execute(self._table.update().where(self._among([self._key(row)])).values(values))

    def _among(self, keys: list[tuple[Any, ...]]) -> Any:
        if len(self._keys) == 1:
            return self._keys[0].in_([key[0] for key in keys])
        return or_(*(and_(*(column == value for column, value in zip(self._keys, key, strict=True))) for key in keys))

    def _key(self, row: Row[Any]) -> tuple[Any, ...]:
        return tuple(row[: len(self._keys)])

    def _sealed(self, row: Row[Any]) -> list[tuple[Any, bytes | None]]:
        return list(zip(self._columns, row[len(self._keys):], strict=False))

    def _older(self, row: Row[Any]) -> bool:
        return any(value is not None and not self._made_by_newest(value) for _, value in self._sealed(row))

    def _readable(self, row: Row[Any]) -> bool:
        try:
            for _, value in self._sealed(row):
                if value is not None:
                    crypto.decrypt(value)
        except crypto.InvalidToken:
            return False
        return True
