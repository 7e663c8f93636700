"""Token classes, one letter each, so that grammar rules can be regular expressions over a message's shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

_NAMES = """
WORD COMMA STOP DASH SLASH PAREN NUM UM DEZ MEIA MEIO YEAR BIG DEC ORD LAST CLOCK AMPM DATE HOJE AMANHA
ONTEM WDAY WABBR FEIRA MONTH MARCO MABBR HOLIDAY HORA MINUTO DIA DIAS SEMANA SEMANAS MES MESES ANO ANOS
WEEKEND PART TARDE CEDO ALMOCO SHIFT_END HORARIO DE DAS EM A AS O PELA PELAS PARA PRAS UMAS ATE
ENTRE DESDE E OU NEM DEPOIS ANTES PARTIR DIANTE DAQUI DENTRO POR VOLTA TORNO PERTO LA PONTO QUE VEM QUEVEM
PROX ESTE OUTRO PASSADO AGORA MESMO AINDA SO BEM TODO MAIS MENOS MUITO FIM COMECO MEADOS VIRADA VESPERA
DURANTE NAO SEM SER EXCETO FIX CAN HAVE BOM ADJ DURA LASTS ATRAS COST BIRTH NAMED MEMORY PUTOFF STREET LABEL FILL
TURN MOVE INSTEAD QUINZENA
DAY SPAN DAYS CHOICE PAIR CLOCKS INSTANT VOID BAD
"""

#: The classes of reduced tokens that carry a day or a time.
VALUES = ("DAY", "SPAN", "DAYS", "CHOICE", "PAIR", "CLOCK", "CLOCKS", "INSTANT")
#: The letter of every token class.
LETTER = {name: chr(0x3400 + index) for index, name in enumerate(_NAMES.split())}
_NAME_OF = {letter: name for name, letter in LETTER.items()}

_GROUPS = {
    "NUMBER": "NUM UM DEZ",
    "MON": "MONTH MARCO MABBR DEZ",
    "PARTW": "PART TARDE",
    "UNIT": "HORA MINUTO DIA DIAS SEMANA SEMANAS MES MESES ANO ANOS",
    "LINK": "DE EM A O",
    "FINAL": "STOP COMMA PAREN",
}
_UPPER = re.compile(r"[A-Z]{2}[A-Z_]*|\b[AEO]\b")


@dataclass(slots=True)
class Token:
    """A word, or a run of words that a rule has reduced.

    Attributes:
        letter: the token class, as a letter of `LETTER`.
        value: a number, a lexicon value, or the partial value that a rule built.
        start, end: offsets in the folded text.
        raw: the folded words.
    """

    letter: str
    value: Any
    start: int
    end: int
    raw: str

    @property
    def name(self) -> str:
        """The name of the token class."""
        return _NAME_OF[self.letter]

    def is_a(self, *names: str) -> bool:
        """Whether the token belongs to one of the named classes or groups."""
        return any(self.letter in letters(name) for name in names)


@cache
def letters(name: str) -> str:
    """All letters of a token class or of a group of classes."""
    if name in _GROUPS:
        return "".join(LETTER[member] for member in _GROUPS[name].split())
    return LETTER[name]


def shape_pattern(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern of class names, such as `DIA? (?P<day>NUMBER) DE (?P<month>MON)`, to match a shape.

    Upper-case words are token classes or groups, the rest is regular-expression syntax, spaces are free.
    """

    def translate(match: re.Match[str]) -> str:
        found = letters(match.group())
        return found if len(found) == 1 else f"[{found}]"

    return re.compile(_UPPER.sub(translate, pattern).replace(" ", ""))
