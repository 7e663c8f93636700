"""What the worker does for the channel by the clock."""

from __future__ import annotations

from datetime import timedelta

from marcai.platform import clock
from marcai.platform.periodic import Job
from marcai.whatsapp import pauses, statuses

KEPT_FOR = timedelta(minutes=15)  # a status older than its message's send by more than this tells of none of ours


def match_statuses() -> None:
    """Applies statuses that came just while the send that they tell of was being recorded."""
    statuses.match_kept(clock.now() - KEPT_FOR)


JOBS = (
    Job("match_statuses", 20, match_statuses),
    Job("ask_the_silent", 10, pauses.ask_the_silent),
)
