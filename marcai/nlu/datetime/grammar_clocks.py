"""Clock layers: "três e meia", "quinze pras três", then bare numbers that mean clock times."""

from __future__ import annotations

import itertools
from dataclasses import replace

from .clocks import Clock
from .engine import Hit, Layer
from .lexicon import COUNTED, NOT_COUNTED
from .tokens import LETTER, Token

clocks = Layer()
hours = Layer()

_ROUND_MINUTES = (5, 10, 15, 20, 25)


def clock_of(token: Token) -> Clock | None:
    """The clock time of a number or clock token, or None when it is no hour of the day."""
    if token.is_a("CLOCK"):
        return token.value
    if token.raw == "um" or not 0 <= token.value <= 24:
        return None
    padded = token.raw.isdigit() and token.raw.startswith("0")
    return Clock(
        token.value % 24, fixed=padded or token.value > 12 or token.value == 0, ends_day=token.value == 24
    )


def counts_things(after: Token | None, strict: bool) -> bool:
    """Whether the word after a number is a thing that is counted, so that the number is no clock time.

    Args:
        after: the token after the number.
        strict: any unknown word counts as a thing, not only plurals and well-known nouns.
    """
    if after is None or not after.is_a(
        "WORD", "DIAS", "SEMANAS", "MESES", "ANOS", "HORARIO", "MON", "ADJ", "VOID"
    ):
        return after is not None and after.is_a("MINUTO")
    if after.is_a("VOID"):
        return False
    if not after.is_a("WORD"):
        return True
    word = after.raw
    if word in COUNTED or strict:
        return word not in NOT_COUNTED or word in COUNTED
    return len(word) > 3 and word.endswith("s") and word not in NOT_COUNTED and not word.endswith("mos")


def is_of_things(before: Token) -> bool:
    """Whether the word before a number speaks of things, for hours are feminine: "as fotos 7", "o 18", "dos 14"."""
    plural = before.is_a("WORD") and before.raw.endswith("s")
    return plural or before.raw in ("o", "os", "do", "dos", "no", "nos", "aos", "pelos", "pros", "uns")


@clocks.rule(
    "(?P<hour>NUMBER) HORA (?:E? (?P<minute>NUMBER|MEIA|MEIO) MINUTO?)?",
    "(?P<hour>NUMBER) HORA E? (?P<minute>MEIA)",
)
def full_hours(hit: Hit):
    """Reads "dez horas", "18 horas", "10 horas e 15 minutos", "uma hora" after a preposition."""
    hour, minute = hit["hour"], hit["minute"]
    before, after = hit.before(), hit.after()
    if before is not None and before.is_a("SLASH"):
        return None
    if hour.raw == "um" or hour.value > 24:
        return None if hour.value <= 24 or not (before and before.is_a("AS", "DAS")) else ("BAD", "time")
    if hour.value == 24 and not (before is not None and before.is_a("AS", "ATE", "DAS", "PRAS")):
        return None
    day_part_follows = after is not None and after.is_a("DE", "PELA", "EM", "A", "PART", "AMPM")
    if (
        hour.is_a("UM")
        and not day_part_follows
        and minute is None
        and not (before is not None and before.is_a("A", "AS", "PARA", "ATE", "PRAS", "DAS", "OU", "PELA"))
    ):
        return None
    if (
        before is not None
        and before.is_a("DE", "MAIS", "MENOS", "TODO")
        and hour.value <= 6
        and not day_part_follows
    ):
        return None
    if after is not None and after.raw in ("dessas", "qualquer", "essas"):
        return None
    clock = clock_of(hour)
    if minute is None:
        return "CLOCK", clock
    value = 30 if minute.is_a("MEIA", "MEIO") else minute.value
    return ("CLOCK", replace(clock, minute=value, has_minute=True)) if value < 60 else None


