"""A customer who falls silent in the middle of a booking is asked, once, whether she wants to go on (flow 8).

INVARIANT: the question and the mark that it was asked are one transaction over a locked row, so that several workers,
or one that is killed, ask once per pause. Her next turn clears the mark.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from marcai.conversation.session import TTL_SECONDS
from marcai.customers import service as customers
from marcai.handoff import presence
from marcai.handoff.service import STATE_OF
from marcai.notifications import service as notifications
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.tenants import service as tenants
from marcai.tenants.service import TenantInfo
from marcai.whatsapp.telling import tell

SILENCE = timedelta(minutes=5)
SESSION = timedelta(seconds=TTL_SECONDS)  # afterwards there is nothing left to go on with
BATCH = 50

# Who has asked for a person is left alone, whether she waits or is being helped; so is who asked for no messages.
SILENT = f"""
SELECT s.sender_id, s.updated_at, c.tenant_id FROM conversation_snapshots s
JOIN customers c ON c.id::text = s.sender_id
WHERE s.question IS NOT NULL AND s.nudged_at IS NULL AND c.opted_out_at IS NULL
  AND {STATE_OF.format(customer="c.id")} IS NULL
  AND s.updated_at <= %(silent_since)s AND s.updated_at > %(session_since)s
  AND {STATE_OF.format(customer="c.id")} IS NULL
ORDER BY s.updated_at LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED
"""

MARK = "UPDATE conversation_snapshots SET nudged_at = %(now)s WHERE sender_id = %(sender)s RETURNING sender_id"


def ask_the_silent() -> int:
    """Asks every customer who has been silent for five minutes with a question open.

    Returns:
        How many were asked; those whose establishment has quiet hours now are not.
    """
    now = clock.now()
    asked = 0
    with transaction() as session:
        run = session.connection().exec_driver_sql
        rows = run(SILENT, {"silent_since": now - SILENCE, "session_since": now - SESSION, "limit": BATCH}).all()
        for row in rows:
            tenant = tenants.by_id(row.tenant_id)
            if tenant is None or is_quiet(tenant, now):
                continue
            customer = customers.get(UUID(row.sender_id))
            kind = "conversation.paused.person" if presence.on_duty(tenant.slug) else "conversation.paused"
            response = notifications.compose(kind, {"name": customer.name or ""})
            tell(session, tenant.id, customer.id, response, about={"notification": "conversation.paused"},
                 dedupe_key=f"pause:{row.sender_id}:{row.updated_at.isoformat()}")
            run(MARK, {"now": now, "sender": row.sender_id})
            asked += 1
    return asked


def is_quiet(tenant: TenantInfo, now: datetime) -> bool:
    """Whether the establishment's quiet hours, in which nothing is sent unasked, are on at an instant."""
    since, until = (time.fromisoformat(edge) for edge in tenant.policy.quiet_hours)
    local = clock.in_zone(now, tenant.timezone).time()
    return since <= local < until if since <= until else local >= since or local < until
