"""Decides which days and times of a message are no wish: corrected, ruled out, or moved away from."""

from __future__ import annotations

import itertools

from .asides import REACH, WANTS, is_busy, is_context, is_memory, is_outdone, is_put_off
from .lexicon import words
from .tokens import VALUES, Token

_FIRST_PERSON = words(
    "posso consigo quero vou estarei estou to tou trabalho conseguirei poderei podemos queria"
)
_BOOKS = words("agenda agendar bota bote coloca coloque encaixa marca marcar marque poe remarca remarcar reserva")


def fates(tokens: list[Token], places: list[int]) -> dict[int, str]:
    """What happens to the values of a message that are no wish.

    Args:
        tokens: the reduced tokens.
        places: the indices of the tokens that carry a value.

    Returns:
        By index: `excluded` ("sem ser segunda"), `replaced` ("quinta, digo, sexta") or `moved` ("de terça
        para quinta"). A value whose index is missing stands.
    """
    found: dict[int, str] = {}
    previous = None
    for number, place in enumerate(places):
        gap_start = 0 if previous is None else previous + 1
        gap = tokens[gap_start:place]
        if _is_former(tokens, gap_start, place):
            found[place] = "moved"
        elif is_memory(tokens, gap_start, place) or is_outdone(gap) or is_put_off(tokens, place):
            found[place] = "replaced"
        elif (
            _ruled_out_before(tokens, gap_start, place)
            or _ruled_out_after(tokens, place)
            or is_busy(tokens, places, place)
            or (
                previous is not None
                and found.get(previous) == "excluded"
                and _continues_list(gap)
                and not _is_denied(tokens, previous)
            )
        ):
            found[place] = "excluded"
        if previous is not None and found.get(place) != "replaced":
            if _is_correction(gap) or is_context(tokens, places, number):
                _drop(tokens, places, number, found, "replaced")
            elif _is_move(tokens, previous, place):
                _drop(tokens, places, number, found, "moved")
        previous = place
    _spread_over_list(tokens, places, found)
    _spread_exclusion(tokens, places, found)
    return found


def _drop(tokens: list[Token], places: list[int], number: int, found: dict[int, str], fate: str) -> None:
    """Takes back the values before the `number`-th whose kind is said again from there on."""
    said_again = {_kind_of(tokens[place]) for place in places[number:]}
    for place in places[:number]:
        if _kind_of(tokens[place]) in said_again:
            found.setdefault(place, fate)


def _kind_of(token: Token) -> str:
    return "clock" if token.is_a("CLOCK", "CLOCKS") else "day"


def _is_former(tokens: list[Token], gap_start: int, place: int) -> bool:
    """Reads "em vez de sexta", "era 15h mas quero 16h"."""
    index = place - 1
    while index >= gap_start and tokens[index].is_a("LINK", "AS", "DAS", "PARA", "SER"):
        index -= 1
    if index < gap_start:
        return False
    if tokens[index].raw != "era":
        return tokens[index].is_a("INSTEAD")
    return _said_again(tokens, place)


def _said_again(tokens: list[Token], place: int) -> bool:
    """Whether a later value is of the same kind."""
    kind = _kind_of(tokens[place])
    return any(token.is_a(*VALUES) and _kind_of(token) == kind for token in tokens[place + 1 :])


