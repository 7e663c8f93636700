"""Customers get a copy of what is kept, have it erased, and stay themselves when keys are rotated."""

import json

import pytest
from sqlalchemy import select, text

from marcai.customers import rights
from marcai.customers import service as customers
from marcai.customers.models import AuditRecord, Customer
from marcai.platform import crypto
from marcai.platform.database import engine, transaction

NUMBER = "5511987654321"
OLD, NEW = "old-key-" + "0" * 32, "new-key-" + "1" * 32


@pytest.fixture
def rooms(monkeypatch):
    """A room of its own that keeps personal data, and nothing else registered."""
    monkeypatch.setattr(rights, "_rooms", {})
    notes = {}
    customers.personal_data_in("notes", export=lambda session, customer_id: notes.get(customer_id, []),
                               erase=lambda session, customer_id: notes.pop(customer_id, None))
    return notes


def seen(salon, wa_id=NUMBER, user_id=None):
    with transaction() as session:
        return customers.identify(session, salon.id, wa_id=wa_id, user_id=user_id)


@pytest.mark.parametrize("written", [NUMBER, "+55 11 98765-4321", "(11) 8765-4321", "011 98765 4321"])
def test_an_export_tells_everything_kept_and_is_found_however_the_number_is_written(salon, rooms, written):
    customer = seen(salon)
    customers.set_name(customer.id, "João da Silva")
    rooms[customer.id] = ["prefers the window"]
    found = json.loads(json.dumps(customers.export(salon, written)))
    assert found["establishment"] == "Salão Bela Vista"
    assert found["customer"]["name"] == "João da Silva"
    assert found["customer"]["phone"] == "+5511987654321"
    assert found["notes"] == ["prefers the window"]
    assert [entry["event"] for entry in found["audit"]] == ["identified", "named", "exported"]


def test_nobody_is_exported_or_erased_for_an_unknown_number(salon, rooms):
    assert customers.export(salon, "11 91111-2222") is None
    assert customers.export(salon, "no number") is None
    assert customers.erase(salon, "11 91111-2222") is False


def test_an_erasure_leaves_nothing_personal_and_the_next_message_is_a_stranger_s(salon, rooms):
    customer = seen(salon, user_id="BR.abc123")
    customers.set_name(customer.id, "João da Silva")
    rooms[customer.id] = ["prefers the window"]
    assert customers.erase(salon, "11 98765-4321") is True
    assert rooms == {}
    with transaction() as session:
        row = session.get(Customer, customer.id)
        assert [row.name, row.phone, row.phone_index, row.user_id, row.user_index, row.reply_to] == [None] * 6
        assert row.erased_at is not None
        events = session.execute(select(AuditRecord.event).order_by(AuditRecord.id)).scalars().all()
        assert customers.reply_to(session, customer.id) is None
    assert events[-1] == "erased"
    assert customers.erase(salon, "11 98765-4321") is False
    assert customers.get(customer.id).name is None
    assert seen(salon, user_id="BR.abc123").id != customer.id


def test_an_erasure_that_fails_in_one_room_erases_nothing(salon, rooms):
    def refuse(session, customer_id):
        raise RuntimeError("not now")

    customer = seen(salon)
    customers.personal_data_in("other", export=lambda session, customer_id: None, erase=refuse)
    with pytest.raises(RuntimeError):
        customers.erase(salon, NUMBER)
    with transaction() as session:
        assert session.get(Customer, customer.id).phone is not None


def test_a_customer_may_be_exported_and_erased_by_her_id_too(salon, rooms):
    customer = seen(salon)
    assert customers.export_customer(salon, customer.id)["customer"]["phone"] == "+5511987654321"
    assert customers.erase_customer(salon, customer.id) is True
    assert customers.erase_customer(salon, customer.id) is False


def test_a_customer_of_an_old_key_is_known_and_written_again_with_the_new_one(salon, keys):
    keys(OLD)
    customer = seen(salon)
    customers.set_name(customer.id, "Carla")
    keys(NEW, OLD)
    again = seen(salon)
    assert again.id == customer.id
    assert again.phone_index != customer.phone_index
    keys(NEW)
    assert seen(salon).id == customer.id
    assert customers.get(customer.id).name == "Carla"


def test_a_key_that_was_taken_away_too_early_is_told_and_loses_nothing(salon, keys):
    keys(OLD)
    customer = seen(salon)
    customers.set_name(customer.id, "Carla")
    keys(NEW)
    with pytest.raises(crypto.InvalidToken):
        customers.get(customer.id)
    keys(NEW, OLD)
    assert customers.get(customer.id).name == "Carla"
    with engine().connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM customers")).scalar() == 1
