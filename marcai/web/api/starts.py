"""Free starts for requests: those of some days, those near a start that was taken, and the next dates with any."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marcai.catalogue.service import ServiceInfo
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.scheduling import availability, daycache
from marcai.scheduling.visit import Opening, Reason
from marcai.tenants.service import TenantInfo
from marcai.web.api import models
from marcai.web.api.establishment import names_of_staff
from marcai.web.api.problems import NOT_POSSIBLE, START_TAKEN, Problem

NEAR_MINUTES = (30, 60)
ALTERNATIVES = 6
NEXT_DATES = 3
LOOKED_AT_FIRST = 14  # days; all the others of the booking window only when there is none among them
REASONS = {
    Reason.PAST: "It is past.",
    Reason.TOO_SOON: "It is too soon: the establishment wants more notice.",
    Reason.TOO_FAR: "It is too far ahead: bookings are not open for that date yet.",
    Reason.HOLIDAY: "It is a holiday.",
    Reason.CLOSED: "The establishment is closed then.",
    Reason.PROFESSIONAL_OFF: "No professional who could begin the visit works then.",
    Reason.TOO_LONG: "The visit would not end in time.",
    Reason.OFF_GRID: "Visits do not start at that minute.",
}


@dataclass(frozen=True)
class Wish:
    """What a visit is to be: its services, by whom if that matters, and whose own time does not stand in the way."""

    tenant: TenantInfo
    services: Sequence[ServiceInfo]
    staff_id: UUID | None = None
    visit_id: UUID | None = None

    def openings(self, since: datetime, until: datetime) -> list[Opening]:
        """The openings in [since, until)."""
        with transaction() as session:
            return availability.openings(session, self.tenant, self.services, since=since, until=until,
                                         staff_id=self.staff_id, for_visit=self.visit_id)

    def opening_at(self, start: datetime) -> Opening | None:
        """The opening at an instant, if there is one."""
        found = self.openings(start, start + timedelta(minutes=1))
        return found[0] if found and found[0].start == start else None

    def next_dates(self, first: date) -> list[date]:
        """The first few dates with room, from a date on or from today, whichever is later."""
        today = clock.local_now(self.tenant.timezone).date()
        first = max(first, today)
        window = (today - first).days + self.tenant.policy.booking_window_days + 1
        for count in (min(LOOKED_AT_FIRST, window), window):
            if count <= 0:
                break
            days = daycache.days(self.tenant, self.services, first=first, count=count, staff_id=self.staff_id,
                                 for_visit=self.visit_id)
            found = [day.date for day in days if day.starts]
            if found:
                return found[:NEXT_DATES]
        return []

    def taken(self, start: datetime) -> Problem:
        """The problem when somebody else has a start, with others near it."""
        return Problem(START_TAKEN, "Take one of the alternatives, or ask for the availability of another date.",
                       **self._instead_of(start))

    def refusal(self, start: datetime) -> Problem:
        """The problem with a start that is no opening."""
        with transaction() as session:
            reason = availability.why_not(session, self.tenant, self.services, start, self.staff_id,
                                          for_visit=self.visit_id)
        in_the_way = reason in (Reason.TAKEN, Reason.GAP_TOO_SHORT)
        if in_the_way and not (start.second or start.microsecond):
            return self.taken(start)
        reason = Reason.OFF_GRID if in_the_way else reason
        return Problem(NOT_POSSIBLE, REASONS[reason], reason=reason.value, **self._instead_of(start))

    def _instead_of(self, start: datetime) -> dict[str, Any]:
        day = clock.in_zone(start, self.tenant.timezone).date()
        midnight, after = day_of(self.tenant, day)
        reach = timedelta(minutes=NEAR_MINUTES[-1])
        found = self.openings(min(midnight, start - reach), max(after, start + reach))
        chosen: Sequence[Opening] = []
        for minutes in NEAR_MINUTES:
            chosen = chosen or availability.nearest(found, start, minutes)[:ALTERNATIVES]
        chosen = chosen or availability.rank_for_offer(found, start, start, ALTERNATIVES)
        names = names_of_staff(self.tenant)
        told = [models.Start.of(self.tenant, names, opening) for opening in sorted(chosen, key=lambda one: one.start)]
        dates = [] if told else self.next_dates(day)
        return {"alternatives": [json.loads(one.json()) for one in told],
                "next_dates": [one.isoformat() for one in dates]}


def day_of(tenant: TenantInfo, day: date, count: int = 1) -> tuple[datetime, datetime]:
    """The instants at which local dates begin and end."""
    zone = ZoneInfo(tenant.timezone)
    after = day + timedelta(days=count)
    return datetime.combine(day, time(), zone), datetime.combine(after, time(), zone)
