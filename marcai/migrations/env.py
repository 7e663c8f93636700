"""What Alembic runs: the project's tables against the database of the settings, under a lock."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool, text

from marcai.migrations import ADVISORY_LOCK
from marcai.migrations.tables import metadata
from marcai.platform.crypto import SEALED
from marcai.platform.settings import settings


def render_item(kind: str, item: Any, _: Any) -> str | bool:
    """Encrypted columns are bytes to the database: migrations do not depend on our classes."""
    return "sa.LargeBinary()" if kind == "type" and isinstance(item, SEALED) else False


def run() -> None:
    """Runs the migrations in one transaction: all of them happen, or none."""
    url = context.config.attributes.get("database_url") or settings().database_url
    engine = create_engine(url, poolclass=pool.NullPool, future=True, connect_args={"connect_timeout": 10})
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        context.configure(
            connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=True,
            render_item=render_item,
        )
        context.run_migrations()


run()
