"""Fifth layer: weeks, weekends, months and years, their parts, and days named within them."""

from __future__ import annotations

from dataclasses import replace

from .clocks import UnitsAhead
from .days import (
    Ahead,
    Beside,
    Date,
    Day,
    DayRange,
    Month,
    Nth,
    Relative,
    Shifted,
    Turn,
    Week,
    Weekday,
    Weekend,
    WeekOf,
    Year,
)
from .engine import Hit, Layer
from .grammar_days import UNIT_OF, month_of, year_of
from .tokens import Token

periods = Layer()
parts_of_periods = Layer()

_THIRDS = {"COMECO": (0, 10), "MEADOS": (10, 20), "MEIO": (10, 20), "FIM": (20, None)}


@periods.rule(
    "(?:ESTE|PROX|OUTRO) (?P<unit>SEMANA|MES|ANO)",
    "(?P<unit>SEMANA|MES|ANO) (?:QUEVEM|PROX|PASSADO|OUTRO)",
    "ESTE PROX (?P<unit>SEMANA|MES)",
    "PROX (?P<unit>SEMANA|MES) AGORA",
    "(?P<unit>SEM) QUEVEM",
    "PROX (?P<unit>SEM) (?=STOP|COMMA|EM|A|DE|$)",
)
def calendar_unit(hit: Hit):
    """Reads "esta semana", "semana que vem", "sem q vem", "próximo mês", "ano que vem"."""
    names = {token.name for token in hit.covered()}
    shift = 1 if names & {"PROX", "QUEVEM", "OUTRO"} else -1 if "PASSADO" in names else 0
    unit = hit["unit"]
    if unit.is_a("SEMANA", "SEM"):
        return "SPAN", Week(shift)
    return "SPAN", Month(shift=shift) if unit.is_a("MES") else Year(shift=shift)


@periods.rule(
    "(?:ESTE)? (?P<next>PROX)? WEEKEND (?P<later>QUEVEM|PROX)?",
    "(?P<later>OUTRO) WEEKEND",
    "WEEKEND (?P<later>SEM|QUE NAO) SER ESTE",
)
def weekends(hit: Hit):
    """Reads "fds", "próximo fim de semana" (the coming one), "fim de semana que vem" (next week's)."""
    over = hit["next"] is not None and hit.today.weekday() >= 5  # said at the weekend, the next one is meant
    return "SPAN", Weekend(1 if hit["later"] or over else 0)


@periods.rule(
    "(?P<number>ORD|LAST|DAY) (?P<what>SEMANA|WEEKEND|DAY|DIA) (?:DE|EM)"
    " (?:(?:MES DE)? (?P<month>MON) (?:(?:DE ANO)? DE? (?P<year>YEAR))?|(?P<period>SPAN|MES))"
)
def nth_of_month(hit: Hit):
    """Reads "primeira sexta de julho", "última semana do mês", "segundo fim de semana de setembro"."""
    month, count = _named_month(hit), _ordinal_of(hit["number"])
    what = hit["what"]
    kind = {"SEMANA": "week", "WEEKEND": "weekend", "DAY": "weekday", "DIA": "day"}[what.name]
    if month is None or count is None or (kind == "weekday" and not isinstance(what.value, Weekday)):
        return None
    value = Nth(count, kind, month, what.value.index if kind == "weekday" else 0)
    return "DAY" if kind in ("weekday", "day") else "SPAN", value


def _ordinal_of(token: Token) -> int | None:
    """Reads "segunda" and "quarta" were read as weekdays; here they count."""
    if token.is_a("DAY"):
        plain = (
            isinstance(token.value, Weekday)
            and token.value == Weekday(token.value.index)
            and " " not in token.raw
        )
        return token.value.index + 2 if plain and token.value.index <= 3 else None
    return token.value if -1 <= token.value <= 5 else None


def _named_month(hit: Hit) -> Month | None:
    if hit["period"]:
        period = hit["period"]
        return Month() if period.is_a("MES") else period.value if isinstance(period.value, Month) else None
    month = month_of(hit["month"])
    return Month(month, year_of(hit["year"]) if hit["year"] else None) if month else None


