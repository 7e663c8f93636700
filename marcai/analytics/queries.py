"""The figures, one statement each: bounded by a period, found by an index, aggregated in PostgreSQL.

These statements read the tables of other rooms, and write none: an analyst's questions go across all of them. What
each figure means is in `docs/analytics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from marcai.analytics.scope import Scope
from marcai.platform.database import transaction

_TURNS = "t.tenant_id = ANY(:tenants) AND t.session_started_at >= :since AND t.session_started_at < :until"
_COUNTED = "t.miss > 0 AND (CAST(:asked AS text[]) IS NULL OR t.asked = ANY(:asked))"
_DAY = "CAST(date_trunc(:bucket, {} AT TIME ZONE :zone) AS date)"

SESSIONS = f"""
SELECT depth, booked, worst, a.flow, a.reason, count(*) AS sessions, sum(turns) AS turns, sum(missed) AS missed
FROM (
    SELECT t.conversation, t.session_started_at, coalesce(max(d.depth), 0) AS depth,
           coalesce(bool_or(t.outcome = 'booked'), false) AS booked, count(*) AS turns,
           coalesce(max(t.miss) FILTER (WHERE {_COUNTED}), 0) AS worst, count(*) FILTER (WHERE {_COUNTED}) AS missed
    FROM dialogue_turns t
    LEFT JOIN unnest(CAST(:steps AS text[]), CAST(:depths AS int[])) AS d (step, depth) ON d.step = t.step
    WHERE {_TURNS} GROUP BY t.conversation, t.session_started_at
) s LEFT JOIN abandonments a ON a.conversation = s.conversation AND a.session_started_at = s.session_started_at
GROUP BY 1, 2, 3, 4, 5
"""

STEPS = f"""
WITH reached AS (
    SELECT step, count(*) AS sessions FROM (
        SELECT DISTINCT t.conversation, t.session_started_at, t.step FROM dialogue_turns t
        WHERE {_TURNS} AND t.step IS NOT NULL AND (CAST(:flow AS text) IS NULL OR t.flow = :flow)) each
    GROUP BY step
), left_at AS (
    SELECT t.step, count(*) AS sessions FROM abandonments t
    WHERE {_TURNS} AND (CAST(:flow AS text) IS NULL OR t.flow = :flow) GROUP BY t.step
)
SELECT step, coalesce(reached.sessions, 0) AS reached, coalesce(left_at.sessions, 0) AS abandoned
FROM reached FULL JOIN left_at USING (step)
"""

ABANDONMENTS = f"""
SELECT t.flow, t.step, t.reason, t.last_intent, count(*) AS sessions FROM abandonments t
WHERE {_TURNS} AND (CAST(:flow AS text) IS NULL OR t.flow = :flow)
GROUP BY 1, 2, 3, 4 ORDER BY sessions DESC, 1, 2, 3, 4
"""

ABANDONED_BY_DAY = f"""
SELECT {_DAY.format("t.session_started_at")} AS day, count(*) AS sessions FROM abandonments t
WHERE {_TURNS} AND (CAST(:flow AS text) IS NULL OR t.flow = :flow) GROUP BY 1
"""

MISSED_BY_DAY = f"""
SELECT {_DAY.format("t.session_started_at")} AS day, count(*) AS turns,
       count(*) FILTER (WHERE {_COUNTED} AND t.miss = 1) AS first,
       count(*) FILTER (WHERE {_COUNTED} AND t.miss = 2) AS second,
       count(*) FILTER (WHERE {_COUNTED} AND t.miss > 2) AS third
FROM dialogue_turns t WHERE {_TURNS} GROUP BY 1
"""

CONFUSIONS = f"""
SELECT t.guess, t.rival, count(*) AS messages, avg(t.confidence) AS confidence,
       mode() WITHIN GROUP (ORDER BY next.intent) AS afterwards
