"""A booking in words: the values that responses, notifications and pages fill in."""

from __future__ import annotations

from datetime import date
from typing import Any

from marcai.bookings.service import BookingInfo
from marcai.conversation import wording
from marcai.conversation.salon import first_name
from marcai.platform import clock
from marcai.tenants.service import TenantInfo


def booking(tenant: TenantInfo, one: BookingInfo, today: date | None = None) -> dict[str, Any]:
    """A booking as values for a template.

    Args:
        tenant: the establishment, in whose local time it is told.
        one: the booking.
        today: where given, its day may be called "hoje" or "amanhã".
    """
    start, end = clock.in_zone(one.starts_at, tenant.timezone), clock.in_zone(one.ends_at, tenant.timezone)
    lines = [
        f"• {item.service_name} · {wording.clock(clock.in_zone(item.starts_at, tenant.timezone))}"
        f" · {first_name(item.staff_name)}"
        for item in one.items
    ]
    preparations = dict.fromkeys(item.preparation for item in one.items if item.preparation)
    return {
        "services": wording.listed([item.service_name for item in one.items]),
        "service_lines": "\n".join(lines),
        "preparation_lines": "\n".join(f"• {preparation}" for preparation in preparations),
        "professional": wording.listed(dict.fromkeys(first_name(item.staff_name) for item in one.items)),
        "date": wording.day_near(start.date(), today) if today else wording.day(start.date()),
        "time": wording.clock(start),
        "end_time": wording.clock(end),
        "price": wording.money(one.total_price, tenant.currency),
        "code": one.code,
        "address": tenant.address,
        "salon": tenant.name,
        "policy": tenant.policy.cancellation_text,
    }
