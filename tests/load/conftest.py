"""The same people as in the journeys, many of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journeys.conftest import records, somebody, whatsapp

__all__ = ["crowd", "records", "somebody", "whatsapp"]
CROWD = 32


@pytest.fixture
def crowd(somebody):
    """Customers who have given their names, all at once."""
    people = [somebody() for _ in range(CROWD)]
    with ThreadPoolExecutor(CROWD) as threads:
        list(threads.map(lambda person: person.introduce_herself(), people))
    return people
