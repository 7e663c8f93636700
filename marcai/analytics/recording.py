"""Writing down what a turn led to, and, when a session is over, whether it was given up and where.

The row of a turn is written by the channel's own statement: no round trip more, and never a turn without its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from marcai.analytics.steps import BOOKED, DETAILS, FLOW_OF, LIST
from marcai.platform import clock
from marcai.platform.database import transaction

SILENCE = timedelta(minutes=30)  # ends a session: as long as Rasa's, and the one in Redis
BATCH = 500  # sessions judged in one transaction

BROWSING = {"action_list_services", "action_service_details"}
MENU = "action_main_menu"
STOPPING = {"action_stop", "action_cancel_appointment"}


@dataclass(frozen=True)
class Facts:
    """What analysts may know of a turn; the columns of `DialogueTurn` say what each is."""

    intent: str | None = None
    action: str | None = None
    asked: str | None = None
    flow: str | None = None
    step: str | None = None
    outcome: str | None = None
    miss: int = 0
    guess: str | None = None
    confidence: float | None = None
    rival: str | None = None


def facts(*, intent: str | None, action: str | None, ranking: list[Mapping[str, Any]], before: Mapping[str, Any],
          asked: str | None, after: Mapping[str, Any], question: str | None) -> Facts:
    """Sums up a turn.

    Args:
        intent: of the message.
        action: what answered it.
        ranking: the intents that the message may have, likeliest first.
        before: the draft before the turn.
        asked: the question that was open before it.
        after: the draft after it.
        question: the question that is open after it.
    """
    step, outcome = _where(action, before, asked, after, question)
    misses = int(after.get("misses") or 0)
    miss = misses if misses > int(before.get("misses") or 0) else 0
    likely = [one for one in ranking if one.get("name") != "nlu_fallback"] if miss else []
    return Facts(
        intent=intent, action=action, asked=asked if asked in FLOW_OF else None, flow=FLOW_OF.get(step), step=step,
        outcome=outcome, miss=min(miss, 100), guess=likely[0]["name"] if likely else None,
        confidence=float(likely[0].get("confidence") or 0.0) if likely else None,
        rival=likely[1]["name"] if len(likely) > 1 else None,
    )


def _where(action: str | None, before: Mapping[str, Any], asked: str | None, after: Mapping[str, Any],
           question: str | None) -> tuple[str | None, str | None]:
    if after.get(BOOKED) and not before.get(BOOKED):
        return BOOKED, BOOKED
    if question in FLOW_OF:
        return question, "open"
    if question is None and asked in FLOW_OF and action in STOPPING and FLOW_OF[asked] != "appointments":
        return asked, "stop"
    if question is None and asked in FLOW_OF and action == MENU and after.get("active"):
        return asked, "open"  # kept for her, and given up if she does not come back
    if question is None and action in BROWSING:
        return DETAILS if after.get("viewing") else LIST, "open"
    return None, None


NOTHING = {f"fact_{name}": value for name, value in asdict(Facts()).items()} | {"fact_kept": False}


def values(found: Facts | None) -> dict[str, Any]:
    """The parameters of `CONTINUE` and `KEEP`; without facts, they write nothing."""
    if found is None:
        return NOTHING
    return {f"fact_{name}": value for name, value in asdict(found).items()} | {"fact_kept": True}


# Parts of the channel's statement that stores a turn. `before` is this one, `done` the turn's messages with `sent_at`,
# `events` the tracker's new events. How long she was silent counts from when she wrote, not from when we got to it.
CONTINUE = f"""
UPDATE dialogue_turns SET latest = false
WHERE %(fact_kept)s AND {{condition}} AND conversation = %(customer)s AND latest
    AND at > coalesce((SELECT min(sent_at) FROM done), %(now)s) - interval '{int(SILENCE.total_seconds())} seconds'
RETURNING session_started_at
"""

KEEP = """
INSERT INTO dialogue_turns (tenant_id, conversation, session_started_at, turn_id, event_id, at, intent, action, asked,
                            flow, step, outcome, miss, guess, confidence, rival, latest)
SELECT %(tenant)s, %(customer)s, coalesce((SELECT max(session_started_at) FROM continued), %(now)s), %(turn)s,
       (SELECT max(id) FROM events WHERE type_name = 'user'), %(now)s, %(fact_intent)s, %(fact_action)s,
       %(fact_asked)s, %(fact_flow)s, %(fact_step)s, %(fact_outcome)s, %(fact_miss)s, %(fact_guess)s,
       %(fact_confidence)s::float, %(fact_rival)s, true
WHERE %(fact_kept)s AND {condition}
"""

# INVARIANT: a session is judged once, by one worker: whoever locks its latest turn. What decides is the last turn that
# left something open, booked or gave up; if that was answered since, nothing is left of it. A request for a person
# that was not taken back goes before everything but a booking. While a message of hers waits, she is not silent.
JUDGE = """
WITH over AS (
    SELECT t.id, t.tenant_id, t.conversation, t.session_started_at, t.turn_id, t.at, t.intent, t.miss
    FROM dialogue_turns t
    WHERE t.latest AND t.at <= %(silent_since)s
        AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.customer_id = t.conversation AND l.waiting)
    ORDER BY t.id LIMIT %(batch)s FOR UPDATE OF t SKIP LOCKED
), marked AS (
    SELECT over.*, last.id AS marked_id, last.outcome, last.flow, last.step,
           EXISTS (SELECT 1 FROM handoffs h WHERE h.tenant_id = over.tenant_id AND h.customer_id = over.conversation
                   AND h.requested_at BETWEEN over.session_started_at - interval '1 minute' AND over.at
                   AND h.state <> 'gone') AS person,
           EXISTS (SELECT 1 FROM outbound_messages o WHERE o.dedupe_key IN
                       ('turn:' || over.turn_id || ':0', 'turn:' || over.turn_id || ':0:again')
                   AND o.state = 'failed' AND NOT o.about ? 'again') AS unheard
    FROM over JOIN LATERAL (
        SELECT t.id, t.outcome, t.flow, t.step FROM dialogue_turns t
        WHERE t.conversation = over.conversation AND t.session_started_at = over.session_started_at
            AND t.outcome IS NOT NULL
        ORDER BY t.id DESC LIMIT 1) last ON true
), given_up AS (
    INSERT INTO abandonments (id, tenant_id, conversation, session_started_at, flow, step, last_intent, reason, at)
    SELECT gen_random_uuid(), tenant_id, conversation, session_started_at, flow, step, intent,
           CASE WHEN person THEN 'handoff' WHEN outcome = 'stop' THEN 'stop' WHEN unheard THEN 'lost_window'
                WHEN miss > 0 THEN 'fallback' ELSE 'timeout' END, at
    FROM marked
    WHERE outcome = 'stop' OR (outcome = 'open' AND (person OR marked_id = id))
    ON CONFLICT (conversation, session_started_at) DO NOTHING
    RETURNING reason
), judged AS (
    UPDATE dialogue_turns SET latest = false FROM over WHERE dialogue_turns.id = over.id
)
SELECT (SELECT count(*) FROM over) AS sessions, count(*) AS given_up FROM given_up
"""


def judge() -> int:
    """Judges every session that has been silent for half an hour; any number of workers may do it at once.

    Returns:
        How many were given up.
    """
    given_up, judged = 0, BATCH
    while judged == BATCH:
        with transaction() as session:
            row = session.connection().exec_driver_sql(
                JUDGE, {"silent_since": clock.now() - SILENCE, "batch": BATCH}).one()
        judged, given_up = row.sessions, given_up + row.given_up
    return given_up
