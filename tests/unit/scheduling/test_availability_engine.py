"""The search finds exactly what trying every order, every professional and every minute finds."""

from __future__ import annotations

from by_trying import value_of, visits_from
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marcai.scheduling import bits
from marcai.scheduling.plan import Search, Task
from marcai.scheduling.ways import Ways

SIZE = 240


@st.composite
def spans(draw):
    edges = sorted(draw(st.lists(st.integers(0, SIZE), max_size=8, unique=True)))
    return [(edges[i], edges[i + 1]) for i in range(0, len(edges) - 1, 2)]


@st.composite
def salons(draw, services=4, staff=3):
    people = draw(st.integers(1, staff))
    free = [draw(spans()) for _ in range(people)]
    units = [
        [bits.without([(0, SIZE)], draw(spans())) for _ in range(draw(st.integers(1, 2)))]
        for _ in range(draw(st.integers(0, 2)))
    ]
    needs = st.sets(st.integers(0, len(units) - 1)) if units else st.just(())
    count = draw(st.integers(1, services))
    lengths = st.sampled_from([5, 10, 15, 20, 30, 45])
    tasks = [
        Task(
            draw(lengths),
            draw(st.sampled_from([0, 0, 5, 10, 25])),
            tuple(sorted(draw(st.sets(st.integers(0, people - 1), min_size=1, max_size=people)))),
            tuple(draw(needs)),
        )
        for _ in range(count)
    ]
    step = draw(st.sampled_from([5, 10, 15]))
    shortest = [draw(st.sampled_from([5, 15, 40])) for _ in range(people)]
    return free, units, tasks, step, shortest


def minutes_of(free):
    return [{minute for start, end in mine for minute in range(start, end)} for mine in free]


def searched(free, units, tasks, step):
    grid = sum(1 << minute for minute in range(0, SIZE, step))
    return Search(tasks, free, grid, SIZE, units)


def tried(free, units, tasks):
    """What `visits_from` is told about a salon."""
    services = [(task.duration, task.cleanup, task.by, task.needs) for task in tasks]
    return services, minutes_of(free), [minutes_of(equal) for equal in units]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(salons())
def test_the_set_of_starts_is_the_one_found_by_trying_everything(salon):
    free, units, tasks, step, _ = salon
    known = tried(free, units, tasks)
    expected = [start for start in range(0, SIZE, step) if visits_from(start, *known)]
    assert bits.members(searched(free, units, tasks, step).starts()) == expected


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(salons())
def test_the_best_visit_of_each_start_has_the_fewest_professionals_then_the_shortest_time_then_the_least_waste(salon):
    free, units, tasks, step, shortest = salon
    known = tried(free, units, tasks)
    minutes = known[1]
    ways = Ways(searched(free, units, tasks, step), free, shortest)
    for start in range(0, SIZE, step):
        expected = [value_of(steps, minutes, shortest) for steps in visits_from(start, *known)]
        found = ways.at(start)
        assert bool(found) == bool(expected)
        if found:
            best = found[0]
            assert (len(best.team), best.minutes, best.useless) == min(expected)
            assert [(way.minutes, way.useless) for way in found] == sorted((way.minutes, way.useless) for way in found)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(salons())