@periods.rule(
    "MES (?:DE)? (?P<month>MON) (?:DE? (?P<year>YEAR))?",
    "(?<=EM) (?P<month>MONTH|MARCO) (?:DE? (?P<year>YEAR))?",
    "(?P<month>MONTH|MARCO) (?:DE? (?P<year>YEAR))",
    "(?<=EM) (?P<short>MABBR)",
    "(?<=PARA) (?P<month>MARCO) (?! WORD)",
    "PROX (?P<month>MONTH|MARCO)",
    "(?P<month>MONTH|MARCO) (?:QUEVEM|DE (?P<shift>ANO QUEVEM|PROX ANO))",
    "(?P<month>MONTH)",
)
def month_by_name(hit: Hit):
    """Reads "em fevereiro", "mês de março", "dezembro de 2027", "março que vem"."""
    if hit["short"]:
        return _abbreviated(hit["short"])
    token, before = hit["month"], hit.before()
    if len(hit.covered()) == 1 and before is not None and not _opens_wish(before):
        return None
    month = month_of(token)
    if month is None:
        return None
    if hit["shift"]:
        return "SPAN", Month(month, hit.today.year + 1)
    return "SPAN", Month(month, year_of(hit["year"]) if hit["year"] else None)


def _abbreviated(token: Token):
    """Reads "em fev"; "mar", "set" and "out" are words of their own."""
    return (
        ("SPAN", Month(token.value))
        if token.raw in ("jan", "fev", "abr", "jun", "jul", "ago", "nov")
        else None
    )


def _opens_wish(before: Token) -> bool:
    """Whether a bare "dezembro" may follow: names come after articles and other words."""
    return not before.is_a("WORD", "LABEL", "A", "O") or before.raw in (
        "reuniao",
        "ferias",
        "agendar",
        "final",
    )


@periods.rule("PROX (?P<count>NUMBER) (?P<unit>UNIT)", "(?P<count>NUMBER) PROX (?P<unit>UNIT)")
def next_units(hit: Hit):
    """Reads "próximos 3 dias", "3 próximas semanas", "próximas 3 horas"."""
    unit, count = UNIT_OF[hit["unit"].name], hit.value("count")
    if not count:
        return None
    return (
        ("INSTANT", UnitsAhead(count, unit)) if unit in ("hour", "minute") else ("SPAN", Ahead(count, unit))
    )


@periods.rule(
    "(?P<count>NUMBER) (?P<unit>UNIT) (?P<side>ANTES|DEPOIS) DE O? (?P<day>DAY)",
    "(?P<unit>DIA) (?P<side>ANTES|DEPOIS) DE O? (?P<day>DAY)",
    "(?P<side>VESPERA) DE O? (?P<day>DAY)",
)
def days_beside(hit: Hit):
    """Reads "dois dias depois do natal", "uma semana antes do dia 20", "na véspera do dia 5"."""
    unit = UNIT_OF[hit["unit"].name] if hit["unit"] else "day"
    if unit in ("hour", "minute"):
        return None
    count = (hit.value("count") or 1) * (1 if hit["side"].is_a("DEPOIS") else -1)
    months = {"month": count, "year": 12 * count}.get(unit, 0)
    return "DAY", Shifted(hit.value("day"), days={"day": count, "week": 7 * count}.get(unit, 0), months=months)


@periods.rule("(?P<weekday>DAY) (?P<side>ANTES|DEPOIS) DE O? (?P<day>DAY)")
def weekday_beside(hit: Hit):
    """Reads "o sábado antes do natal", "segunda depois do carnaval"."""
    weekday, day = hit.value("weekday"), hit.value("day")
    if not isinstance(weekday, Weekday) or weekday.mode != "bare" or isinstance(day, Weekday | Relative):
        return None
    return "DAY", Beside(weekday.index, day, hit["side"].is_a("DEPOIS"))


