"""The catalogue comes from Redis while fresh, from PostgreSQL when Redis is away, and counts what is looked at."""

import json
from datetime import datetime, timezone

import pytest
import redis as redis_client
from sqlalchemy import event, select

from marcai.catalogue import service as catalogue
from marcai.catalogue.models import Service, ServiceInterest
from marcai.platform import clock, redis
from marcai.platform.database import engine, transaction
from marcai.staff import service as staff
from marcai.tenants import cache, service


@pytest.fixture
def statements(database):
    """Every SQL statement from here on."""
    seen = []

    def note(connection, cursor, statement, parameters, context, many):
        seen.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    yield seen
    event.remove(engine(), "before_cursor_execute", note)


@pytest.fixture
def redis_away(monkeypatch):
    """A Redis that nobody answers at."""
    away = redis_client.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    monkeypatch.setattr(cache, "client", lambda: away)
    monkeypatch.setattr(service, "client", lambda: away)
    yield
    cache.forget_cache()


def test_a_second_reading_asks_the_database_nothing_and_gives_the_same_objects(salon, statements):
    first = catalogue.active_services(salon)
    statements.clear()
    assert catalogue.active_services(salon) is first
    assert statements == []


def test_another_process_reads_equal_services_from_redis(salon, statements):
    first, people = catalogue.active_services(salon), staff.active_staff(salon)
    cache.forget_cache()
    statements.clear()
    assert catalogue.active_services(salon) == first
    assert staff.active_staff(salon) == people
    assert statements == []


def test_the_cache_lives_between_two_and_five_minutes(salon):
    catalogue.active_services(salon)
    staff.active_staff(salon)
    for key in ("catalogue:bela-vista", "staff:bela-vista"):
        assert 120 <= redis.client().ttl(key) <= 300


def test_without_redis_the_catalogue_comes_from_the_database(salon, redis_away):
    assert len(catalogue.active_services(salon)) == 15
    assert len(staff.active_staff(salon)) == 4
    assert service.by_slug("bela-vista") == salon
    with transaction() as session:
        session.execute(select(Service).where(Service.code == "luzes")).scalar_one().active = False
    assert len(catalogue.active_services(salon)) == 14, "nothing stale is served while Redis is away"


def test_without_redis_a_file_is_loaded_all_the_same(salon, redis_away):
    assert service.load("tenants/bela-vista.yml").caches_dropped is False


def test_what_was_read_before_a_change_and_stored_after_it_is_not_used(salon):
    catalogue.active_services(salon)
    stale = redis.client().get("catalogue:bela-vista")
    service.load("tenants/bela-vista.yml")
    redis.client().set("catalogue:bela-vista", stale.replace("90.00", "1.00"))
    assert str(catalogue.active_services(salon)[0].price) == "90.00"


@pytest.mark.parametrize("rubbish", ["", "x", "[]", '{"version": "1"}', json.dumps({"version": "1", "values": [{}]})])
def test_rubbish_in_the_cache_is_read_around(salon, rubbish):
    redis.client().set("catalogue:bela-vista", rubbish)
    redis.client().set("tenant:version:bela-vista", "1")
    assert len(catalogue.active_services(salon)) == 15


def test_views_and_reactions_are_counted_on_the_establishment_s_own_day(salon, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 1, 1, 30, tzinfo=timezone.utc))  # 22:30 the day before
    luzes = next(one for one in catalogue.active_services(salon) if one.code == "luzes")
    for _ in range(3):
        catalogue.count_view(salon, luzes.id)
    catalogue.count_reaction(salon, luzes.id, True)
    catalogue.count_reaction(salon, luzes.id, False)
    catalogue.count_reaction(salon, luzes.id, True)
    with transaction() as session:
        row = session.execute(select(ServiceInterest)).scalar_one()
    assert (row.service_id, row.day.isoformat(), row.views, row.liked, row.disliked) == (
        luzes.id, "2026-11-30", 3, 2, 1)
