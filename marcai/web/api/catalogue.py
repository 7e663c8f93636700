"""The calls about services: the catalogue, and one service."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from marcai.catalogue.service import active_services, retired_services
from marcai.web.api import models
from marcai.web.api.establishment import service_of
from marcai.web.api.keys import Caller
from marcai.web.api.problems import UNKNOWN_SERVICE
from marcai.web.api.replies import cacheable, problems, unchanged
from marcai.web.api.route import ApiRoute, CurrentCaller
from marcai.web.api.values import bad_cursor, cursor, read_cursor

router = APIRouter(route_class=ApiRoute, tags=["services"])


@router.get("/services", response_model=models.Services, responses={**unchanged(), **problems()},
            summary="The catalogue")
def list_services(
    request: Request,
    caller: Caller = CurrentCaller,
    active: Literal["true", "false"] = Query("true", description="Services on offer, or those no longer on offer."),
    limit: int = Query(100, ge=1, le=100, description="Services on a page."),
    cursor_: str | None = Query(None, alias="cursor", max_length=200, description="`next_cursor` of the page before."),
) -> Response:
    """The establishment's services, in its own order. The answer may be used for a minute, and has an ETag."""
    tenant, on_offer = caller.tenant, active == "true"
    services = active_services(tenant) if on_offer else retired_services(tenant)
    first = 0
    if cursor_ is not None:
        (last,) = read_cursor(cursor_, UUID)
        first = next((number for number, service in enumerate(services, 1) if service.id == last), 0)
        if not first:
            raise bad_cursor()
    page = services[first:first + limit]
    more = first + limit < len(services)
    return cacheable(request, models.Services(
        services=[models.Service.of(tenant, service, on_offer) for service in page],
        next_cursor=cursor(str(page[-1].id)) if more else None,
    ))


@router.get("/services/{service_id}", response_model=models.Service,
            responses={**unchanged(), **problems(UNKNOWN_SERVICE)}, summary="One service")
def get_service(request: Request, service_id: UUID, caller: Caller = CurrentCaller) -> Response:
    """All about a service, also about one that is no longer on offer."""
    service, active = service_of(caller.tenant, service_id)
    return cacheable(request, models.Service.of(caller.tenant, service, active))
