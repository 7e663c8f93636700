"""The call about availability: the free starts of some days for a whole visit."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from marcai.web.api import models
from marcai.web.api.establishment import names_of_staff, professional_of, services_of_visit
from marcai.web.api.keys import Caller
from marcai.web.api.problems import (
    INCOMPATIBLE,
    TOO_MANY_SERVICES,
    UNABLE,
    UNKNOWN_PROFESSIONAL,
    UNKNOWN_SERVICE,
)
from marcai.web.api.replies import fresh, problems
from marcai.web.api.route import ApiRoute, CurrentCaller
from marcai.web.api.starts import Wish, day_of
from marcai.web.api.values import CalendarDate, Instant, bad_cursor, cursor, read_cursor

router = APIRouter(route_class=ApiRoute, tags=["availability"])


@router.get("/availability", response_model=models.Availability, summary="Free starts for a whole visit",
            responses=problems(UNKNOWN_SERVICE, UNKNOWN_PROFESSIONAL, TOO_MANY_SERVICES, INCOMPATIBLE, UNABLE))
def get_availability(
    caller: Caller = CurrentCaller,
    service_id: list[UUID] = Query(..., description="A service of the visit; repeat it for several, in any order."),
    date: CalendarDate = Query(..., description="The first local date."),
    days: int = Query(1, ge=1, le=31, description="How many dates from it on."),
    staff_id: UUID | None = Query(
        None, description="A professional who does every one of the services that she is able to do, at least one.",
    ),
    limit: int = Query(100, ge=1, le=500, description="Starts on a page."),
    cursor_: str | None = Query(None, alias="cursor", max_length=200, description="`next_cursor` of the page before."),
) -> Response:
    """The starts at which the whole visit can be booked at this moment, as the establishment's rules allow.

    Dates in the past or beyond the booking window have none. When there are none at all, `next_dates` names the next
    dates that have some.
    """
    tenant, first = caller.tenant, date
    services = services_of_visit(tenant, service_id, "query", "service_id")
    professional_of(tenant, staff_id, services)
    wish = Wish(tenant, services, staff_id)
    begin, until = day_of(tenant, first, days)
    since = begin
    if cursor_ is not None:
        (since,) = read_cursor(cursor_, Instant.read)
        if not begin <= since < until:
            raise bad_cursor()
    openings = wish.openings(since, until)
    names = names_of_staff(tenant)
    following = wish.next_dates(first + timedelta(days=days)) if not openings and cursor_ is None else []
    return fresh(models.Availability(
        timezone=tenant.timezone, date=first.isoformat(), days=days, staff_id=staff_id,
        service_ids=[service.id for service in services],
        starts=[models.Start.of(tenant, names, opening) for opening in openings[:limit]],
        next_dates=[day.isoformat() for day in following],
        next_cursor=cursor(openings[limit].start.isoformat()) if len(openings) > limit else None,
    ))
