"""Turns of phrase whose meaning is in the words themselves: patience asked for, enough, any of them, the first."""

from __future__ import annotations

import re

_YOU_CHOOSE = (r"(voc[eê]s?|vcs?) (que sabem?|escolhem?|decidem?)|(o que|oq|o q) (for|(voc[eê]|vc) achar) melhor|"
               r"pode ser qualquer")
_ANY_WORD = r"(qualquer|qq|qlqr?|qualqer)"

# "Com qualquer uma" is about the people.
ANY_OF_THEM = re.compile(rf"(?<!com )\b({_ANY_WORD} (um|uma|dos|das)|{_YOU_CHOOSE})\b", re.IGNORECASE)
ANY_STAFF = re.compile(
    rf"\b(tanto faz(?! (o|a|qual) (dia|hora|hor[aá]rio|data)\b)|{_ANY_WORD} (um|uma|pessoa|profissional|dos|das)|"
    rf"sem prefer[eê]ncia|quem (tiver|estiver|puder)|n[aã]o tenho prefer[eê]ncia|{_YOU_CHOOSE})\b", re.IGNORECASE)

THE_EARLIEST = re.compile(r"\b(o|a|no|na) mais cedo\b", re.IGNORECASE)
THE_LATEST = re.compile(r"\b(o|a|no|na) mais tarde\b", re.IGNORECASE)

# "Peraí", "só um minutinho", "deixa eu ver com meu marido": she answers later.
WAIT = re.compile(
    r"^\W*((oi|n[aã]o|ai|ah|t[aá]( bom)?|ok)\W+)?((es)?pera( ?a[ií]|[ií])?\b|calma\b|"
    r"(s[oó] )?(um|1|uns|dois|2) ?(min|moment|segund|instant|seg\b)|j[aá] (volto|te (respondo|falo|digo))\b|"
    r"deixa eu (ver|olhar|perguntar|pensar|falar)\b)", re.IGNORECASE)

# "Tá bom assim", "é só isso mesmo", to the question whether something is to be added.
ENOUGH = re.compile(
    r"^\W*((sim|ok|t[aá] bom)\W+)?((t[aá]|est[aá]) ([oó]timo|bom|perfeito|certo) assim|"
    r"assim (j[aá] )?(t[aá]|est[aá]) (bom|[oó]timo)|([eé] )?s[oó] (isso|esse|essa)( a[ií]| mesmo)?|"
    r"[eé] isso( a[ií]| mesmo)?|isso( a[ií]| mesmo| s[oó])|"
    r"j[aá] (t[aá]|est[aá]) bom)\W*(obrigad[oa]|obg|por enquanto|mesmo)?\W*$", re.IGNORECASE)

# "Só isso", in a longer message too: what it names is all.
ONLY_THIS = re.compile(r"\b(s[oó]|somente|apenas) (isso|isto|ess[ea]|iss)\b", re.IGNORECASE)

_OTHER = r"(mais (um|uma)|(mais )?outr[oa])( outr[oa])?"
# "Quero mais uma coisa", "falta um outro serviço": which, is not said yet.
SOMETHING_MORE = re.compile(
    rf"(?<!n[aã]o )\b((falt(a|ou) uma?|(quero|queria|vou querer|gostaria( de)?|preciso( de)?|falt(a|ou)|p[oõ]e|bot[ae]|"
    rf"(coloc|adicion)(a|ar)|inclu[ií]r?)( fazer| s[oó]| ainda)* {_OTHER})) "
    r"(coisa|coisinha|servi[cç]o|procedimento)( tamb[eé]m| a[ií]| por favor| pfv?)*\W*$", re.IGNORECASE)
NOTHING_MORE = re.compile(r"\b(mais nada|nada mais|nenhum outro)( por enquanto| n[aã]o)?\W*(obrigad[oa]|obg)?\W*$",
                          re.IGNORECASE)

# A sex alone, where a professional is asked for, is nobody's service.
SOMEBODY = re.compile(r"\b(homem|homi|mulher|mo[cç][oa]|rapaz|menin[oa])\b", re.IGNORECASE)

PARKING = re.compile(r"\b(estaciona\w*|valet|manobrista|parar o carro|(vaga|lugar) (pra|para|pro) (o )?carro)",
                     re.IGNORECASE)

FAREWELL = re.compile(r"\b((tch|x)au\w*|adeus|at[eé]|falou|flw|valeu|vlw|fui|bye|obrigad[oa])\b", re.IGNORECASE)

_TO_CHANGE = {  # what follows "o que você quer mudar?": a part of the booking, by its name
    "other_day": r"dia|data", "same_day": r"horas?|hor[aá]rio", "professional": r"profissional|pessoa|quem (vai )?faz",
    "service": r"servi[cç]os?",
}
_PARTS = {what: re.compile(rf"\W*((eu )?(quero |queria )?(mudar |trocar )?)?((s[oó] )?(o|a|os|de|do|da) )?({names})\W*",
                           re.IGNORECASE) for what, names in _TO_CHANGE.items()}


def what_to_change(text: str) -> str | None:
    """The part of a booking that a message names and says nothing else of.

    Returns:
        other_day, same_day (another time), professional or service; None when it says anything else.
    """
    return next((what for what, pattern in _PARTS.items() if pattern.fullmatch(text)), None)
