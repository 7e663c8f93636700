"""Recognises days and times that are told beside a wish: memories, bookings and plans that already stand, promises."""

from __future__ import annotations

from .days import DayRange, Holiday, Nth, Relative
from .lexicon import words
from .tokens import VALUES, Token

#: What opens a wish that takes the place of what was said before.
WANTS = words("gostaria prefiro preciso queria quero")
#: How many tokens before a value can belong to it.
REACH = 12
_REACH_OF_MEMORY = 5
_TO_YOU = words("te lhe vos")
_OCCUPIED = words("trabalho trampo estudo")
_BECAUSE = words("que pq porque pois")


def is_memory(tokens: list[Token], gap_start: int, place: int) -> bool:
    """Reads "fui aí mês passado", "a última vez foi em março", "dói desde sexta": nothing to come."""
    value = tokens[place].value
    if tokens[place].is_a("DAYS") and tokens[place].raw.startswith("desde "):
        return place > gap_start and tokens[place - 1].is_a("WORD", "MAIS") and value.last is None
    lost = tokens[place].is_a("CLOCKS") and value.part and place > gap_start + 1  # "perdi a manhã toda"
    if lost and tokens[place - 1].raw == "a" and tokens[place - 2].is_a("MEMORY"):
        return True
    if not tokens[place].is_a("DAY", "SPAN") or isinstance(value, Holiday | Nth | DayRange):
        return False
    for index in range(place - 1, max(gap_start, place - _REACH_OF_MEMORY) - 1, -1):
        token = tokens[index]
        if token.raw == "foi":
            return any(earlier.raw == "vez" for earlier in tokens[max(0, index - 3) : index])
        if token.is_a("MEMORY") or token.raw.startswith("paguei"):
            return not (isinstance(value, Relative) and value.days > 0)
        if not token.is_a("WORD", "LINK", "NUM", "VOID", "TARDE", "CEDO"):
            return False
    return False


def is_busy(tokens: list[Token], places: list[int], place: int) -> bool:
    """Reads "só de manhã, trabalho à tarde", "que de manhã eu tenho aula": when she cannot come.

    "Trabalho até as 17" by itself answers nothing else and is left as it is said.
    """
    index = place - 1
    while index > 0 and tokens[index].is_a("LINK", "AS", "DAS", "SO"):
        index -= 1
    if index < 0:
        return False
    if tokens[index].raw in _OCCUPIED:
        before = tokens[index - 1] if index else None
        reason = before is not None and before.raw in _BECAUSE
        stated = before is None or not before.is_a("DE", "O", "NAO", "CAN")
        return stated and (reason or len(places) > 1)
    later = [token.raw for token in tokens[place + 1 : place + 3]]
    return tokens[index].raw in _BECAUSE and later[:1] == ["eu"] and later[-1] in (*_OCCUPIED, "tenho")


def is_put_off(tokens: list[Token], place: int) -> bool:
    """Reads "amanhã te aviso", "te falo na sexta de manhã", "volto em 5 minutos": when she will write again."""
    index = place + 1
    while index < len(tokens) and (tokens[index].is_a("LINK", "AS", *VALUES) or tokens[index].raw == "eu"):
        index += 1
    later = tokens[index : index + 2]
    if len(later) == 2 and later[0].raw in _TO_YOU and later[1].is_a("PUTOFF"):
        return True
    index = place - 1
    while index > 0 and tokens[index].is_a("LINK", "AS", "WORD", *VALUES):
        index -= 1
    if index >= 0 and tokens[index].raw == "volto":
        return tokens[place].is_a("INSTANT")
    return index > 0 and tokens[index].is_a("PUTOFF") and tokens[index - 1].raw in _TO_YOU


def is_outdone(gap: list[Token]) -> bool:
    """Reads "quinta é melhor que sexta", "prefiro terça do que quarta"."""
    said = [token.raw for token in gap if not token.is_a("LINK", "AS") or token.raw == "do"]
    return said[-2:] == ["do", "que"] or said[-2:] == ["melhor", "que"]


def is_context(tokens: list[Token], places: list[int], number: int) -> bool:
    """Reads "o casamento é dia 18, quero dia 17", "estou marcada às 10, posso ir às 11?": no wish, but beside one."""
    previous, place = places[number - 1], places[number]
    gap, before = tokens[previous + 1 : place], tokens[max(0, previous - REACH) : previous]
    if any(token.is_a("CAN") for token in gap) and _is_booked(before):
        return True
    if not any(token.raw in WANTS for token in gap):
        return False
    stated = any(token.is_a("E", "WORD") for token in before[-3:])
    return stated and not any(token.is_a("CAN", "HAVE", "FILL", "MOVE", "OU") for token in before)


def _is_booked(before: list[Token]) -> bool:
    """Whether these tokens end in "minha sessão é às", "estou marcada para"."""
    said = [token for token in before if not token.is_a("LINK", "AS", "PARA", "PRAS", *VALUES)][-2:]
    if not said:
        return False
    mine = said[-1].is_a("E") and len(said) == 2 and said[0].is_a("WORD", "HORARIO")
    return mine or said[-1].raw in ("marcada", "marcado", "agendada", "agendado")
