"""The calls about bookings: make one, read them, move and cancel."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Header, Query
from fastapi.responses import Response

from marcai.bookings import service as bookings
from marcai.bookings.service import BookingInfo
from marcai.platform.settings import settings
from marcai.tenants.service import TenantInfo
from marcai.web.api import changing, models
from marcai.web.api.keys import Caller
from marcai.web.api.problems import (
    BOOKING_CLOSED,
    IN_PROGRESS,
    INCOMPATIBLE,
    KEY_REUSED,
    NOT_POSSIBLE,
    START_TAKEN,
    TOO_MANY_SERVICES,
    UNABLE,
    UNKNOWN_BOOKING,
    UNKNOWN_PROFESSIONAL,
    UNKNOWN_SERVICE,
)
from marcai.web.api.repeating import FORM, REPLAYED, once
from marcai.web.api.replies import fresh, problems
from marcai.web.api.route import ApiRoute, CurrentCaller
from marcai.web.api.values import Instant, Phone, cursor, read_cursor

router = APIRouter(route_class=ApiRoute, tags=["bookings"])

CREATED: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "Booked.",
        "headers": {
            "Location": {"description": "Where the booking is.", "schema": {"type": "string"}},
            REPLAYED: {"description": "`true` when this is the answer of an earlier request.",
                       "schema": {"type": "string"}},
        },
    },
}


@router.post("/bookings", status_code=201, response_model=models.Booking, summary="Book a visit", responses={
    **CREATED,
    **problems(UNKNOWN_SERVICE, UNKNOWN_PROFESSIONAL, TOO_MANY_SERVICES, INCOMPATIBLE, UNABLE, START_TAKEN,
               NOT_POSSIBLE, IN_PROGRESS, KEY_REUSED, body=True),
})
def create_booking(
    wanted: models.BookingRequest,
    caller: Caller = CurrentCaller,
    idempotency_key: str = Header(
        ..., alias="Idempotency-Key", pattern=FORM, examples=["order-8f14e45f"],
        description="Chosen by you, another one for each visit. The same key with the same content gives the same "
                    "answer for 24 hours, and one booking, however often and however much at once it is sent.",
    ),
) -> Response:
    """Books a visit for a customer, who is found by her number, or new.

    The professionals are chosen as in the first way of `GET /availability`, or the next one when that has just been
    taken. 409 when somebody else has the time, with alternatives; they are another content, and need another key.
    """
    tenant = caller.tenant

    def work(visit_id: UUID) -> tuple[int, str, dict[str, str]]:
        booking = changing.book(tenant, wanted, visit_id)
        return 201, _told(tenant, booking).json(), {"Location": f"/bookings/{booking.id}"}

    return once(caller, idempotency_key, "book", wanted, work)


@router.get("/bookings", response_model=models.Bookings, responses=problems(), summary="A customer's bookings")
def list_bookings(
    caller: Caller = CurrentCaller,
    cliente_telefone: Phone = Query(
        ..., description="The customer's number, however it is written; encode a plus as %2B. A number that is not "
                         "known has no bookings.",
    ),
    upcoming: Literal["true", "false"] = Query(
        "false", description="Only those to come that are not cancelled, the next first; else all, the latest first.",
    ),
    limit: int = Query(5, ge=1, le=50, description="Bookings on a page."),
    cursor_: str | None = Query(None, alias="cursor", max_length=200, description="`next_cursor` of the page before."),
) -> Response:
    """A customer's bookings, of all statuses. The next page is asked for with the same parameters and its cursor."""
    tenant = caller.tenant
    after = read_cursor(cursor_, Instant.read, UUID) if cursor_ is not None else None
    customer_id = changing.customer_of(tenant, cliente_telefone)
    found = () if customer_id is None else bookings.for_customer(
        tenant, customer_id, limit=limit + 1, upcoming_only=upcoming == "true", after=after)
    page = found[:limit]
    more = len(found) > limit
    return fresh(models.Bookings(
        bookings=[_told(tenant, booking) for booking in page],
        next_cursor=cursor(page[-1].starts_at.isoformat(), str(page[-1].id)) if more else None,
    ))


@router.get("/bookings/{booking_id}", response_model=models.Booking, responses=problems(UNKNOWN_BOOKING),
            summary="One booking")
def get_booking(booking_id: UUID, caller: Caller = CurrentCaller) -> Response:
    """A booking as it is now."""
    return fresh(_told(caller.tenant, changing.booking_of(caller.tenant, booking_id)))


@router.post("/bookings/{booking_id}/cancel", response_model=models.Booking, summary="Cancel a booking",
             responses=problems(UNKNOWN_BOOKING, BOOKING_CLOSED, body=True))
def cancel_booking(
    booking_id: UUID, caller: Caller = CurrentCaller, wanted: models.CancelRequest | None = Body(None),
) -> Response:
    """Cancels a booking and frees its time. Cancelling it again changes nothing. The body may be left out."""
    booking = changing.cancel(caller.tenant, booking_id, wanted or models.CancelRequest())
    return fresh(_told(caller.tenant, booking))


@router.post("/bookings/{booking_id}/reschedule", response_model=models.Booking, summary="Move a booking",
             responses=problems(UNKNOWN_BOOKING, UNKNOWN_PROFESSIONAL, UNABLE, BOOKING_CLOSED, START_TAKEN,
                                NOT_POSSIBLE, body=True))
def reschedule_booking(
    booking_id: UUID, wanted: models.RescheduleRequest, caller: Caller = CurrentCaller,
) -> Response:
    """Moves a booking in one step; it keeps its id, its code and its prices, and its old time when it cannot be moved.

    Moving it to where it is already changes nothing, so that this may be repeated without a key.
    """
    return fresh(_told(caller.tenant, changing.move(caller.tenant, booking_id, wanted)))


def _told(tenant: TenantInfo, booking: BookingInfo) -> models.Booking:
    return models.Booking.of(tenant, booking, bookings.manage_link(tenant, booking, settings().public_url))
