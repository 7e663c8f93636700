"""What the attendants' pages show: the queue, a conversation, what the customer has chosen, in words and local time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup, escape

from marcai.bookings import service as bookings
from marcai.conversation import described, flow, wording
from marcai.conversation.draft import ANY_STAFF, Draft
from marcai.conversation.salon import Salon, first_name
from marcai.customers import service as customers
from marcai.handoff import attendants, canned, presence, service
from marcai.handoff.service import HandoffInfo
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.tenants.service import TenantInfo
from marcai.web.desk.sessions import Signed
from marcai.whatsapp import assistance, history
from marcai.whatsapp.history import Entry

MEDIA = {"audio": "🎤 Áudio", "image": "📷 Foto", "video": "🎬 Vídeo", "document": "📄 Documento",
         "sticker": "🙂 Figurinha", "location": "📍 Localização", "contacts": "👤 Contato", "order": "🛒 Pedido"}
STATES = {"waiting": "na fila", "assisted": "em atendimento", "closed": "encerrada", "gone": "voltou ao assistente"}
TICKS = {"queued": "enviando", "sent": "enviada", "delivered": "entregue", "read": "lida", "failed": "não entregue"}
FAILURES = {"window": "não entregue: faz mais de 24 horas que ela escreveu",
            "recipient": "não entregue: este número não recebe mensagens do WhatsApp"}
REASONS = {"asked": "pediu uma pessoa", "not_understood": "o assistente não entendeu"}
QUESTIONS = {
    "name": "o nome", "service": "o serviço", "which_service": "qual serviço", "add_another": "se quer outro serviço",
    "another_service": "qual outro serviço", "package": "se o pacote está certo", "change_package": "o que mudar",
    "two_visits": "o que deixar para outra visita", "date": "o dia", "time": "o horário", "professional": "com quem",
    "booking": "se confirma o agendamento", "change_booking": "o que mudar", "cancel": "se cancela mesmo",
    "which_to_cancel": "qual horário cancelar", "which_to_move": "qual horário remarcar",
}
MARKS = (("*", "strong"), ("_", "em"), ("~", "s"))


def lists(signed: Signed, chosen: UUID | None) -> dict[str, Any]:
    """The queue and the conversations under way, as the list on the left shows them."""
    tenant, attendant = signed.tenant, signed.attendant
    waiting = service.queued(tenant)
    mine = service.assisted(tenant, attendant.id)
    others = [one for one in service.assisted(tenant) if one.attendant_id != attendant.id] \
        if attendant.is_manager else []
    everybody = [one.customer_id for one in (*waiting, *mine, *others)]
    said, open_ends = history.last_words(everybody), history.unanswered([one.customer_id for one in (*mine, *others)])

    def card(found: HandoffInfo, place: int = 0) -> dict[str, Any]:
        since = found.requested_at if found.state == "waiting" else (found.taken_at or found.requested_at)
        return {
            "id": found.id, "name": _name(found.customer_id), "since": ago(since), "place": place,
            "late": bool(found.state == "waiting" and found.promised_until and found.promised_until < clock.now()),
            "said": said.get(found.customer_id, ""), "chosen": found.id == chosen, "attendant": found.attendant,
            "unanswered": found.customer_id in open_ends, "reason": REASONS.get(found.reason, found.reason),
        }

    return {
        "waiting": [card(one, place) for place, one in enumerate(waiting, start=1)],
        "mine": [card(one) for one in mine], "others": [card(one) for one in others],
        "on_duty": len(presence.on_duty(tenant.slug)), "attendant": attendant,
    }


def may_read(signed: Signed, found: HandoffInfo | None) -> bool:
    """Whether the attendant may see a conversation: her own, and a manager everybody's."""
    return found is not None and (signed.attendant.is_manager or found.attendant_id == signed.attendant.id)


def conversation(signed: Signed, found: HandoffInfo) -> dict[str, Any]:
    """One conversation with its messages."""
    tenant = signed.tenant
    names = {one.id: one.first_name for one in attendants.list_all(tenant)}
    entries = history.conversation(found.customer_id, found.closed_at)
    messages, day = [], None
    for entry in entries:
        local = clock.in_zone(entry.at, tenant.timezone)
        messages.append({**_message(entry, names), "time": f"{local:%H:%M}", "moment": local.isoformat(),
                         "day": None if local.date() == day else _day(local.date(), tenant)})
        day = local.date()
    until = assistance.window_until(found.customer_id)
    return {
        "found": found, "name": _name(found.customer_id), "messages": messages, "state": STATES[found.state],
        "mine": found.state == "assisted" and found.attendant_id == signed.attendant.id,
        "can_close": found.state == "assisted" and may_read(signed, found),
        "window": _window(until, tenant), "window_open": until is not None and until > clock.now(),
    }


def beside(signed: Signed, found: HandoffInfo) -> dict[str, Any]:
    """What stands beside a conversation: what she has chosen, her bookings, her number, and replies kept ready."""
    tenant = signed.tenant
    salon = Salon.of(tenant)
    with transaction() as session:
        kept = history.slots(session, found.customer_id) or dict(found.context)
        phone = customers.reply_to(session, found.customer_id) or ""
    customer = customers.get(found.customer_id)
    name = first_name(customer.name or "") if customer else ""
    coming = bookings.for_customer(tenant, found.customer_id, limit=5, upcoming_only=True)
    others = [one for one in attendants.list_all(tenant) if one.active and one.id != found.attendant_id]
    here = presence.on_duty(tenant.slug)
    return {
        "name": name or "Cliente", "full_name": customer.name if customer and customer.name else "Cliente sem nome",
        "visits": customer.visits if customer else 0, "phone": f"+{phone}" if phone.isdecimal() else "",
        "draft": draft(salon, Draft.from_slot(kept.get("draft"))),
        "question": QUESTIONS.get(kept.get("question") or ""),
        "bookings": [described.booking(tenant, one, salon.now.date()) for one in coming],
        "replies": [{"title": one.title, "text": one.filled(name, tenant.name)} for one in canned.list_all(tenant)],
        "others": [{"id": one.id, "name": one.name, "here": one.id in here} for one in others],
        "mine": found.state == "assisted" and found.attendant_id == signed.attendant.id, "found": found,
    }


