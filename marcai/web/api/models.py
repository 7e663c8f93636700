"""The JSON that the API takes and gives. Money is text such as "90.00"; times are in the establishment's zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Extra, Field, StrictStr, conlist, validator

from marcai.bookings.models import PAYMENT_STATUSES, STATUSES
from marcai.bookings.service import BookingInfo
from marcai.catalogue.service import ServiceInfo
from marcai.platform import clock
from marcai.scheduling.visit import Opening, Reason, Visit
from marcai.tenants.service import TenantInfo
from marcai.web.api.values import Instant, Phone

MONEY = r"^\d+\.\d{2}$"
MOST_SERVICES = 10  # what a policy may allow at most


class Model(BaseModel):
    """A JSON object; the schema says of every member that may be null that it may."""

    class Config:
        """Nothing but the members that are named."""

        extra = Extra.forbid

        @staticmethod
        def schema_extra(schema: dict[str, Any], model: type[Model]) -> None:
            """Pydantic 1 does not tell null."""
            for field in model.__fields__.values():
                if field.allow_none:
                    said = schema["properties"][field.alias]
                    outer = {name: said.pop(name) for name in ("title", "description", "example") if name in said}
                    schema["properties"][field.alias] = {**outer, "anyOf": [said, {"type": "null"}]}


def _money(**more: Any) -> Any:
    return Field(..., regex=MONEY, example="90.00", **more)


def _time(**more: Any) -> Any:
    return Field(..., format="date-time", example="2026-11-24T10:00:00-03:00", **more)


def _written(moment: datetime, tenant: TenantInfo) -> str:
    return clock.in_zone(moment, tenant.timezone).isoformat()


def _amount(value: Decimal) -> str:
    return f"{value:.2f}"


class Service(Model):
    """A service of the catalogue."""

    id: UUID
    code: str = Field(..., example="corte-feminino", description="The name of the service in the establishment's file.")
    name: str = Field(..., example="Corte feminino")
    category: str = Field(..., example="Cabelo")
    description: str = Field(..., example="Lavagem, corte e finalização.")
    price: str = _money()
    currency: str = Field(..., example="BRL", description="ISO 4217.")
    duration_minutes: int = Field(..., ge=1, example=60)
    cleanup_minutes: int = Field(..., ge=0, example=0, description="The professional's time after it.")
    preparation: str | None = Field(..., example="Venha com o cabelo sem creme.")
    image_url: str | None
    incompatible_with: list[str] = Field(..., description="Codes of services that cannot be in the same visit.")
    active: bool = Field(..., description="Whether it is on offer.")

    @classmethod
    def of(cls, tenant: TenantInfo, service: ServiceInfo, active: bool = True) -> Service:
        """A service as the API tells it."""
        return cls(
            id=service.id, code=service.code, name=service.name, category=service.category,
            description=service.description, price=_amount(service.price), currency=tenant.currency,
            duration_minutes=service.duration, cleanup_minutes=service.cleanup, preparation=service.preparation,
            image_url=service.image_url, incompatible_with=sorted(service.incompatible_with), active=active,
        )


class Services(Model):
    """A page of the catalogue, in the establishment's order."""

    services: list[Service]
    next_cursor: str | None = Field(..., description="For the next page; null when this is the last.")


class Part(Model):
    """One service of a visit: by whom, and when."""

    service_id: UUID
    staff_id: UUID
    staff_name: str = Field(..., example="Ana Souza")
    start: str = _time()
    end: str = _time()


class Way(Model):
    """One way to do a whole visit from a start."""

    end: str = _time()
    items: list[Part]

    @classmethod
    def of(cls, tenant: TenantInfo, names: Mapping[UUID, str], visit: Visit) -> Way:
        """A visit as the API tells it."""
        return cls(
            end=_written(visit.end, tenant),
            items=[
                Part(service_id=part.service_id, staff_id=part.staff_id, staff_name=names.get(part.staff_id, ""),
                     start=_written(part.start, tenant), end=_written(part.end, tenant))
                for part in visit.segments
            ],
        )


class Start(Model):
    """A start at which the whole visit fits."""

    start: str = _time()
    ways: list[Way] = Field(..., description="The ways to do it, with the fewest professionals; the best one first.")

    @classmethod
    def of(cls, tenant: TenantInfo, names: Mapping[UUID, str], opening: Opening) -> Start:
        """An opening as the API tells it.

        Args:
            tenant: the establishment.
            names: of its professionals, by id.
            opening: what is free.
        """
        ways = [Way.of(tenant, names, visit) for visit in opening.visits]
        return cls(start=_written(opening.start, tenant), ways=ways)


