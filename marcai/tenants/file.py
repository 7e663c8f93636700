"""The file that describes an establishment: read strictly, refused whole, every error named by its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import yaml
from babel import Locale
from babel.numbers import list_currencies

from marcai.tenants import times
from marcai.tenants.nodes import Errors, Here, TenantFileError, parse

PREPAYMENT = ("off", "offered", "required")
RESOURCE_KINDS = ("room", "equipment")
MOST_UNITS = 100
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MONEY = re.compile(r"\d{1,8}\.\d{2}")
_NUMBERS: dict[str, tuple[int, int]] = {
    "slot_step_minutes": (5, 240), "min_notice_minutes": (0, 20160), "booking_window_days": (1, 730),
    "max_services_per_visit": (1, 10), "cancellation_hours": (0, 720), "deposit_percent": (0, 100),
    "hold_minutes": (1, 120),
}


@dataclass(frozen=True)
class ResourceEntry:
    """A room or a piece of equipment as the file has it, `count` interchangeable units of it."""

    code: str
    name: str
    kind: str
    count: int = 1


@dataclass(frozen=True)
class ServiceEntry:
    """One service as the file has it; `incompatible_with` already goes both ways, `needs` are codes of resources."""

    code: str
    name: str
    category: str
    price: Decimal
    duration: int
    cleanup: int = 0
    description: str = ""
    preparation: str | None = None
    image_url: str | None = None
    aliases: tuple[str, ...] = ()
    incompatible_with: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class StaffEntry:
    """One professional as the file has it; shifts are (weekday from Monday 0, start, end)."""

    code: str
    name: str
    services: tuple[str, ...]
    shifts: tuple[tuple[int, time, time], ...]


@dataclass(frozen=True)
class TimeOffEntry:
    """A period without a professional, without units of a resource, or of the whole establishment when both are None.

    `units` are the numbers of the resource's units, from 1.
    """

    staff: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str | None
    resource: str | None = None
    units: tuple[int, ...] = ()


@dataclass(frozen=True)
class TenantFile:
    """A file without errors. `lines` says where the values are that only the database can judge."""

    tenant: dict[str, Any]
    services: tuple[ServiceEntry, ...]
    staff: tuple[StaffEntry, ...]
    time_off: tuple[TimeOffEntry, ...]
    resources: tuple[ResourceEntry, ...] = ()
    warnings: tuple[str, ...] = ()
    lines: dict[str, int] = field(default_factory=dict)


def read_file(path: str | Path) -> TenantFile:
    """Reads an establishment's file.

    Raises:
        TenantFileError: with every error, "line N: where: what".
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise TenantFileError([f"line 1: cannot read {path}: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line = error.object[:error.start].count(b"\n") + 1
        raise TenantFileError([f"line {line}: is not UTF-8 text"]) from None
    return read_text(text)


def read_text(text: str) -> TenantFile:
    """Reads the content of an establishment's file; raises like `read_file`."""
    root = parse(text)
    parts = root.mapping(("tenant", "services", "staff"), ("resources", "time_off"))
    lines: dict[str, int] = {}
    tenant = _tenant(parts["tenant"], lines) if "tenant" in parts else {}
    resources: dict[str, ResourceEntry] = {}
    if "resources" in parts and not parts["resources"].is_null():
        resources = _resources(parts["resources"])
    services = _services(parts["services"], resources) if "services" in parts else {}
    staff = _staff(parts["staff"], services) if "staff" in parts else {}
    away: list[TimeOffEntry] = []
    if "time_off" in parts and not parts["time_off"].is_null():
        away = _time_off(parts["time_off"], staff, resources, tenant.get("timezone"))
    root.errors.stop_if_any()
    done = {code for person in staff.values() for code in person.services}
    warnings = [f"service {code}: no professional does it, so it cannot be booked"
                for code in services if code not in done]
    needed = {code for service in services.values() for code in service.needs}
    warnings += [f"resource {code}: no service needs it" for code in resources if code not in needed]
    return TenantFile(tenant, tuple(services.values()), tuple(staff.values()), tuple(away),
                      tuple(resources.values()), tuple(warnings), lines)


def _tenant(here: Here, lines: dict[str, int]) -> dict[str, Any]:
    found = here.mapping(
        ("slug", "name", "timezone", "phone_number_id", "display_phone_number"),
        ("locale", "currency", "address", "business_hours_note", "holidays", "policy"))
    if "phone_number_id" in found:
        lines["phone_number_id"] = found["phone_number_id"].line
    readers: dict[str, Callable[[Here], Any]] = {
        "slug": _code, "name": lambda it: it.text(80), "address": lambda it: it.text(300),
        "business_hours_note": lambda it: it.text(300),
        "timezone": lambda it: it.checked(
            lambda value: value in _zones(), "must be an IANA zone such as America/Sao_Paulo"),
        "locale": lambda it: it.checked(_is_locale, "must be a locale such as pt_BR"),
        "currency": lambda it: it.checked(
            lambda value: value in list_currencies(), "must be an ISO 4217 currency such as BRL"),
        "phone_number_id": lambda it: it.checked(
            re.compile(r"\d{5,25}").fullmatch,
            'must be the digits of a Cloud API id in quotes, such as "100000000000001"'),
        "display_phone_number": lambda it: it.checked(
            _is_phone, 'must be a number with its country in quotes, such as "+55 11 4000-0001"'),
        "holidays": lambda it: it.checked(
            _has_holidays, "must be an ISO 3166-2 place with known holidays, such as BR-SP"),
        "policy": _policy,
    }
    empty = ("address", "business_hours_note", "holidays")
    values: dict[str, Any] = {"locale": "pt_BR", "currency": "BRL", "address": None, "business_hours_note": None,
                              "holidays": None, "policy": {}}
    for name, it in found.items():
        values[name] = None if name in empty and it.is_null() else readers[name](it)
    return values


def _policy(here: Here) -> dict[str, Any]:
    found = here.mapping((), (*_NUMBERS, "cancellation_text", "prepayment", "quiet_hours"))
    values: dict[str, Any] = {}
    for name, it in found.items():
        if name in _NUMBERS:
            values[name] = it.whole(*_NUMBERS[name])
        elif name == "cancellation_text":
            values[name] = it.raw() if it.raw() == "" else it.text(500)
        elif name == "prepayment":  # a bare `off` is a boolean to YAML, so what is written decides
            values[name] = it.raw()
            if it.raw() not in PREPAYMENT:
                it.wrong(f"must be one of {', '.join(PREPAYMENT)}")
        else:
            hours = [times.clock(hour) for hour in it.items("two clock times")]
            if len(hours) != 2:
                it.wrong('must be two clock times such as ["21:00", "08:00"]')
            values[name] = hours
    return values


def _resources(here: Here) -> dict[str, ResourceEntry]:
    entries: dict[str, ResourceEntry] = {}
    for it in here.items("rooms and equipment"):
        found = it.mapping(("code", "name", "kind"), ("count",))
        code = _code(found["code"]) if "code" in found else None
        name = found["name"].text(80) if "name" in found else None
        kind = found["kind"].checked(
            lambda value: value in RESOURCE_KINDS, f"must be one of {', '.join(RESOURCE_KINDS)}"
        ) if "kind" in found else None
        count = found["count"].whole(1, MOST_UNITS) if "count" in found else 1
        if code is not None and code in entries:
            found["code"].wrong(f"{code} is already the code of another resource")
            continue
        entries[code or f"?{it.where}"] = ResourceEntry(code or "", name or "", kind or "", count or MOST_UNITS)
    return entries


def _services(here: Here, resources: dict[str, ResourceEntry]) -> dict[str, ServiceEntry]:
    entries: dict[str, dict[str, Any]] = {}
    clashes: list[tuple[str, Here]] = []
    for it in here.items("services"):
        found = it.mapping(
            ("code", "name", "category", "price", "duration"),
            ("cleanup", "description", "preparation", "image_url", "aliases", "incompatible_with", "needs"))
        readers: dict[str, Callable[[Here], Any]] = {
            "code": _code, "name": lambda at: at.text(80), "category": lambda at: at.text(60), "price": _price,
            "duration": lambda at: at.whole(5, 1440), "cleanup": lambda at: at.whole(0, 480),
            "description": lambda at: "" if at.raw() == "" else at.text(900),
            "preparation": lambda at: None if at.is_null() or at.raw() == "" else at.text(900),
            "image_url": lambda at: None if at.is_null() else at.checked(
                _is_link, "must be an address that begins with https://"),
            "aliases": _aliases,
            "needs": lambda at: _codes(at, resources, "resource"),
        }
        values = {name: readers[name](at) for name, at in found.items() if name != "incompatible_with"}
        code = values.get("code") or f"?{it.where}"
        if code in entries:
            found["code"].wrong(f"{code} is already the code of another service")
            continue
        entries[code] = values
        if "incompatible_with" in found:
            clashes += [(code, at) for at in found["incompatible_with"].items("service codes")]
    if not entries and isinstance(here.node, yaml.SequenceNode) and not here.node.value:
        here.wrong("must name at least one service")
    apart: dict[str, set[str]] = {code: set() for code in entries}
    for code, at in clashes:
        other = at.raw()
        if other is None or other not in entries:
            at.wrong(f"{other} is not the code of a service in this file")
        elif other == code:
            at.wrong("a service cannot be incompatible with itself")
        else:
            apart[code].add(other)
            apart[other].add(code)
    if here.errors:  # only so that the dataclass gets whole values; nothing of it will be used
        return {code: ServiceEntry(code, "", "", Decimal(0), 5) for code in entries}
    return {code: ServiceEntry(**values, incompatible_with=frozenset(apart[code]))
            for code, values in entries.items()}


def _staff(here: Here, services: dict[str, ServiceEntry]) -> dict[str, StaffEntry]:
    people: dict[str, StaffEntry] = {}
    for it in here.items("professionals"):
        found = it.mapping(("code", "name", "services", "shifts"))
        code = _code(found["code"]) if "code" in found else None
        name = found["name"].text(80) if "name" in found else None
        does = _codes(found["services"], services, "service") if "services" in found else ()
        shifts = times.shifts(found["shifts"]) if "shifts" in found else []
        if code is not None and code in people:
            found["code"].wrong(f"{code} is already the code of another professional")
            continue
        people[code or f"?{it.where}"] = StaffEntry(code or "", name or "", does, tuple(shifts))
    return people


def _codes(here: Here, known: Collection[str], what: str) -> tuple[str, ...]:
    """A list of codes of services or resources of this file, each once."""
    codes: list[str] = []
    for at in here.items(f"{what} codes"):
        wanted = at.raw()
        if wanted is None or wanted not in known:
            at.wrong(f"{wanted} is not the code of a {what} in this file")
        elif wanted in codes:
            at.wrong(f"{wanted} is named twice")
        else:
            codes.append(wanted)
    return tuple(codes)


def _time_off(
    here: Here, staff: dict[str, StaffEntry], resources: dict[str, ResourceEntry], zone: str | None
) -> list[TimeOffEntry]:
    entries: list[TimeOffEntry] = []
    tz = ZoneInfo(zone or "UTC")
    for it in here.items("periods"):
        found = it.mapping(("from", "to"), ("staff", "resource", "unit", "reason"))
        who = _named(found, "staff", staff, "professional")
        what = _named(found, "resource", resources, "resource")
        if who is not None and what is not None:
            found["resource"].wrong("a period is for a professional or for a resource, not for both")
        units = _units(found, resources.get(what or ""))
        reason = found["reason"].text(200) if "reason" in found and not found["reason"].is_null() else None
        starts = times.moment(found["from"], tz, False) if "from" in found else None
        ends = times.moment(found["to"], tz, True) if "to" in found else None
        if starts is None or ends is None:
            continue
        if ends <= starts:
            found["to"].wrong("is not after the beginning")
            continue
        entries.append(TimeOffEntry(who, starts, ends, reason, what, units))
    return entries


def _named(found: dict[str, Here], key: str, known: Collection[str], what: str) -> str | None:
    """The code under a key, or None when nothing is written there."""
    if key not in found or found[key].is_null():
        return None
    code = found[key].raw()
    if code is None or code not in known:
        found[key].wrong(f"{code} is not the code of a {what} in this file")
        return None
    return code


def _units(found: dict[str, Here], resource: ResourceEntry | None) -> tuple[int, ...]:
    """The units that a period is about: the one of that number, or all of the resource's."""
    if "unit" not in found:
        return tuple(range(1, resource.count + 1)) if resource is not None else ()
    if resource is None:
        if "resource" not in found or found["resource"].is_null():
            found["unit"].wrong("is the number of a resource's unit, and no resource is named")
        return ()
    number = found["unit"].whole(1, resource.count)
    return () if number is None else (number,)


def _aliases(here: Here) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for at in here.items("texts"):
        value = at.text(60)
        if value is None:
            continue
        if value.casefold() in seen:
            at.wrong(f"{value} is named twice in this service")
        seen[value.casefold()] = value
    return tuple(seen.values())


def _price(here: Here) -> Decimal | None:
    value = here.checked(_MONEY.fullmatch, 'must be money such as "90.00"')
    return None if value is None else Decimal(value)


def _code(here: Here) -> str | None:
    return here.checked(lambda value: len(value) <= 40 and _CODE.fullmatch(value) is not None,
                        "must be lower-case letters, digits and single hyphens, such as corte-feminino")


@lru_cache(maxsize=1)
def _zones() -> set[str]:
    return available_timezones()


def _is_locale(value: str) -> bool:
    try:
        return Locale.parse(value) is not None
    except (ValueError, LookupError):
        return False


def _is_phone(value: str) -> bool:
    return value.startswith("+") and re.fullmatch(r"\+[\d ()\-]+", value) is not None \
        and 8 <= sum(map(str.isdigit, value)) <= 15


def _is_link(value: str) -> bool:
    return re.fullmatch(r"https://[^\s/]+\.[^\s]+", value) is not None and len(value) <= 2000


def _has_holidays(value: str) -> bool:
    from holidays import list_supported_countries

    country, _, part = value.partition("-")
    known = list_supported_countries(include_aliases=False)
    return country in known and ((not part and "-" not in value) or part in known[country])


__all__ = ["Errors", "ResourceEntry", "ServiceEntry", "StaffEntry", "TenantFile", "TenantFileError", "TimeOffEntry",
           "read_file", "read_text"]
