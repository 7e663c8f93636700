"""Brazilian holidays and festive days by name; movable ones are computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from .arithmetic import easter, weekday_from

Rule = Callable[[int], date]


def _fixed(month: int, day: int) -> Rule:
    return lambda year: date(year, month, day)


def _from_easter(days: int) -> Rule:
    return lambda year: easter(year) + timedelta(days=days)


def _nth(month: int, weekday: int, number: int) -> Rule:
    return lambda year: weekday_from(date(year, month, 1), weekday) + timedelta(weeks=number - 1)


def _black_friday(year: int) -> date:
    return weekday_from(date(year, 11, 1), 3) + timedelta(
        weeks=3, days=1
    )  # the day after the fourth Thursday


#: Name -> (folded pattern with `_` for white space, the day of a year).
_HOLIDAYS: dict[str, tuple[str, Rule]] = {
    "véspera de ano novo": (r"vesp(?:era)?_d[eo]_ano_novo|reveillon|virada_d[eo]_ano", _fixed(12, 31)),
    "véspera de Natal": (r"vesp(?:era)?_d[eo]_natal", _fixed(12, 24)),
    "Ano Novo": (r"ano_novo|confraternizacao_universal", _fixed(1, 1)),
    "Natal": (r"(?:dia_de_)?natal", _fixed(12, 25)),
    "sábado de Carnaval": (r"sabado_de_carnaval", _from_easter(-50)),
    "domingo de Carnaval": (r"domingo_de_carnaval", _from_easter(-49)),
    "segunda de Carnaval": (r"segunda(?:[-\s]+feira)?_de_carnaval", _from_easter(-48)),
    "Carnaval": (r"(?:terca(?:[-\s]+feira)?_(?:de|gorda_de)_)?carnaval", _from_easter(-47)),
    "Quarta-feira de Cinzas": (r"quarta(?:[-\s]+feira)?_de_cinzas", _from_easter(-46)),
    "Sexta-feira Santa": (r"sexta(?:[-\s]+feira)?_(?:santa|da_paixao)", _from_easter(-2)),
    "sábado de Aleluia": (r"sabado_de_aleluia", _from_easter(-1)),
    "Páscoa": (r"(?:domingo_de_)?pascoa", easter),
    "Corpus Christi": (r"corpus_christi|corpus_cristi|corpus", _from_easter(60)),
    "Tiradentes": (r"(?:dia_de_)?tiradentes", _fixed(4, 21)),
    "Dia do Trabalho": (r"dia_d[oe]_trabalh(?:o|ador)", _fixed(5, 1)),
    "Dia das Mães": (r"dia_das_maes", _nth(5, 6, 2)),
    "Dia dos Namorados": (r"dia_dos_namorados", _fixed(6, 12)),
    "São João": (r"(?:dia_de_)?sao_joao", _fixed(6, 24)),
    "Dia dos Pais": (r"dia_dos_pais", _nth(8, 6, 2)),
    "Independência": (r"(?:dia_da_)?independencia", _fixed(9, 7)),
    "Dia das Crianças": (r"dia_das?_criancas?", _fixed(10, 12)),
    "Nossa Senhora Aparecida": (r"(?:dia_de_)?(?:nossa|n\.?)_senhora_aparecida", _fixed(10, 12)),
    "Dia do Professor": (r"dia_dos?_professor(?:es)?", _fixed(10, 15)),
    "Halloween": (r"halloween|dia_das_bruxas", _fixed(10, 31)),
    "Finados": (r"(?:dia_de_|dia_dos_)?finados", _fixed(11, 2)),
    "Proclamação da República": (r"proclamacao_da_republica", _fixed(11, 15)),
    "Consciência Negra": (r"(?:dia_da_)?consciencia_negra", _fixed(11, 20)),
    "Dia da Mulher": (r"dia_(?:internacional_)?das?_mulher(?:es)?", _fixed(3, 8)),
    "Black Friday": (r"black\s*friday", _black_friday),
}


def _spaced(pattern: str) -> str:
    return pattern.replace("_", r"\s+")


#: One alternation for the lexer.
HOLIDAY_PATTERN = (
    "(?<![a-z])(?:" + "|".join(_spaced(pattern) for pattern, _ in _HOLIDAYS.values()) + ")(?![a-z\\d])"
)

_NAMED = [(re.compile(_spaced(pattern)), name) for name, (pattern, _) in _HOLIDAYS.items()]


def holiday_named(folded: str) -> str:
    """The name of the holiday that a piece of folded text matched by `HOLIDAY_PATTERN` stands for."""
    return next(name for pattern, name in _NAMED if pattern.fullmatch(folded))


def holiday_on(name: str, year: int) -> date:
    """The day of a holiday in a year.

    Raises:
        ValueError: the year is outside 1..9999.
    """
    return _HOLIDAYS[name][1](year)