@clocks.rule("(?P<hour>NUMBER) E (?P<half>MEIA|MEIO)")
def half_past(hit: Hit):
    """Reads "três e meia"; "três e meio" only where a clock time is expected."""
    clock, before, after = clock_of(hit["hour"]), hit.before(), hit.after()
    if clock is None or (after is not None and after.is_a("UNIT") and not after.is_a("HORA")):
        return None
    expected = before is not None and before.is_a("AS", "DAS", "PELAS", "PRAS", "UMAS", "DAY")
    if hit["half"].is_a("MEIO") and not expected:
        return None
    return "CLOCK", replace(clock, minute=30, has_minute=True)


@clocks.rule(
    "(?<!ENTRE)(?<!ENTRE AS)(?<!DIA)(?<!DIAS) (?P<hour>NUMBER) E (?P<minute>NUMBER) (?P<unit>MINUTO)?"
)
def hour_and_minutes(hit: Hit):
    """Reads "três e quinze", "14 e 40", "onze e cinco"; not "as fotos 7 e 10"."""
    clock, minute, before, after = clock_of(hit["hour"]), hit["minute"], hit.before(), hit.after()
    if clock is None or not 5 <= minute.value < 60 or counts_things(after, strict=True):
        return None
    if minute.value < 10 and minute.raw.isdigit() and len(minute.raw) == 1 and not hit["unit"]:
        return None
    if after is not None and after.is_a("HORA"):
        return None
    if before is not None and hit["hour"].raw.isdigit() and is_of_things(before):
        return None
    return "CLOCK", replace(clock, minute=minute.value, has_minute=True)


@clocks.rule("(?P<hour>NUMBER|CLOCK) E WORD")
def a_little_past(hit: Hit):
    """Reads "sete e pouco"."""
    clock = clock_of(hit["hour"])
    little = hit.covered()[-1].raw in ("pouco", "pouquinho", "poucos", "tal", "tantas")
    return ("CLOCK", replace(clock, approximate=True)) if clock and little else None


@clocks.rule("(?P<clock>CLOCK) E (?P<minute>MEIA|MEIO|NUMBER) MINUTO?")
def clock_and_minutes(hit: Hit):
    """Reads "meio-dia e meia", "15h e 20"."""
    clock, minute = hit.value("clock"), hit["minute"]
    value = 30 if minute.is_a("MEIA", "MEIO") else minute.value
    if (
        clock.has_minute
        or not 5 <= value < 60
        or (minute.raw.isdigit() and counts_things(hit.after(), strict=True))
    ):
        return None
    return "CLOCK", replace(clock, minute=value, has_minute=True)


@clocks.rule(
    "(?<!DAS)(?<!DE) (?P<minute>NUM|DEZ) (?P<unit>MINUTO)? (?:PARA (?:AS|A|O)?|PRAS) (?P<hour>NUMBER) HORA?",
    "(?<!DAS)(?<!DE) (?P<minute>NUM|DEZ) (?P<unit>MINUTO)? (?:PARA (?:AS|A|O)?|PRAS) (?P<hour>CLOCK)",
)
def minutes_to(hit: Hit):
    """Reads "quinze pras três", "10 para as 8", "20 pro meio-dia"."""
    minute, clock = hit.value("minute"), clock_of(hit["hour"])
    if clock is None or clock.has_minute or not 1 <= minute <= 40 or counts_things(hit.after(), strict=False):
        return None
    if hit["unit"] is None and minute not in _ROUND_MINUTES:
        return None
    return "CLOCK", replace(clock, minus=minute, has_minute=True, ends_day=False)


@clocks.rule("(?P<hour>NUMBER) HORA? (?:EM PONTO)", "(?P<hour>CLOCK) (?:EM PONTO)")
def on_the_dot(hit: Hit):
    """Reads "sete em ponto"."""
    clock = clock_of(hit["hour"])
    return ("CLOCK", clock) if clock else None


@clocks.rule("(?<=AS|DAS) (?P<number>DEC)", "(?P<number>DEC) HORA")
def decimal_clock(hit: Hit):
    """Reads "às 14,30"."""
    hour, minute = hit.value("number")
    return (
        ("CLOCK", Clock(hour, minute, has_minute=True, fixed=hour > 12))
        if hour < 24 and minute < 60
        else None
    )