def _ruled_out_before(tokens: list[Token], gap_start: int, place: int) -> bool:
    """Reads "sem ser segunda", "menos sexta", "não posso na segunda"; a question asks for the day instead."""
    index = place - 1
    while index >= gap_start and tokens[index].is_a("LINK", "AS", "DAS", "ESTE", "TODO"):
        index -= 1
    if index < gap_start:
        return False
    token, earlier = tokens[index], tokens[index - 1] if index > gap_start else None
    if token.is_a("NEM"):
        return _said_again(tokens, place) or not _is_question(tokens, place)
    if _is_denied(tokens, place) and _said_again(tokens, place):
        return True
    if token.is_a("NAO") and earlier is not None and earlier.is_a("E") and gap_start > 0:
        return True  # "é às 16 e não às 15"
    if token.is_a("SER") and earlier is not None and (earlier.is_a("SEM") or tokens[index - 1].is_a("NAO")):
        return earlier.is_a("SEM") or not _is_question(tokens, place)
    if token.is_a("EXCETO") or (
        token.is_a("MENOS") and not (earlier is not None and earlier.is_a("PELA", "DE"))
    ):
        return True
    if token.is_a("NAO") and earlier is not None and earlier.is_a("SO"):
        return True
    if (
        token.is_a("NAO")
        and (index == place - 1 or _said_again(tokens, place))
        and not (earlier is not None and earlier.is_a("VOID", "DAY", "STOP"))
    ):
        return place + 1 < len(tokens) and any(
            later.is_a("TURN", "COMMA", "FIX") for later in tokens[place : place + 2]
        )
    for distance in range(6):
        at = index - distance
        if at < gap_start or tokens[at].is_a("STOP", "COMMA", "TURN", "HAVE"):
            return False
        if tokens[at].is_a("SO") and gap_start > 0 and not tokens[at - 1].is_a("NAO"):
            return False  # "dia 10 não consigo, só dia 11"
        if tokens[at].is_a("NAO"):
            follows = tokens[at + 1]
            verb = follows.is_a("CAN", "SHIFT_END") or follows.raw in ("da", "dar", "tenho")
            return verb and (follows.raw in _FIRST_PERSON or not _is_question(tokens, place))
    return False


def _is_denied(tokens: list[Token], place: int) -> bool:
    """Reads "não é sábado"; "é" and "e" are one token."""
    index = place - 1
    while index > 0 and tokens[index].is_a("LINK", "AS", "DAS"):
        index -= 1
    return index > 0 and tokens[index].is_a("E") and tokens[index - 1].is_a("NAO")


def _ruled_out_after(tokens: list[Token], place: int) -> bool:
    """Reads "segunda não posso", "hoje não, amanhã", "quinta, não, sexta"."""
    index = place + 1
    while index < len(tokens) and (tokens[index].is_a("COMMA", "STOP") or tokens[index].raw in ("eu", "ja")):
        index += 1
    if index < len(tokens) and tokens[index].raw in ("trabalho", "viajo"):  # "sexta eu trabalho, pode sábado?"
        ends = index + 1 < len(tokens) and tokens[index + 1].is_a("COMMA", "STOP", "TURN")
        return ends and _said_again(tokens, place)
    if index >= len(tokens) or not tokens[index].is_a("NAO"):
        return False
    pauses = [token for token in tokens[place + 1 : index] if token.is_a("COMMA", "STOP")]
    if any("?" in token.raw for token in pauses):
        return False
    follows = tokens[index + 1] if index + 1 < len(tokens) else None
    if follows is None:
        return not pauses
    if follows.is_a("COMMA", "TURN", "FIX", *VALUES) or (follows.is_a("E") and _said_again(tokens, place)):
        return True
    if follows.is_a("STOP"):
        return "?" not in follows.raw and not pauses
    if pauses:
        corrected = follows.is_a("LINK", "AS") and index + 2 < len(tokens) and tokens[index + 2].is_a(*VALUES)
        ends = (
            index + 2 >= len(tokens)
            or tokens[index + 2].is_a("STOP", "COMMA", "TURN")
            or tokens[index + 2].raw == "ir"
        )
        return corrected or (follows.raw in ("posso", "consigo") and ends)
    no_way = follows.is_a("HAVE") and index + 2 < len(tokens) and tokens[index + 2].raw in ("como", "jeito")
    verb = no_way or follows.is_a("CAN", "SHIFT_END") or follows.raw == "da"
    return verb and (follows.raw in _FIRST_PERSON or not _is_question(tokens, place))


def _is_question(tokens: list[Token], place: int) -> bool:
    """Whether the clause of a value is asked; a question about a later value of its kind is not its own."""
    clause_ended = False
    for token in tokens[place + 1 :]:
        if token.is_a("STOP"):
            return "?" in token.raw
        if clause_ended and token.is_a(*VALUES) and _kind_of(token) == _kind_of(tokens[place]):
            return False
        clause_ended = clause_ended or token.is_a("COMMA", "TURN")
    return False


