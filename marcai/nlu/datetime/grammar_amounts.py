"""Third layer: prices, sizes, durations, dyes and dates of birth, whose numbers look like times."""

from __future__ import annotations

from .engine import Hit, Layer
from .lexicon import DYES, words

amounts = Layer()

_TAKES = words("toma tomar tomou ocupa ocupar come comer vai leva levar dura durar gasta")
_ENDS = ("cab", "termin", "acab", "despach", "descasc", "descol", "caiu", "cai", "soltou", "sumiu", "desbot")
_WAITED = ("espera", "plantad", "sentad", "parad", "aguard", "mofando", "deitad")


@amounts.rule(
    "BIRTH (?:EM|DIA|O|A|STOP|COMMA|DE|WORD){0,5}? (?:DATE|DIA? (?:NUM|DEZ|ORD) DE MON (?:DE? (?:YEAR|NUM))?"
    "|MON (?:DE? YEAR)?|YEAR)",
    "DATE E? (?:A|O|WORD)* BIRTH",
)
def birth(hit: Hit):
    """Drops "nasci em 12/03/1990", "data de nascimento: 5 de maio de 85"; not after "Ana Nascimento"."""
    before = hit.before()
    surname = hit.covered()[0].raw == "nascimento" and before is not None and before.is_a("WORD")
    return None if surname else ("VOID", None)


@amounts.rule("(?P<date>DATE)")
def no_date(hit: Hit):
    """Drops "24/7", "1/3 do cabelo", the colours "12.11" and "7/1" of a dye, and a past date to be tattooed."""
    written, before, after = hit["date"].raw, hit.before(), hit.after()
    fraction = written in ("1/2", "1/3", "2/3", "1/4", "3/4") and not (
        before is not None and before.is_a("EM", "DIA")
    )
    counted = after is not None and (
        after.is_a("WORD", "HORA")
        or (after.is_a("DE") and hit.after(1) is not None and hit.after(1).is_a("WORD"))
    )
    dye = before is not None and before.is_a("WORD") and (written.count(".") == 1 or before.raw in DYES)
    year = hit.value("date").year
    memory = year is not None and year < hit.today.year and any(
        token.raw.startswith(("tatu", "tatto")) for token in hit.tokens
    )
    return ("VOID", None) if written == "24/7" or (fraction and counted) or dye or memory else None


@amounts.rule("(?<=WORD) (?P<clock>CLOCK)")
def dye(hit: Hit):
    """Drops "tinta 7.15": colours of dyes are written like clock times."""
    hour, mark, _ = hit["clock"].raw.partition(".")
    return ("VOID", None) if mark and hour.isdigit() and int(hour) <= 12 else None


@amounts.rule("(?P<clock>CLOCK)")
def around_the_clock(hit: Hit):
    """Drops "24h" (opening hours), but not "às 24h" (midnight)."""
    before = hit.before()
    said_as_time = before is not None and before.is_a("AS", "ATE", "DAS", "PRAS", "A", "PARA", "DAQUI", "EM")
    return ("VOID", None) if hit["clock"].raw.startswith("24") and not said_as_time else None


@amounts.rule(
    "COST (?:DE|UMAS|A|EM|SO|POR|ATE|MAIS|MENOS|MUITO|O|QUE|STOP){0,4} (?:NUM|DEZ|UM|BIG)"
    " (?:(?:E|A|OU|ATE) (?:NUM|BIG))* (?! HORA| DE MON| DE (?:PART|TARDE))",
    "COST (?:DE|UMAS|A|EM|SO|POR|ATE|MAIS|MENOS|MUITO|O|QUE|STOP){0,4} (?P<dotted>CLOCK)",
)
def amount(hit: Hit):
    """Drops "custa uns 15", "parcelo em até 12", "paguei 15 e 30", "preço 12.50"."""
    dotted = hit["dotted"]
    return ("VOID", None) if dotted is None or "." in dotted.raw else None


@amounts.rule("(?P<width>NUM|DEZ) POR (?:NUM|DEZ)")
def size(hit: Hit):
    """Drops "uns 15 por 10 cm", "pressão 12 por 8"."""
    before = hit.before()
    clock = before is not None and (before.is_a("AS", "DAS", "MOVE") or before.raw == "umas")
    return None if clock else ("VOID", None)


@amounts.rule(
    "DE (?:NUM|UM) EM (?:(?:NUM|UM) UNIT|CLOCK)",
    "A WORD (?:NUM|UM) UNIT",
    "(?:TODO|WORD) AS (?P<times>PARTW)",
)
def frequency(hit: Hit):
    """Drops "de 2 em 2 meses", "de 8 em 8h", "a cada 15 dias", "todas as noites"."""
    word = hit.covered()[1]
    if hit["times"]:  # "todas as noites"
        every = hit.covered()[0].raw.startswith("tod") and hit["times"].raw.endswith("s")
        return ("VOID", None) if every else None
    return ("VOID", None) if not word.is_a("WORD") or word.raw == "cada" else None


