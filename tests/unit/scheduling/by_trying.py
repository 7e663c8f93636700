"""Scheduling done the slow way, minute by minute and order by order, to compare the engine with; shares no code."""

from __future__ import annotations

import itertools


def visits_from(start, services, free_minutes, unit_minutes=()):
    """Every way to do the services from a start: lists of (service, professional, start, end, cleaned up).

    `services` are (duration, cleanup, professionals, resources); `free_minutes` is a set of minutes for each
    professional, `unit_minutes` a list of such sets for each resource.
    """
    found = []
    for order in itertools.permutations(range(len(services))):
        for people in itertools.product(*(services[number][2] for number in order)):
            steps, at, busy = [], start, []
            for number, person in zip(order, people, strict=True):
                duration, cleanup, _, needs = services[number]
                if steps and steps[-1][1] == person:
                    at = steps[-1][4]
                taken = [(person, minute) for minute in range(at, at + duration + cleanup)]
                if any(minute not in free_minutes[person] for _, minute in taken) or set(taken) & set(busy):
                    break
                until = at + duration + cleanup
                if not all(
                    any(all(minute in unit for minute in range(at, until)) for unit in unit_minutes[resource])
                    for resource in needs
                ):
                    break
                busy += taken
                steps.append((number, person, at, at + duration, at + duration + cleanup))
                at += duration
            else:
                found.append(steps)
    return found


def useless_minutes(steps, free_minutes, shortest):
    """Minutes of the free stretches in use that are left in pieces shorter than the professional's shortest service."""
    total = 0
    for person in {step[1] for step in steps}:
        taken = {minute for step in steps if step[1] == person for minute in range(step[2], step[4])}
        left = set()
        for minute in taken:
            for direction in (1, -1):
                other = minute
                while other in free_minutes[person]:
                    if other not in taken:
                        left.add(other)
                    other += direction
        for first in sorted(left):
            if first - 1 not in left:
                length = 0
                while first + length in left:
                    length += 1
                if length < shortest[person]:
                    total += length
    return total


def value_of(steps, free_minutes, shortest):
    """What makes one way better than another, smaller being better: professionals, minutes, useless minutes."""
    return (
        len({step[1] for step in steps}),
        steps[-1][3] - steps[0][2],
        useless_minutes(steps, free_minutes, shortest),
    )
