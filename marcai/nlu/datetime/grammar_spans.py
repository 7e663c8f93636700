"""Last layers: parts of the day, approximations, ranges and open ends of clock times and of days."""

from __future__ import annotations

from dataclasses import replace

from .clocks import Clock, ClockRange, part_range
from .days import Date, Day, DayRange, Relative
from .engine import Hit, Layer
from .grammar_clocks import clock_of, counts_things
from .grammar_periods import narrowed
from .tokens import Token

parts = Layer()
ranges = Layer()
opens = Layer()

_EDGES = {"FIM": "fim", "COMECO": "início", "MEIO": "meio", "MEADOS": "meio"}
_PREPOSITION = (
    "DE",
    "A",
    "EM",
    "PELA",
    "ESTE",
    "TODO",
    "O",
    "SO",
    "PARA",
    "COMMA",
    "OU",
    "STOP",
    "ATE",
    "NAO",
)


@parts.rule(
    "(?P<this>ESTE)? (?P<part>PARTW)",
    "(?P<this>AGORA|ESTE) (?:A|DE|PELA|EM) (?P<part>PARTW)",
    "TODO (?:A|O)? (?P<part>PARTW)",
    "(?P<part>PARTW) TODO",
    "(?P<part>PARTW) (?:BEM)? CEDO",
    "CEDO (?:DE|PELA) (?P<part>PARTW)",
)
def part_of_day(hit: Hit):
    """Reads "de manhã", "à tarde", "esta noite", "manhã cedo"."""
    token, before = hit["part"], hit.before()
    listed = (
        before is not None and before.is_a("E") and hit.before(2) is not None and hit.before(2).is_a("PART")
    )
    if token.is_a("TARDE") and len(hit.covered()) == 1 and not (listed or _introduced(before)):
        return None
    if len(hit.covered()) == 1 and (_is_thing(hit, before) or (token.raw.endswith("s") and before is None)):
        return None
    value = part_range(token.value)
    return ("PAIR", (Relative(), value)) if hit["this"] else ("CLOCKS", value)


def _is_thing(hit: Hit, before: Token | None) -> bool:
    """Reads "café da manhã", "noite de núpcias"."""
    if before is not None and before.is_a("DE") and hit.before(2) is not None and hit.before(2).raw == "cafe":
        return True
    after, noun = hit.after(), hit.after(1)
    bare = before is None or before.is_a("WORD", "FILL")
    return (
        bare
        and after is not None
        and after.is_a("DE")
        and noun is not None
        and noun.is_a("WORD")
        and noun.raw != "preferencia"
    )


def _introduced(before: Token | None) -> bool:
    return before is None or before.is_a(
        *_PREPOSITION,
        "DAY",
        "DAYS",
        "SPAN",
        "FILL",
        "VOID",
        "CLOCK",
        "CLOCKS",
        "CHOICE",
        "HORARIO",
        "PAREN",
        "SER",
        "QUEVEM",
    )


@parts.rule(
    "(?P<edge>FIM|COMECO|MEIO|MEADOS) (?:DE|EM)? (?P<part>PARTW)",
    "(?P<edge>FIM|COMECO) DE (?P<day>DIA|SHIFT_END)",
)
def edge_of_part(hit: Hit):
    """Reads "fim da tarde", "começo da noite", "finalzinho da manhã", "fim do dia"."""
    edge = _EDGES[hit["edge"].name]
    if hit["day"]:
        return "CLOCKS", part_range(f"{edge} do dia")
    part = hit.value("part")
    return ("CLOCKS", part_range(f"{edge} da {part}")) if part in ("manhã", "tarde", "noite") else None


@parts.rule("(?:BEM|DE)? CEDO", "CEDO BEM")
def early(hit: Hit):
    """Reads "amanhã cedo", "bem cedo": in the morning."""
    before = hit.before()
    if len(hit.covered()) == 1 and not (_introduced(before) or before.is_a("SO", "CLOCK")):
        return None
    if (
        before is not None
        and before.is_a("E", "MUITO", "MAIS", "MEIO", "FILL")
        and before.raw not in ("prefiro", "entao")
    ):
        return None
    return "CLOCKS", part_range("manhã")


@parts.rule(
    "(?P<side>DEPOIS|ANTES) (?:DE|O)? (?P<meal>ALMOCO)",
    "(?:HORA|HORARIO) DE (?P<meal>ALMOCO)",
    "EM (?P<meal>ALMOCO)",
)
def lunch(hit: Hit):
    """Reads "depois do almoço" is 13 to 18, "na hora do almoço" 12 to 14, "antes do almoço" until 12."""
    if hit["side"] is None:
        return "CLOCKS", part_range("almoço")
    if hit["side"].is_a("DEPOIS"):
        return "CLOCKS", part_range("depois do almoço")
    return "CLOCKS", ClockRange(None, Clock(12, fixed=True))


