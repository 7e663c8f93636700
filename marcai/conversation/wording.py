"""How values are written for customers: money, durations, dates, clock times and lists, in Brazilian Portuguese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency

from marcai.platform.text import fold

LOCALE = "pt_BR"
_PARTS_OF_DAY = {(time(6), time(12)): "de manhã", (time(12), time(18)): "à tarde", (time(18), time.max): "à noite"}
_MASCULINE_IN_A = {"spa", "cha", "sofa"}


def money(amount: Decimal, currency: str = "BRL") -> str:
    """``R$ 90`` for whole amounts, ``R$ 90,50`` otherwise; a plain space keeps it readable on every phone."""
    written = format_currency(amount, currency, locale=LOCALE).replace("\xa0", " ")
    return written[:-3] if written.endswith(",00") else written


def duration(minutes: int) -> str:
    """``45 min``, ``1h`` or ``1h30``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours}h{rest:02d}" if rest else f"{hours}h"


def clock(moment: time | datetime) -> str:
    """``15h`` or ``15h30``."""
    return f"{moment.hour}h{moment.minute:02d}" if moment.minute else f"{moment.hour}h"


def stretch(since: time | None, until: time | None) -> str:
    """``de manhã``, ``a partir das 16h``, ``antes das 12h``, ``entre 16h e 18h`` or ``às 15h``, for a part of a day."""
    if (since, until) in _PARTS_OF_DAY:
        return _PARTS_OF_DAY[since, until]
    if since and until and since.replace(second=0) == until.replace(second=0):
        return f"às {clock(since)}"
    if since and until:
        return f"entre {clock(since)} e {clock(until)}"
    if since:
        return f"a partir das {clock(since)}"
    return f"antes das {clock(until)}" if until else ""


def day(value: date) -> str:
    """``sábado, 28/11``."""
    weekday = format_date(value, "EEEE", locale=LOCALE).replace("-feira", "")
    return f"{weekday}, {value:%d/%m}"


def day_near(value: date, today: date, *, words: Sequence[str] = ("hoje", "amanhã")) -> str:
    """``hoje, 23/11``, ``amanhã, 24/11`` or ``sábado, 28/11``."""
    distance = (value - today).days
    return f"{words[distance]}, {value:%d/%m}" if 0 <= distance < len(words) else day(value)


def listed(words: Iterable[str], last: str = "e") -> str:
    """``corte``, ``corte e barba`` or ``corte, barba e escova``."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def article(name: str) -> str:
    """The definite article of an establishment's name, by its first word: a Clínica, o Salão, o Pet Shop."""
    first = fold(name).split()[:1]
    word = first[0].rstrip(".") if first else ""
    return "a" if word.endswith("a") and word not in _MASCULINE_IN_A else "o"
