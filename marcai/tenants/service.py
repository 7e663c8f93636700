"""Establishments: finding one, and loading the file that describes it."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import redis
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.platform.redis import client
from marcai.tenants import cache
from marcai.tenants.file import TenantFile, TenantFileError, read_file
from marcai.tenants.models import Tenant

LIFE_SECONDS = 30.0
CHECK_SECONDS = 1.0
# The packages above that keep parts of the file, in the order in which they refer to each other.
SECTIONS = ("marcai.catalogue.loading", "marcai.resources.loading", "marcai.staff.loading")


@dataclass(frozen=True)
class Policy:
    """The numbers of an establishment's booking policy, as its file names them."""

    slot_step_minutes: int = 15
    min_notice_minutes: int = 60
    booking_window_days: int = 60
    max_services_per_visit: int = 5
    cancellation_hours: int = 24
    cancellation_text: str = ""
    deposit_percent: int = 30
    prepayment: str = "off"
    quiet_hours: tuple[str, str] = ("21:00", "08:00")
    hold_minutes: int = 5


@dataclass(frozen=True)
class TenantInfo:
    """One establishment."""

    id: UUID
    slug: str
    name: str
    timezone: str
    locale: str
    currency: str
    phone_number_id: str
    display_phone_number: str
    address: str | None
    business_hours_note: str | None
    holidays: str | None
    policy: Policy


@dataclass(frozen=True)
class LoadReport:
    """What loading a file did."""

    tenant: TenantInfo
    created: bool
    services: int
    staff: int
    rooms: int
    equipment: int
    retired_services: tuple[str, ...]
    retired_staff: tuple[str, ...]
    retired_units: tuple[str, ...]
    warnings: tuple[str, ...]
    caches_dropped: bool

    def __str__(self) -> str:
        lines = [f"{self.tenant.name} ({self.tenant.slug}) {'created' if self.created else 'updated'}: "
                 f"{self.services} services, {self.staff} professionals"]
        if self.rooms or self.equipment:
            lines[0] += f", rooms: {self.rooms}, pieces of equipment: {self.equipment}"
        lines += [f"inactive from now on: {code}"
                  for code in (*self.retired_services, *self.retired_staff, *self.retired_units)]
        lines += [f"warning: {text}" for text in self.warnings]
        if not self.caches_dropped:
            lines.append("warning: Redis did not answer; running processes see the change within three minutes")
        return "\n".join(lines)


# One process's memory of establishments: ("slug", value) and the like -> (read at, info)
_known: dict[tuple[str, Any], tuple[float, TenantInfo | None]] = {}
_seen_version: str | None = None
_checked_at = -CHECK_SECONDS


def _info(row: Tenant) -> TenantInfo:
    names = {field.name for field in fields(Policy)}
    policy = {name: value for name, value in row.policy.items() if name in names}
    if "quiet_hours" in policy:
        policy["quiet_hours"] = tuple(policy["quiet_hours"])
    return TenantInfo(
        id=row.id, slug=row.slug, name=row.name, timezone=row.timezone, locale=row.locale, currency=row.currency,
        phone_number_id=row.phone_number_id, display_phone_number=row.display_phone_number, address=row.address,
        business_hours_note=row.business_hours_note, holidays=row.holidays, policy=Policy(**policy),
    )


def _look_for_changes(moment: float) -> None:
    """Forgets the process's establishments when another process has loaded a file; asks at most once a second."""
    global _seen_version, _checked_at
    if moment - _checked_at < CHECK_SECONDS or not cache.available():
        return
    _checked_at = moment
    try:
        version = client().get(cache.TENANTS_VERSION) or "0"
    except redis.RedisError:
        cache.failed()
        return
    if version != _seen_version:
        _known.clear()
        _seen_version = version