class Availability(Model):
    """The free starts of some days for a whole visit."""

    timezone: str = Field(..., example="America/Sao_Paulo")
    date: str = Field(..., format="date", example="2026-11-24")
    days: int
    service_ids: list[UUID]
    staff_id: UUID | None
    starts: list[Start] = Field(..., description="In order of time.")
    next_dates: list[str] = Field(
        ..., example=["2026-11-26"], description="When there are no starts: up to three later dates that have some.",
    )
    next_cursor: str | None = Field(..., description="For the next page; null when this is the last.")


class CustomerRequest(Model):
    """Whose visit it is. A number is found again however it was written."""

    phone: Phone
    name: StrictStr | None = Field(
        None, min_length=1, max_length=80, example="Maria da Silva",
        description="Kept only when we know no name: what a customer said of herself stays.",
    )

    @validator("name")
    def _a_name(cls, value: str | None) -> str | None:
        if value is None:
            return None
        value = " ".join(part for part in value.split(" ") if part)
        if not value.isprintable() or not any(char.isalpha() for char in value):
            raise ValueError("must be a name: letters, and no control characters")
        return value


class BookingRequest(Model):
    """A visit to be booked."""

    service_ids: conlist(UUID, min_items=1, max_items=MOST_SERVICES, unique_items=True)  # type: ignore[valid-type]
    start: Instant
    staff_id: UUID | None = Field(
        None, description="Does every one of the services that she is able to do, and at least one.",
    )
    customer: CustomerRequest


class RescheduleRequest(Model):
    """The new time of a booking."""

    start: Instant
    staff_id: UUID | None = Field(None, description="When left out, the professionals stay where that is possible.")
    by: Literal["customer", "staff"] = Field("customer", description="Who wants it.")


class CancelRequest(Model):
    """Who cancels, and why."""

    by: Literal["customer", "staff"] = Field("customer", description="Who wants it.")
    reason: StrictStr | None = Field(
        None, regex=r"^[a-z0-9_-]{1,40}$", example="ill", description="A code of yours; no words of the customer's.",
    )


class BookingItem(Part):
    """One service of a booking, at the price that was agreed."""

    service_code: str = Field(..., example="corte-feminino")
    service_name: str = Field(..., example="Corte feminino")
    price: str = _money()
    preparation: str | None


class Booking(Model):
    """A booked visit."""

    id: UUID
    code: str = Field(..., example="K7CQ3F", description="Short, to be read aloud.")
    status: Literal[STATUSES]  # type: ignore[valid-type]
    payment_status: Literal[PAYMENT_STATUSES]  # type: ignore[valid-type]
    customer_id: UUID
    start: str = _time()
    end: str = _time()
    total_price: str = _money()
    currency: str = Field(..., example="BRL", description="ISO 4217.")
    items: list[BookingItem] = Field(..., description="In the order in which they are done.")
    manage_url: str = Field(
        ..., format="uri", description="Where the customer sees and cancels it. Whoever has it can: for her only.",
    )

    @classmethod
    def of(cls, tenant: TenantInfo, booking: BookingInfo, manage_url: str) -> Booking:
        """A booking as the API tells it."""
        return cls(
            id=booking.id, code=booking.code, status=booking.status, payment_status=booking.payment_status,
            customer_id=booking.customer_id, start=_written(booking.starts_at, tenant),
            end=_written(booking.ends_at, tenant), total_price=_amount(booking.total_price), currency=tenant.currency,
            manage_url=manage_url,
            items=[
                BookingItem(
                    service_id=item.service_id, service_code=item.service_code, service_name=item.service_name,
                    staff_id=item.staff_id, staff_name=item.staff_name, start=_written(item.starts_at, tenant),
                    end=_written(item.ends_at, tenant), price=_amount(item.price), preparation=item.preparation,
                )
                for item in booking.items
            ],
        )


class Bookings(Model):
    """A page of a customer's bookings."""

    bookings: list[Booking]
    next_cursor: str | None = Field(..., description="For the next page; null when this is the last.")


class Mistake(BaseModel):
    """One thing that is wrong in a request."""

    place: Literal["query", "path", "header", "body"] = Field(..., alias="in")
    name: str = Field(..., example="customer.phone")
    detail: str


class ProblemDetails(BaseModel):
    """Problem details, RFC 9457. Members beyond the first four depend on the type."""

    type: str = Field(..., example="urn:marcai:problem:start-taken")
    title: str
    status: int
    detail: str | None = Field(None, description="About this occurrence.")
    instance: str | None = Field(None, description="Of an internal error: its name in our logs.")
    errors: list[Mistake] | None = Field(None, description="All that is wrong in the request.")
    service_id: UUID | None = Field(None, description="The service that is not known.")
    reason: Literal[tuple(reason.value for reason in Reason)] | None = Field(  # type: ignore[valid-type]
        None, description="Why a visit cannot start then.",
    )
    alternatives: list[Start] | None = Field(None, description="The starts nearest to the one that was asked for.")
    next_dates: list[str] | None = Field(None, description="When there are none near it: dates that have some.")
