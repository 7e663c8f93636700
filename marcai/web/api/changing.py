"""Booking, moving and cancelling for requests, with every refusal told as a problem."""

from __future__ import annotations

from uuid import UUID

from marcai.bookings import service as bookings
from marcai.bookings.service import BookingInfo
from marcai.customers import service as customers
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.scheduling import holds
from marcai.scheduling.visit import Visit
from marcai.staff.service import StaffInfo
from marcai.tenants.service import TenantInfo
from marcai.web.api.establishment import professional_of, service_of, services_of_visit
from marcai.web.api.models import BookingRequest, CancelRequest, CustomerRequest, RescheduleRequest
from marcai.web.api.problems import BOOKING_CLOSED, UNKNOWN_BOOKING, Problem
from marcai.web.api.starts import Wish

OPEN = ("pending_payment", "confirmed")
ROUNDS = 2  # how often a start's ways are looked up anew when others take them at the same moment


def booking_of(tenant: TenantInfo, booking_id: UUID) -> BookingInfo:
    """A booking of an establishment.

    Raises:
        Problem: 404, there is none with this id.
    """
    found = bookings.get(tenant, booking_id)
    if found is None:
        raise Problem(UNKNOWN_BOOKING, f"No booking here has the id {booking_id}.")
    return found


def book(tenant: TenantInfo, wanted: BookingRequest, visit_id: UUID) -> BookingInfo:
    """Books a visit; doing it again under the same id gives the same booking.

    Args:
        tenant: the establishment.
        wanted: what is to be booked.
        visit_id: the booking's id.

    Raises:
        Problem: it cannot be booked.
    """
    made = bookings.get(tenant, visit_id)
    if made is not None:
        return made
    services = services_of_visit(tenant, wanted.service_ids, "body", "service_ids")
    professional_of(tenant, wanted.staff_id, services)
    wish = Wish(tenant, services, wanted.staff_id, visit_id)
    customer_id = None
    for _ in range(ROUNDS):
        opening = wish.opening_at(wanted.start)
        if opening is None:
            break
        customer_id = customer_id or _customer(tenant, wanted.customer)
        for visit in opening.visits:
            if holds.hold(tenant, customer_id, visit, visit_id=visit_id) is None:
                continue
            booking = bookings.confirm(tenant, customer_id, visit_id)
            if booking is not None:
                return booking
    if customer_id is None:
        raise wish.refusal(wanted.start)
    holds.record_collision(tenant, customer_id, wanted.start, 1)
    raise wish.taken(wanted.start)


def _customer(tenant: TenantInfo, wanted: CustomerRequest) -> UUID:
    """The customer with a number, new or known; nothing that she told us herself is changed."""
    with transaction() as session:
        customer = customers.by_phone(session, tenant.id, wanted.phone)
        if customer is None:
            customer = customers.identify(session, tenant.id, wa_id=wanted.phone.removeprefix("+"), user_id=None)
        customer_id, named = customer.id, customer.name is not None
    if wanted.name and not named:
        customers.set_name(customer_id, wanted.name)
    return customer_id


def customer_of(tenant: TenantInfo, phone: str) -> UUID | None:
    """The id of the customer with a number, or None."""
    with transaction() as session:
        customer = customers.by_phone(session, tenant.id, phone)
        return customer.id if customer else None


def move(tenant: TenantInfo, booking_id: UUID, wanted: RescheduleRequest) -> BookingInfo:
    """Moves a booking; to where it is already, nothing happens.

    Raises:
        Problem: it cannot be moved, or not there.
    """
    booking = _open(tenant, booking_id)
    services = [service_of(tenant, item.service_id)[0] for item in booking.items]
    person = professional_of(tenant, wanted.staff_id, services)
    if booking.starts_at == wanted.start and _is_by(booking, person):
        return booking
    _not_begun(booking)
    wish = Wish(tenant, services, wanted.staff_id, booking_id)
    for _ in range(ROUNDS):
        opening = wish.opening_at(wanted.start)
        if opening is None:
            raise wish.refusal(wanted.start)
        for visit in sorted(opening.visits, key=lambda visit: _changes(booking, visit)):
            moved = bookings.reschedule(tenant, booking_id, visit, by=wanted.by)
            if moved is not None:
                return moved
        booking = _open(tenant, booking_id)
    raise wish.taken(wanted.start)


def cancel(tenant: TenantInfo, booking_id: UUID, wanted: CancelRequest) -> BookingInfo:
    """Cancels a booking; one that is cancelled stays so.

    Raises:
        Problem: it is over, or has begun.
    """
    booking = booking_of(tenant, booking_id)
    if booking.status == "cancelled":
        return booking
    _not_begun(_open(tenant, booking_id))
    booking = bookings.cancel(tenant, booking_id, by=wanted.by, reason=wanted.reason)
    if booking.status != "cancelled":
        raise _closed(booking)
    return booking


def _open(tenant: TenantInfo, booking_id: UUID) -> BookingInfo:
    booking = booking_of(tenant, booking_id)
    if booking.status not in OPEN:
        raise _closed(booking)
    return booking


def _closed(booking: BookingInfo) -> Problem:
    return Problem(BOOKING_CLOSED, f"Its status is {booking.status}.")


def _not_begun(booking: BookingInfo) -> None:
    if booking.starts_at <= clock.now():
        raise Problem(BOOKING_CLOSED, "Its time has come already.")


def _is_by(booking: BookingInfo, person: StaffInfo | None) -> bool:
    """Whether a professional does all that she can of a booking already; anybody does."""
    return person is None or all(
        item.staff_id == person.id for item in booking.items if item.service_id in person.service_ids)


def _changes(booking: BookingInfo, visit: Visit) -> int:
    """How many services would be done by somebody else than now."""
    now = {item.service_id: item.staff_id for item in booking.items}
    return sum(now.get(part.service_id) != part.staff_id for part in visit.segments)