def _find(kind: str, value: Any) -> TenantInfo | None:
    moment = time.monotonic()
    _look_for_changes(moment)
    held = _known.get((kind, value))
    if held is not None and moment - held[0] < LIFE_SECONDS:
        return held[1]
    query = select(Tenant).where(Tenant.active)
    query = query.order_by(Tenant.slug) if kind == "first" else query.where(getattr(Tenant, kind) == value)
    with transaction() as session:
        row = session.execute(query.limit(1)).scalar_one_or_none()
    if row is None:
        _known.pop((kind, value), None)
        return None
    info = _info(row)
    _known[(kind, value)] = (moment, info)
    return info


def by_phone_number_id(phone_number_id: str) -> TenantInfo | None:
    """The establishment that receives messages under a Cloud API phone number id."""
    return _find("phone_number_id", phone_number_id)


def by_slug(slug: str) -> TenantInfo | None:
    """The establishment with a short name such as ``bela-vista``."""
    return _find("slug", slug)


def by_id(tenant_id: UUID | str) -> TenantInfo | None:
    """The establishment with an id."""
    try:
        return _find("id", tenant_id if isinstance(tenant_id, UUID) else UUID(str(tenant_id)))
    except ValueError:
        return None


def first() -> TenantInfo | None:
    """The first establishment by short name, for `rasa shell`, or None on an empty database."""
    return _find("first", None)


def list_all() -> list[TenantInfo]:
    """Every active establishment, by short name, read from the database."""
    with transaction() as session:
        return [_info(row) for row in session.execute(
            select(Tenant).where(Tenant.active).order_by(Tenant.slug)).scalars()]


def forget_cache() -> None:
    """Empties this process's memory of establishments (a load does it by itself)."""
    _known.clear()
    cache.forget_cache()


def load(path: str | Path) -> LoadReport:
    """Reads an establishment's file and stores it whole, or refuses it whole.

    The same slug updates the establishment. Services, professionals, rooms and equipment that are no longer in the
    file become inactive; shifts and time off are replaced; bookings are never touched. Every cache is dropped at once.

    Raises:
        TenantFileError: the file is not valid; every error is named with its line.
    """
    described = read_file(path)
    try:
        with transaction() as session:
            info, created = _store(session, described)
            report: dict[str, Any] = {}
            for section in SECTIONS:
                report.update(import_module(section).store(session, info, described, report))
    except IntegrityError as error:
        if "phone_number_id" in str(error.orig):
            raise TenantFileError([_taken(described)]) from None
        raise
    forget_cache()
    dropped = cache.drop(info.slug)
    return LoadReport(
        tenant=info, created=created, services=len(described.services), staff=len(described.staff),
        rooms=sum(entry.count for entry in described.resources if entry.kind == "room"),
        equipment=sum(entry.count for entry in described.resources if entry.kind == "equipment"),
        retired_services=report["retired_services"], retired_staff=report["retired_staff"],
        retired_units=report["retired_units"],
        warnings=described.warnings, caches_dropped=dropped,
    )


def _taken(described: TenantFile) -> str:
    line = described.lines["phone_number_id"]
    return f"line {line}: tenant.phone_number_id: is already used by another establishment"


def _store(session: Session, described: TenantFile) -> tuple[TenantInfo, bool]:
    values = dict(described.tenant)
    values["policy"] = {**asdict(Policy()), **values["policy"]}
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"load:{values['slug']}"))))  # one load at a time
    other = session.execute(select(Tenant.slug).where(
        Tenant.phone_number_id == values["phone_number_id"], Tenant.slug != values["slug"])).scalar()
    if other is not None:
        raise TenantFileError([_taken(described)])
    row = session.execute(
        select(Tenant).where(Tenant.slug == values["slug"]).with_for_update()).scalar_one_or_none()
    created = row is None
    if row is None:
        row = Tenant(slug=values["slug"])
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.active = True
    row.updated_at = clock.now()
    session.flush()
    return _info(row), created


__all__ = ["LoadReport", "Policy", "TenantFileError", "TenantInfo", "by_id", "by_phone_number_id", "by_slug",
           "first", "forget_cache", "list_all", "load"]