@parts.rule("DEPOIS (?:DE|QUE|EM)? (?:O|WORD){0,3} DE? (?P<shift>SHIFT_END)", "HORARIO WORD")
def office_hours(hit: Hit):
    """Reads "depois do trabalho" is from 18 on; "horário comercial" is 8 to 18."""
    if hit["shift"]:
        return "CLOCKS", ClockRange(Clock(18, fixed=True), None)
    return ("CLOCKS", part_range("horário comercial")) if hit.covered()[1].raw == "comercial" else None


@parts.rule(
    "LA? (?:PELAS|UMAS) (?P<clock>CLOCK)",
    "LA (?:PARA|PRAS|AS) (?:AS|O)? (?P<clock>CLOCK)",
    "LA? POR VOLTA (?:DE|DAS) (?:AS|O)? (?P<clock>CLOCK)",
    "EM TORNO (?:DE|DAS) (?:AS|O)? (?P<clock>CLOCK)",
    "PERTO (?:DE|DAS) (?:AS|O)? (?P<clock>CLOCK)",
    "(?P<clock>CLOCK) (?P<tail>UMAS)",
    "LA (?P<clock>CLOCK)",
    "UMAS (?:AS) (?P<clock>CLOCK)",
)
def approximately(hit: Hit):
    """Reads "lá pelas 15h", "umas 14", "por volta das 3", "10 mais ou menos"."""
    if hit["tail"] and hit["tail"].raw in ("umas", "uns"):
        return None
    return "CLOCK", replace(hit.value("clock"), approximate=True)


_LEAD = "(?P<lead>DE|DAS|ENTRE AS?|DESDE (?:AS|DAS)?|A? PARTIR (?:DE|DAS))"
_TO = "(?P<to>A|AS|ATE (?:AS|A|O)?|E (?:AS|A|DAS)?|E ATE (?:AS|A|O)?|DASH|PARTIR)"


@ranges.rule(
    f"{_LEAD} (?P<start>CLOCK|NUMBER) {_TO} (?P<end>CLOCK|NUMBER) HORA?",
    "(?P<start>CLOCK|NUMBER) (?P<to>AS|A|ATE (?:AS|A|O)?|DASH|SLASH) (?P<end>CLOCK) HORA?",
    "(?P<start>CLOCK) (?P<to>AS|A|ATE (?:AS|A|O)?|DASH) (?P<end>CLOCK|NUMBER) HORA?",
    "(?P<start>NUM) (?P<to>AS) (?P<end>NUM) HORA?",
)
def clock_range(hit: Hit):
    """Reads "das 14 às 16", "entre 5 e 7", "de 9 a 11", "10h-11h", "14-16h"."""
    lead, to = hit["lead"], hit["to"]
    start, end = clock_of(hit["start"]), clock_of(hit["end"])
    if start is None or end is None or (to.is_a("E") and not (lead is not None and lead.is_a("ENTRE"))):
        return None
    if to.is_a("SLASH") and not 7 <= start.hour < end.hour:
        return None
    both_bare = hit["start"].is_a("NUMBER") and hit["end"].is_a("NUMBER")
    after = hit.after()
    if both_bare and (counts_things(after, strict=True) or (after is not None and after.is_a("UNIT"))):
        return None
    if both_bare and lead is not None and lead.is_a("DE") and (lead.raw in ("do", "da") or start.hour == 0):
        return None  # "de zero a dez"
    if hit["start"].is_a("UM") and hit["start"].raw == "um":
        return None
    value = ClockRange(start, end)
    return ("CLOCKS", value) if value.runs_forward else None


@ranges.rule(
    f"{_LEAD}? O? (?P<start>DAY|NUM|DEZ|UM|ORD) {_TO} O? (?P<end>DAY|SPAN)",
    f"{_LEAD} O? (?P<start>DAY) {_TO} O? (?P<number>NUM|DEZ)",
    "ENTRE O? (?P<pair>CHOICE)",
)
def day_range(hit: Hit):
    """Reads "de segunda a sexta", "13 a 15 de julho", "do dia 10 ao dia 15", "entre os dias 5 e 10"."""
    if hit["pair"]:
        pair = hit.value("pair")
        return ("DAYS", DayRange(pair[0], pair[-1])) if isinstance(pair[0], Date) else None
    lead, to = hit["lead"], hit["to"]
    if (to.is_a("E") and not (lead is not None and lead.is_a("ENTRE", "DESDE"))) or to.is_a("AS"):
        return None
    start, end = hit["start"], hit.value("end")
    if hit["number"]:
        end = _closing_day(start.value, hit["number"], hit.after())
        if end is None:
            return None
    first = start.value if start.is_a("DAY") else _shared_month(start, end)
    if first is None or (
        to.is_a("A") and isinstance(first, Relative) and isinstance(end, Relative) and lead is None
    ):
        return None
    return "DAYS", DayRange(_aligned(first, end), end)


def _closing_day(start: Day, number: Token, after: Token | None) -> Date | None:
    """The bare number that closes "do dia 10 ao 15"."""
    if not isinstance(start, Date) or counts_things(after, strict=True):
        return None
    end = Date(number.value, start.month, start.year)
    return end if end.exists() else None


