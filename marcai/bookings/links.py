"""Signed links with which a customer manages one booking without logging in."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text

from marcai.bookings import queries
from marcai.bookings.queries import BookingInfo
from marcai.platform import crypto
from marcai.platform.database import transaction

if TYPE_CHECKING:
    from marcai.tenants.service import TenantInfo

PURPOSE = "manage-booking"


def manage_link(tenant: TenantInfo, booking: BookingInfo, public_url: str) -> str:
    """The address at which this booking, and nothing else, can be managed."""
    if booking.tenant_id != tenant.id:
        raise ValueError("the booking is another establishment's")
    value = base64.urlsafe_b64encode(booking.id.bytes).decode().rstrip("=")
    return f"{public_url.rstrip('/')}/m/{value}.{crypto.sign(PURPOSE, value)}"


def open_link(token: str) -> tuple[TenantInfo, BookingInfo] | None:
    """The establishment and the booking of a link's last part, or None when it was not made here."""
    from marcai.tenants import service as tenants

    value, _, signature = token.partition(".")
    if not (value.isascii() and signature.isascii() and crypto.verify(PURPOSE, value, signature)):
        return None
    try:
        booking_id = UUID(bytes=base64.urlsafe_b64decode(value + "=="))
    except (ValueError, binascii.Error):
        return None
    with transaction() as session:
        tenant_id = session.execute(text("SELECT tenant_id FROM bookings WHERE id = :id"), {"id": booking_id}).scalar()
    tenant = tenants.by_id(tenant_id) if tenant_id else None
    booking = queries.get(tenant, booking_id) if tenant else None
    return (tenant, booking) if tenant and booking else None
