"""Clock times, parts of the day and clock ranges, and the rules that settle "às 3" as 15:00."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

#: Minutes from midnight, half-open. The parts of the day are the project's: madrugada 0-6, manhã 6-12, tarde
#: 12-18,
#: noite 18-24; their edges take a third of them, as customers do.
PARTS: dict[str, tuple[int, int]] = {
    "madrugada": (0, 360),
    "manhã": (360, 720),
    "início da manhã": (360, 480),
    "meio da manhã": (480, 600),
    "fim da manhã": (600, 720),
    "almoço": (720, 840),
    "depois do almoço": (780, 1080),
    "tarde": (720, 1080),
    "início da tarde": (720, 840),
    "meio da tarde": (840, 960),
    "fim da tarde": (960, 1080),
    "noite": (1080, 1440),
    "início da noite": (1080, 1200),
    "meio da noite": (1200, 1320),
    "fim da noite": (1320, 1440),
    "fim do dia": (960, 1080),
    "início do dia": (360, 480),
    "horário comercial": (480, 1080),
}
_DAY = 1440


@dataclass(frozen=True)
class Clock:
    """A clock time as it was said.

    Attributes:
        hour: 0 to 23, as said.
        minute: 0 to 59.
        has_minute: the minutes were said, so the grain is the minute.
        fixed: the hour stands as it is ("07:00", "15h", "meio-dia").
        meridiem: am or pm when written.
        part: the part of the day it was said with ("3 da tarde").
        minus: minutes to take off ("quinze pras três").
        ends_day: midnight as the end of the day it is said of ("hoje à meia-noite").
        approximate: "lá pelas 3".
    """

    hour: int
    minute: int = 0
    has_minute: bool = False
    fixed: bool = False
    meridiem: str | None = None
    part: str | None = None
    minus: int = 0
    ends_day: bool = False
    approximate: bool = False

    @property
    def settled(self) -> bool:
        """Whether nothing but the words themselves decides between morning and afternoon."""
        return self.fixed or self.meridiem is not None or self.part is not None

    def within(self, part: str | None) -> Clock:
        """The same clock time said of a part of the day; what was said already stays."""
        return self if part is None or self.settled else replace(self, part=part)

    def minutes(self, afternoon: bool = True) -> int:
        """Minutes from midnight; 1440 is the midnight that ends the day.

        Args:
            afternoon: a bare hour from 1 to 7 is in the afternoon (the convention for a business open by
                day).
        """
        value = self._hour(afternoon) * 60 + self.minute - self.minus
        return value % _DAY or (_DAY if self.ends_day else 0)

    def _hour(self, afternoon: bool) -> int:
        hour = self.hour
        if self.fixed:
            return hour
        if self.meridiem:
            return hour % 12 + (12 if self.meridiem == "pm" else 0)
        if self.part:
            return _hour_in_part(hour, self.part)
        return hour + 12 if afternoon and 1 <= hour <= 7 else hour


def _hour_in_part(hour: int, part: str) -> int:
    start = PARTS[part][0]
    if start >= 1080:  # night: 12 is midnight, the small hours stay
        return 24 if hour == 12 else hour + 12 if 5 <= hour < 12 else hour
    if start >= 720:
        return hour + 12 if hour < 12 else hour
    return 0 if hour == 12 and part == "madrugada" else hour


@dataclass(frozen=True)
class ClockRange:
    """A range of clock times; either end may be open. `part` names the part of the day that the range is."""

    start: Clock | None
    end: Clock | None
    part: str | None = None

    def within(self, part: str | None) -> ClockRange:
        """The same range said of a part of the day ("de manhã, depois das nove")."""
        if part is None:
            return self
        low, high = (
            Clock(*divmod(edge % _DAY, 60), fixed=True, ends_day=edge == _DAY) for edge in PARTS[part]
        )
        return ClockRange(
            self.start.within(part) if self.start else low, self.end.within(part) if self.end else high
        )

    def minutes(self) -> tuple[int | None, int | None]:
        """Both ends in minutes from midnight; an end at or before the start lies on the next day.

        A bare end follows the afternoon convention when it then closes after the start, and so does a bare
        start when it then opens before the end: "das 8 às 6" is 8 to 18, "das 7 às 11" is 7 to 11.
        """
        if self.start is None:
            return None, self.end.minutes() or _DAY
        if self.end is None:
            return self.start.minutes(), None
        start, end = [low % _DAY for low in self._settled_starts()], self._settled_ends()
        pairs = [(low, high) for high in end for low in start if low < high]
        return pairs[0] if pairs else (start[0], end[0])

    @property
    def runs_forward(self) -> bool:
        """Whether the range ends after it starts, or runs from an evening past midnight."""
        start, end = self.minutes()
        return start is None or end is None or start < end or (start >= 1080 and end <= 360)

    def _settled_starts(self) -> list[int]:
        start = self.start
        if start.settled:
            return [start.minutes()]
        if self.end.part:
            shared = start.within(self.end.part).minutes()
            return [shared, start.minutes(afternoon=False)]
        return [start.minutes(), start.minutes(afternoon=False)]

    def _settled_ends(self) -> list[int]:
        end = self.end
        if end.minutes() == 0:
            return [_DAY]
        if end.settled or end.hour > 12:
            return [end.minutes()]
        if self.start.part:
            return [
                end.within(self.start.part).minutes(),
                end.minutes(),
                (end.minutes(afternoon=False) + 720) % _DAY,
            ]
        return [end.minutes(), end.minutes(afternoon=False) + 720]

    @property
    def has_minute(self) -> bool:
        """Whether minutes were said at either end."""
        return any(clock is not None and clock.has_minute for clock in (self.start, self.end))

    @property
    def approximate(self) -> bool:
        """Whether either end was said to be about."""
        return any(clock is not None and clock.approximate for clock in (self.start, self.end))


def part_range(part: str) -> ClockRange:
    """The range of clock times that a part of the day stands for."""
    return replace(ClockRange(None, None).within(part), part=part)


@dataclass(frozen=True)
class Offset:
    """A point some time from now ("daqui a 20 minutos"), or now itself."""

    delta: timedelta
    grain: str


@dataclass(frozen=True)
class UnitsAhead:
    """The next full hours or minutes: "próximas 3 horas"."""

    count: int
    unit: str  # hour, minute