@clocks.rule("(?<=AS|DAS) (?P<digits>BIG|YEAR)", "(?<=AS|DAS) (?P<hour>NUM) (?P<minute>NUM)")
def clock_without_mark(hit: Hit):
    """Reads "às 1430", "às 15 30"."""
    hour, minute = (
        divmod(hit.value("digits"), 100) if hit["digits"] else (hit.value("hour"), hit.value("minute"))
    )
    if (
        not 7 <= hour < 24
        or minute >= 60
        or minute % 5
        or not hit.covered()[-1].raw.isdigit()
        or counts_things(hit.after(), strict=True)
    ):
        return None
    return "CLOCK", Clock(hour, minute, has_minute=True)


def _in_part(hit: Hit, clock: Clock | None, part: str):
    return ("CLOCK", clock.within(part)) if clock is not None else None


@hours.rule(
    "(?P<hour>NUMBER|CLOCK) (?:DE|PELA|POR (?:A)?|DE EM) (?P<part>PARTW)",
    "(?P<hour>CLOCK) (?:A|EM)? (?P<part>PARTW)",
    "(?<=AS|A|DAS|PELAS|UMAS) (?P<hour>NUMBER) (?:A|EM)? (?P<part>PARTW)",
)
def clock_in_part_of_day(hit: Hit):
    """Reads "3 da tarde", "onze da manhã", "8 da noite", "as 7 esta manhã"."""
    clock = clock_of(hit["hour"])
    if clock is None or (hit.before() is not None and hit.before().is_a("DIA")):
        return None
    return _in_part(hit, clock, hit.value("part"))


@hours.rule("(?P<hour>NUMBER|CLOCK) HORA? (?P<half>AMPM)")
def written_meridiem(hit: Hit):
    """Reads "sete e trinta pm", "8 horas am"."""
    clock = clock_of(hit["hour"])
    if clock is None or clock.hour > 12:
        return None
    return "CLOCK", replace(clock, meridiem=hit.value("half"), fixed=False)


@hours.rule(
    "(?P<minute>NUM|DEZ) MINUTO (?P<way>DEPOIS|ANTES) (?:DE|DAS) (?P<clock>CLOCK|NUMBER) (?:DE"
    " (?P<part>PARTW))?"
)
def minutes_from_clock(hit: Hit):
    """Reads "20 min depois das seis da tarde"."""
    clock, minute = clock_of(hit["clock"]), hit.value("minute")
    if clock is None:
        return None
    if hit["part"]:
        clock = clock.within(hit.value("part"))
    return "CLOCK", replace(clock, minus=minute if hit["way"].is_a("ANTES") else -minute, has_minute=True)


@hours.rule(
    "(?<=AS|DAS|PELAS|PRAS) (?P<hour>NUMBER)",
    "(?<=A) (?P<hour>UM)",
    "(?<=UMAS) (?P<hour>NUMBER)",
    "(?<=VOLTA DE|TORNO DE) (?P<hour>NUMBER)",
    "(?<=LA PARA|PARA AS|PERTO DE) (?P<hour>NUMBER)",
)
def hour_after_preposition(hit: Hit):
    """Reads "às 11", "das 14", "lá pelas 3", "à uma", "umas 14"; not "as 2 mãos", "umas 3 pessoas"."""
    hour, before, after = hit["hour"], hit.before(), hit.after()
    if hour.value > 24:
        return ("BAD", "time") if before.is_a("AS", "DAS") and after is None and hour.value < 40 else None
    if counts_things(after, strict=before.is_a("UMAS")) or (before.is_a("A") and hour.raw != "uma"):
        return None
    if is_of_things(before) or (before.is_a("UMAS") and any(token.raw.startswith("quant") for token in hit.tokens)):
        return None
    if after is not None and (
        (after.is_a("DAY", "BIG") and after.start == hour.end)
        or after.is_a("UNIT")
        or (after.is_a("OU") and hit.after(1) is not None and hit.after(1).is_a("MAIS"))
    ):
        return None
    earlier = hit.before(2)
    if hour.raw == "duas" and earlier is not None and earlier.is_a("BIG", "NUM"):  # "110 as duas"
        return None
    if (
        earlier is not None
        and not hour.raw.isdigit()
        and before.raw in ("as", "a")
        and earlier.raw
        in (
            "quero",
            "nos",
            "somos",
            "queremos",
            "fazer",
            "todas",
            "levo",
            "gostei",
            "faco",
            "adoro",
            "amei",
            "era",
            "uma",
        )
    ):
        return None
    if before.is_a("UMAS") and hour.is_a("UM"):
        return None
    clock = clock_of(hour)
    return ("CLOCK", clock) if clock else None


