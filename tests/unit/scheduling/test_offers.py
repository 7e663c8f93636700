"""Which openings a customer is shown."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from marcai.scheduling.offers import nearest, rank_for_offer
from marcai.scheduling.visit import Opening, Segment, Visit

MIDNIGHT = datetime(2030, 3, 5, tzinfo=timezone.utc)
STAFF, SERVICE = uuid4(), uuid4()


def at(minutes):
    return MIDNIGHT + timedelta(minutes=minutes)


def opening(minutes, useless=0):
    segment = Segment(SERVICE, STAFF, at(minutes), at(minutes + 30), at(minutes + 30))
    return Opening(at(minutes), (Visit(at(minutes), at(minutes + 30), (segment,), useless),))


def starts(openings):
    return [int((each.start - MIDNIGHT).total_seconds() // 60) for each in openings]


days = st.lists(st.integers(0, 1425), max_size=40, unique=True).map(lambda them: [opening(m) for m in sorted(them)])


@given(days, st.integers(0, 12), st.one_of(st.none(), st.integers(0, 1440)), st.one_of(st.none(), st.integers(0, 1440)))
def test_those_asked_for_come_first_with_the_earliest_of_them_and_never_more_than_fit(day, limit, since, until):
    shown = rank_for_offer(day, None if since is None else at(since), None if until is None else at(until), limit)
    asked = [each for each in day
             if (since is None or each.start >= at(since)) and (until is None or each.start < at(until))]
    assert shown == sorted(set(shown), key=lambda each: each.start)
    assert len(shown) == min(limit, len(day))
    if asked and limit:
        assert asked[0] in shown
    assert len([each for each in shown if each in asked]) >= min(limit, len(asked))


def test_a_long_day_is_shown_spread_out_from_its_beginning_to_its_end():
    shown = starts(rank_for_offer([opening(m) for m in range(540, 1080, 15)], limit=5))
    assert shown[0] == 540 and shown[-1] == 1065
    assert all(75 <= later - sooner <= 270 for sooner, later in pairwise(shown))


def test_of_neighbours_the_one_that_leaves_no_useless_gap_is_shown():
    day = [opening(m, useless=0 if m % 60 == 0 else 20) for m in range(540, 1080, 15)]
    assert all(m % 60 == 0 for m in starts(rank_for_offer(day, limit=6)))


def test_when_the_time_asked_for_has_too_few_the_nearest_others_are_added():
    day = [opening(m) for m in (540, 600, 660, 900, 960)]
    assert starts(rank_for_offer(day, at(650), at(700), limit=3)) == [540, 600, 660]
    assert starts(rank_for_offer(day, at(900), at(900), limit=2)) == [900, 960]


def test_the_nearest_to_a_taken_start_come_in_order_of_distance_within_the_window():
    day = [opening(m) for m in (540, 570, 585, 630, 660)]
    assert starts(nearest(day, at(600), 30)) == [585, 570, 630]
    assert starts(nearest(day, at(600), 60)) == [585, 570, 630, 540, 660]


def test_of_two_starts_equally_near_the_tidier_comes_first():
    assert starts(nearest([opening(570, useless=15), opening(630)], at(600), 30)) == [630, 570]


def test_a_visit_survives_being_written_down():
    visit = opening(600).visits[0]
    assert Visit.from_dict(visit.as_dict()) == visit
