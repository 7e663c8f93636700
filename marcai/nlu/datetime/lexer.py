"""Cuts a folded message into tokens: numbers, clock times and dates by form, words by the lexicon."""

from __future__ import annotations

import re

from .clocks import Clock
from .days import Date
from .holidays import HOLIDAY_PATTERN, holiday_named
from .lexicon import WORDS
from .tokens import LETTER, Token
from .typos import correct

_HOUR_UNIT = r"(?:horas?|hras|hrs?|hs|h)"
_SCANNER = re.compile(
    r"""
      (?P<noise> https?://\S+ | www\.\S+ | \S+@\S+\.\S+
        | (?:r|us|u)?\$\s*\d[\d.,]*(?:\s*(?:mil|k|reais))?
        | \d[\d.,]*\s*(?:reais|real|contos?|pilas?|paus?|mangos?|centavos|dolar(?:es)?
            |mil|kg|km|m2|cm|mm|ml|mg|k|x|%)
            (?![a-z0-9])
        | (?<!dia\ )(?<!em\ )(?<!\d\ )1/2(?!\s*/|\d|\s+dia(?![a-z]))
        | (?<![a-z])(?!das|pra|pro|ate)[a-z]{3}-?\d[a-z]\d{2}(?![a-z0-9])
        | \d{3}\.\d{3}\.\d{3}-\d{2} | \d{5}-\d{3}(?!\d)
        | \d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\d) )
    | (?P<iso> (?P<iso_y>(?:19|20)\d\d)[-/](?P<iso_m>\d{1,2})[-/](?P<iso_d>\d{1,2})(?!\d)t? )
    | (?P<ampm> (?P<ap_h>\d{1,2}?)(?:[:h.]?(?P<ap_m>[0-5]\d))?
        \s*(?P<ap>[ap])(?:m(?![a-z])|\.\s*m(?![a-z])\.?) )
    | (?P<date> (?P<d>\d{1,2})
        (?: \s*/\s*(?P<m1>\d{1,2})(?:\s*/\s*(?P<y1>\d{4}|\d{2}))?
          | \.(?P<m2>\d{1,2})(?:\.(?P<y2>\d{4}|\d{2}))?
          | -(?P<m3>\d{1,2})-(?P<y3>\d{4}|\d{2}) )
        (?![\d/]|[.,:-]\d|\s*"""
    + _HOUR_UNIT
    + r"""(?![a-z])) )
    | (?P<phone> (?:\+?55\s*)?(?:\(?\d{2}\)?\s*)?9?\s*\d{4}[-\s.]\d{4}(?!\d) | \+?\d{5,} )
    | (?P<clock> (?P<c_h>\d{1,2})
        (?: \s*"""
    + _HOUR_UNIT
    + r"""\s*:?\s*(?P<c_m1>[0-5]\d)(?:\s*(?:minutos|mins?|m)(?![a-z]))?(?![\d/:]|[.,-]\d|[a-z])
          | \s*[:;]\s*(?P<c_m2>[0-5]\d)(?::[0-5]\d)?(?:\s*"""
    + _HOUR_UNIT
    + r"""(?![a-z]))?(?![\d:])
          | [.,](?P<c_m3>[0-5]\d)\s*"""
    + _HOUR_UNIT
    + r"""(?![a-z])
          | \s*(?P<unit>hras|hrs?|hs|h)(?![a-z0-9])
          | [:h](?P<no_minute>[6-9]\d)(?![\d:a-z]) ) )
    | (?P<decimal> (?P<x>\d{1,2})[.,](?P<z>\d{2})(?!\d) )
    | (?P<half_day> 1/2\s+dia(?![a-z]) )
    | (?P<ordinal> (?P<o>\d{1,2})(?P<sex>[ao])(?![a-z0-9])\.? | (?P<of>[2-6])a?-?f(?:eira)?(?![a-z]) )
    | (?P<number> \d+ )
    | (?P<holiday> """
    + HOLIDAY_PATTERN
    + r""" )
    | (?P<meridiem> [ap]\.?m(?![a-z])\.? )
    | (?P<word> p/ | q\.(?=\s*vem) | [^\W\d_]+ )
    | (?P<mark> [,;/()&+*-] | [.!?\n…:]+ )
    """,
    re.VERBOSE,
)
_CENTURY = 60  # "12.05.98" is 1998: from here on two digits name a year of the last century
_MARKS = {
    ",": "COMMA",
    ";": "COMMA",
    "/": "SLASH",
    "(": "PAREN",
    ")": "PAREN",
    "-": "DASH",
    "&": "E",
    "*": "FIX",
}


