"""What a customer may tap, as Rasa buttons: each is a sentence she could also have written.

A payload is an intent with codes as entities, as Rasa writes it; the channel sends an opaque token in its place.
Fixed choices ("Confirmar", "Outro dia") are in `domain.yml`; the ones here depend on the establishment's data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from marcai.catalogue.service import ServiceInfo
from marcai.conversation import wording
from marcai.conversation.salon import first_name
from marcai.staff.service import StaffInfo

Button = dict[str, Any]


def button(title: str, intent: str, *, description: str | None = None, section: str | None = None,
           **entities: str) -> Button:
    """A Rasa button.

    Args:
        title: what is shown; the channel shortens it where WhatsApp's limits ask for it.
        intent: the intent that a tap stands for.
        description: a second line, in lists.
        section: the heading under which it stands, in lists.
        entities: the values that the tap carries.
    """
    made = {"title": title, "payload": f"/{intent}{json.dumps(entities, ensure_ascii=False) if entities else ''}"}
    if description:
        made["description"] = description
    if section:
        made["section"] = section
    return made


def services(offered: Iterable[ServiceInfo], currency: str, *, intent: str = "inform") -> list[Button]:
    """Services by category, with price and duration, in the catalogue's order."""
    by_category: dict[str, list[ServiceInfo]] = {}
    for service in offered:
        by_category.setdefault(service.category, []).append(service)
    return [
        button(
            service.name, intent, service_code=service.code, section=category,
            description=f"{wording.money(service.price, currency)} · {wording.duration(service.duration)}",
        )
        for category, group in by_category.items()
        for service in group
    ]


def days(available: Iterable[date], today: date, told: Mapping[date, str] | None = None) -> list[Button]:
    """Days with room; `told` is what there is to say of some of them."""
    return [button(wording.day_near(day, today), "inform", description=(told or {}).get(day), date=day.isoformat())
            for day in available]


def starts(available: Iterable[datetime]) -> list[Button]:
    """Starts, given in local time."""
    return [
        button(wording.clock(start), "inform", start=start.replace(tzinfo=None).isoformat(timespec="minutes"))
        for start in available
    ]


def start_by(person: StaffInfo, start: datetime) -> Button:
    """One start with one professional, given in local time: "15h com Bruno"."""
    return button(f"{wording.clock(start)} com {first_name(person.name)}", "inform", staff_code=person.code,
                  start=start.replace(tzinfo=None).isoformat(timespec="minutes"))


def starts_with(person: StaffInfo, available: Iterable[datetime]) -> list[Button]:
    """Starts with one professional, given in local time."""
    name = first_name(person.name)
    return [
        button(f"{wording.day(start.date())} {wording.clock(start)}", "inform", section=name, description=name,
               staff_code=person.code, start=start.replace(tzinfo=None).isoformat(timespec="minutes"))
        for start in available
    ]


def professionals(people: Iterable[StaffInfo]) -> list[Button]:
    """Professionals, by first name."""
    return [button(first_name(person.name), "inform", staff_code=person.code) for person in people]


def removals(chosen: Iterable[ServiceInfo]) -> list[Button]:
    """One button for each chosen service that takes it away."""
    return [button(service.name, "inform", remove=service.code) for service in chosen]