@periods.rule("SEMANA DE (?P<day>DAY)", "SEMANA DE (?:O DIA)? (?P<day>DAY)")
def week_of_day(hit: Hit):
    """Reads "a semana do dia 7 de outubro", "semana do natal"."""
    return None if isinstance(hit.value("day"), Weekday) else ("SPAN", WeekOf(hit.value("day")))


@parts_of_periods.rule(
    "(?P<edge>COMECO|FIM|MEADOS) (?:DE|EM)? (?P<period>SPAN|MES|SEMANA|ANO)",
    "(?P<edge>MEIO) (?:DE|EM) (?P<period>SPAN|MES|SEMANA|ANO)",
    "(?P<edge>VIRADA) DE (?P<period>SPAN|MES)",
    "ATE O (?P<edge>FIM) DE (?P<period>ANO)",
)
def part_of_period(hit: Hit):
    """Reads "fim do mês", "começo da semana que vem", "meados de dezembro", "na virada do mês"."""
    edge, period = hit["edge"], hit["period"]
    value = {"MES": Month(), "SEMANA": Week()}.get(period.name, period.value)
    if isinstance(value, Month):
        return "SPAN", Turn(value) if edge.is_a("VIRADA") else replace(value, part=_THIRDS[edge.name])
    if isinstance(value, Week):
        first, count = {"COMECO": (0, 2), "MEIO": (1, 3), "MEADOS": (1, 3), "FIM": (3, 2)}[edge.name]
        return "SPAN", Week(value.shift, first, count)
    if edge.is_a("FIM", "COMECO") and (period.is_a("ANO") or isinstance(value, Year)):
        shift = value.shift if value else 0
        return "SPAN", Month(12 if edge.is_a("FIM") else 1, hit.today.year + shift)
    return None


@parts_of_periods.rule("(?P<number>ORD|LAST|DAY) QUINZENA DE (?:(?P<period>SPAN|MES)|(?P<month>MON))")
def half_of_month(hit: Hit):
    """Reads "primeira quinzena de dezembro"."""
    month, number = _named_month(hit), _ordinal_of(hit["number"])
    if month is None or number not in (1, 2, -1):
        return None
    return "SPAN", replace(month, part=(0, 15) if number == 1 else (15, None))


@parts_of_periods.rule("(?P<first>DAY) (?:COMMA|DE|EM|PAREN)* (?P<second>SPAN)")
def day_in_period(hit: Hit):
    """Reads "terça da semana que vem", "dia 15 do mês que vem"."""
    value = narrowed(hit.value("first"), hit.value("second"))
    return ("DAY", value) if value is not None else None


@parts_of_periods.rule("(?P<day>NUMBER|ORD) DE (?P<month>SPAN)")
def number_in_month(hit: Hit):
    """Reads "5 do mês que vem"."""
    value, before = Date(hit.value("day")), hit.before()
    listed = before is not None and before.is_a("A", "ATE", "E", "DASH", "OU", "ENTRE")
    if listed or not value.exists() or hit["day"].raw == "uma" or "semana" in hit["month"].raw:
        return None
    within = narrowed(value, hit.value("month"))
    return ("DAY", within) if within is not None else None


@parts_of_periods.rule("(?P<first>SPAN) (?:COMMA|DE|EM|A|AGORA)* (?P<second>DAY)")
def period_then_day(hit: Hit):
    """Reads "semana que vem na terça", "em dezembro, dia 10"."""
    value = narrowed(hit.value("second"), hit.value("first"))
    return ("DAY", value) if value is not None else None


def narrowed(day: Day, period: Day) -> Day | None:
    """The day within a week or a month that was named beside it, or None when they do not belong together."""
    if isinstance(day, Weekday) and isinstance(period, Week) and period.days == 7:
        return replace(day, week=period.shift)
    if isinstance(day, Date) and day.month is None and isinstance(period, Month) and period.part is None:
        if period.month is None:
            return replace(day, month_shift=period.shift)
        return replace(day, month=period.month, year=period.year)
    if isinstance(day, DayRange) and isinstance(period, Month) and isinstance(day.first, Date) and day.last:
        first, last = narrowed(day.first, period), narrowed(day.last, period)
        return DayRange(first, last) if first and last else None
    return None
