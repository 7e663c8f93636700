"""What a visit takes of professionals, rooms and equipment, and which of equal units it prefers."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from uuid import UUID

from marcai.scheduling.units import tidiest
from marcai.scheduling.visit import Segment, Visit

NINE = datetime(2031, 3, 4, 12, 0, tzinfo=timezone.utc)
SERVICE, ANA, BRUNO, ROOM, CHAIR = (UUID(int=number) for number in range(1, 6))


def at(minutes):
    return NINE + timedelta(minutes=minutes)


def visit(*parts):
    """A visit of parts (professional, start, end, blocked until, units), in minutes after nine."""
    segments = tuple(
        Segment(SERVICE, who, at(start), at(end), at(until), tuple(units)) for who, start, end, until, units in parts
    )
    return Visit(segments[0].start, segments[-1].end, segments)


def claimed(visit, resource):
    return [
        tuple(int((moment - NINE).total_seconds() // 60) for moment in (claim.start, claim.until))
        for claim in visit.claims if claim.resource_id == resource
    ]


def test_units_are_claimed_for_as_long_as_the_professional_cleanup_included():
    one = visit((ANA, 0, 30, 40, [ROOM, CHAIR]), (BRUNO, 30, 60, 60, []))
    assert [(claim.resource_id, claim.position, claim.end) for claim in one.claims] == [
        (ANA, 0, at(30)), (ROOM, 0, None), (CHAIR, 0, None), (BRUNO, 1, at(60))]
    assert claimed(one, ROOM) == claimed(one, CHAIR) == [(0, 40)]


def test_a_unit_used_twice_in_a_visit_is_claimed_without_overlap_and_until_all_cleanup_is_done():
    assert claimed(visit((ANA, 0, 30, 40, [ROOM]), (BRUNO, 30, 60, 65, [ROOM])), ROOM) == [(0, 30), (30, 65)]
    assert claimed(visit((ANA, 0, 30, 90, [ROOM]), (BRUNO, 30, 60, 65, [ROOM])), ROOM) == [(0, 30), (30, 90)]
    later = visit((ANA, 0, 30, 40, [ROOM]), (BRUNO, 30, 60, 60, []), (ANA, 60, 70, 70, [ROOM]))
    assert claimed(later, ROOM) == [(0, 40), (60, 70)]


def test_a_visit_keeps_its_units_as_json_values_and_is_the_same_visit_with_equal_ones():
    one, other = visit((ANA, 0, 30, 40, [ROOM, CHAIR])), visit((ANA, 0, 30, 40, [CHAIR]))
    assert Visit.from_dict(one.as_dict()).unit_ids == (ROOM, CHAIR)
    assert one == other
    assert one != visit((BRUNO, 0, 30, 40, [ROOM, CHAIR]))


def test_the_unit_with_the_shortest_fitting_gap_is_preferred_and_the_first_of_equal_ones():
    assert tidiest([[(0, 100)], [(20, 80)], [(20, 40), (60, 100)]], 30, 50, ()) == 1
    assert tidiest([[(0, 100)], [(0, 100)]], 30, 50, ()) == 0
    assert tidiest([[(0, 40)], [(10, 100)]], 30, 50, ()) == 1


def test_a_unit_that_the_visit_has_already_is_preferred_to_any():
    assert tidiest([[(0, 100)], [(30, 60)]], 30, 50, ()) == 1
    assert tidiest([[(0, 100)], [(30, 60)]], 30, 50, {0}) == 0
