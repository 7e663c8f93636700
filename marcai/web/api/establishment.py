"""What a request names of an establishment: services and professionals, looked up, or refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from uuid import UUID

from marcai.catalogue import service as catalogue
from marcai.catalogue.service import ServiceInfo
from marcai.staff import service as staff
from marcai.staff.service import StaffInfo
from marcai.tenants.service import TenantInfo
from marcai.web.api.problems import (
    INCOMPATIBLE,
    TOO_MANY_SERVICES,
    UNABLE,
    UNKNOWN_PROFESSIONAL,
    UNKNOWN_SERVICE,
    Problem,
    invalid,
)


def service_of(tenant: TenantInfo, service_id: UUID) -> tuple[ServiceInfo, bool]:
    """A service, and whether it is on offer.

    Raises:
        Problem: 404, the establishment has none with this id.
    """
    for services, active in ((catalogue.active_services, True), (catalogue.retired_services, False)):
        for service in services(tenant):
            if service.id == service_id:
                return service, active
    raise _unknown(service_id)


def services_of_visit(tenant: TenantInfo, ids: Sequence[UUID], place: str, name: str) -> list[ServiceInfo]:
    """The services on offer that a visit is to be made of, in the order given.

    Args:
        tenant: the establishment.
        ids: of services.
        place: where they stand in the request, ``query`` or ``body``.
        name: under which name.

    Raises:
        Problem: one is not on offer, two are the same or cannot be combined, or there are too many.
    """
    known = {service.id: service for service in catalogue.active_services(tenant)}
    most = tenant.policy.max_services_per_visit
    if len(set(ids)) < len(ids):
        raise invalid(place, name, "names a service twice")
    if len(ids) > most:
        raise Problem(TOO_MANY_SERVICES, f"A visit has at most {most} services here.")
    for service_id in ids:
        if service_id not in known:
            raise _unknown(service_id)
    services = [known[service_id] for service_id in ids]
    for one, another in combinations(services, 2):
        if another.code in one.incompatible_with or one.code in another.incompatible_with:
            raise Problem(INCOMPATIBLE, f"{one.code} and {another.code} cannot be in one visit.")
    return services


def professional_of(
    tenant: TenantInfo, staff_id: UUID | None, services: Sequence[ServiceInfo]
) -> StaffInfo | None:
    """The professional who is wished for, None for anybody.

    Raises:
        Problem: 404, there is none with this id; 422, she does none of the services.
    """
    if staff_id is None:
        return None
    person = next((one for one in staff.active_staff(tenant) if one.id == staff_id), None)
    if person is None:
        raise Problem(UNKNOWN_PROFESSIONAL, f"No professional here has the id {staff_id}.")
    if not any(service.id in person.service_ids for service in services):
        raise Problem(UNABLE, "The professional of staff_id does none of these services.")
    return person


def names_of_staff(tenant: TenantInfo) -> Mapping[UUID, str]:
    """The professionals' names by id."""
    return {person.id: person.name for person in staff.active_staff(tenant)}


def _unknown(service_id: UUID) -> Problem:
    return Problem(UNKNOWN_SERVICE, f"No service here has the id {service_id}.", service_id=str(service_id))
