"""Every metric of the product, and how one page shows those of all processes.

With `PROMETHEUS_MULTIPROC_DIR` set (a local start and the containers set it), each process keeps its numbers in
files of that folder, and the web app's `/metrics` adds them up. Labels hold kinds and outcomes, never who.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
from functools import cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, values

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")


@cache
def _identity(pid: int) -> str:
    """Distinct among processes that share the folder, in containers too, where everybody may be process 1."""
    name = f"{os.environ.get('MARCAI_PROCESS', 'shell')}-{socket.gethostname()}-{pid}"
    return re.sub(r"[^A-Za-z0-9-]", "-", name)


if FOLDER:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    values.ValueClass = values.MultiProcessValue(lambda: _identity(os.getpid()))

WEBHOOKS = Counter("marcai_webhooks", "WhatsApp webhook calls, by outcome (stored, refused, malformed, not_stored).",
                   ["outcome"])
STATUSES = Counter("marcai_delivery_statuses", "Delivery statuses taken in, by status.", ["status"])
UNKNOWN_NUMBERS = Counter("marcai_unknown_numbers", "Messages and statuses for a number of no establishment.")
RECEIVED = Counter("marcai_messages_received", "WhatsApp messages taken in, by kind.", ["kind"])
SENT = Counter("marcai_messages_sent", "WhatsApp messages that the Graph API accepted, by kind.", ["kind"])
FAILED = Counter("marcai_messages_failed", "WhatsApp messages given up, by kind and error code.", ["kind", "code"])
SEND_RETRIES = Counter("marcai_send_retries", "Sends to be tried again, by reason.", ["reason"])
DAYS_CACHE = Counter("marcai_days_cache", "Days whose room was looked up, by outcome (hit, miss).", ["outcome"])
TURN_SECONDS = Histogram(
    "marcai_turn_seconds", "From taking a customer's message to the stored reply, by kind of message.", ["kind"],
    buckets=(0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12),
)
TURNS = Counter("marcai_turns", "Turns of conversation, by outcome (done, repeated, failed).", ["outcome"])
ACTION_SECONDS = Histogram("marcai_action_seconds", "How long an action took, by action.", ["action"],
                           buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5))
ACTION_FAILURES = Counter("marcai_action_failures", "Actions that ended in an apology, by action.", ["action"])
IDENTIFICATIONS = Counter("marcai_identifications", "Customers recognised, by outcome (new, known).", ["outcome"])
HOLDS = Counter("marcai_holds", "Holds of time, by outcome (held, taken, released, expired).", ["outcome"])
COLLISIONS = Counter("marcai_collisions", "Starts chosen that somebody else had just taken, by round.", ["round"])
SUGGESTIONS = Counter("marcai_suggestions", "Alternatives, by kind and outcome (offered, held, booked).",
                      ["kind", "outcome"])
BOOKINGS = Counter("marcai_bookings", "Bookings, by what happened (confirmed, cancelled, rescheduled).", ["outcome"])
EVENTS = Counter("marcai_events", "Events dealt with, by name, group and outcome (done, retried, parked, skipped).",
                 ["name", "group", "outcome"])
EVENT_LAG = Histogram("marcai_event_lag_seconds", "From an event to its effect, by group.", ["group"],
                      buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300))
RELAYED = Counter("marcai_events_relayed", "Events put on the stream, by reason (new, again).", ["reason"])
HTTP_REQUESTS = Counter("marcai_http_requests", "Requests to the web app, by method, route template and status.",
                        ["method", "route", "status"])
HTTP_SECONDS = Histogram("marcai_http_seconds", "How long the web app took to answer, by route template.", ["route"],
                         buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5))
API_LIMITED = Counter("marcai_api_limited", "API requests refused because their key made too many.", ["tenant"])
HANDOFFS = Counter("marcai_handoffs", "Requests for a person, by what happened (requested, taken, released, "
                   "transferred, given_back, closed, gone).", ["outcome"])
HANDOFF_SECONDS = Histogram("marcai_handoff_wait_seconds", "From asking for a person until somebody took it.",
                            buckets=(15, 30, 60, 120, 300, 600, 1200, 3600, 14400, 86400))
PURGED = Counter("marcai_rows_purged", "Rows deleted because their time was over, by table.", ["table"])
JOBS = Counter("marcai_jobs", "Runs of the worker's periodic jobs, by outcome (done, failed).", ["job", "outcome"])


def exposition(*more: CollectorRegistry) -> bytes:
    """The metrics of all processes as Prometheus reads them.

    Args:
        more: registries with numbers of the moment, such as the age of what waits.
    """
    registry = CollectorRegistry()
    if FOLDER:
        _Readable(registry, FOLDER)
        return generate_latest(registry) + b"".join(generate_latest(one) for one in more)
    return generate_latest() + b"".join(generate_latest(one) for one in more)


class _Readable(multiprocess.MultiProcessCollector):
    """Leaves out a file that a killed process was just writing to, instead of answering nothing at all."""

    def collect(self):
        """The sums over all readable files."""
        readable = []
        for file in sorted(Path(self._path).glob("*.db")):
            with contextlib.suppress(Exception):
                self.merge([str(file)], accumulate=False)
                readable.append(str(file))
        return self.merge(readable, accumulate=True)


def clear(folder: Path) -> None:
    """Deletes the numbers of earlier runs; call it while no process runs."""
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)