def _shared_month(number: Token, end: Day) -> Date | None:
    """The day that a bare number means beside "15 de julho"."""
    if not isinstance(end, Date) or number.raw == "uma":
        return None
    first = Date(number.value, end.month, end.year, month_shift=end.month_shift)
    return first if first.exists() else None


def _aligned(first: Day, end: Day) -> Day:
    """Lets the month and year said at the end hold for the start as well."""
    if not (isinstance(first, Date) and isinstance(end, Date)) or first.year:
        return first
    if first.month is None:
        return replace(first, month=end.month, year=end.year, month_shift=end.month_shift)
    if end.year and end.month:
        return replace(first, year=end.year - ((first.month, first.day) > (end.month, end.day)))
    return first


@ranges.rule(
    "(?:DE|ENTRE|DIAS|DESDE)? (?:O|DIAS)? (?P<start>NUM|DEZ|UM) (?P<to>A|E|ATE|DASH) (?P<end>NUM|DEZ) DE?"
    " (?P<month>SPAN)",
    "DIAS (?P<start>NUM|DEZ) (?P<to>A|ATE|DASH) (?P<end>NUM|DEZ)",
)
def days_of_month(hit: Hit):
    """Reads "de 4 a 22 deste mês", "dias 10 a 15"."""
    value = DayRange(Date(hit.value("start")), Date(hit.value("end")))
    if not (value.first.exists() and value.last.exists()):
        return None
    if hit["month"]:
        value = narrowed(value, hit.value("month"))
    return ("DAYS", value) if value else None


def _edge(hit: Hit, latest: int, *followers: str) -> Clock | None:
    """The clock time that opens or closes a range.

    Args:
        hit: has a token `clock`, or `bare` for a number that nothing but "depois de" or "até" tells to be an hour.
        latest: the latest such hour.
        followers: the token classes after which the number is something else.
    """
    bare, after = hit["bare"], hit.after()
    if bare is None:
        return hit.value("clock")
    counted = counts_things(after, strict=True) or (after is not None and after.is_a(*followers))
    return clock_of(bare) if 7 <= bare.value <= latest and not counted else None


@opens.rule(
    "(?:DEPOIS (?:DE|DAS)?|A? PARTIR (?:DE|DAS)?|DESDE) (?:AS|O|A|UMAS|PELAS)? (?P<clock>CLOCK) (?:EM"
    " DIANTE|PARA DIANTE)?",
    "(?:DE|DAS|PELAS) (?P<clock>CLOCK) (?:EM|PARA) DIANTE",
    "(?P<clock>CLOCK) (?:EM|PARA) DIANTE",
    "MAIS DE (?P<clock>CLOCK)",
    "DEPOIS DE (?P<bare>NUM|DEZ)",
)
def from_clock(hit: Hit):
    """Reads "depois das 14h", "a partir das 10", "das 14 em diante"."""
    clock = _edge(hit, 21, "UNIT", "DE")
    return ("CLOCKS", ClockRange(clock, None)) if clock else None


@opens.rule(
    "(?P<until>ANTES (?:DE|DAS)|ATE) (?:AS|O|A|UMAS|PELAS|EM)* (?P<clock>CLOCK)",
    "(?P<until>ATE) (?P<bare>NUM|DEZ)",
)
def until_clock(hit: Hit):
    """Reads "até as 16", "antes das 6h"."""
    clock = _edge(hit, 22, "UNIT", "DE", "VOID")
    return ("CLOCKS", ClockRange(None, clock)) if clock else None


@opens.rule(
    "(?:DEPOIS (?:DE)?|A? PARTIR (?:DE|EM)?|DESDE) O? (?P<day>DAY|SPAN) (?:EM|PARA)? DIANTE?",
    "DE (?P<day>DAY|SPAN) (?:EM|PARA) DIANTE",
    "(?P<day>DAY|SPAN) (?:EM|PARA) DIANTE",
)
def from_day(hit: Hit):
    """Reads "a partir de segunda", "do dia 8 em diante", "depois do dia 1º" (rustling counts that day in)."""
    value = hit.value("day")
    first = hit.covered()[0]
    after_span = first.is_a("DEPOIS") and hit["day"].is_a("SPAN")
    return "DAYS", DayRange(value, None, after=after_span)


@opens.rule("(?P<until>ANTES DE|ATE) (?:O|A|EM)* (?P<day>DAY|SPAN)")
def until_day(hit: Hit):
    """Reads "até sexta", "antes do dia 10"."""
    return "DAYS", DayRange(None, hit.value("day"), before=hit["until"].is_a("ANTES"))


@opens.rule("ATE (?:O|A|EM|DE)* (?P<part>CLOCKS)")
def until_part(hit: Hit):
    """Reads "até o fim da tarde"."""
    value = hit.value("part")
    return ("CLOCKS", ClockRange(None, value.end)) if value.part and value.end else None
