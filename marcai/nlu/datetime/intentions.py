"""Preferences ("o mais cedo possível") and directions ("mais tarde") that a message gives beside dates."""

from __future__ import annotations

import re

#: "O último de sexta", "o primeiro da manhã"; "primeiro de maio" is a date.
_OF_DAY = (
    r"d[aeo] (?:dia|manha|tarde|noite|hoje|amanha|segunda|terca|quarta|quinta|sexta|sabado|domingo|semana"
    r"|fim de semana)"
)
_AS_MUCH_AS_CAN_BE = r"(?! possivel| melhor| que (?:tiver|der|puder))"
_PREFERENCES = (
    (
        "soonest",
        r"(?:mais (?:cedo|rapido|breve|perto|proximo) possivel|quanto antes|assim que (?:possivel|der"
        r"|puder|tiver)"
        r"|o mais cedo|o mais rapido(?: que)? (?:puder|der|tiver|conseguir|houver)|primeir[oa] data|urgente"
        r"|urgencia|o que tiver mais (?:cedo|perto|proximo|rapido)"
        r"|logo que (?:der|puder|possivel)|quanto mais (?:cedo|rapido) melhor|mais cedo que (?:tiver|der"
        r"|puder))",
    ),
    (
        "last",
        rf"ultim[oa]s? (?:(?:horario|vaga|hora|hr)s?|{_OF_DAY})|o mais tarde|mais tarde que (?:tiver|der|puder)",
    ),
    (
        "first",
        rf"primeir[oa]s? (?:(?:horario|vaga|hora|hr)s?|{_OF_DAY}|que (?:tiver|der|aparecer|surgir|abrir))"
        r"|1o (?:horario|hr)|1a (?:vaga|hora)|logo (?:no inicio"
        r"|que abrir)"
        r"|assim que abrir",
    ),
    (
        "any",
        r"(?:qualquer|qlqr|qq|qqr|qualker) (?:um |outro )?(?:horario|hora|hr|dia|data|momento|periodo|turno)"
        r"|tanto faz|horario que (?:tiver|der|for|quiser)|hora que (?:tiver|der|for|quiser)"
        r"|dia que (?:tiver|der|for)"
        r"|(?:sem|nao tenho) preferencia|o que tiver|quando (?:der|tiver|puder)",
    ),
)
_PREFERENCE = re.compile("|".join(f"(?P<{name}>\\b(?:{pattern})\\b)" for name, pattern in _PREFERENCES))
_DIRECTIONS = (
    (
        "later",
        rf"(?<!\bo )mais (?:pra )?tarde{_AS_MUCH_AS_CAN_BE}|depois disso|um pouco depois|mais a frente|mais pra frente",
    ),
    (
        "earlier",
        rf"(?<!\bo )mais (?:pra )?ced(?:o|inho){_AS_MUCH_AS_CAN_BE}|antes disso|um pouco antes|adiantar",
    ),
    (
        "other_day",
        r"(?:outro|outros|noutro) dias?|outras? datas?|dia diferente|data diferente|algum outro dia",
    ),
    ("other_time", r"outros? (?:horarios?|hrs?)|outras? horas?|horario diferente"),
)
_DIRECTION = re.compile("|".join(f"(?P<{name}>\\b(?:{pattern})\\b)" for name, pattern in _DIRECTIONS))
_PUT_OFF = re.compile(
    r"\b(?:mais cedo ou mais tarde|ate outr[oa]|falo|falamos|aviso|avisarei|ligo|volto|respondo|confirmo|vejo|mando"
    r"|retorno|decido|chamo|converso|conversamos|marco|penso|olho|te digo|entro em contato|ate mais tarde"
    r"|obrigad[oa] mais tarde|deixa pra outr[oa])\b"
)


def preference(folded: str) -> str | None:
    """`soonest`, `first`, `last`, `any`, or None."""
    match = _PREFERENCE.search(folded)
    return match.lastgroup if match else None


def direction(folded: str) -> str | None:
    """`later`, `earlier`, `other_day`, `other_time`, or None; "mais tarde eu te falo" is none."""
    match = _DIRECTION.search(folded)
    return match.lastgroup if match and not _PUT_OFF.search(folded) else None
