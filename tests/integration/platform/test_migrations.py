"""The migrations lead to exactly the tables that the models describe, and bear being started twice at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from marcai import migrations
from marcai.migrations.tables import metadata
from marcai.platform.settings import settings


@pytest.fixture
def empty_database(servers):
    """The address of a new database without tables."""
    name = "migrations_test"
    with closing(psycopg2.connect(settings().database_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
            yield settings().database_url.rsplit("/", 1)[0] + "/" + name
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_migrating_an_empty_database_gives_the_tables_of_the_models(empty_database):
    migrations.upgrade(empty_database)
    engine = create_engine(empty_database, future=True)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_guarantee_against_double_booking_is_in_the_migrated_database(empty_database):
    migrations.upgrade(empty_database)
    engine = create_engine(empty_database, future=True)
    with engine.connect() as connection:
        found = connection.execute(text(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ex_allocations_no_overlap'"
        )).scalar_one()
    engine.dispose()
    assert "EXCLUDE USING gist (resource_id WITH =, during WITH &&)" in found


def test_rooms_and_equipment_come_to_a_database_in_use_and_can_be_taken_back(empty_database):
    def run(statement):
        with closing(psycopg2.connect(empty_database)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    command.upgrade(migrations.configuration(empty_database), "0001")
    run("""INSERT INTO tenants (id, slug, name, timezone, phone_number_id, display_phone_number, policy)
           VALUES (gen_random_uuid(), 'a', 'A', 'America/Sao_Paulo', '1', '', '{}')""")
    run("""INSERT INTO services (id, tenant_id, code, name, category, price, duration)
           SELECT gen_random_uuid(), id, 'corte', 'Corte', '', 10, 30 FROM tenants""")
    run("INSERT INTO time_off (tenant_id, starts_at, ends_at) SELECT id, '2027-01-01', '2027-01-02' FROM tenants")
    migrations.upgrade(empty_database)
    assert run("SELECT code, needs FROM services") == [("corte", [])]
    assert run("SELECT staff_id, unit_id FROM time_off") == [(None, None)]
    run("""INSERT INTO resource_units (id, tenant_id, code, number, name, kind)
           SELECT gen_random_uuid(), id, 'sala', 1, 'Sala', 'room' FROM tenants""")
    run("""INSERT INTO time_off (tenant_id, unit_id, starts_at, ends_at)
           SELECT tenant_id, id, '2027-03-01', '2027-04-01' FROM resource_units""")
    command.downgrade(migrations.configuration(empty_database), "0001")
    assert run("SELECT extract(month FROM starts_at)::int FROM time_off") == [(1,)], "a room's is not everybody's"


def test_two_starters_at_once_migrate_an_empty_database_once(empty_database):
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(_upgrade_in_a_process, empty_database) for _ in range(3)]:
            assert future.result() == 0


def _upgrade_in_a_process(url: str) -> int:
    import os
    import subprocess
    import sys

    command = [sys.executable, "-m", "marcai", "db", "upgrade"]
    return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}).returncode
