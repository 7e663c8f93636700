"""Requests for a person: made, taken by one attendant, given back, closed; and how long a customer has to wait.

Each change is one conditional statement, so of two that want the same only one has it. Verbs that take a session are
part of their caller's transaction, because a message to the customer belongs to the same one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from marcai.customers import service as customers
from marcai.handoff import presence, queue
from marcai.handoff.attendants import AttendantInfo
from marcai.handoff.models import Attendant, Handoff
from marcai.platform import clock, events, metrics
from marcai.platform.database import transaction
from marcai.tenants.service import TenantInfo

OPEN = ("waiting", "assisted")
# For statements of the channel: the state of a customer's open request, or null. One look into a tiny partial index.
STATE_OF = "(SELECT h.state FROM handoffs h WHERE h.customer_id = {customer} AND h.state IN ('waiting', 'assisted'))"
USUAL_MINUTES = 5.0  # for each place in the queue, while there is nothing to learn from
LEARNT_FROM, LEAST = 20, 3  # the last so many requests that were taken; at least so many


@dataclass(frozen=True)
class HandoffInfo:
    """One request. `attendant` is the first name of whoever has it."""

    id: UUID
    tenant_id: UUID
    customer_id: UUID
    state: str
    reason: str
    quiet: bool
    requested_at: datetime
    promised_until: datetime | None
    taken_at: datetime | None
    closed_at: datetime | None
    attendant_id: UUID | None
    context: Mapping[str, Any]
    attendant: str | None = None


@dataclass(frozen=True)
class Wait:
    """What a customer who asked for a person is told: her place, about how many minutes, and how many are on duty."""

    handoff: HandoffInfo
    place: int
    minutes: int
    on_duty: int


def request(tenant: TenantInfo, customer_id: UUID, context: Mapping[str, Any], reason: str = "asked") -> Wait:
    """Puts a customer in the queue, or finds her there: a repeated turn asks once.

    Args:
        tenant: the establishment.
        customer_id: who wants a person.
        context: the draft and the pending question, to go on from there.
        reason: what led to it.
    """
    on_duty = len(presence.on_duty(tenant.slug))
    now = clock.now()
    with transaction() as session:
        before = _waiting_count(session, tenant.id)
        minutes = _minutes(session, tenant.id, before + 1)
        made = session.execute(insert(Handoff).values(
            id=uuid4(), tenant_id=tenant.id, customer_id=customer_id, state="waiting", reason=reason,
            quiet=on_duty > 0, place=before + 1, requested_at=now,
            promised_until=now + timedelta(minutes=minutes) if on_duty else None, context=dict(context),
        ).on_conflict_do_nothing(index_elements=[Handoff.customer_id], index_where=text("state IN ('waiting', "
                                 "'assisted')")).returning(Handoff.id)).scalar()
        if made is not None:
            customers.audit(session, tenant.id, customer_id, "handoff_requested", handoff=str(made), reason=reason)
            events.emit(session, tenant.id, "handoff.requested", {
                "handoff_id": str(made), "customer_id": str(customer_id), "place": before + 1, "on_duty": on_duty,
                "reason": reason})
        elif on_duty:  # she asks again, and is told to wait now
            session.execute(update(Handoff).where(Handoff.customer_id == customer_id, Handoff.state == "waiting")
                            .values(quiet=True))
        row = session.execute(_select().where(Handoff.customer_id == customer_id, Handoff.state.in_(OPEN))).one()
    found = _info(row)
    if made is not None:
        metrics.HANDOFFS.labels("requested").inc()
    if found.state == "waiting":
        queue.add(tenant.slug, found.id, found.requested_at)
    return _wait(tenant, found, on_duty)


def waiting(tenant: TenantInfo, customer_id: UUID) -> Wait | None:
    """Where a customer stands in the queue; None when she does not wait."""
    found = open_for(customer_id)
    if found is None or found.state != "waiting" or found.tenant_id != tenant.id:
        return None
    return _wait(tenant, found, len(presence.on_duty(tenant.slug)))


def open_for(customer_id: UUID) -> HandoffInfo | None:
    """A customer's open request."""
    with transaction() as session:
        row = session.execute(_select().where(Handoff.customer_id == customer_id, Handoff.state.in_(OPEN))).first()
    return None if row is None else _info(row)


