"""The database schema: every table, and the Alembic migrations that lead to it."""

from __future__ import annotations

from pathlib import Path

ADVISORY_LOCK = 0x4D617263  # two starters at once: the second waits, and finds nothing to do


def configuration(database_url: str | None = None):
    """Alembic's configuration for this folder, so that no ini file is needed.

    Args:
        database_url: another database than `DATABASE_URL`.
    """
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database_url"] = database_url
    return config


def upgrade(database_url: str | None = None) -> None:
    """Brings the schema to the newest migration; safe when several processes do it at once.

    Raises:
        sqlalchemy.exc.OperationalError: the database cannot be reached.
    """
    from alembic import command

    command.upgrade(configuration(database_url), "head")