@amounts.rule(
    "DURA (?:DE|UMAS|A|EM|SO|QUE|MAIS|MENOS|MUITO|STOP|COMMA|WORD){0,5} (?:NUM|UM|DEZ) UNIT"
    " (?:E (?:MEIA|NUM) MINUTO?)? (?! DE (?:PART|TARDE))",
    "DURA (?:DE|UMAS|MAIS|MENOS|STOP|COMMA){0,2} (?:NUM|UM|DEZ) E (?:MEIA|MEIO)",
    "HAVE UMAS? (?:NUM|UM|DEZ) HORA QUE",
    "(?P<mine>HAVE) SO? UMAS? (?:NUM|UM|DEZ) HORA",
    "LASTS (?:DE|STOP)? UMAS? (?:(?:NUM|UM|DEZ) HORA|CLOCK)",
    "(?:DURA|POR) (?:DE|UMAS|A|EM|SO|MAIS|MENOS|COMMA){0,2} (?P<clock>CLOCK)",
    "(?P<asked>DURA) (?:A|O|WORD|COMMA|STOP){0,4} (?P<clock>CLOCK)",
    "POR (?:UMAS|MAIS|SO)? (?:NUM|UM|DEZ) (?:HORA|MINUTO)",
    "UMAS (?P<hours>NUM) HORA PARA (?:O|A)? WORD",
    "(?<!AS|DAS|PELAS|PRAS) (?:NUM|UM|DEZ) (?:HORA|MINUTO) (?:E (?:MEIA|NUM) MINUTO?)?"
    " (?:DE (?:WORD|LASTS|ALMOCO)|ATRAS|ANTES|POR (?:WORD|DIA|SEMANA|MES))",
    "(?P<clock>CLOCK) (?:DE (?:WORD|LASTS)|ATRAS|ANTES(?! DAS| DE CLOCK))",
    "(?<=WORD) DE (?P<clock>CLOCK)(?! DE (?:PART|TARDE)| A| ATE| AS| DASH)",
)
def duration(hit: Hit):
    """Drops "demora 2 horas", "por uma hora", "1h de massagem", "2 horas atrás"."""
    clock, hours, asked = hit["clock"], hit["hours"], hit["asked"]
    if asked is not None and not asked.raw.startswith(("dura", "demor", "leva", "tempo")):
        return None
    if (hours is not None and hours.value > 6) or (hit["mine"] and hit["mine"].raw != "tenho"):
        return None
    if clock is not None:
        return ("VOID", None) if clock.value.hour <= 6 and ":" not in clock.raw else None
    return "VOID", None


@amounts.rule("(?P<verb>DURA|WORD|CAN) (?:A|O) PARTW (?:TODO|WORD)?")
def whole(hit: Hit):
    """Drops "leva a tarde toda", "toma a manhã inteira": how long something takes; not "vou de tarde"."""
    last = hit.covered()[-1]
    return ("VOID", None) if hit["verb"].raw in _TAKES and last.is_a("TODO") else None


@amounts.rule("(?P<verb>WORD) (?:WORD|A|O|TODO){0,3} EM (?:(?:NUM|UM|DEZ) UNIT|MEIA HORA|(?P<clock>CLOCK))")
def within(hit: Hit):
    """Drops "termina em 40 minutos?", "cabe em meia hora?", "a unha caiu em três dias"."""
    clock = hit["clock"]
    short = clock is None or (clock.value.hour <= 6 and ":" not in clock.raw)
    return ("VOID", None) if short and hit["verb"].raw.startswith(_ENDS) else None


@amounts.rule("(?P<hour>CLOCK|(?:NUM|UM|DEZ) HORA) (?:E MEIA)? (?P<waiting>WORD)")
def waited(hit: Hit):
    """Drops "1h esperando", "2 horas plantada na recepção"."""
    return ("VOID", None) if hit["waiting"].raw.startswith(_WAITED) else None


@amounts.rule(
    "NUM MINUTO? OU (?P<clock>CLOCK|(?:NUM|UM|DEZ) HORA)",
    "(?P<clock>CLOCK|(?:NUM|UM|DEZ) HORA) OU (?P<minutes>NUM)(?: MINUTO)?",
)
def either(hit: Hit):
    """Drops "50 min ou 1h", "1h ou 50": of two lengths; "9 ou 10h" and "10h ou 11" are times."""
    minutes = hit["minutes"] or hit.covered()[0]
    return ("VOID", None) if minutes.value >= 25 else None


@amounts.rule("EM (?P<years>NUM|DEZ) ANOS")
def career(hit: Hit):
    """Drops "em quarenta anos de profissão": nobody books ten years ahead."""
    return ("VOID", None) if hit.value("years") >= 10 else None
