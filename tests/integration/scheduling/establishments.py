"""Small establishments for tests, written straight into the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import text

from marcai.catalogue.service import ServiceInfo
from marcai.platform.database import transaction
from marcai.scheduling.visit import Segment, Visit
from marcai.tenants.service import Policy, TenantInfo

TUESDAY = datetime(2031, 3, 4, 12, 0, tzinfo=timezone.utc)  # 9:00 in São Paulo


@dataclass
class Establishment:
    """A tenant with its services and professionals, as the rooms above know them."""

    tenant: TenantInfo
    services: list[ServiceInfo]
    staff: list[UUID]
    units: dict[str, list[UUID]]

    def visit(self, *parts, at=TUESDAY):
        """A visit of parts (service number, professional number, minutes after `at`, and any units)."""
        segments = []
        for service, person, minutes, *units in parts:
            info = self.services[service]
            start = at + timedelta(minutes=minutes)
            end = start + timedelta(minutes=info.duration)
            segments.append(
                Segment(info.id, self.staff[person], start, end, end + timedelta(minutes=info.cleanup), tuple(units))
            )
        return Visit(segments[0].start, segments[-1].end, tuple(segments))


def establish(services, staff, *, resources=None, zone="America/Sao_Paulo", holidays=None, policy=None):
    """Writes an establishment.

    Args:
        services: (duration, cleanup) of each, and the codes of what it needs.
        staff: for each professional, the numbers of her services and her shifts as (weekday, "HH:MM", "HH:MM").
        resources: how many units of each room or equipment there are, by code.
    """
    policy = policy or Policy()
    tenant = TenantInfo(
        id=uuid4(), slug=uuid4().hex, name="Teste", timezone=zone, locale="pt_BR", currency="BRL",
        phone_number_id=uuid4().hex, display_phone_number="", address=None, business_hours_note=None,
        holidays=holidays, policy=policy,
    )
    infos = [
        ServiceInfo(id=uuid4(), code=f"s{number}", name=f"Serviço {number}", category="", duration=duration,
                    cleanup=cleanup, price=Decimal("10.10") * (number + 1), needs=tuple(needs))
        for number, (duration, cleanup, *needs) in enumerate(services)
    ]
    ids = [uuid4() for _ in staff]
    units = {code: [uuid4() for _ in range(count)] for code, count in (resources or {}).items()}
    with transaction() as session:
        session.execute(
            text("""INSERT INTO tenants (id, slug, name, timezone, phone_number_id, display_phone_number, policy)
                    VALUES (:id, :slug, '', :zone, :phone, '', '{}')"""),
            {"id": tenant.id, "slug": tenant.slug, "zone": zone, "phone": tenant.phone_number_id},
        )
        for info in infos:
            session.execute(
                text("""INSERT INTO services (id, tenant_id, code, name, category, price, duration, cleanup, needs)
                        VALUES (:id, :tenant, :code, :name, '', :price, :duration, :cleanup, :needs)"""),
                {"id": info.id, "tenant": tenant.id, "code": info.code, "name": info.name, "price": info.price,
                 "duration": info.duration, "cleanup": info.cleanup, "needs": list(info.needs)},
            )
        for code, equal in units.items():
            for number, unit_id in enumerate(equal, 1):
                session.execute(
                    text("""INSERT INTO resource_units (id, tenant_id, code, number, name, kind)
                            VALUES (:id, :tenant, :code, :number, :code, 'room')"""),
                    {"id": unit_id, "tenant": tenant.id, "code": code, "number": number},
                )
        for number, (staff_id, (able, shifts)) in enumerate(zip(ids, staff, strict=True)):
            session.execute(
                text("INSERT INTO staff (id, tenant_id, code, name, position) VALUES (:id, :t, :code, :name, :n)"),
                {"id": staff_id, "t": tenant.id, "code": f"p{number}", "name": f"Profissional {number}", "n": number},
            )
            for service in able:
                session.execute(
                    text("INSERT INTO staff_services (staff_id, service_id) VALUES (:staff, :service)"),
                    {"staff": staff_id, "service": infos[service].id},
                )
            for weekday, starts, ends in shifts:
                session.execute(
                    text("INSERT INTO shifts (staff_id, weekday, starts, ends) VALUES (:staff, :day, :starts, :ends)"),
                    {"staff": staff_id, "day": weekday, "starts": starts, "ends": ends},
                )
    return Establishment(tenant, infos, ids, units)


def customer_of(tenant) -> UUID:
    """A new customer."""
    customer_id = uuid4()
    with transaction() as session:
        session.execute(
            text("INSERT INTO customers (id, tenant_id) VALUES (:id, :tenant)"),
            {"id": customer_id, "tenant": tenant.id},
        )
    return customer_id


def insert_time_off(tenant, starts, ends, staff_id=None, unit_id=None):
    """Time off of a professional or of a unit, or of everybody."""
    with transaction() as session:
        session.execute(
            text("""INSERT INTO time_off (tenant_id, staff_id, unit_id, starts_at, ends_at)
                    VALUES (:tenant, :staff, :unit, :starts, :ends)"""),
            {"tenant": tenant.id, "staff": staff_id, "unit": unit_id, "starts": starts, "ends": ends},
        )


def insert_allocation(tenant, resource_id, starts, ends, *, state="booked", expires_at=None, visit_id=None):
    """An allocation, past all courtesy: only the table's constraint can refuse it."""
    with transaction() as session:
        session.execute(
            text("""INSERT INTO allocations (id, tenant_id, resource_id, visit_id, during, state, expires_at)
                    VALUES (:id, :tenant, :resource, :visit, tstzrange(:starts, :ends), :state, :expires)"""),
            {"id": uuid4(), "tenant": tenant.id, "resource": resource_id, "visit": visit_id or uuid4(),
             "starts": starts, "ends": ends, "state": state, "expires": expires_at},
        )


def overlaps() -> int:
    """Pairs of allocations that share time of one professional or unit: always 0."""
    with transaction() as session:
        return session.execute(
            text("""SELECT count(*) FROM allocations a JOIN allocations b
                        ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during
                     WHERE a.state IN ('hold', 'booked') AND b.state IN ('hold', 'booked')""")
        ).scalar_one()


def rows_of(visit_id, *states):
    """The allocations of a visit in some states."""
    with transaction() as session:
        return session.execute(
            text("""SELECT resource_id, lower(during) AS starts, upper(during) AS until, state FROM allocations
                     WHERE visit_id = :visit AND state = ANY(:states) ORDER BY position"""),
            {"visit": visit_id, "states": list(states)},
        ).all()