def test_every_visit_offered_is_one_that_trying_everything_finds_too_and_teams_differ(salon):
    free, units, tasks, step, shortest = salon
    known = tried(free, units, tasks)
    search = searched(free, units, tasks, step)
    ways = Ways(search, free, shortest)
    for start in bits.members(search.starts()):
        possible = [
            [(number, person, at - start) for number, person, at, _, _ in steps]
            for steps in visits_from(start, *known)
        ]
        smallest = min(len({person for _, person, _ in steps}) for steps in possible)
        teams = {frozenset(person for _, person, _ in steps) for steps in possible}
        found = ways.at(start)
        assert all([tuple(step) for step in way.steps] in possible for way in found)
        assert len({way.team for way in found}) == len(found)
        assert len(found) == min(6, len([team for team in teams if len(team) == smallest]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(salons(services=5, staff=2))
def test_five_services_are_tried_in_every_order(salon):
    free, units, tasks, step, shortest = salon
    known = tried(free, units, tasks)
    minutes = known[1]
    search = searched(free, units, tasks, step)
    ways = Ways(search, free, shortest)
    for start in range(0, SIZE, step):
        possible = visits_from(start, *known)
        assert bool(search.starts() >> start & 1) == bool(possible)
        if possible:
            best = ways.at(start)[0]
            assert (len(best.team), best.minutes, best.useless) == min(
                value_of(steps, minutes, shortest) for steps in possible
            )


def test_a_change_of_professional_happens_at_once_and_her_own_next_service_waits_for_the_cleanup():
    both = [(0, 100)]
    alone = Ways(Search([Task(30, 10, (0,)), Task(20, 0, (0,))], [both], 1, 100), [both], [5]).at(0)
    assert [(step.task, step.offset) for step in alone[0].steps] == [(1, 0), (0, 20)]  # the cleanup at the end
    two = Ways(Search([Task(30, 10, (0,)), Task(20, 0, (1,))], [[(0, 40)], [(30, 100)]], 1, 100),
               [[(0, 40)], [(30, 100)]], [5, 5]).at(0)
    assert [(step.staff, step.offset) for step in two[0].steps] == [(0, 0), (1, 30)]


def test_a_professional_does_not_come_back_before_she_has_cleaned_up():
    free = [[(0, 100)], [(30, 40)]]
    tasks = [Task(30, 20, (0,)), Task(10, 0, (1,)), Task(10, 0, (0,))]
    assert Search(tasks, free, 1, 100).starts() == 0
    tasks = [Task(30, 10, (0,)), Task(10, 0, (1,)), Task(10, 0, (0,))]
    assert Search(tasks, free, 1, 100).starts() == 1


def test_what_one_professional_can_do_alone_is_not_split():
    free = [[(0, 100)], [(0, 100)]]
    ways = Ways(Search([Task(30, 0, (0, 1)), Task(20, 0, (0,))], free, 1, 100), free, [20, 20]).at(0)
    assert [way.team for way in ways] == [frozenset({0})]


def test_a_service_starts_only_when_a_unit_of_each_resource_it_needs_is_free_until_the_cleanup_is_done():
    task = Task(30, 10, (0,), (0, 1))
    room, chairs = [[(10, 60)]], [[(0, 45)], [(18, 60)]]
    search = Search([task], [[(0, 60)]], (1 << 60) - 1, 60, [room, chairs])
    assert bits.members(search.starts()) == [18, 19, 20]


def test_two_services_of_a_visit_use_one_unit_one_after_the_other_without_waiting_for_its_cleanup():
    free, room = [[(0, 100)], [(0, 100)]], [[(0, 60)]]
    tasks = [Task(30, 20, (0,), (0,)), Task(10, 0, (1,), (0,))]
    search = Search(tasks, free, 1, 100, [room])
    assert [(step.task, step.offset) for step in Ways(search, free, [5, 5]).at(0)[0].steps] == [(0, 0), (1, 30)]


def test_one_professional_changes_the_order_when_a_room_is_free_only_later():
    free, room = [[(0, 100)]], [[(20, 100)]]
    search = Search([Task(30, 0, (0,), (0,)), Task(20, 10, (0,))], free, 1, 100, [room])
    assert [(step.task, step.offset) for step in Ways(search, free, [5]).at(0)[0].steps] == [(1, 0), (0, 30)]


def test_a_team_changes_the_order_within_one_professional_s_services_when_a_room_is_free_only_later():
    free, room = [[(0, 60)], [(60, 80)]], [[(30, 60)]]
    search = Search([Task(30, 0, (0,), (0,)), Task(30, 0, (0,)), Task(20, 0, (1,))], free, 1, 100, [room])
    (way,) = Ways(search, free, [5, 5]).at(0)
    assert [(step.task, step.offset) for step in way.steps] == [(1, 0), (0, 30), (2, 60)]


stretches = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)).filter(lambda s: s[0] < s[1]), max_size=9)


@given(stretches, stretches)
def test_spans_are_merged_and_subtracted_as_sets_are(some, others):
    def minutes(spans):
        return {minute for start, end in spans for minute in range(start, end)}

    left = bits.without(bits.merged(some), bits.merged(others))
    assert minutes(left) == minutes(some) - minutes(others)
    assert bits.members(bits.of_spans(left, 200)) == sorted(minutes(left))
