"""What an establishment offers: read through the cache, and what customers look at and think of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from marcai.catalogue.models import Service
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.platform.statements import Statement
from marcai.tenants import cache
from marcai.tenants.service import TenantInfo


@dataclass(frozen=True)
class ServiceInfo:
    """One service. Durations in minutes; `incompatible_with` holds codes and goes both ways.

    `needs` are the codes of the rooms and equipment of which it takes a unit each.
    """

    id: UUID
    code: str
    name: str
    category: str
    price: Decimal
    duration: int
    cleanup: int = 0
    description: str = ""
    preparation: str | None = None
    image_url: str | None = None
    aliases: tuple[str, ...] = ()
    incompatible_with: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()


def _load(tenant_id: UUID, active: bool = True) -> list:
    with transaction() as session:
        rows = session.execute(
            select(Service).where(Service.tenant_id == tenant_id, Service.active.is_(active))
            .order_by(Service.position, Service.code)
        ).scalars()
        return [
            {"id": str(row.id), "code": row.code, "name": row.name, "category": row.category,
             "price": str(row.price), "duration": row.duration, "cleanup": row.cleanup,
             "description": row.description, "preparation": row.preparation, "image_url": row.image_url,
             "aliases": list(row.aliases), "incompatible_with": sorted(row.incompatible_with),
             "needs": list(row.needs)}
            for row in rows
        ]


def _decode(value: dict) -> ServiceInfo:
    return ServiceInfo(**{
        **value, "id": UUID(value["id"]), "price": Decimal(value["price"]), "aliases": tuple(value["aliases"]),
        "incompatible_with": frozenset(value["incompatible_with"]), "needs": tuple(value["needs"]),
    })


def active_services(tenant: TenantInfo) -> tuple[ServiceInfo, ...]:
    """The services on offer, in the order of the file; from Redis, or PostgreSQL when Redis is away."""
    return cache.read("catalogue", tenant.slug, lambda: _load(tenant.id), _decode)


def retired_services(tenant: TenantInfo) -> tuple[ServiceInfo, ...]:
    """The services that are no longer on offer, for bookings that were made of them; from PostgreSQL."""
    return tuple(_decode(value) for value in _load(tenant.id, active=False))


# A count lost with a crash of PostgreSQL is no loss.
COUNT = Statement("""
INSERT INTO service_interest AS known (service_id, day, views, liked, disliked)
VALUES (%(service)s, %(day)s, %(views)s, %(liked)s, %(disliked)s)
ON CONFLICT (service_id, day) DO UPDATE SET views = known.views + excluded.views,
    liked = known.liked + excluded.liked, disliked = known.disliked + excluded.disliked
""", lightly=True)


def _count(tenant: TenantInfo, service_id: UUID, *, views: int = 0, liked: int = 0, disliked: int = 0) -> None:
    COUNT(service=service_id, day=clock.local_now(tenant.timezone).date(), views=views, liked=liked,
          disliked=disliked)


def count_view(tenant: TenantInfo, service_id: UUID) -> None:
    """Notes that the details of a service were shown, on the establishment's local day."""
    _count(tenant, service_id, views=1)


def count_reaction(tenant: TenantInfo, service_id: UUID, liked: bool) -> None:
    """Notes what a customer thought of a service's description."""
    _count(tenant, service_id, liked=int(liked), disliked=int(not liked))
