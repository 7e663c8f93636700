"""The same people as in the journeys, many of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.journeys.conftest import records
from tests.journeys.people import Person, new_number, simulator

__all__ = ["crowd", "records"]
CROWD = 32


@pytest.fixture
def crowd(system, records):
    """Customers who have given their names, all at once; each has a connection of her own to the simulator."""
    with ExitStack() as clients:
        people = [Person(records, clients.enter_context(simulator(system.env)).phone(new_number()))
                  for _ in range(CROWD)]
        with ThreadPoolExecutor(CROWD) as threads:
            list(threads.map(lambda person: person.introduce_herself(), people))
        yield people