@hours.rule("(?<=CLOCK OU|CLOCK E) (?P<hour>NUM|DEZ)", "(?<=CLOCK COMMA) (?P<hour>NUM|DEZ) (?=OU|COMMA)")
def another_hour(hit: Hit):
    """Reads "às 10 ou 11"."""
    clock = clock_of(hit["hour"])
    return ("CLOCK", clock) if clock and not counts_things(hit.after(), strict=True) else None


@hours.rule(
    "(?P<first>NUM|DEZ|CLOCK) OU (?P<second>NUM|DEZ|CLOCK)",
    "(?P<first>NUM|DEZ|CLOCK) COMMA (?P<second>NUM|DEZ|CLOCK) OU (?P<third>NUM|DEZ|CLOCK)",
)
def either_hour(hit: Hit):
    """Reads "às 10 ou 11", "15, 16 ou 17h"."""
    said = [hit[group] for group in ("first", "second", "third") if hit[group]]
    before = hit.before()
    introduced = before is not None and before.is_a("AS", "DAS", "PELAS", "UMAS")
    if not (introduced or said[-1].is_a("CLOCK")) or counts_things(hit.after(), strict=True):
        return None
    choice = tuple(clock_of(token) for token in said)
    return ("CHOICE", choice) if all(choice) else None


@hours.rule(
    "(?<=DAY|PART) COMMA? (?P<hour>NUM|DEZ) (?=STOP|COMMA|FILL|OU|$)",
    "(?<=SPAN) (?P<hour>NUM|DEZ) (?=STOP|$)",
    "(?<=SER) (?P<hour>NUM|DEZ) (?=STOP|COMMA|$)",
)
def hour_after_day(hit: Hit):
    """Reads "amanhã 14", where nothing is counted."""
    hour = hit["hour"]
    clock = clock_of(hour)
    return ("CLOCK", clock) if clock and 6 <= hour.value <= 22 else None


@hours.rule("(?P<hour>NUM|DEZ) (?:DE|EM)? (?=DAY)")
def hour_before_day(hit: Hit):
    """Reads "10 de amanhã" at the start of an answer."""
    before = hit.before()
    clock = clock_of(hit["hour"])
    if (
        clock is None
        or not 7 <= hit.value("hour") <= 22
        or (before is not None and not before.is_a("FILL", "CAN", "SER"))
    ):
        return None
    return "CLOCK", clock


def lone_hour(tokens: list[Token]) -> list[Token]:
    """Reads a message that is only a number and politeness as a clock time ("pode ser duas")."""
    said = [
        token
        for token in tokens
        if not token.is_a("STOP", "COMMA", "FILL", "SER", "CAN", "HAVE", "QUE", "VOID", "A", "E")
    ]
    if (
        len(said) != 1
        or not said[0].is_a("NUMBER")
        or any(token.is_a("VOID") and token.value is None for token in tokens)
    ):
        return tokens
    clock = clock_of(said[0])
    if (
        clock is None
        or said[0].raw == "uma"
        or any(token.raw == "a" and after is said[0] for token, after in itertools.pairwise(tokens))  # "a 2"
        or any(token.raw in ("quero", "queria", "marcar") for token in tokens)
    ):
        return tokens
    return [
        Token(LETTER["CLOCK"], clock, token.start, token.end, token.raw) if token is said[0] else token
        for token in tokens
    ]
