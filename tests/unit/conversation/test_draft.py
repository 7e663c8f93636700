"""The draft survives the slot, and knows what was asked for."""

from datetime import date, datetime

import pytest

from marcai.conversation import session
from marcai.conversation.draft import Draft, When


def test_a_draft_comes_back_from_the_slot_as_it_went_in():
    draft = Draft(active=True, services=["barba"], unclear=[["corte-feminino", "corte-masculino"]], staff="ana",
                  when=When(days=("2026-11-28", "2026-11-29"), clock=("12:00:00", "18:00:00")), misses=2)
    assert Draft.from_slot(draft.to_slot()) == draft


def test_an_empty_slot_is_an_empty_draft():
    assert Draft.from_slot(None) == Draft()
    assert Draft().to_slot() == {}


def test_a_draft_of_an_older_version_is_read_without_what_is_no_longer_known():
    assert Draft.from_slot({"services": ["barba"], "given_up": 1}) == Draft(services=["barba"])


def test_only_a_range_of_one_day_is_a_single_day():
    assert When(days=("2026-11-28", "2026-11-29")).single_day == date(2026, 11, 28)
    assert When(days=("2026-11-23", "2026-11-30")).single_day is None
    assert When(days=("2026-11-28", None)).single_day is None


@pytest.mark.parametrize(("when", "hour", "accepted"), [
    (When(), 9, True),
    (When(exact="15:00"), 15, True),
    (When(exact="15:00"), 16, False),
    (When(clock=("12:00", "18:00")), 12, True),
    (When(clock=("12:00", "18:00")), 18, False),
    (When(clock=(None, "12:00")), 11, True),
    (When(clock=("12:00", None)), 20, True),
    (When(days=("2026-11-29", None)), 15, False),
    (When(days=(None, "2026-11-28")), 15, False),
    (When(days=("2026-11-28", "2026-11-29")), 15, True),
])
def test_a_start_is_accepted_when_it_lies_within_what_was_asked_for(when, hour, accepted):
    assert when.accepts(datetime(2026, 11, 28, hour)) is accepted


@pytest.mark.parametrize(("draft", "has_name", "state"), [
    (Draft(), False, "NEW"),
    (Draft(), True, "IDENTIFIED"),
    (Draft(services=["barba"]), True, "SERVICE_SELECTED"),
    (Draft(services=["barba"], package_ok=True), True, "SERVICES_CONFIRMED"),
    (Draft(services=["barba"], package_ok=True, unclear=[["a", "b"]]), True, "SERVICE_SELECTED"),
    (Draft(services=["barba"], package_ok=True, when=When(days=("2026-11-28", "2026-11-29"))), True, "DATE_SELECTED"),
    (Draft(services=["barba"], package_ok=True, held_until="2026-11-23T13:05:00+00:00"), True, "SLOT_HELD"),
    (Draft(booked=True), True, "BOOKED"),
])
def test_the_session_names_how_far_the_conversation_has_come(draft, has_name, state):
    assert session.state_of(draft, has_name) == state