def get(tenant_id: UUID, handoff_id: UUID) -> HandoffInfo | None:
    """A request of an establishment by id."""
    with transaction() as session:
        row = session.execute(_select().where(Handoff.id == handoff_id, Handoff.tenant_id == tenant_id)).first()
    return None if row is None else _info(row)


def speak_again(customer_id: UUID) -> None:
    """Nobody is on duty any more: the assistant serves the customer while her request stays in the queue."""
    with transaction() as session:
        session.execute(update(Handoff).where(Handoff.customer_id == customer_id, Handoff.state == "waiting")
                        .values(quiet=False, promised_until=None))


def leave(tenant: TenantInfo, customer_id: UUID) -> HandoffInfo | None:
    """The customer goes back to the assistant; None when she had asked for nobody."""
    with transaction() as session:
        changed = session.execute(
            update(Handoff).where(Handoff.customer_id == customer_id, Handoff.tenant_id == tenant.id,
                                  Handoff.state.in_(OPEN))
            .values(state="gone", closed_at=clock.now()).returning(Handoff.id)).scalar()
        if changed is None:
            return None
        customers.audit(session, tenant.id, customer_id, "handoff_left", handoff=str(changed))
        found = _info(session.execute(_select().where(Handoff.id == changed)).one())
    queue.remove(tenant.slug, changed)
    metrics.HANDOFFS.labels("gone").inc()
    return found


def take(session: Session, attendant: AttendantInfo, handoff_id: UUID,
         context: Mapping[str, Any] | None = None) -> HandoffInfo | None:
    """Gives a waiting request to an attendant; None when somebody else has it or it is over.

    Args:
        session: the caller's transaction.
        attendant: who takes it.
        handoff_id: the request, of her establishment.
        context: what the assistant knows by now, where that is known.
    """
    now = clock.now()
    values = {"state": "assisted", "attendant_id": attendant.id, "taken_at": func.coalesce(Handoff.taken_at, now)}
    if context is not None:
        values["context"] = dict(context)
    return _changed(session, attendant, handoff_id, "handoff_taken", Handoff.state == "waiting", **values)


def release(session: Session, attendant: AttendantInfo, handoff_id: UUID) -> HandoffInfo | None:
    """Puts an attendant's conversation back in the queue, at its old place."""
    return _changed(session, attendant, handoff_id, "handoff_released", _hers(attendant), state="waiting",
                    attendant_id=None, quiet=True)


def transfer(session: Session, attendant: AttendantInfo, handoff_id: UUID, to: AttendantInfo) -> HandoffInfo | None:
    """Hands an attendant's conversation to another attendant of the same establishment."""
    if to.tenant_id != attendant.tenant_id or not to.active:
        return None
    return _changed(session, attendant, handoff_id, "handoff_transferred", _hers(attendant), attendant_id=to.id)


def close(session: Session, attendant: AttendantInfo, handoff_id: UUID) -> HandoffInfo | None:
    """Ends an attendant's conversation; a manager may end any open request."""
    return _changed(session, attendant, handoff_id, "handoff_closed", _hers(attendant, or_waiting=True),
                    state="closed", closed_at=clock.now())


def writable(session: Session, attendant: AttendantInfo, handoff_id: UUID) -> HandoffInfo | None:
    """The request, locked for the caller's transaction, if the attendant may write in it now."""
    row = session.execute(_select().where(Handoff.id == handoff_id, Handoff.tenant_id == attendant.tenant_id,
                                          Handoff.state == "assisted", Handoff.attendant_id == attendant.id)
                          .with_for_update(of=Handoff)).first()
    return None if row is None else _info(row)


def queued(tenant: TenantInfo) -> list[HandoffInfo]:
    """Who waits, first come first; the queue in Redis is written anew when it says something else."""
    with transaction() as session:
        rows = session.execute(_select().where(Handoff.tenant_id == tenant.id, Handoff.state == "waiting")
                               .order_by(Handoff.requested_at, Handoff.id)).all()
    found = [_info(row) for row in rows]
    known = queue.read(tenant.slug)
    if known is not None and set(known) != {one.id for one in found}:
        queue.write(tenant.slug, [(one.id, one.requested_at) for one in found])
    return found


