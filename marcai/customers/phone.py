"""Phone numbers as people and WhatsApp write them, brought to one form, and the key under which two forms meet."""

from __future__ import annotations

import re

import phonenumbers

_BR_NATIONAL = re.compile(r"[1-9][1-9](9\d{8}|[2-9]\d{7})")  # area code, then a mobile or any 8-digit number
_BR_NINE = re.compile(r"\+55([1-9][1-9])9([6-9]\d{7})")
_MX_ONE = re.compile(r"\+521(\d{10})")
_SHORTEST = 8  # digits, the country's among them


def normalise(raw: str, default_region: str = "BR") -> str | None:
    """A number in E.164 form (`+5511987654321`), or None when it is no whole number.

    Takes what people write (spaces, brackets, a trunk 0 with or without a carrier code, `055`, `0055`) and WhatsApp
    ids (digits with the country and no plus). A Brazilian number needs its area code. Digits are never added: a
    mobile without its ninth digit stays so, since WhatsApp may know it in that form only.
    """
    text = (raw or "").strip()
    digits = "".join(str(int(char)) for char in text if char.isdecimal())
    if not _SHORTEST <= len(digits) <= 20 or re.search(r"[^\W\d_]", text):
        return None
    if text.startswith("+"):
        return _international(digits)
    if default_region == "BR":
        trimmed = digits.lstrip("0")
        if trimmed.startswith("55") and len(trimmed) in (12, 13):
            found = _brazilian(trimmed[2:])
            if found:
                return found
        if digits.startswith("00"):
            return _international(digits[2:])
        if digits.startswith("0"):  # trunk 0, perhaps with the two digits of a carrier
            return _brazilian(digits[1:]) or _brazilian(digits[3:])
        return _brazilian(digits) or (_international(digits) if len(digits) > 11 else None)
    try:
        parsed = phonenumbers.parse(text, default_region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number(parsed):
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return _international(digits)


def _brazilian(national: str) -> str | None:
    return f"+55{national}" if _BR_NATIONAL.fullmatch(national) else None


def _international(digits: str) -> str | None:
    if digits.startswith("55"):
        return _brazilian(digits[2:]) or _brazilian(digits[2:].removeprefix("0"))
    try:
        parsed = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    if len(digits) < _SHORTEST or not phonenumbers.is_possible_number(parsed):
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    # A trunk 0 written after the country was dropped; there may be another behind it.
    return number if len(number) > len(digits) else _international(number[1:])


def equality_key(e164: str) -> str:
    """The form under which two ways to write one number are equal.

    Brazilian mobiles were given a ninth digit, a leading 9, and WhatsApp still names older accounts without it: it is
    dropped when the digit after it is 6 to 9. After a 9, a digit from 1 to 5 belongs to a newer range that never had
    eight digits (the same eight digits alone are a landline), so those are kept apart, as are landlines. Mexican
    mobiles lose the 1 that WhatsApp puts after the country.
    """
    match = _BR_NINE.fullmatch(e164)
    if match:
        return f"+55{match.group(1)}{match.group(2)}"
    match = _MX_ONE.fullmatch(e164)
    return f"+52{match.group(1)}" if match else e164
