"""Several threads ask at once: served together, each with her own answer, and one's failure is nobody else's."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from marcai.platform.together import Lane


class Kitchen:
    """Work that waits until it may begin, and remembers what it was asked together."""

    def __init__(self, cook):
        self.batches, self.may_begin, self.began = [], threading.Event(), threading.Event()
        self._cook = cook
        self.lane = Lane()
        self.work = self._work  # one function object, as a module's is

    def _work(self, asked):
        self.batches.append(list(asked))
        self.began.set()
        assert self.may_begin.wait(10)
        return [self._cook(one) for one in asked]

    def serve(self, *orders, keys=None):
        """Answers to all, or what was raised; the first is being worked on when the others ask."""
        with ThreadPoolExecutor(len(orders)) as pool:
            first = pool.submit(self.lane.ask, self.work, keys[0] if keys else orders[0], orders[0])
            assert self.began.wait(10)
            others = [pool.submit(self.lane.ask, self.work, keys[number] if keys else one, one)
                      for number, one in enumerate(orders[1:], 1)]
            while len(self.lane._queue) < len(others):
                pass
            self.may_begin.set()
            return [future.exception(10) or future.result() for future in (first, *others)]


def test_those_who_ask_while_it_works_are_served_together_each_with_her_own_answer():
    kitchen = Kitchen(lambda one: one * 10)
    assert kitchen.serve(1, 2, 3, 4) == [10, 20, 30, 40]
    assert [len(batch) for batch in kitchen.batches] == [1, 3]


def test_one_alone_is_served_at_once_and_again():
    kitchen = Kitchen(lambda one: one + 1)
    kitchen.may_begin.set()
    assert [kitchen.lane.ask(kitchen.work, "key", number) for number in range(3)] == [1, 2, 3]


def test_one_key_is_never_twice_in_a_batch():
    kitchen = Kitchen(lambda one: one)
    assert kitchen.serve(1, 2, 3, 4, keys=["a", "b", "b", "c"]) == [1, 2, 3, 4]
    assert sorted(map(len, kitchen.batches)) == [1, 1, 2]


def test_different_work_waits_for_the_other_and_is_done_by_itself():
    kitchen = Kitchen(lambda one: one)
    washed = []

    def wash(asked):
        washed.append(list(asked))
        return [f"clean {one}" for one in asked]

    with ThreadPoolExecutor(3) as pool:
        cooked = pool.submit(kitchen.lane.ask, kitchen.work, "soup", "soup")
        assert kitchen.began.wait(10)
        dishes = [pool.submit(kitchen.lane.ask, wash, dish, dish) for dish in ("plate", "glass")]
        while len(kitchen.lane._queue) < 2:
            assert washed == []
        kitchen.may_begin.set()
        assert cooked.result(10) == "soup"
        assert {dish.result(10) for dish in dishes} == {"clean plate", "clean glass"}
    assert kitchen.batches == [["soup"]] and len(washed) == 1


def test_ones_failure_is_nobody_elses():
    kitchen = Kitchen(lambda one: 60 / one)
    first, second, third, fourth = kitchen.serve(1, 2, 0, 3)
    assert (first, second, fourth) == (60, 30, 20)
    assert isinstance(third, ZeroDivisionError)
    assert kitchen.lane.ask(kitchen.work, 5, 5) == 12


def test_a_failure_of_one_alone_is_raised_and_the_next_is_served():
    kitchen = Kitchen(lambda one: 60 / one)
    kitchen.may_begin.set()
    with pytest.raises(ZeroDivisionError):
        kitchen.lane.ask(kitchen.work, 0, 0)
    assert kitchen.lane.ask(kitchen.work, 1, 1) == 60


def test_a_crowd_that_comes_and_goes_is_served_each_exactly_once():
    done = []

    def work(asked):
        assert len(set(asked)) == len(asked) <= 8
        done.extend(asked)
        if any(one % 97 == 0 for one in asked) and len(asked) > 1:
            del done[-len(asked):]
            raise RuntimeError
        return [-one for one in asked]

    lane = Lane(most=8)
    with ThreadPoolExecutor(24) as pool:
        assert list(pool.map(lambda one: lane.ask(work, one, one), range(3000))) == [-one for one in range(3000)]
    assert sorted(done) == list(range(3000))
