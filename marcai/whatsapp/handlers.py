"""What customers are told when something happens to a booking: events in, notifications out."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from marcai.bookings import service as bookings
from marcai.bookings.service import BookingInfo
from marcai.conversation import described
from marcai.conversation.salon import first_name
from marcai.customers import service as customers
from marcai.notifications import service as notifications
from marcai.platform.consumers import Event, handler
from marcai.platform.settings import settings
from marcai.tenants import service as tenants
from marcai.tenants.service import TenantInfo
from marcai.whatsapp.telling import tell

OPEN = ("confirmed", "pending_payment")


@handler("booking.confirmed", "booking.rescheduled", group="notifications")
def tell_of_booking(session: Session, event: Event) -> None:
    """Sends all the details of a booking, or of its new time."""
    tenant, booking = _booking(event)
    if booking is not None and booking.status in OPEN:  # otherwise it was cancelled before it was told
        _notify(session, event, tenant, booking)


@handler("booking.cancelled", group="notifications")
def tell_of_cancellation(session: Session, event: Event) -> None:
    """Tells of a cancellation, unless she has just cancelled in the chat and was answered there."""
    tenant, booking = _booking(event)
    in_the_chat = event.payload.get("by") == "customer" and event.payload.get("reason") != "link"
    if booking is not None and not in_the_chat:
        _notify(session, event, tenant, booking)


def _booking(event: Event) -> tuple[TenantInfo, BookingInfo | None]:
    tenant = tenants.by_id(event.tenant_id)
    return tenant, bookings.get(tenant, UUID(event.payload["booking_id"]))


def _notify(session: Session, event: Event, tenant: TenantInfo, booking: BookingInfo) -> None:
    """Queues a notification once; its record, the message and the event's receipt are one transaction."""
    key = f"{booking.id}:{event.name}:{event.event_id}"
    notification_id = notifications.record(
        session, tenant_id=tenant.id, customer_id=booking.customer_id, booking_id=booking.id, kind=event.name,
        dedupe_key=key,
    )
    if notification_id is None:
        return
    customer = customers.get(booking.customer_id)
    response = notifications.compose(event.name, {
        **described.booking(tenant, booking),
        "name": first_name(customer.name or ""),
        "manage_url": bookings.manage_link(tenant, booking, settings().public_url),
    })
    rows = tell(session, tenant.id, booking.customer_id, response, dedupe_key=f"notification:{key}",
                about={"notification": event.name})
    notifications.queued(session, notification_id, rows[-1])