FROM dialogue_turns t LEFT JOIN LATERAL (
    SELECT n.intent FROM dialogue_turns n
    WHERE n.conversation = t.conversation AND n.session_started_at = t.session_started_at AND n.id > t.id
    ORDER BY n.id LIMIT 1) next ON true
WHERE {_TURNS} AND {_COUNTED} GROUP BY 1, 2 ORDER BY messages DESC, 1, 2 LIMIT 20
"""

HANDOFFS = """
SELECT reason, count(*) AS requests, count(*) FILTER (WHERE taken_at IS NOT NULL) AS taken,
       count(*) FILTER (WHERE state = 'gone') AS gone,
       count(*) FILTER (WHERE state IN ('waiting', 'assisted')) AS open,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM taken_at - requested_at) / 60)
           FILTER (WHERE taken_at IS NOT NULL) AS minutes
FROM handoffs WHERE tenant_id = ANY(:tenants) AND requested_at >= :since AND requested_at < :until
GROUP BY reason ORDER BY requests DESC, reason
"""

SUGGESTIONS = """
SELECT kind, count(*) AS offered, count(held_at) AS held, count(booked_at) AS booked
FROM suggestions WHERE tenant_id = ANY(:tenants) AND offered_at >= :since AND offered_at < :until
GROUP BY kind ORDER BY offered DESC, kind
"""

COLLISIONS = """
SELECT least(round, 3) AS round, count(*) AS collisions, count(*) FILTER (WHERE outcome = 'booked') AS booked,
       count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned, count(*) FILTER (WHERE outcome IS NULL) AS open
FROM slot_collisions WHERE tenant_id = ANY(:tenants) AND at >= :since AND at < :until
GROUP BY 1 ORDER BY 1
"""

SERVICES = """
WITH seen AS (
    SELECT i.service_id, sum(views) AS views, sum(liked) AS liked, sum(disliked) AS disliked
    FROM service_interest i JOIN services s ON s.id = i.service_id
    WHERE s.tenant_id = ANY(:tenants) AND i.day BETWEEN :first AND :last GROUP BY 1
), sold AS (
    SELECT i.service_id, count(*) AS booked FROM bookings b JOIN booking_items i ON i.booking_id = b.id
    WHERE b.tenant_id = ANY(:tenants) AND b.created_at >= :since AND b.created_at < :until GROUP BY 1
)
SELECT s.name, coalesce(seen.views, 0) AS views, coalesce(sold.booked, 0) AS booked, coalesce(seen.liked, 0) AS liked,
       coalesce(seen.disliked, 0) AS disliked
FROM services s LEFT JOIN seen ON seen.service_id = s.id LEFT JOIN sold ON sold.service_id = s.id
WHERE s.tenant_id = ANY(:tenants) AND (seen.service_id IS NOT NULL OR sold.service_id IS NOT NULL)
ORDER BY booked DESC, views DESC, s.name LIMIT 100
"""

NOTIFICATIONS = """
SELECT kind, count(*) AS messages, count(*) FILTER (WHERE status IN ('delivered', 'read')) AS delivered,
       count(*) FILTER (WHERE status = 'read') AS read, count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status IN ('queued', 'sent')) AS under_way
FROM notifications WHERE tenant_id = ANY(:tenants) AND created_at >= :since AND created_at < :until
GROUP BY kind ORDER BY messages DESC, kind
"""

BOOKINGS = f"""
SELECT {_DAY.format("created_at")} AS day, count(*) AS made, count(*) FILTER (WHERE status = 'cancelled') AS cancelled
FROM bookings WHERE tenant_id = ANY(:tenants) AND created_at >= :since AND created_at < :until
GROUP BY 1
"""


@contextmanager
def reading() -> Iterator[Session]:
    """A transaction that only reads, and sees one state of things throughout."""
    with transaction() as session:
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield session


def run(session: Session, statement: str, scope: Scope) -> list[Row[Any]]:
    """The rows of one of the statements above."""
    wanted = text(statement)
    values = {name: value for name, value in scope.values().items() if name in wanted.compile().params}
    return session.execute(wanted, values).all()
