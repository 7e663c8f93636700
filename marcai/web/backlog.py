"""What waits at this moment, asked of PostgreSQL when metrics are read: true even while no worker runs."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from marcai.platform import clock
from marcai.platform.database import engine

QUERIES = {
    "inbound": "SELECT count(*), min(received_at) FROM inbound_messages WHERE state = 'waiting'",
    "outbound": "SELECT count(*), min(created_at) FROM outbound_messages WHERE state = 'queued'",
    "events": "SELECT count(*), min(at) FROM event_outbox WHERE relayed_at IS NULL",
    "handoffs": "SELECT count(*), min(requested_at) FROM handoffs WHERE state = 'waiting'",
}


def backlog() -> CollectorRegistry:
    """How much waits in each queue, and how long its oldest entry has; nothing when PostgreSQL does not answer."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Backlog())
    return registry


class _Backlog:
    """A collector, and no gauge: a gauge would be one more number of this process."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Asks PostgreSQL."""
        waiting = GaugeMetricFamily("marcai_waiting", "Entries that wait, by queue.", labels=["queue"])
        age = GaugeMetricFamily("marcai_waiting_oldest_seconds", "Age of the oldest, by queue.", labels=["queue"])
        try:
            with engine().connect() as connection:
                for queue, query in QUERIES.items():
                    count, oldest = connection.execute(text(query)).one()
                    waiting.add_metric([queue], count)
                    seconds = (clock.now() - oldest).total_seconds() if oldest else 0.0
                    age.add_metric([queue], max(0.0, seconds))
        except SQLAlchemyError:
            return
        yield waiting
        yield age
