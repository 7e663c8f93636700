"""What a turn needs to know of one establishment: its catalogue, its professionals and its local time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from marcai.catalogue import service as catalogue
from marcai.catalogue.service import ServiceInfo
from marcai.platform import clock
from marcai.platform.text import fold
from marcai.staff import service as staff_service
from marcai.staff.matching import TITLES
from marcai.staff.service import StaffInfo
from marcai.tenants.service import TenantInfo


@dataclass(frozen=True)
class Salon:
    """One establishment as it is at this turn."""

    tenant: TenantInfo
    services: tuple[ServiceInfo, ...]
    staff: tuple[StaffInfo, ...]
    now: datetime  # aware, in the establishment's zone

    @classmethod
    def of(cls, tenant: TenantInfo) -> Salon:
        """Reads the establishment through its caches."""
        return cls(tenant, catalogue.active_services(tenant), staff_service.active_staff(tenant),
                   clock.local_now(tenant.timezone))

    @property
    def naive_now(self) -> datetime:
        """The local time without a zone, as the date and time parser takes it."""
        return self.now.replace(tzinfo=None)

    @property
    def service_by_code(self) -> dict[str, ServiceInfo]:
        """Active services by their code."""
        return {service.code: service for service in self.services}

    def service_of(self, service_id: UUID) -> ServiceInfo:
        """The active service with this id."""
        return next(service for service in self.services if service.id == service_id)

    def chosen(self, codes: Iterable[str]) -> list[ServiceInfo]:
        """The services with these codes, in that order; codes that are gone from the catalogue are left out."""
        known = self.service_by_code
        return [known[code] for code in codes if code in known]

    def professional(self, code: str) -> StaffInfo:
        """The active professional with this code.

        Raises:
            KeyError: there is none.
        """
        for person in self.staff:
            if person.code == code:
                return person
        raise KeyError(code)

    def professional_of(self, staff_id: UUID) -> StaffInfo:
        """The active professional with this id."""
        return next(person for person in self.staff if person.id == staff_id)

    def local(self, moment: datetime) -> datetime:
        """An instant in the establishment's zone."""
        return moment.astimezone(ZoneInfo(self.tenant.timezone))

    def instant(self, local: datetime) -> datetime:
        """The instant of a naive local date-time."""
        return local.replace(tzinfo=ZoneInfo(self.tenant.timezone))


def first_name(name: str) -> str:
    """How a customer or a professional is called in a sentence: Carla, Dona Lurdes, Dra. Lia."""
    words = name.split()
    called = 2 if words and fold(words[0]).rstrip(".") in TITLES else 1
    return " ".join(words[:called])
