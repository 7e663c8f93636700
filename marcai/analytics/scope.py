"""What a look at the figures covers: whose, from which day to which, and of which flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marcai.analytics.steps import DEPTH, FLOWS
from marcai.tenants.service import TenantInfo

LONGEST = 366  # days: no figure reads without an end
BY_WEEK_FROM = 46  # days: more columns than these are not told apart


@dataclass(frozen=True)
class Scope:
    """Days `first` to `last`, both included, as the clocks of `zone` count them."""

    tenant_ids: tuple[UUID, ...]
    zone: str
    first: date
    last: date
    flow: str | None = None

    @classmethod
    def of(cls, tenants: Sequence[TenantInfo], first: date, last: date, flow: str | None = None) -> Scope:
        """The scope for establishments; days are those of the first one.

        Raises:
            ValueError: no establishment, the days are in the wrong order or too many, or the flow is unknown.
        """
        if not tenants:
            raise ValueError("no establishment")
        if not first <= last or (last - first).days >= LONGEST:
            raise ValueError(f"first must not be after last, and both at most {LONGEST} days apart")
        if flow is not None and flow not in FLOWS:
            raise ValueError(f"{flow} is no flow")
        return cls(tuple(tenant.id for tenant in tenants), tenants[0].timezone, first, last, flow)

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.last - self.first).days + 1

    @property
    def bucket(self) -> str:
        """What one column of a plot stands for."""
        return "week" if self.days >= BY_WEEK_FROM else "day"

    def buckets(self) -> Iterator[date]:
        """The first day of each column; a week begins on Monday."""
        step = timedelta(days=7 if self.bucket == "week" else 1)
        day = self.first - timedelta(days=self.first.weekday()) if self.bucket == "week" else self.first
        while day <= self.last:
            yield day
            day += step

    def values(self) -> dict[str, Any]:
        """The parameters of the statements in `queries`."""
        return {
            "tenants": list(self.tenant_ids), "zone": self.zone, "bucket": self.bucket,
            "since": self._midnight(self.first), "until": self._midnight(self.last + timedelta(days=1)),
            "first": self.first, "last": self.last, "flow": self.flow,
            "steps": list(DEPTH), "depths": list(DEPTH.values()), "asked": list(FLOWS.get(self.flow or "", ())) or None,
        }

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone))
