"""First layers: compound words ("segunda-feira", "que vem"), then what is not about time at all."""

from __future__ import annotations

from .clocks import Clock
from .days import Relative
from .engine import Hit, Layer
from .lexicon import ORDINAL_NOUNS

words = Layer()
noise = Layer()

_TITLES = {"pedro", "bosco", "joao", "casmurro", "quixote", "helder", "jose"}


@words.rule("(?P<tens>NUM) E (?P<unit>NUM|UM)")
def tens_and_units(hit: Hit):
    """Reads "vinte e cinco", "trinta e uma"."""
    tens, unit = hit["tens"], hit["unit"]
    if (
        tens.raw.isdigit()
        or unit.raw.isdigit()
        or tens.value not in (20, 30, 40, 50)
        or not 1 <= unit.value <= 9
    ):
        return None
    return "NUM", tens.value + unit.value


@words.rule("(?P<day>WDAY) DASH? FEIRA", "(?P<ordinal>ORD) DASH? FEIRA STOP?")
def weekday_with_feira(hit: Hit):
    """Reads "segunda-feira", "2ª feira", "6ª f."."""
    if hit["day"]:
        return "WDAY", hit.value("day")
    return ("WDAY", hit.value("ordinal") - 2) if 2 <= hit.value("ordinal") <= 6 else None


@words.rule("(?P<day>WABBR) (?:DASH? FEIRA)? STOP?")
def weekday_abbreviation(hit: Hit):
    """Reads "seg", "qua.", "sex"; "ter" and "dom" only where they cannot be the verb or the title."""
    token, before, after = hit["day"], hit.before(), hit.after()
    followed_by_stop = len(hit.covered()) > 1
    if token.raw in ("ter", "teca", "dom", "sex", "qui", "sab") and not followed_by_stop:
        introduced = before is not None and (
            before.is_a("EM", "ESTE", "PROX", "OU", "COMMA", "ENTRE")
            or (before.is_a("E", "A", "NEM", "PARA", "DASH") and token.raw != "ter")
        )
        tailed = after is not None and (
            after.is_a("QUE", "QUEVEM", "PROX", "OU", "AGORA")
            if token.raw == "ter"
            else not after.is_a("WORD") or token.raw in ("sex", "qui", "sab")
        )
        alone = before is None and (
            after is None or (token.raw == "ter" and after.is_a("CLOCK", "AS", "DIA", "DATE"))
        )
        if not (introduced or tailed or alone or (before and before.is_a("WABBR", "WDAY"))):
            return None
    if token.raw == "dom" and after is not None and after.raw in _TITLES:
        return None
    return "WDAY", token.value


@words.rule("MEIO DASH? DIA", "MEIA DASH? DIA")
def noon(hit: Hit):
    """Reads "meio-dia"."""
    return "CLOCK", Clock(12, fixed=True)


@words.rule("MEIA DASH? (?P<part>PART)")
def midnight(hit: Hit):
    """Reads "meia-noite", the end of the day it is said of."""
    return ("CLOCK", Clock(0, fixed=True, ends_day=True)) if hit.value("part") == "noite" else None


@words.rule("DEPOIS (?:DE|EM)? AMANHA")
def day_after_tomorrow(hit: Hit):
    """Reads "depois de amanhã", "dps de amanha"."""
    return "DAY", Relative(days=2)


@words.rule("AMANHA OU DEPOIS(?! DE| DAS)")
def tomorrow_or_after(hit: Hit):
    """Reads "amanhã ou depois"."""
    return "CHOICE", (Relative(days=1), Relative(days=2))


@words.rule("FIM DE SEMANA")
def weekend(hit: Hit):
    """Reads "fim de semana"; "fim da semana" is the end of the working week."""
    return None if hit.covered()[1].raw == "da" else ("WEEKEND", None)