def _continues_list(gap: list[Token]) -> bool:
    return any(token.is_a("NEM", "E", "OU") for token in gap) and all(
        token.is_a("NEM", "E", "OU", "COMMA", "LINK", "AS") for token in gap
    )


def _is_correction(gap: list[Token]) -> bool:
    """Reads "digo", "aliás", "ops", "quer dizer", "na verdade", "mas é", "mas queria", "então"."""
    if any(token.is_a("FIX") for token in gap):
        return True
    if any(token.raw == "entao" for token in gap) and not any(token.is_a("OU") for token in gap):
        return True
    turned = [later for token, later in itertools.pairwise(gap) if token.is_a("TURN")]
    if any(later.is_a("E") or later.raw in WANTS for later in turned):
        return True
    words = " ".join(token.raw for token in gap)
    return "quer dizer" in words or "na verdade" in words or "pensando bem" in words


def _is_move(tokens: list[Token], previous: int, place: int) -> bool:
    """Reads "de terça para quinta", "mudar das 14h pras 16h", "trocar sexta por sábado", "as 14 pelas 15"."""
    gap = tokens[previous + 1 : place]
    if not gap and tokens[place].raw.startswith("pelas "):
        return any(token.is_a("MOVE") for token in tokens[:previous])
    if _is_second_half(tokens[max(0, previous - REACH) : previous], gap):
        return True
    if (
        not gap
        or not any(token.is_a("PARA", "PRAS", "POR", "PELA", "PELAS") for token in gap)
        or not all(token.is_a("PARA", "PRAS", "POR", "PELA", "PELAS", "LINK", "AS", "DAS", "COMMA") for token in gap)
    ):
        return False
    start = previous
    while start > 0 and (tokens[start - 1].is_a("AS", "EM", "COMMA") or tokens[start - 1].is_a(*VALUES)):
        start -= 1
    if any(token.is_a("MOVE") for token in tokens[:start]):
        return True
    swap = any(token.is_a("POR", "PELA", "PELAS") for token in gap)
    return start > 0 and tokens[start - 1].is_a("DE", "DAS") and not swap


def _is_second_half(before: list[Token], gap: list[Token]) -> bool:
    """Reads "tenho quarta, dá pra passar pra sábado?", "desmarca quinta e coloca no sábado"."""
    moved = [number for number, token in enumerate(gap) if token.is_a("MOVE")]
    if moved:
        aim = gap[moved[-1] + 1 :]
        return any(token.is_a("PARA", "PRAS") for token in aim) and not any(token.is_a("STOP") for token in aim)
    cancelled = any(token.raw.startswith(("cancel", "desmarc")) for token in before)
    return cancelled and any(token.raw in _BOOKS for token in gap)


def _spread_over_list(tokens: list[Token], places: list[int], found: dict[int, str]) -> None:
    """Lets "sexta, sábado e domingo não posso" rule out all of them; "sexta, sábado não" rules out one."""
    listed = False
    for one, other in reversed(list(itertools.pairwise(places))):
        gap = tokens[one + 1 : other]
        if found.get(other) != "excluded" or one in found or _kind_of(tokens[one]) != _kind_of(tokens[other]):
            listed = False
        elif _continues_list(gap) or (listed and all(token.is_a("COMMA") for token in gap)):
            listed = True
            found[one] = "excluded"


def _spread_exclusion(tokens: list[Token], places: list[int], found: dict[int, str]) -> None:
    """Lets "não posso amanhã às 15h" rule out both, unless another time is offered."""
    for one, other in itertools.pairwise(places):
        gap = tokens[one + 1 : other]
        if not all(token.is_a("LINK", "AS", "DAS", "PELA") for token in gap):
            continue
        for excluded, neighbour in ((one, other), (other, one)):
            if (
                found.get(excluded) != "excluded"
                or neighbour in found
                or _kind_of(tokens[one]) == _kind_of(tokens[other])
            ):
                continue
            replaced = any(
                place > max(one, other) and _kind_of(tokens[place]) == _kind_of(tokens[excluded])
                for place in places
            )
            if not replaced or neighbour > excluded:
                found[neighbour] = "excluded"