def tokenise(folded: str) -> list[Token]:
    """Splits a folded message into tokens; white space and unknown marks are left out."""
    tokens = []
    for match in _SCANNER.finditer(folded):
        name, value = _READERS[match.lastgroup](match)
        tokens.append(Token(LETTER[name], value, match.start(), match.end(), match.group()))
    return tokens


def _word(match):
    word = match.group()
    known = WORDS.get(word)
    if known is None and word.endswith("."):
        known = WORDS.get(word[:-1])
    if known is None:
        corrected = correct(word)
        known = WORDS[corrected] if corrected else ("WORD", None)
    return known


def _number(match):
    digits = match.group()
    value = int(digits[:9])
    if len(digits) <= 2:
        return "NUM", value
    return ("YEAR", value) if len(digits) == 4 and 1900 <= value < 2100 else ("BIG", value)


def _clock_of(hour: int, minute: int | None, fixed: bool, meridiem: str | None = None):
    if hour > 24 or (hour == 24 and minute):
        return "BAD", "time"
    midnight = hour == 24
    return "CLOCK", Clock(
        hour % 24,
        minute or 0,
        has_minute=minute is not None,
        fixed=fixed or midnight or hour > 12,
        meridiem=meridiem,
        ends_day=midnight,
    )


def _clock(match):
    hour = int(match["c_h"])
    minute = next((int(match[group]) for group in ("c_m1", "c_m2", "c_m3") if match[group]), None)
    if match["no_minute"]:
        return "BAD", "time"
    if match["unit"] and hour > 31:
        return "VOID", None  # "em 48h", "72h" are durations
    return _clock_of(hour, minute, fixed=match["c_h"].startswith("0"))


def _ampm(match):
    hour = int(match["ap_h"])
    minute = int(match["ap_m"]) if match["ap_m"] else None
    if hour > 12:
        return _clock_of(hour, minute, fixed=True)
    return _clock_of(hour, minute, False, "am" if match["ap"] == "a" else "pm")


def _date(match):
    day = int(match["d"])
    month_digits = match["m1"] or match["m2"] or match["m3"]
    month = int(month_digits)
    year = _full_year(match["y1"] or match["y2"] or match["y3"])
    if match["m2"] and year is None:
        if _is_dotted_clock(day, month_digits):
            return _clock_of(day, month, fixed=match["d"].startswith("0"))
        if not 1 <= month <= 12 or len(month_digits) == 1:
            return "DEC", (day, month)
    date = Date(day, month, year)
    if date.exists():
        return "DATE", date
    return ("BAD", "date") if day <= 39 and month <= 19 else ("VOID", None)


def _is_dotted_clock(hour: int, minutes: str) -> bool:
    """No other minutes: "7.43" is a colour of hair."""
    whole = minutes not in ("05", "10") and int(minutes) < 60 and int(minutes) % 5 == 0
    return len(minutes) == 2 and hour < 24 and whole


def _full_year(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < _CENTURY else 1900)


def _iso(match):
    date = Date(int(match["iso_d"]), int(match["iso_m"]), int(match["iso_y"]))
    return ("DATE", date) if date.exists() else ("BAD", "date")


def _decimal(match):
    return "DEC", (int(match["x"]), int(match["z"]))


def _ordinal(match):
    if match["of"]:
        return "WDAY", int(match["of"]) - 2
    return "ORD", int(match["o"])


def _mark(match):
    return _MARKS.get(match.group()[0], "STOP"), None


_READERS = {
    "noise": lambda match: ("VOID", None),
    "iso": _iso,
    "ampm": _ampm,
    "date": _date,
    "phone": lambda match: ("VOID", None),
    "clock": _clock,
    "decimal": _decimal,
    "half_day": lambda match: ("CLOCK", Clock(12, fixed=True)),
    "ordinal": _ordinal,
    "number": _number,
    "holiday": lambda match: ("HOLIDAY", holiday_named(match.group())),
    "meridiem": lambda match: ("AMPM", match.group()[0] + "m"),
    "word": _word,
    "mark": _mark,
}
