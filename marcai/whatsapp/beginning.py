"""What a turn begins with, read together: the establishment, the customer, her conversation, and what she tapped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marcai.customers import service as customers
from marcai.handoff import service as handoffs
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.platform.statements import Statement
from marcai.tenants import service as tenants
from marcai.tenants.service import TenantInfo
from marcai.whatsapp import options
from marcai.whatsapp.lanes import Lane
from marcai.whatsapp.options import Option
from marcai.whatsapp.payloads import Incoming

IDENTIFIED_FOR = timedelta(minutes=1)  # a customer just identified is not asked for again


@dataclass(frozen=True)
class Stored:
    """A conversation as it is stored; all None when nothing was said yet."""

    events: bytes | None
    last_message_id: str | None
    updated_at: datetime | None  # tells one state from the next


@dataclass(frozen=True)
class Beginning:
    """What a turn begins with."""

    tenant: TenantInfo
    stored: Stored
    option: Option | None = None


READ = Statement(f"""
SELECT kept.events, kept.last_message_id, kept.updated_at, tapped.*
FROM (SELECT) AS nothing
LEFT JOIN conversation_snapshots kept ON kept.sender_id = %(customer)s::uuid::text
LEFT JOIN ({options.VALID}) tapped ON true
""")


def read(customer_id: UUID | None, token: str | None) -> tuple[Stored, Option | None]:
    """A customer's conversation, and what a tap of hers stands for.

    Args:
        customer_id: who speaks.
        token: what was tapped, if anything was.

    Returns:
        the option is None when it was never offered to her or no longer counts.
    """
    row: Any = READ(customer=customer_id, token=token, now=clock.now())[0]
    return (Stored(row.events, row.last_message_id, row.updated_at),
            options.of(row) if row.token is not None else None)


def begin(lane: Lane, newest: Incoming, *, tapped: bool) -> Beginning:
    """Identifies the customer where that was long ago, and reads what her turn begins with.

    Args:
        lane: hers, under lease; learns who she is and whether she has asked for a person.
        newest: the last of the turn's messages.
        tapped: whether it is an option's tap.

    Raises:
        LookupError: the establishment is gone or not active.
    """
    tenant = tenants.by_id(lane.tenant_id)
    if tenant is None:
        raise LookupError("the establishment is gone or not active")
    stale = lane.identified_at is None or clock.now() - lane.identified_at > IDENTIFIED_FOR
    if (lane.customer_id is None or stale) and (newest.wa_id or newest.user_id):
        _identify(lane, newest)
    return Beginning(tenant, *read(lane.customer_id, newest.token if tapped else None))


def _identify(lane: Lane, message: Incoming) -> None:
    with transaction() as session:
        found: UUID = customers.identify(session, lane.tenant_id, wa_id=message.wa_id, user_id=message.user_id).id
    known, lane.customer_id, lane.identified_at = lane.customer_id, found, clock.now()
    if found != known:  # the lease has looked for a request of nobody, or of somebody else
        asked = handoffs.open_for(found)
        lane.handoff = asked.state if asked else None
