"""What the moments of the date and time parser are as a wish: days, times, what is ruled out, and choices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock_time

from marcai.conversation.draft import Stretch, When
from marcai.nlu.datetime import Moment

# "Trabalho à tarde", "de manhã eu estudo": when she cannot come; not "saio do trabalho às 17h"
_BUSY = r"(trabalho|trampo|estudo|tenho (aula|reuni[aã]o|compromisso))\b"
_BUSY_BEFORE = re.compile(rf"(?<!o )(?<!meu )\b{_BUSY}( (s[oó]|de|da|d?as|[aà]s?|n[ao]))*\s*$", re.IGNORECASE)
_BUSY_AFTER = re.compile(rf"^\s*(eu )?{_BUSY}", re.IGNORECASE)
_WEEKENDS = re.compile(r"\b((fi[mn]s?|fina(l|is)) de semanas?|fds)\b", re.IGNORECASE)
_THIS_ONE = re.compile(r"\b([nd]?es[ts]e|pr[oó]ximo) \w+( de semana)?$", re.IGNORECASE)
_WEEKDAYS = re.compile(r"\b(tod[ao]s?\b.*|segundas|ter[cç]as|quartas|quintas|sextas|s[aá]bados|domingos)\b",
                       re.IGNORECASE)


def is_busy_then(text: str, moment: Moment) -> bool:
    """Whether the only time in a message is when she works: "trabalho à tarde"."""
    return bool(_BUSY_BEFORE.search(text[:moment.span[0]]) or _BUSY_AFTER.search(text[moment.span[1]:]))


def rule_out(when: When, moment: Moment, text: str) -> None:
    """Takes what she cannot do: days, weekdays ("menos no fim de semana") or times, of any day or of one.

    Args:
        when: what is known of her wish.
        moment: what she rules out.
        text: the message up to the end of it.
    """
    words = text[moment.span[0]:]
    start, end = moment.start, moment.end
    whole_days = isinstance(start, datetime) and end is not None and not (
        {start.time(), end.time()} - {clock_time()} or moment.kind == "instant")
    if moment.kind == "date" and not _WEEKDAYS.search(words):
        when.not_days.append(start.isoformat())
    elif moment.kind == "date":
        when.not_weekdays.append(start.weekday())
    elif whole_days:
        days = [start.date() + timedelta(days=number) for number in range((end - start).days)]
        if _WEEKENDS.search(words) and not _THIS_ONE.search(text):
            when.not_weekdays += [day.weekday() for day in days]
        else:
            when.not_days += [day.isoformat() for day in days]
    else:
        when.not_times.append(_stretch(moment))


def _stretch(moment: Moment) -> Stretch:
    """A moment as a stretch of time; a stretch of one day ends with it at the latest."""
    start, end = moment.start, moment.end
    if moment.kind in ("time", "instant"):
        return start.isoformat(), start.replace(second=1).isoformat()
    if moment.kind == "date":
        return f"{start}T00:00:00", datetime.combine(start, clock_time.max).isoformat()
    if isinstance(start, datetime) and end is None and start.time() != clock_time():  # "sexta depois das 15h"
        end = datetime.combine(start, clock_time.max)
    elif isinstance(start, datetime) and end is not None and end.time() == clock_time():
        end -= timedelta(microseconds=1)
    return _iso(start), _iso(end)


def keep_alternatives(when: When, moments: Sequence[Moment]) -> None:
    """"Terça ou quinta" leaves Wednesday out, "às 15h ou às 16h" is a stretch to choose from, and "terça de manhã ou
    quinta à tarde" are two."""
    days = sorted({date.fromisoformat(moment.start.isoformat()[:10]) for moment in moments
                   if isinstance(moment.start, date) and moment.grain not in ("week", "month", "year")})
    if len(days) > 1:
        between = (days[0] + timedelta(days=number) for number in range(1, (days[-1] - days[0]).days))
        when.not_days += [day.isoformat() for day in between if day not in days]
    choices = [_stretch(moment) for moment in moments]
    times = {tuple((edge or "").rpartition("T")[2] for edge in choice) for choice in choices}
    only_clocks = len(days) < 2 and all(moment.kind in ("time", "instant") for moment in moments)
    if len(times) > 1 and not only_clocks:
        when.at_any_time()
        when.choices = choices
        return
    clocks = sorted({moment.start if moment.kind == "time" else moment.start.time() for moment in moments
                     if moment.kind in ("time", "instant")})
    if len(clocks) > 1:
        when.at_any_time()
        when.clock = (clocks[0].isoformat(), clocks[-1].replace(second=1).isoformat())


def merge(when: When, moment: Moment) -> None:
    """Adds a parsed moment; alternatives ("terça ou quarta") widen the range of days."""
    known = when.days
    start, end = moment.start, moment.end
    edge = end if start is None else start
    if isinstance(edge, clock_time):
        if moment.kind == "time":
            _merge_time(when, start, roughly=moment.approximate)
        else:
            when.clock = (_iso(start), _iso(end))
    elif isinstance(edge, datetime):
        _merge_datetimes(when, start, end, exact=moment.kind == "instant", roughly=moment.approximate)
    elif start is None:
        when.days = (None, end.isoformat())
    else:
        open_ended = moment.kind == "interval" and end is None
        after = None if open_ended else (end or start + timedelta(days=1)).isoformat()
        when.days = (start.isoformat(), after)
    if moment.period:
        when.days = (moment.period[0].isoformat(), moment.period[1].isoformat())
    if known and when.days and known != when.days:
        when.days = _wider(known, when.days)


def _merge_time(when: When, at: clock_time, *, roughly: bool) -> None:
    when.exact, when.about = (None, at.isoformat()) if roughly else (at.isoformat(), None)


def _merge_datetimes(when: When, start: datetime | None, end: datetime | None, *, exact: bool, roughly: bool) -> None:
    """Splits date-times into days and clock times: a customer may change one and keep the other."""
    midnight = clock_time()
    if exact:
        when.days = one_day(start.date())
        _merge_time(when, start.time(), roughly=roughly)
    elif start is None:
        when.days = (None, (end.date() + timedelta(days=1)).isoformat())
    elif end is None:
        same_day = start.time() != midnight  # "sexta depois das 15h" means that Friday
        when.days = one_day(start.date()) if same_day else (start.date().isoformat(), None)
        when.clock = (start.time().isoformat(), None) if same_day else when.clock
    elif end - start < timedelta(days=1):
        when.days = one_day(start.date())
        when.clock = (start.time().isoformat(), end.time().isoformat() if end.date() == start.date() else None)
    else:
        last = end.date() if end.time() == midnight else end.date() + timedelta(days=1)
        when.days = (start.date().isoformat(), last.isoformat())


def _iso(edge: clock_time | datetime | None) -> str | None:
    return None if edge is None else edge.isoformat()


def of_day(day: date) -> When:
    """One day as a wish."""
    return When(days=one_day(day))


def one_day(day: date) -> tuple[str, str]:
    """One day as a range of days."""
    return day.isoformat(), (day + timedelta(days=1)).isoformat()


def _wider(known: tuple | None, new: tuple) -> tuple:
    if not known:
        return new
    first = min(known[0], new[0]) if known[0] and new[0] else None
    last = max(known[1], new[1]) if known[1] and new[1] else None
    return first, last
