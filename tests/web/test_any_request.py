"""Requests that nobody would think of, made from the OpenAPI document: no failure, and every answer as described."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import positive_data_acceptance

from marcai.web.api import values
from tests.web.conftest import KEY

PHONES = ["+55 11 98765-4321", "(11) 3333-4444", "+1 202 555 0123"]
# What exists, so that some requests get far.
real: dict[str, list[str]] = {"uuid": [], "date": [], "date-time": [], "phone": PHONES}
seen: Counter[tuple[str, int]] = Counter()


def or_real(name: str, strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.deferred(lambda: st.one_of(*[st.sampled_from(real[name])] * 4, strategy))


schemathesis.openapi.format("uuid", or_real("uuid", st.uuids().map(str)))
schemathesis.openapi.format("date", or_real("date", st.dates().map(str)))
schemathesis.openapi.format("date-time", or_real("date-time", st.datetimes().map(lambda at: f"{at.isoformat()}Z")))
schemathesis.openapi.format("phone", or_real("phone", st.from_regex(values.PHONE, fullmatch=True)))


@pytest.fixture
def document(app, api):
    """The document, with what it is about: a service, a booking and days to come."""
    booked = api.booked("barba")
    real["uuid"] = [api.services["barba"], booked["id"]]
    real["date"] = [(api.tomorrow + timedelta(days=days)).isoformat() for days in range(4)]
    real["date-time"] = api.starts("barba")[2:20:3]
    for call in (call for calls in app.openapi()["paths"].values() for call in calls.values()):
        for parameter in call.get("parameters", ()):
            if parameter["name"] == "tenant_id":  # any other is refused, and the rest of the request not looked at
                parameter["schema"] = {"enum": ["bela-vista"]}
    return schemathesis.openapi.from_asgi("/openapi.json", app)


NOT_SAID = [positive_data_acceptance]  # a schema cannot say all that is wanted of a value
schema = schemathesis.pytest.from_fixture("document")


@schema.include(path_regex="^/(services|availability|bookings)").parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))
def test_no_request_makes_it_fail(case):
    response = case.call_and_validate(headers={"Authorization": f"Bearer {KEY}"}, excluded_checks=NOT_SAID)
    seen[case.operation.label, response.status_code] += 1


def test_some_of_those_requests_got_far():
    operations = {operation for operation, _ in seen}
    far = {operation for operation, status in seen if status < 300}
    assert len(far) >= len(operations) - 1, sorted(operations - far)
