"""The page behind the link of a confirmation: a customer sees her booking, cancels it, or goes to WhatsApp to move it.

The link is the key: whoever has it may manage that one booking, and nothing else. It is signed, never listed, and the
page tells browsers not to pass it on.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import segno
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape

from marcai.bookings import service as bookings
from marcai.bookings.service import BookingInfo
from marcai.conversation import described, wording
from marcai.conversation.salon import first_name
from marcai.platform import clock
from marcai.platform.settings import settings
from marcai.tenants.service import TenantInfo

router = APIRouter(include_in_schema=False)
pages = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape())

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'",
}


@router.get("/m/{token}")
def show(token: str, request: Request) -> Response:
    """The booking, with what can be done about it."""
    found = bookings.open_link(token)
    if found is None:
        return _page("gone.html", 404)
    tenant, booking = found
    return _page("booking.html", **_values(tenant, booking, token))


@router.post("/m/{token}/cancelar")
def cancel(token: str) -> Response:
    """Cancels the booking; repeating it changes nothing."""
    found = bookings.open_link(token)
    if found is None:
        return _page("gone.html", 404)
    tenant, booking = found
    if _changeable(booking):
        bookings.cancel(tenant, booking.id, by="customer", reason="link")
    return RedirectResponse(f"/m/{token}", status_code=303, headers=HEADERS)


@router.get("/privacidade")
def privacy() -> Response:
    """What is kept about customers, why, and what they may ask for."""
    return _page("privacy.html")


def _page(name: str, http_status: int = 200, /, **values: Any) -> HTMLResponse:
    return HTMLResponse(pages.get_template(name).render(**values), status_code=http_status, headers=HEADERS)


def _changeable(booking: BookingInfo) -> bool:
    return booking.status in ("confirmed", "pending_payment") and booking.starts_at > clock.now()


def _values(tenant: TenantInfo, booking: BookingInfo, token: str) -> dict[str, Any]:
    number = re.sub(r"\D", "", tenant.display_phone_number)
    return {
        **described.booking(tenant, booking),
        "status": booking.status,
        "changeable": _changeable(booking),
        "items": [
            {
                "service": item.service_name,
                "time": wording.clock(clock.in_zone(item.starts_at, tenant.timezone)),
                "professional": first_name(item.staff_name),
                "preparation": item.preparation,
            }
            for item in booking.items
        ],
        "whatsapp": f"https://wa.me/{number}",
        "cancel_url": f"/m/{token}/cancelar",
        "qr": segno.make(f"{settings().public_url}/m/{token}", micro=False).svg_data_uri(scale=4, border=1),
    }
