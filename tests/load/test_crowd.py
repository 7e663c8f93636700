"""Many customers want the same time at once, each in a conversation of her own: one gets it, and all are answered."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

OVERLAPS = """
SELECT count(*) FROM allocations a JOIN allocations b
    ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during
 WHERE a.state IN ('hold', 'booked') AND b.state IN ('hold', 'booked')
"""
LAST = "SELECT coalesce(max(id), 0) FROM inbound_messages"
UNANSWERED = "SELECT count(*) FROM inbound_messages WHERE state <> 'done' AND id > "  # tests before this one crash it


def together(people, act):
    """Has everybody act at the same moment."""
    barrier = threading.Barrier(len(people))

    def one(person):
        barrier.wait()
        return act(person)

    with ThreadPoolExecutor(len(people)) as threads:
        return list(threads.map(one, people))


def rush(people):
    """All tap the same time, which was offered to all of them; gives who got it and who did not."""
    at = next(clock for clock in people[0].clocks if all(clock in person.clocks for person in people))
    together(people, lambda person: person.tap(at))
    winners = [person for person in people if "Confirmar" in person.options]
    losers = [person for person in people if "Confirmar" not in person.options]
    assert len(winners) == 1, [person.text for person in winners]
    assert all(person.clocks and at not in person.clocks for person in losers), [person.text for person in losers]
    return winners[0], losers


def test_a_crowd_wants_one_time_after_the_other_and_nobody_shares_one(crowd, records):
    before, last = records.value("SELECT count(*) FROM bookings"), records.value(LAST)
    together(crowd, lambda person: person.say("quero fazer a barba", "Deseja adicionar outro"))
    together(crowd, lambda person: person.tap("Não, só isso", "Para que dia?"))
    day = crowd[0].days[3]
    together(crowd, lambda person: person.tap(day))
    first, rest = rush(crowd)

    stop = threading.Event()

    def empty_redis():
        while not stop.wait(0.05):
            records.redis.flushdb()

    emptier = threading.Thread(target=empty_redis)
    emptier.start()
    try:
        second, rest = rush(rest)
    finally:
        stop.set()
        emptier.join()

    together([first, second], lambda person: person.confirm())
    assert records.value("SELECT count(*) FROM bookings") == before + 2
    assert records.value(OVERLAPS) == 0
    assert records.value(f"{UNANSWERED}{last}") == 0


def test_a_crowd_that_says_everything_at_once_gets_one_booking(crowd, records):
    last = records.value(LAST)
    scout = crowd[0]
    scout.say("tem horário pra barba?", "Barba")
    scout.tap("Não, só isso", "Para que dia?")
    day = scout.days[4]
    scout.tap(day)
    at = scout.clocks[-1]
    scout.say("menu", "O que você quer fazer?")
    before = records.value("SELECT count(*) FROM bookings")
    date = day.split(", ")[1]
    together(crowd, lambda person: person.say(f"quero fazer a barba dia {date} às {at} com o Bruno"))
    winners = [person for person in crowd if "Confirmar" in person.options]
    assert len(winners) == 1
    together(crowd, lambda person: person.say("sim"))  # a yes to nothing books nothing
    assert winners[0].text and "Prontinho" in winners[0].text
    assert records.value("SELECT count(*) FROM bookings") == before + 1
    assert records.value(OVERLAPS) == 0
    assert records.value(f"{UNANSWERED}{last}") == 0
