"""Rows whose time is over: deleted in small transactions, so that nobody waits for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, literal_column, select

from marcai.platform.database import Base, transaction
from marcai.platform.metrics import PURGED

BATCH = 2000  # rows deleted in one transaction
EVERY_SECONDS = 3600  # between two looks
PLACE = literal_column("ctid")


def some(model: type[Base], *conditions: Any, batch: int = BATCH) -> Any:
    """A condition for the first rows that meet all conditions and that nobody else has locked.

    Rows are named by their place (`ctid`), so that however many there are, no plan reads the table for them; locked in
    the same statement, they stay in it.
    """
    places = select(PLACE).select_from(model).where(*conditions).limit(batch).with_for_update(skip_locked=True)
    return PLACE.op("=")(func.any(func.array(places.scalar_subquery())))


def repeat(statement: Any, batch: int = BATCH) -> int:
    """Runs a statement over `some` rows, a transaction each time, until none are left.

    Returns:
        Over how many rows it ran.
    """
    total, done = 0, batch
    while done == batch:
        with transaction() as session:
            done = session.execute(statement.execution_options(synchronize_session=False)).rowcount
        total += done
    return total


def purge(model: type[Base], *conditions: Any, batch: int = BATCH) -> int:
    """Deletes the rows of a table that meet all conditions; any number of workers may do it at once.

    Args:
        model: the table.
        conditions: what is true of a row whose time is over; an index must find it.
        batch: how many rows at once.

    Returns:
        How many were deleted here.
    """
    total = repeat(delete(model).where(some(model, *conditions, batch=batch)), batch)
    if total:
        PURGED.labels(model.__tablename__).inc(total)
    return total
