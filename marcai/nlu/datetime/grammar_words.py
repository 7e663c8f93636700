"""First layer: compound words, such as "segunda-feira", "que vem" and "fim de semana"."""

from __future__ import annotations

from .clocks import Clock
from .days import Relative
from .engine import Hit, Layer
from .tokens import Token

words = Layer()

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
            after.is_a("QUEVEM", "PROX", "OU", "AGORA") or (after.is_a("QUE") and _is_coming(hit.after(1)))
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


def _is_coming(token: Token | None) -> bool:
    """Whether "que" before this token is that of "que vem"; "ter que" is a verb."""
    return token is not None and token.is_a("VEM", "AMPM")


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


@words.rule("(?:EM|A) WORD (?:DE|DAS)")
def instead(hit: Hit):
    """Reads "em vez de", "ao invés de", "no lugar de"."""
    return ("INSTEAD", None) if hit.covered()[1].raw in ("vez", "inves", "lugar") else None
