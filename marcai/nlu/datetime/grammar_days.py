"""Fourth layer: single days - dates, weekdays, holidays and "daqui a N"."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from .clocks import Offset
from .days import Date, Holiday, Month, Nth, Relative, Weekday
from .engine import Hit, Layer
from .lexicon import ORDINAL_NOUNS, VISITS
from .tokens import Token

days = Layer()

UNIT_OF = {
    "HORA": "hour",
    "MINUTO": "minute",
    "DIA": "day",
    "DIAS": "day",
    "SEMANA": "week",
    "SEMANAS": "week",
    "MES": "month",
    "MESES": "month",
    "ANO": "year",
    "ANOS": "year",
}


def month_of(token: Token) -> int | None:
    """The month that a token names; "dez" is December only by its spelling."""
    return 12 if token.is_a("DEZ") and token.raw == "dez" else None if token.is_a("DEZ") else token.value


def year_of(token: Token | None) -> int | None:
    if token is None:
        return None
    return token.value if token.value >= 100 else 2000 + token.value


def _dated(date: Date):
    return ("DAY", date) if date.exists() else ("BAD", "date")


@days.rule("HOJE", "AINDA HOJE", "HOJE (?:AINDA|MESMO)", "HOJE (?:EM)? DIA")
def today(hit: Hit):
    """Reads "hoje", "ainda hoje"; "hoje em dia" is no date."""
    return ("VOID", None) if hit.covered()[-1].is_a("DIA") else ("DAY", Relative())


@days.rule("AMANHA", "AMANHA (?:MESMO|AINDA)")
def tomorrow(hit: Hit):
    """Reads "amanhã"."""
    return "DAY", Relative(days=1)


@days.rule("(?P<word>ONTEM)")
def yesterday(hit: Hit):
    """Reads "ontem", "anteontem"."""
    return "DAY", Relative(days=hit.value("word"))


@days.rule(
    "DIA? O? (?P<day>NUMBER|ORD) DE? (?P<month>MON) (?:(?:DE ANO)? (?:DE|COMMA)? (?P<year>YEAR))?",
    "DIA? O? (?P<day>NUMBER|ORD) DE (?P<month>MON) DE (?P<year>NUM) (?! HORA| DE (?:PART|TARDE))",
    "DIA? O? (?P<day>NUMBER) (?:SLASH|DASH) (?P<month>MON) (?:(?:SLASH|DASH) (?P<year>YEAR|NUM))?",
    "DIA? O? (?P<day>NUMBER|ORD) DE (?P<month>MON) DE? (?P<shift>ANO QUEVEM|PROX ANO|ESTE ANO)",
    "O? (?P<day>ORD|LAST) DIA DE (?:MES DE)? (?P<month>MON) (?:DE? (?P<year>YEAR))?",
)
def day_and_month(hit: Hit):
    """Reads "5 de maio", "1º de março de 2027", "2/out", "27-nov-26", "o terceiro dia de outubro"."""
    day, month = hit["day"], month_of(hit["month"])
    if month is None or day.raw == "uma" or (day.is_a("ORD") and day.value > 31):
        return None
    if hit["month"].is_a("MABBR") and day.is_a("UM"):
        return None
    year = year_of(hit["year"]) if hit["year"] else None
    if day.is_a("LAST"):
        return "DAY", Nth(-1, "day", Month(month, year))
    if hit["shift"]:
        year = hit.today.year + (not hit["shift"].is_a("ESTE"))
    if year is not None and not 1900 <= year < 2100:
        return None
    return _dated(Date(day.value, month, year))


@days.rule("DIA? (?P<date>DATE)")
def numeric_date(hit: Hit):
    """Reads "27/11", "27.11.26", "2026-11-27"."""
    return "DAY", hit.value("date")


@days.rule("(?P<lead>DIA|DIAS)? (?P<day>NUM) DASH (?P<month>NUM)")
def dashed_date(hit: Hit):
    """Reads "27-11" and "dia 5-12"; "13-15" may be a range and is left alone."""
    day, month = hit.value("day"), hit.value("month")
    lead = hit["lead"]
    plain = (
        hit["day"].raw.isdigit() and hit["month"].raw.isdigit() and hit["month"].start - hit["day"].end == 1
    )
    if not plain or (lead is None and day <= 23) or (lead is not None and lead.is_a("DIAS")):
        return None
    date = Date(day, month)
    return ("DAY", date) if date.exists() else None


@days.rule("DIA O? (?P<day>NUMBER|ORD) (?! (?:HORA|MINUTO|SEMANA|SEMANAS|DIAS|MESES|ANOS))")
def day_of_month(hit: Hit):
    """Reads "dia 5", "dia primeiro"."""
    day, before = hit["day"], hit.before()
    if day.raw == "uma" or (before is not None and before.is_a("NUM", "UM")):
        return None
    return _dated(Date(day.value))


@days.rule("DIA (?P<day>NUMBER) DE (?:MES)? (?P<month>NUMBER) (?! HORA| DE (?:PART|TARDE))")
def day_of_numbered_month(hit: Hit):
    """Reads "dia 5 do 12", "dia 5 do mês 12"."""
    preposition = next(token for token in hit.covered() if token.is_a("DE"))
    if preposition.raw != "do" or not 1 <= hit.value("month") <= 12:
        return None
    return _dated(Date(hit.value("day"), hit.value("month")))


@days.rule(
    "(?P<day>NUM) DE (?P<month>NUM) (?=STOP|COMMA|AS|CLOCK|$)", "(?P<day>NUM) (?P<month>NUM) (?P<year>YEAR)"
)
def bare_numbers(hit: Hit):
    """Reads "27 do 11", "27 11 2026"."""
    if not all(token.raw.isdigit() or token.raw == "do" for token in hit.covered()):
        return None
    date, before = Date(hit.value("day"), hit.value("month"), hit.value("year")), hit.before()
    return ("DAY", date) if date.exists() and not (before is not None and before.is_a("AS", "DAS")) else None


@days.rule("DIA BIG")
def impossible_day(hit: Hit):
    """Reads "dia 310"."""
    return "BAD", "date"


@days.rule(
    "(?:DIA|DIAS) (?P<first>NUM|DEZ|ORD) (?P<joint>E|OU|COMMA) DIA? (?P<second>NUM|DEZ)"
    " (?:(?:E|OU) DIA? (?P<third>NUM|DEZ))? (?:DE (?P<month>MON))? (?! HORA| MINUTO)",
    "(?P<first>NUM|DEZ) (?P<joint>OU|E) (?P<second>NUM|DEZ) DE (?P<month>MON)",
)
def several_days(hit: Hit):
    """Reads "dia 5 ou 6", "dias 5, 6 e 7 de maio"."""
    numbers = [hit[group] for group in ("first", "second", "third") if hit.match.groupdict().get(group)]
    month = month_of(hit["month"]) if hit["month"] is not None else None
    dates = tuple(Date(number.value, month) for number in numbers)
    if not all(date.exists() for date in dates):
        return None
    if hit["joint"].is_a("COMMA") and len(dates) == 2 and not hit.covered()[0].is_a("DIAS"):
        return None
    return "CHOICE", dates


def _weekday_mode(hit: Hit) -> str:
    names = {token.name for token in hit.covered()}
    if "PASSADO" in names:
        return "past"
    if "OUTRO" in names:
        return "other"
    if names & {"PROX", "QUEVEM"} and "ESTE" not in names:
        return "next"
    return "this" if names & {"ESTE", "AGORA", "PROX", "QUEVEM"} else "bare"


@days.rule(
    "(?:(?:ESTE|OUTRO|AGORA|TODO) EM?)? PROX? (?P<day>WDAY) (?:AGORA|QUEVEM|PROX|PASSADO|MESMO)?",
    "(?P<day>WDAY) (?:DE|EM) (?P<week>ESTE|PROX|OUTRO) SEMANA",
    "(?P<day>WDAY) (?:DE|EM)? (?P<week>SEMANA) (?:QUEVEM|PROX)",
    "(?P<day>WDAY) COMMA? (?:(?:SEM|QUE NAO) SER|NAO (?:E|SER|EM|A)*) ESTE (?:(?:COMMA|E|A|EM)* (?:OUTRO|PROX))?",
    "NAO (?:E|SER|EM|A|O)* ESTE (?P<day>WDAY) (?:COMMA|TURN|E|SER|A|O|EM)* OUTRO (?=STOP|COMMA|AS|CLOCK|$)",
    "ESTE (?P<day>WDAY) NAO (?:COMMA|STOP|SO|E|A|O|EM)* OUTRO (?=STOP|COMMA|AS|CLOCK|$)",
)
def weekday(hit: Hit):
    """Reads "sexta", "essa sexta", "sexta que vem", "sexta da semana que vem", "sexta sem ser essa"."""
    index = hit.value("day")
    if hit["week"]:
        named = hit["week"].is_a("ESTE")
        return "DAY", Weekday(index, "this", week=0 if named else 1)
    if any(token.is_a("NAO", "SEM") for token in hit.covered()):  # "sem ser essa", "não nessa, na outra"
        return "DAY", Weekday(index, "other")
    return "DAY", Weekday(index, _weekday_mode(hit))


@days.rule("ESTE? (?P<day>WDAY) AGORA? COMMA? OU (?:EM|A)* OUTRO (?=STOP|COMMA|$)")
def this_or_the_other(hit: Hit):
    """Reads "sexta agora ou a outra"."""
    return "CHOICE", (Weekday(hit.value("day"), "this"), Weekday(hit.value("day"), "other"))


@days.rule(
    "(?P<day>ORD) (?= QUEVEM| AS| DIA| CLOCK| PROX| COMMA| AGORA| A (?:PART|TARDE)| DE (?:PART|TARDE)|$)",
    "(?<=EM|OU) (?P<day>ORD)",
    "(?<=ESTE|PROX) (?P<day>ORD)",
)
def ordinal_weekday(hit: Hit):
    """Reads "na 4ª", "5a às 10": the numbered weekdays, without "feira"; not "na 2a sessão"."""
    token = hit["day"]
    if not token.raw[0].isdigit() or not token.raw.rstrip(".").endswith("a") or not 2 <= token.value <= 6:
        return None
    after, before = hit.after(), hit.before()
    if after is not None and after.is_a("WORD") and (after.raw in ORDINAL_NOUNS or after.raw.endswith(VISITS)):
        return None
    return "DAY", Weekday(token.value - 2, "next" if before is not None and before.is_a("PROX") else "bare")


@days.rule(
    "(?P<day>WDAY) (?:COMMA|PAREN)? DIA? (?P<number>NUM) (?P<of>DE) (?P<numbered>NUM) (?! HORA| DE (?:PART|TARDE))"
)
def weekday_and_numbers(hit: Hit):
    """Reads "quinta 17 do 12"."""
    date = Date(hit.value("number"), hit.value("numbered"), weekday=hit.value("day"))
    return ("DAY", date) if hit["of"].raw == "do" and date.exists() else None


@days.rule(
    "(?:ESTE|AGORA)? PROX? (?P<day>WDAY) (?:QUEVEM)? (?:COMMA|PAREN|AGORA)? (?P<lead>DIA)? O?"
    " (?P<number>NUM|DEZ|ORD)"
    " (?! HORA| HORARIO| E (?:MEIA|NUMBER)| (?:PARA|PRAS)| MINUTO| DE (?:PART|TARDE)| DASH| AMPM| A (?:NUM|CLOCK)|"
    " AS (?:NUM|CLOCK)"
    " DE MON| ATE| DE MON)",
    "(?:ESTE|AGORA)? PROX? (?P<day>WDAY) (?:QUEVEM)? (?:COMMA|PAREN)? (?P<lead>DIA)? O?"
    " (?P<number>NUM|DEZ|ORD) (?P<of>DE)"
    " (?P<month>MON) (?:DE? (?P<year>YEAR))?",
    "(?:ESTE|AGORA)? PROX? (?P<day>WDAY) (?:QUEVEM)? (?:COMMA|PAREN)? (?P<lead>DIA)? O?"
    " (?P<number>NUM|DEZ|ORD)"
    " (?P<month>MONTH|MABBR) (?:DE? (?P<year>YEAR))?",
    "(?:ESTE|AGORA)? PROX? (?P<day>WDAY) (?:QUEVEM)? (?:COMMA|PAREN)? (?P<lead>DIA)? O? (?P<date>DATE)",
)
def weekday_and_date(hit: Hit):
    """Reads "sexta dia 27", "quarta, 13 de fevereiro", "sábado 3/10"; "sexta 15" is a clock time."""
    index = hit.value("day")
    if hit["date"]:
        date = hit.value("date")
        return "DAY", date if date.year else replace(date, weekday=index)
    month = month_of(hit["month"]) if hit["month"] else None
    year = year_of(hit["year"]) if hit["year"] else None
    date = Date(hit.value("number"), month, year, weekday=None if year else index)
    if not date.exists():
        return ("BAD", "date") if hit["lead"] else None
    if hit["lead"] or month or date.day > 23 or hit["number"].is_a("ORD"):
        return "DAY", date
    return ("DAY", date) if _fits_soon(hit, date) else None


def _fits_soon(hit: Hit, date: Date) -> bool:
    """Whether "sexta 13" can only, or at least very likely, mean a day of the month."""
    after = hit.after()
    if after is not None and after.is_a("WORD") and after.raw.endswith("s"):
        return False
    clock_follows = after is not None and (
        after.is_a("CLOCK", "AS", "POR") or (after.is_a("COMMA", "UMAS") and _starts_clock(hit.after(1)))
    )
    if clock_follows or (date.weekday, date.day) == (4, 13) or date.day < 6:
        return True
    return date.resolve(hit.today, True).first - hit.today <= timedelta(days=14)


def _starts_clock(token: Token | None) -> bool:
    return token is not None and token.is_a("CLOCK", "AS", "NUM")


@days.rule("DE? (?P<day>HOJE|AMANHA|WDAY) (?:A|EM) (?P<count>NUM) DIAS?")
def a_week_from(hit: Hit):
    """Reads "de hoje a oito": a week from today; "a quinze" is a fortnight."""
    count = hit.value("count")
    if count not in (8, 15):
        return None
    days_later = 7 if count == 8 else 14
    day = hit["day"]
    if day.is_a("WDAY"):
        return "DAY", Weekday(day.value, later=days_later)
    return "DAY", Relative(days=days_later + day.is_a("AMANHA"))


@days.rule(
    "(?:DAQUI (?:A|EM|PARA)?|DENTRO DE|EM) (?:UMAS|MAIS|SO)? (?P<count>NUMBER|MEIA) (?P<unit>UNIT)"
    " (?:E (?P<rest>MEIA|MEIO|NUMBER) (?P<rest_unit>UNIT)?)?",
    "DAQUI (?:A|EM)? (?:UMAS)? (?P<unit>UNIT)",
    "(?P<count>NUMBER|MEIA) (?P<unit>UNIT) A? PARTIR DE (?:HOJE|AGORA)",
)
def from_now(hit: Hit):
    """Reads "daqui a duas semanas", "em 3 dias", "daqui a uma hora e meia", "daqui meia hora"."""
    count = hit["count"] if hit["count"] else None
    unit = UNIT_OF[hit["unit"].name]
    amount = 1 if count is None else 0.5 if count.is_a("MEIA") else count.value
    if (count is None and unit in ("day", "minute")) or (amount == 0.5 and unit != "hour"):
        return None
    if hit.covered()[0].raw in ("no", "na", "nos", "nas"):
        return None
    if hit.after() is not None and hit.after().raw in ("uteis", "corridos"):  # a term: "em 5 dias úteis"
        return None
    rest, rest_unit = _rest(hit, unit) if hit["rest"] else (0, unit)
    if rest is None:
        return None
    if unit in ("hour", "minute"):
        minutes = amount * (60 if unit == "hour" else 1) + rest
        return "INSTANT", Offset(timedelta(minutes=minutes), "minute")
    total = amount + (rest if rest_unit == unit else 0)
    if unit in ("month", "year"):
        months = total * (12 if unit == "year" else 1)
        return "DAY", Relative(months=int(months), days=round(30 * (months % 1)))
    extra = rest if rest_unit == "day" and unit == "week" else 0
    return "DAY", Relative(days=round(total * (7 if unit == "week" else 1) + extra))


def _rest(hit: Hit, unit: str) -> tuple[float | None, str]:
    """What follows the "e": a half of the unit, or minutes, or days."""
    rest, rest_unit = hit["rest"], hit["rest_unit"]
    named = UNIT_OF[rest_unit.name] if rest_unit is not None else None
    if rest.is_a("MEIA", "MEIO"):
        return (30 if unit == "hour" else 0.5), unit
    if unit == "hour":
        return (rest.value, unit) if named in (None, "minute") else (None, unit)
    return (rest.value, "day") if named == "day" else (None, unit)


@days.rule("DAQUI (?:A|EM)? (?P<count>NUMBER) (?P<day>WDAY)")
def weekdays_from_now(hit: Hit):
    """Reads "daqui a duas sextas"."""
    return "DAY", Weekday(hit.value("day"), later=7 * (hit.value("count") - 1))


@days.rule("(?:DAQUI (?:A|EM)?|DENTRO DE|EM) (?:UMAS|MAIS)? (?P<clock>CLOCK) (?:E (?P<half>MEIA))?")
def hours_from_now(hit: Hit):
    """Reads "daqui a 1h", "daqui 1h30", "em 2h"; "em 15h" is no offset."""
    clock, first = hit.value("clock"), hit.covered()[0]
    plain_hours = not clock.fixed and ":" not in hit["clock"].raw
    if not plain_hours or (first.is_a("EM") and (clock.hour > 12 or first.raw != "em")):
        return None
    minutes = clock.hour * 60 + clock.minute + (30 if hit["half"] else 0)
    return "INSTANT", Offset(timedelta(minutes=minutes), "minute")


@days.rule("AGORA MESMO?")
def right_now(hit: Hit):
    """Reads "agora mesmo", and "agora" where it ends a wish."""
    if len(hit.covered()) == 2:
        return "INSTANT", Offset(timedelta(), "second")
    before, after = hit.before(), hit.after()
    ends = after is None or after.is_a("STOP")
    starts = before is None or before.is_a("FILL", "SER", "PARA", "STOP", "COMMA", "HORARIO", "HAVE")
    return ("INSTANT", Offset(timedelta(), "second")) if ends and starts else None


@days.rule(
    "(?P<eve>VESPERA DE)? (?P<holiday>HOLIDAY) (?:(?:DE)? (?P<year>YEAR)|DE (?P<shift>ANO QUEVEM|PROX ANO))?"
)
def holiday(hit: Hit):
    """Reads "no natal", "véspera de ano novo", "carnaval de 2027"; not "voo pra Natal"."""
    before = hit.before()
    if hit["eve"] is None and (_is_place(hit) or (before is not None and not _is_festive(hit, before))):
        return "VOID", None
    return "DAY", Holiday(
        hit.value("holiday"),
        -1 if hit["eve"] else 0,
        hit.value("year") if hit["year"] else None,
        next_year=bool(hit["shift"]),
    )


def _is_place(hit: Hit) -> bool:
    """Whether the words name a town: "São João da Boa Vista", "Natal RN"."""
    said, after, noun = hit["holiday"].raw, hit.after(), hit.after(1)
    if after is None:
        return False
    saint = said.endswith("joao") and after.is_a("DE") and noun is not None and noun.is_a("WORD", "BOM")
    return saint or (said == "natal" and after.raw == "rn")


def _is_festive(hit: Hit, before: Token) -> bool:
    said = hit["holiday"].raw
    if before.is_a("WORD"):  # a surname: "Julia Natal"
        return said != "natal" or before.raw.startswith(("feriado", "semana", "abr", "atend", "func"))
    if before.raw in ("de", "d"):
        earlier = hit.before(2)
        return earlier is not None and earlier.raw in (
            "semana",
            "dia",
            "noite",
            "feriado",
            "vespera",
            "antes",
            "depois",
            "partir",
            "fim",
            "periodo",
            "antevespera",
        )
    town = before.raw == "em" or (said == "natal" and before.raw in ("pra", "para", "p", "p/"))
    return not (town and said in ("natal", "sao joao"))
