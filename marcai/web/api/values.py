"""The values that clients send: dates, instants and phone numbers, read strictly; and cursors of lists."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone
from typing import Any, ClassVar

from marcai.customers import phone
from marcai.web.api.problems import Problem, invalid

YEARS = range(2000, 2200)  # so that arithmetic in any zone stays within what a calendar can hold
DATE = r"^\d{4}-\d{2}-\d{2}$"
INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$"
PHONE = r"^\+?[0-9 ().-]{7,40}$"


class _Written:
    """What the kinds of values below have in common: a client writes a text, and `read` makes a value of it.

    What stands in the class's brackets is told in the document.
    """

    _told: ClassVar[dict[str, Any]]

    def __init_subclass__(cls, **told: Any) -> None:
        cls._told = told

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable]:
        yield cls.read

    @classmethod
    def __modify_schema__(cls, schema: dict[str, Any]) -> None:
        schema.update(type="string", **cls._told)


class CalendarDate(_Written, date, format="date", example="2026-11-24"):
    """A date as `YYYY-MM-DD` and nothing else: a number is no date."""

    @classmethod
    def read(cls, value: Any) -> date:
        """The date that a text means.

        Raises:
            ValueError: it means none.
        """
        try:
            if not isinstance(value, str) or not re.fullmatch(DATE, value, re.ASCII):
                raise ValueError
            found = date.fromisoformat(value)
        except ValueError:
            raise ValueError("must be a date such as 2026-11-24") from None
        return _of_our_time(found)


class Instant(_Written, datetime, format="date-time", example="2026-11-24T10:00:00-03:00"):
    """A time with its offset, as ISO 8601; kept in UTC."""

    @classmethod
    def read(cls, value: Any) -> datetime:
        """The instant that a text means, in UTC.

        Raises:
            ValueError: it means none.
        """
        try:
            if not isinstance(value, str) or not re.fullmatch(INSTANT, value, re.ASCII):
                raise ValueError
            text, _, fraction = value.replace("Z", "+00:00").partition(".")
            if fraction:  # Python 3.10 reads three or six digits
                digits, offset = fraction[:-6], fraction[-6:]
                text = f"{text}.{digits.ljust(6, '0')}{offset}"
            found = _of_our_time(datetime.fromisoformat(text))
        except ValueError:
            raise ValueError("must be a time with its offset such as 2026-11-24T10:00:00-03:00") from None
        return found.astimezone(timezone.utc)


class Phone(_Written, str, format="phone", minLength=8, maxLength=41, example="+55 11 98765-4321"):
    """A telephone number, however it is written; kept in E.164 form. A Brazilian one needs its area code."""

    @classmethod
    def read(cls, value: Any) -> str:
        """The number in E.164 form.

        Raises:
            ValueError: it is none.
        """
        if isinstance(value, str) and value.startswith(" "):  # a plus in an address that was not escaped
            value = f"+{value[1:]}"
        if not isinstance(value, str) or not re.fullmatch(PHONE, value, re.ASCII):
            raise ValueError("must be a telephone number such as +55 11 98765-4321")
        found = phone.normalise(value)
        if found is None:
            raise ValueError("must be a whole telephone number, with its area code, such as +55 11 98765-4321")
        return found


def _of_our_time(value: Any) -> Any:
    if value.year not in YEARS:
        raise ValueError(f"must be of the years {YEARS.start} to {YEARS.stop - 1}")
    return value


def cursor(*parts: str) -> str:
    """An opaque text that says where the next page begins."""
    return base64.urlsafe_b64encode("\n".join(parts).encode()).decode().rstrip("=")


def read_cursor(text: str, *readers: Callable[[str], Any]) -> tuple:
    """The parts of a cursor that `cursor` made.

    Args:
        text: as the client sent it.
        readers: one for each part; they raise ValueError for what is none.

    Raises:
        Problem: 422, it is no cursor of this list.
    """
    try:
        parts = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode().split("\n")
        return tuple(read(part) for read, part in zip(readers, parts, strict=True))
    except (ValueError, binascii.Error):
        raise bad_cursor() from None


def bad_cursor() -> Problem:
    """The problem with a cursor that is none, or whose list has changed so much that there is no next page of it."""
    return invalid("query", "cursor", "is not a cursor of this list; begin again without one")


__all__ = ["CalendarDate", "Instant", "Phone", "bad_cursor", "cursor", "read_cursor"]
