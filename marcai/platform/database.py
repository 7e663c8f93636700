"""PostgreSQL: the engine, the declarative base, and the transaction that every verb runs in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, declarative_base

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# What is prepared (`statements.py`) is planned once: to weigh a plan anew for each call costs more than the statement.
OPTIONS = "-c timezone=UTC -c statement_timeout=15000 -c plan_cache_mode=force_generic_plan"
AWAY = (OperationalError, InterfaceError)  # raised while PostgreSQL is away or has lost the connection

Base = declarative_base(metadata=MetaData(naming_convention=NAMING))


@cache
def engine() -> Engine:
    """The process's connection pool, for `DATABASE_URL`."""
    from marcai.platform.settings import settings

    return create_engine(
        settings().database_url,
        pool_size=5,
        max_overflow=5,
        pool_use_lifo=True,  # the connection used last has its statements prepared and the catalogue at hand
        pool_pre_ping=False,
        pool_recycle=1800,
        hide_parameters=True,  # an error must not carry personal data into a log
        future=True,
        connect_args={"connect_timeout": 5, "options": OPTIONS},
    )


@contextmanager
def transaction() -> Iterator[Session]:
    """One database transaction: commits at the end of the block, rolls back on any exception."""
    with Session(engine(), future=True, expire_on_commit=False) as session, session.begin():
        yield session
