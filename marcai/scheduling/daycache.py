"""How many starts each day has, remembered in Redis for a minute and forgotten as soon as anything touches the day.

What is remembered of a day carries the stamps of all that it depends on: the establishment's version
(`availability:version:{slug}`, raised by every load of its file) and a stamp of each UTC date that the day is a part of
(`availability:stamps:{tenant id}`, renewed by every hold, booking, move and release on that date). A stamp that differs
is a miss, so an answer read before a change and stored after it is never used. Only time is not a change: a hold that
runs out is seen within the minute. Without Redis every day is computed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING
from uuid import UUID

from redis import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from marcai.platform import clock, metrics
from marcai.platform.database import transaction
from marcai.platform.redis import client
from marcai.scheduling import availability, walltime
from marcai.scheduling.visit import DayRoom

if TYPE_CHECKING:
    from marcai.catalogue.service import ServiceInfo
    from marcai.tenants.service import TenantInfo

KEPT_SECONDS = 60
TOUCHED = "touched"  # in a session's `info`
STAMPS_KEPT = timedelta(days=2)  # far longer than any answer that carries one


def days(
    tenant: TenantInfo,
    services: Sequence[ServiceInfo],
    *,
    first: date,
    count: int,
    staff_id: UUID | None = None,
    for_visit: UUID | Sequence[UUID] | None = None,
    clock_times: tuple[time | None, time | None] = (None, None),
    accepts: Callable[[datetime], bool] | None = None,
) -> list[DayRoom]:
    """As `availability.days`, from Redis where nothing has changed; what is missing is read in one statement.

    Args:
        tenant: the establishment.
        services: what is to be done.
        first: the first local date.
        count: how many dates.
        staff_id: a preferred professional.
        for_visit: the customer's own visits, whose time does not stand in her way; such an answer is hers alone.
        clock_times: as for `availability.days`.
        accepts: as for `availability.days`; what a function accepts is not remembered.
    """

    def computed(dates: Sequence[date]) -> list[DayRoom]:
        with transaction() as session:
            return availability.days(session, tenant, services, first=dates[0], count=len(dates), staff_id=staff_id,
                                     for_visit=for_visit, clock_times=clock_times, accepts=accepts)

    wanted = [first + timedelta(days=number) for number in range(max(count, 0))]
    if not wanted:
        return []
    if accepts is not None:
        return computed(wanted)
    own = [for_visit] if isinstance(for_visit, UUID) else sorted(for_visit or ())
    key = _key(tenant, [*(service.id for service in services), staff_id, *own, *clock_times])
    try:
        stamps = _stamps(tenant, services, wanted)
        known = _known(key, wanted, stamps)
    except RedisError:
        return computed(wanted)
    metrics.DAYS_CACHE.labels("hit").inc(len(known))
    metrics.DAYS_CACHE.labels("miss").inc(len(wanted) - len(known))
    missing = [day for day in wanted if day not in known]
    if missing:
        span = [missing[0] + timedelta(days=number) for number in range((missing[-1] - missing[0]).days + 1)]
        known.update({room.date: room.starts for room in computed(span)})
        _keep(key, {day: known[day] for day in span}, stamps)
    return [DayRoom(day, known[day]) for day in wanted]


def touched(spans: Iterable[tuple[UUID, datetime, datetime]]) -> None:
    """Forgets the days that some time belongs to; to be called when the change is committed.

    Without Redis nothing is remembered either; if it comes back within the minute, so does what it knew before.

    Args:
        spans: of each stretch of time the establishment, and the aware instants of its start and end.
    """
    dates: dict[UUID, set[date]] = {}
    for tenant_id, start, end in spans:
        dates.setdefault(tenant_id, set()).update(_utc_dates(start, end))
    if not dates:
        return
    stamp = secrets.token_hex(6)
    with suppress(RedisError):
        pipe = client().pipeline(transaction=False)
        for tenant_id, touched_dates in dates.items():
            pipe.hset(_stamps_key(tenant_id), mapping={day.isoformat(): stamp for day in touched_dates})
            pipe.expire(_stamps_key(tenant_id), STAMPS_KEPT)
        pipe.execute()


def touched_with(session: Session, spans: Iterable[tuple[UUID, datetime, datetime]]) -> None:
    """Forgets the days as `touched` does, when the session's transaction is committed, if it is."""
    if TOUCHED not in session.info:
        session.info[TOUCHED] = []
        event.listen(session, "after_commit", lambda done: touched(done.info.pop(TOUCHED)), once=True)
    session.info[TOUCHED] += spans


def _key(tenant: TenantInfo, asked: Sequence[object]) -> str:
    return f"availability:days:{tenant.id}:{hashlib.sha256(repr(list(map(str, asked))).encode()).hexdigest()[:32]}"


def _stamps_key(tenant_id: UUID) -> str:
    return f"availability:stamps:{tenant_id}"


def _utc_dates(start: datetime, end: datetime) -> list[date]:
    """The UTC dates of [start, end)."""
    day, last = start.astimezone(timezone.utc).date(), end.astimezone(timezone.utc)
    found = [day]
    while datetime(day.year, day.month, day.day, tzinfo=timezone.utc) + timedelta(days=1) < last:
        day += timedelta(days=1)
        found.append(day)
    return found


def _stamps(tenant: TenantInfo, services: Sequence[ServiceInfo], wanted: Sequence[date]) -> dict[date, str]:
    """For each date, the stamps of all that its answer depends on, the present minute where that counts included."""
    zone, minute = tenant.timezone, walltime.floor_minute(clock.now())
    longest = sum(service.duration + service.cleanup for service in services)  # a visit may end on the next date
    parts = {
        day: _utc_dates(walltime.instant(walltime.minute_of(zone, day)),
                        walltime.instant(walltime.minute_of(zone, day + timedelta(days=1)) + longest))
        for day in wanted
    }
    dates = sorted({part for found in parts.values() for part in found})
    pipe = client().pipeline(transaction=False)
    pipe.get(f"availability:version:{tenant.slug}")
    pipe.hmget(_stamps_key(tenant.id), [day.isoformat() for day in dates])
    version, values = pipe.execute()
    stamp = dict(zip(dates, values, strict=True))
    today = walltime.local_date(zone, minute)
    noticed = walltime.local_date(zone, minute + tenant.policy.min_notice_minutes + 1)
    return {
        day: ":".join([version or "", today.isoformat(), str(minute) if day <= noticed else "",
                       *(stamp[part] or "" for part in parts[day])])
        for day in wanted
    }


def _keep(key: str, found: dict[date, int], stamps: dict[date, str]) -> None:
    at = clock.now().timestamp()
    values = {day.isoformat(): f"{at}|{starts}|{stamps[day]}" for day, starts in found.items() if day in stamps}
    with suppress(RedisError):
        pipe = client().pipeline(transaction=False)
        pipe.hset(key, mapping=values)
        pipe.expire(key, KEPT_SECONDS)
        pipe.execute()


def _known(key: str, wanted: Sequence[date], stamps: dict[date, str]) -> dict[date, int]:
    """What is remembered, not older than a minute, and of the present stamps."""
    now, known = clock.now().timestamp(), {}
    for day, value in zip(wanted, client().hmget(key, [day.isoformat() for day in wanted]), strict=True):
        at, starts, stamp = value.split("|", 2) if value else ("0", "0", "")
        if value and stamp == stamps[day] and 0 <= now - float(at) < KEPT_SECONDS:
            known[day] = int(starts)
    return known