def draft(salon: Salon, chosen: Draft) -> list[tuple[str, str]]:
    """What a customer has chosen so far, as lines of a name and a value."""
    lines: list[tuple[str, str]] = []
    if not chosen.active:
        return lines
    services = salon.chosen(chosen.services)
    if services:
        package = flow.package(salon, chosen)
        lines += [("Serviços", package["services"]), ("Duração", package["duration"]), ("Valor", package["price"])]
    if chosen.start:
        start = datetime.fromisoformat(chosen.start)
        lines.append(("Horário", f"{wording.day_near(start.date(), salon.now.date())} às {wording.clock(start)}"))
    elif chosen.when.single_day:
        lines.append(("Dia", wording.day_near(chosen.when.single_day, salon.now.date())))
    people = [first_name(person.name) for person in salon.staff
              if person.code in (chosen.held_with or [chosen.staff])]
    if people:
        lines.append(("Profissional", wording.listed(people)))
    elif chosen.staff == ANY_STAFF:
        lines.append(("Profissional", "tanto faz"))
    if chosen.held_until:
        until = datetime.fromisoformat(chosen.held_until)
        held = until > clock.now()
        lines.append(("Reserva", f"segura até {clock.in_zone(until, salon.tenant.timezone):%H:%M}" if held
                      else "já venceu; o assistente tenta de novo"))
    return lines


def all_conversations(signed: Signed) -> list[dict[str, Any]]:
    """The last requests with what became of them, for managers."""
    rows = []
    for one in service.recent(signed.tenant):
        local = clock.in_zone(one.requested_at, signed.tenant.timezone)
        waited = (one.taken_at - one.requested_at).total_seconds() if one.taken_at else None
        rows.append({"id": one.id, "name": _name(one.customer_id), "at": f"{local:%d/%m %H:%M}",
                     "state": STATES[one.state], "attendant": one.attendant or "—",
                     "waited": "—" if waited is None else wording.duration(max(1, round(waited / 60)))})
    return rows


def team(signed: Signed) -> list[dict[str, Any]]:
    """The attendants, and who of them is there."""
    here = presence.on_duty(signed.tenant.slug)
    under_way = [one.attendant_id for one in service.assisted(signed.tenant)]
    return [{"name": one.name, "login": one.login, "role": "gerência" if one.is_manager else "atendente",
             "status": "sem acesso" if not one.active else "em atendimento" if one.id in here
             else "em pausa" if one.paused else "fora", "open": under_way.count(one.id),
             "seen": f"há {ago(one.last_seen_at)}" if one.last_seen_at else "nunca"}
            for one in attendants.list_all(signed.tenant)]


def ago(moment: datetime) -> str:
    """How long since a moment, in a few characters."""
    minutes = max(0, int((clock.now() - moment).total_seconds() // 60))
    if minutes < 1:
        return "menos de 1 min"
    return wording.duration(minutes) if minutes < 24 * 60 else f"{minutes // (24 * 60)} d"


def formatted(text: str) -> Markup:
    """A text with WhatsApp's marks as HTML; everything in it is escaped first."""
    made = str(escape(text))
    for mark, tag in MARKS:
        place = re.escape(mark)
        made = re.sub(rf"(?<!\w){place}(?=\S)([^\n{place}]+?)(?<=\S){place}(?!\w)", rf"<{tag}>\1</{tag}>", made)
    return Markup(made)


def _message(entry: Entry, names: dict[UUID, str]) -> dict[str, Any]:
    who = {"customer": "Cliente", "assistant": "Assistente"}.get(entry.by) or names.get(entry.attendant_id, "Equipe")
    reaction = entry.by == "customer" and entry.options == ("reaction",)
    return {
        "id": entry.id, "by": entry.by, "who": who, "text": formatted(entry.text), "reaction": reaction,
        "options": [] if reaction else entry.options, "state": entry.state,
        "tick": FAILURES.get(entry.failure) or TICKS.get(entry.state, ""),
        "media": MEDIA.get(entry.media, "📎 Arquivo") if entry.media else "", "media_kind": entry.media,
        "media_url": bool(entry.media_id),
    }


def _name(customer_id: UUID) -> str:
    customer = customers.get(customer_id)
    return first_name(customer.name) if customer and customer.name else "Cliente"


def _day(day: Any, tenant: TenantInfo) -> str:
    distance = (clock.local_now(tenant.timezone).date() - day).days
    return ("Hoje", "Ontem")[distance] if distance in (0, 1) else wording.day(day).capitalize()


def _window(until: datetime | None, tenant: TenantInfo) -> str:
    if until is None or until <= clock.now():
        return "A janela de 24 horas do WhatsApp fechou: só dá para responder depois que a cliente escrever de novo."
    local = clock.in_zone(until, tenant.timezone)
    return f"Pode responder até {local:%d/%m} às {local:%H:%M}"
