"""What texts and senders come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marcai.whatsapp import payloads
from marcai.whatsapp.options import parsed


@given(st.text(max_size=80) | st.text(alphabet="/ \n\u200b\u200d\ufeffab👩\ud800\x00", max_size=20))
def test_a_cleaned_text_is_never_a_command_and_cleaning_it_again_changes_nothing(text):
    cleaned = payloads.clean(text)
    assert not cleaned.startswith("/") and cleaned == cleaned.strip() and len(cleaned) <= 1000
    assert payloads.clean(cleaned) == cleaned
    cleaned.encode()


@pytest.mark.parametrize("message, contact, who", [
    ({"from": "5511988887777"}, None, ("5511988887777", None)),
    ({"from": "5511988887777", "from_user_id": "BR.x1"}, None, ("5511988887777", "BR.x1")),
    ({"from_user_id": "BR.ENT.x1"}, None, (None, "BR.ENT.x1")), ({"from": "BR.x1"}, None, (None, "BR.x1")),
    ({"from": "5511988887777"}, {"user_id": "BR.x1"}, ("5511988887777", "BR.x1")),
    ({"from": "abc"}, None, (None, None)), ({"from": 5511988887777}, None, (None, None)), ({}, {}, (None, None)),
    ({"from": "55\x0011988887777"}, None, (None, None)),
])
def test_a_sender_has_a_number_or_a_user_id_or_is_nobody(message, contact, who):
    assert payloads.sender(message, contact) == who


def test_a_payload_is_an_intent_with_entities():
    data = parsed('/inform{"date": "2026-11-28", "service_code": ["a", "b"]}', "Sábado")
    assert data["intent"] == {"name": "inform", "confidence": 1.0} and data["text"] == "Sábado"
    assert [(one["entity"], one["value"]) for one in data["entities"]] == [
        ("date", "2026-11-28"), ("service_code", "a"), ("service_code", "b")]
    assert parsed("/affirm", "Sim")["entities"] == []
    assert parsed("quero cortar", "x") is None and parsed("/inform{broken", "x") is None
    assert parsed('/inform{"a": 1} x', "x") is None