@words.rule("QUE VEM", "QUE AMPM VEM")
def coming(hit: Hit):
    """Reads "que vem", "q vem"."""
    return "QUEVEM", None


@words.rule("MAIS OU MENOS")
def about(hit: Hit):
    """Reads "mais ou menos"."""
    return "UMAS", None


@words.rule("(?:EM|A) WORD DE")
def instead(hit: Hit):
    """Reads "em vez de", "ao invés de", "no lugar de"."""
    return ("INSTEAD", None) if hit.covered()[1].raw in ("vez", "inves", "lugar") else None


@noise.rule(
    "BOM (?:FIM|COMECO) DE (?:PARTW|DIA|MES|ANO)",
    "BOM ADJ? (?:DIA|TARDE|PART|SEMANA|WEEKEND|WDAY|HOLIDAY|MES|ANO)(?: MESMO)?",
)
def greeting(hit: Hit):
    """Drops "bom dia", "boa tarde", "ótimo fim de semana", "feliz natal"."""
    adjective, said = hit.covered()[0], hit.covered()[-1]
    before = hit.before()
    if (
        said.is_a("WDAY", "WEEKEND")
        and before is not None
        and before.is_a("FILL", "MUITO", "E", "WORD", "HORARIO", "DIA", "BEM", "HAVE", "MAIS")
    ):
        return None  # "tá bom sábado", "fica boa sexta"
    if said.is_a("WDAY") and said.value in (5, 6) and not adjective.raw.endswith(("m", "o")):
        return None
    return "VOID", "greeting"


@noise.rule("(?P<day>WDAY) DASH? (?P<noun>WORD|LABEL|STREET)")
def ordinal_noun(hit: Hit):
    """Drops "segunda vez", "terça parte", "sexta série": ordinals, not weekdays."""
    noun = hit["noun"].raw
    return ("VOID", None) if noun in ORDINAL_NOUNS and "feira" not in hit["day"].raw else None


@noise.rule("(?P<name>WDAY)")
def name_domingos(hit: Hit):
    """Drops "com o Domingos": the name, unless a plural introduces it ("aos domingos")."""
    before = hit.before()
    plural = before is None or before.raw.endswith("s") or before.is_a("E", "OU", "DE", "COMMA")
    return ("VOID", None) if hit["name"].raw == "domingos" and not plural else None


@noise.rule("DE (?:NUM|UM) EM (?:NUM|UM) UNIT", "A WORD (?:NUM|UM) UNIT")
def frequency(hit: Hit):
    """Drops "de 2 em 2 meses", "a cada 15 dias"."""
    word = hit.covered()[1]
    return ("VOID", None) if not word.is_a("WORD") or word.raw == "cada" else None


@noise.rule("(?P<date>DATE)")
def no_date(hit: Hit):
    """Drops "24/7", "1/3 do cabelo" and the colour "12.11" of a dye."""
    written, before, after = hit["date"].raw, hit.before(), hit.after()
    fraction = written in ("1/2", "1/3", "2/3", "1/4", "3/4") and not (
        before is not None and before.is_a("EM", "DIA")
    )
    counted = after is not None and (
        after.is_a("WORD", "HORA")
        or (after.is_a("DE") and hit.after(1) is not None and hit.after(1).is_a("WORD"))
    )
    dye = written.count(".") == 1 and before is not None and before.is_a("WORD")
    return ("VOID", None) if written == "24/7" or (fraction and counted) or dye else None


@noise.rule("(?P<day>WDAY) DE (?P<noun>WORD)")
def ordinal_of_list(hit: Hit):
    """Drops "a segunda da lista"."""
    return (
        ("VOID", None)
        if hit["noun"].raw in ("lista", "fila", "direita", "esquerda", "foto", "tabela")
        else None
    )


@noise.rule("(?<=WORD) (?P<clock>CLOCK)")
def dye(hit: Hit):
    """Drops "tinta 7.15": colours of dyes are written like clock times."""
    hour, mark, _ = hit["clock"].raw.partition(".")
    return ("VOID", None) if mark and hour.isdigit() and int(hour) <= 12 else None


