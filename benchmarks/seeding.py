"""Establishments for benchmarks, written straight into the tables, and more than a million bookings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import text

from marcai.catalogue.service import ServiceInfo
from marcai.platform.database import engine, transaction
from marcai.scheduling.visit import Segment, Visit
from marcai.tenants.service import Policy, TenantInfo

PER_DAY = 8  # bookings of a professional, half an hour each
HALVES = [*range(540, 720, 30), *range(780, 1080, 30)]  # minutes past midnight: 9-12 and 13-18


@dataclass
class Place:
    """An establishment with one service of half an hour."""

    tenant: TenantInfo
    service: ServiceInfo
    staff: list[UUID]

    def visit(self, person: int, start: datetime) -> Visit:
        """Half an hour of a professional."""
        end = start + timedelta(minutes=self.service.duration)
        return Visit(start, end, (Segment(self.service.id, self.staff[person], start, end, end),))


def establish(staff: int, duration: int = 30) -> Place:
    """Writes an establishment whose professionals work Monday to Saturday, 9-12 and 13-18."""
    tenant = TenantInfo(
        id=uuid4(), slug=uuid4().hex, name="", timezone="America/Sao_Paulo", locale="pt_BR", currency="BRL",
        phone_number_id=str(uuid4().int), display_phone_number="", address=None, business_hours_note=None,
        holidays=None, policy=Policy(booking_window_days=400))
    service = ServiceInfo(id=uuid4(), code="s", name="Serviço", category="", duration=duration, price=Decimal(50))
    people = [uuid4() for _ in range(staff)]
    with transaction() as session:
        session.execute(text("""
            INSERT INTO tenants (id, slug, name, timezone, phone_number_id, display_phone_number, policy)
            VALUES (:id, :slug, '', :zone, :number, '', '{}')"""),
            {"id": tenant.id, "slug": tenant.slug, "zone": tenant.timezone, "number": tenant.phone_number_id})
        session.execute(text("""
            INSERT INTO services (id, tenant_id, code, name, category, price, duration, cleanup)
            VALUES (:id, :tenant, 's', 'Serviço', '', 50, :duration, 0)"""),
            {"id": service.id, "tenant": tenant.id, "duration": duration})
        session.execute(text("""
            INSERT INTO staff (id, tenant_id, code, name, position) VALUES (:id, :tenant, :code, '', :n)"""),
            [{"id": one, "tenant": tenant.id, "code": f"p{n}", "n": n} for n, one in enumerate(people)])
        session.execute(text("INSERT INTO staff_services (staff_id, service_id) VALUES (:staff, :service)"),
                        [{"staff": one, "service": service.id} for one in people])
        session.execute(text("INSERT INTO shifts (staff_id, weekday, starts, ends) VALUES (:staff, :day, :a, :b)"),
                        [{"staff": one, "day": day, "a": a, "b": b} for one in people for day in range(6)
                         for a, b in (("09:00", "12:00"), ("13:00", "18:00"))])
    return Place(tenant, service, people)


def customers(place: Place, count: int) -> list[UUID]:
    """New customers of an establishment."""
    ids = [uuid4() for _ in range(count)]
    with transaction() as session:
        session.execute(text("INSERT INTO customers (id, tenant_id) VALUES (:id, :tenant)"),
                        [{"id": one, "tenant": place.tenant.id} for one in ids])
    return ids


def fill(places: list[Place], first: datetime, days: int) -> int:
    """Books eight half hours on each of `days` days for every professional, the same ones on every run.

    The constraint is taken away and put back, which also proves that nothing overlaps; then the table is vacuumed.

    Returns:
        How many bookings the table has.
    """
    staff = [(place.tenant.id, place.service.id, person) for place in places for person in place.staff]
    with engine().execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        run = connection.exec_driver_sql
        run("SET statement_timeout = 0")
        run("SET maintenance_work_mem = '512MB'")
        run("ALTER TABLE allocations DROP CONSTRAINT ex_allocations_no_overlap")
        run("""
            INSERT INTO allocations (id, tenant_id, resource_id, visit_id, service_id, during, service_ends_at, state)
            SELECT gen_random_uuid(), who.tenant, who.staff, gen_random_uuid(), who.service,
                   tstzrange(t.start, t.start + interval '30 minutes'), t.start + interval '30 minutes', 'booked'
              FROM unnest(%(tenants)s::uuid[], %(services)s::uuid[], %(staff)s::uuid[])
                   WITH ORDINALITY AS who (tenant, service, staff, number)
             CROSS JOIN generate_series(0, %(days)s - 1) AS day
             CROSS JOIN LATERAL (
                 SELECT half FROM unnest(%(halves)s::int[]) AS half
                  ORDER BY hashint8(half + 10000 * (day + 1000 * who.number)) LIMIT %(each)s) AS h
             CROSS JOIN LATERAL (
                 SELECT %(first)s::timestamptz + day * interval '1 day' + h.half * interval '1 minute' AS start) AS t
             ORDER BY who.number, t.start""",
            {"tenants": [one[0] for one in staff], "services": [one[1] for one in staff],
             "staff": [one[2] for one in staff], "days": days, "halves": HALVES, "each": PER_DAY, "first": first})
        run("""ALTER TABLE allocations ADD CONSTRAINT ex_allocations_no_overlap
               EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (state IN ('hold', 'booked'))""")
        run("VACUUM ANALYZE")
        return run("SELECT count(*) FROM allocations").scalar_one()


def overlaps() -> int:
    """Pairs of live allocations that share time of one professional."""
    with transaction() as session:
        return session.execute(text("""
            SELECT count(*) FROM allocations a JOIN allocations b
                ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during
             WHERE a.state IN ('hold', 'booked') AND b.state IN ('hold', 'booked')""")).scalar_one()