def assisted(tenant: TenantInfo, attendant_id: UUID | None = None) -> list[HandoffInfo]:
    """The conversations under way: an attendant's, or everybody's."""
    query = _select().where(Handoff.tenant_id == tenant.id, Handoff.state == "assisted")
    if attendant_id is not None:
        query = query.where(Handoff.attendant_id == attendant_id)
    with transaction() as session:
        return [_info(row) for row in session.execute(query.order_by(Handoff.taken_at))]


def recent(tenant: TenantInfo, limit: int = 50) -> list[HandoffInfo]:
    """The last requests of an establishment, whatever became of them, the newest first."""
    with transaction() as session:
        return [_info(row) for row in session.execute(
            _select().where(Handoff.tenant_id == tenant.id).order_by(Handoff.requested_at.desc()).limit(limit))]


def opened(attendant: AttendantInfo, found: HandoffInfo) -> None:
    """Writes down that somebody looked into a customer's conversation."""
    with transaction() as session:
        customers.audit(session, found.tenant_id, found.customer_id, "conversation_opened", handoff=str(found.id),
                        attendant=str(attendant.id))


def _wait(tenant: TenantInfo, found: HandoffInfo, on_duty: int) -> Wait:
    known = [one.id for one in queued(tenant)]
    place = known.index(found.id) + 1 if found.id in known else 1
    with transaction() as session:
        return Wait(found, place, _minutes(session, tenant.id, place), on_duty)


def _minutes(session: Session, tenant_id: UUID, place: int) -> int:
    """About how many minutes: what each place in the queue has lately taken, as the median of the last ones."""
    waited = func.extract("epoch", Handoff.taken_at - Handoff.requested_at) / Handoff.place / 60
    last = (select(waited.label("minutes")).where(
        Handoff.tenant_id == tenant_id, Handoff.taken_at.is_not(None), Handoff.quiet)
        .order_by(Handoff.taken_at.desc()).limit(LEARNT_FROM).subquery())
    count, median = session.execute(select(
        func.count(), func.percentile_cont(0.5).within_group(last.c.minutes)).select_from(last)).one()
    each = float(median) if count >= LEAST else USUAL_MINUTES
    return max(1, math.ceil(each * place))


def _waiting_count(session: Session, tenant_id: UUID) -> int:
    return session.execute(select(func.count()).select_from(Handoff).where(
        Handoff.tenant_id == tenant_id, Handoff.state == "waiting")).scalar_one()


def _hers(attendant: AttendantInfo, or_waiting: bool = False) -> Any:
    if attendant.is_manager:
        return Handoff.state.in_(OPEN) if or_waiting else Handoff.state == "assisted"
    return (Handoff.state == "assisted") & (Handoff.attendant_id == attendant.id)


def _changed(session: Session, attendant: AttendantInfo, handoff_id: UUID, event: str, condition: Any,
             **values: Any) -> HandoffInfo | None:
    customer_id = session.execute(
        update(Handoff).where(Handoff.id == handoff_id, Handoff.tenant_id == attendant.tenant_id, condition)
        .values(**values).returning(Handoff.customer_id).execution_options(synchronize_session=False)).scalar()
    if customer_id is None:
        return None
    customers.audit(session, attendant.tenant_id, customer_id, event, handoff=str(handoff_id),
                    attendant=str(attendant.id))
    return _info(session.execute(_select().where(Handoff.id == handoff_id)).one())


def _select() -> Any:
    return select(Handoff, Attendant.name).outerjoin(Attendant, Attendant.id == Handoff.attendant_id) \
        .execution_options(populate_existing=True)


def _info(found: Any) -> HandoffInfo:
    row, name = found
    return HandoffInfo(
        row.id, row.tenant_id, row.customer_id, row.state, row.reason, row.quiet, row.requested_at,
        row.promised_until, row.taken_at, row.closed_at, row.attendant_id, row.context or {},
        name.split()[0] if name else None)