@noise.rule("(?P<clock>CLOCK)")
def around_the_clock(hit: Hit):
    """Drops "24h" (opening hours), but not "às 24h" (midnight)."""
    before = hit.before()
    said_as_time = before is not None and before.is_a("AS", "ATE", "DAS", "PRAS", "A", "PARA", "DAQUI", "EM")
    return ("VOID", None) if hit["clock"].raw.startswith("24") and not said_as_time else None


@noise.rule(
    "STREET (?:STOP)? (?:WORD|DE|BOM|FILL){0,3}? DIA? (?:NUM|DEZ|ORD|UM) (?:E NUM)? DE MON"
    " (?:COMMA|LABEL|STOP)*"
    " (?:NUM|BIG|YEAR)?",
    "STREET (?:STOP)? (?:WORD|DE|HOLIDAY|BOM){1,4} (?:COMMA|LABEL|STOP|DASH)*"
    " (?:(?:NUM|BIG|YEAR)(?! DE MON| DE PARTW| HORA| E| AS))?",
    "STREET (?:STOP)? (?:NUM|BIG|YEAR|DEZ)",
    "LABEL (?:DE|STOP|E|A)? (?:NUM|UM|DEZ|BIG|YEAR|MEIA|ORD)(?: DASH NUM)?",
)
def address(hit: Hit):
    """Drops "rua 7 de setembro 120", "apto 12", "nota 10"."""
    if (
        hit.covered()[0].raw in ("r", "av", "ap", "n", "d")
        and len(hit.covered()) == 2
        and hit.covered()[1].is_a("WORD")
    ):
        return None
    return "VOID", None


@noise.rule("EM (?P<day>NUM) DE MON (?:COMMA? (?:NUM|BIG))?")
def street_by_article(hit: Hit):
    """Drops "na 7 de setembro": a street, for dates are masculine."""
    return ("VOID", None) if hit.covered()[0].raw == "na" else None


@noise.rule(
    "DURA (?:DE|UMAS|A|EM|SO|QUE|MAIS|MENOS|MUITO|STOP|WORD){0,3} (?:NUM|UM|DEZ) (?:HORA|MINUTO)"
    " (?:E (?:MEIA|NUM) MINUTO?)?",
    "(?:DURA|POR) (?:DE|UMAS|A|EM|SO|MAIS|MENOS){0,2} (?P<clock>CLOCK)",
    "POR (?:UMAS|MAIS|SO)? (?:NUM|UM|DEZ) (?:HORA|MINUTO)",
    "(?:NUM|UM|DEZ) (?:HORA|MINUTO) (?:E (?:MEIA|NUM) MINUTO?)? (?:DE WORD|ATRAS|ANTES|POR)",
    "(?P<clock>CLOCK) (?:DE WORD|ATRAS|ANTES(?! DAS| DE CLOCK))",
    "(?<=WORD) DE (?P<clock>CLOCK)(?! DE (?:PART|TARDE)| A| ATE| AS| DASH)",
)
def duration(hit: Hit):
    """Drops "demora 2 horas", "por uma hora", "1h de massagem", "2 horas atrás"."""
    clock = hit["clock"]
    if clock is not None:
        return ("VOID", None) if clock.value.hour <= 6 and ":" not in clock.raw else None
    return "VOID", None


@noise.rule("CEDO OU TARDE", "(?:MAIS|MUITO) TARDE", "(?:MAIS|MUITO) BEM? CEDO", "(?:TARDE|CEDO) WORD")
def comparison(hit: Hit):
    """Drops "mais tarde", "muito tarde", "tarde demais", "mais cedo"."""
    last = hit.covered()[-1]
    return None if last.is_a("WORD") and last.raw not in ("demais", "dms") else ("VOID", None)
