"""Tolerates one slip of the finger in the long words of dates, without touching real words nearby."""

from __future__ import annotations

import re
from string import ascii_lowercase

from .lexicon import WORDS, words

_TARGETS = words(
    """
    segunda terca quarta quinta sexta sabado domingo janeiro fevereiro abril junho julho agosto setembro
    outubro novembro dezembro amanha semana proxima proximo depois feira hoje noite tarde manha
    """
)

#: Words and names of everyday Portuguese one edit away from a target.
_REAL_WORDS = words(
    """
    sextar amana amanda amansa aposto april domino feirao feria home hojo homme janeira junco juno macha mainha
    malha manca mania manja mansa quartz quieta quina sacado safado sanado sarado tardo tera turca
    abri abrir abrira abriu agosta agoste amanhar amanho apanha aranha conta depoe depor dezembros domingos
    dominio emana feia feira feiras feita feito feixe fera ferira fila freira gosto hole homem hope hora
    hoste julgo julho julia julio junho junta junto mana mancha manda mandar mande manga manhas manhoso
    manias manta manter marca marcos maria marina massa minha minhas noise noite noiteira noites noiva noivo
    norte nota note nove parte porta proximal proximas proximos quando quanta quanto quarte quarto quartos
    quase quente quintal quintas quinto quinza quinze quita sabados sabao sabida sabido seguida segundas
    segundo segundos segura seita semanal semanas senta sesta seta setas sextas sexto sextou sexy tanto
    tarda tardei tardes tarefa targa tarja tarot taxa teca tenca tende terceira terco terde teresa teria
    terno terra testa torca trade
    """
)
_REPEATED = re.compile(r"([a-z])\1+")


def _one_edit(word: str) -> set[str]:
    splits = [(word[:index], word[index:]) for index in range(1, len(word) + 1)]  # the first letter stays
    edits = {left + right[1:] for left, right in splits if right}
    edits |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    edits |= {left + letter + right[1:] for left, right in splits if right for letter in ascii_lowercase}
    edits |= {left + letter + right for left, right in splits for letter in ascii_lowercase}
    return edits


def _table() -> dict[str, str]:
    found: dict[str, str] = {}
    for target in sorted(_TARGETS):
        for typo in _one_edit(target):
            if len(typo) >= 4 and typo not in WORDS and typo not in _REAL_WORDS:
                found.setdefault(typo, target)
    return found


_TYPOS = _table()


def correct(word: str) -> str | None:
    """The word of the lexicon that an unknown folded word stands for, or None.

    Drawn-out letters are shortened first ("amanhaaa"), then one inserted, missing, wrong or swapped letter is
    forgiven. The first letter must be right, and real words ("quarto", "abrir", "junto") are left alone.
    """
    if len(word) < 3 or len(set(word)) == 1 or word in _REAL_WORDS:  # "kkkk" is laughter
        return None
    squeezed = _REPEATED.sub(r"\1", word)
    if squeezed != word and squeezed in WORDS:
        return squeezed
    return _TYPOS.get(word) or _TYPOS.get(squeezed)
