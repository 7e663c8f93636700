"""Availability from the database, with an almost empty table and with 1.2 million bookings, against the bare SQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks import seeding
from benchmarks.figures import Figure, at_most, by_turns, median
from marcai.platform import clock
from marcai.platform.database import engine, transaction
from marcai.scheduling import availability, diary

STAFF, DAYS = 10, 30
ROWS, STATEMENT = "bare SQL: the window's rows", "bare SQL: our own statement alone"
# Joined, not `= ANY`: a GiST index cannot search by an array, and would read everybody's bookings in the window.
QUERIES = (
    """SELECT h.staff_id, h.weekday, h.starts, h.ends
         FROM unnest(%(staff)s::uuid[]) AS who (id) JOIN shifts h ON h.staff_id = who.id""",
    """SELECT staff_id, starts_at, ends_at FROM time_off
        WHERE tenant_id = %(tenant)s AND ends_at > %(since)s AND starts_at < %(until)s""",
    """SELECT a.resource_id, lower(a.during), upper(a.during)
         FROM unnest(%(staff)s::uuid[]) AS who (id) JOIN allocations a ON a.resource_id = who.id
        WHERE a.state IN ('hold', 'booked') AND a.during && tstzrange(%(since)s, %(until)s)""",
)


def measure(bookings: int, rounds: int) -> list[Figure]:
    """The figures.

    Args:
        bookings: how many to fill the table with.
        rounds: of twenty runs each.
    """
    place = seeding.establish(STAFF)
    today = clock.now().astimezone(ZoneInfo(place.tenant.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    seeding.fill([place], today, DAYS + 1)
    empty = _times(place, today, rounds)
    others = [seeding.establish(STAFF) for _ in range(bookings // (STAFF * seeding.PER_DAY * 300))]
    count = seeding.fill(others, today - timedelta(days=200), 300)
    full = _times(place, today, rounds)
    figures = []
    for name, (rows, alone, days, openings, visits) in (("almost empty table", empty), (f"{count:,} bookings", full)):
        where = f"{STAFF} professionals x {DAYS} days, {name}"
        figures.append(at_most(f"free starts by day, {where}", days, ROWS, rows, 2))
        figures.append(at_most(f"free starts by day, {where}", days, STATEMENT, alone, 2))
        figures.append(at_most(f"every opening, {where}", openings, ROWS, rows, 2))
        figures.append(at_most(f"every opening, and every way to do it, {where}", visits, ROWS, rows, None))
    figures.append(at_most("free starts by day: full table", full[2], "the same, almost empty table", empty[2], 1.5))
    return figures


def _times(place: seeding.Place, since: datetime, rounds: int) -> tuple[float, ...]:
    until = since + timedelta(days=DAYS)
    values: dict[str, Any] = {"staff": place.staff, "tenant": place.tenant.id, "since": since, "until": until}
    connection = engine().raw_connection()
    cursor = connection.cursor()

    sent = diary._STATEMENT.compile(dialect=engine().dialect).string
    given = {**values, "services": [place.service.id], "for_visit": [], "now": clock.now()}

    def rows() -> None:
        for query in QUERIES:
            cursor.execute(query, values)
            cursor.fetchall()
        connection.commit()

    def alone() -> None:
        cursor.execute(sent, given)
        assert any(kind == "busy" for kind, *_ in cursor.fetchall())
        connection.commit()

    def days() -> None:
        with transaction() as session:
            found = availability.days(session, place.tenant, [place.service], first=since.date(), count=DAYS)
        assert any(day.starts for day in found)

    def openings() -> None:
        with transaction() as session:
            assert availability.openings(session, place.tenant, [place.service], since=since, until=until)

    def visits() -> None:
        with transaction() as session:
            found = availability.openings(session, place.tenant, [place.service], since=since, until=until)
        assert all(opening.visits for opening in found)

    try:
        return tuple(map(median, by_turns([rows, alone, days, openings, visits], rounds, 20)))
    finally:
        connection.close()
