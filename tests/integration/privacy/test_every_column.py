"""An erased customer is in no column of any table, whichever room keeps it and however it is encrypted."""

from __future__ import annotations

import pytest
from sqlalchemy import LargeBinary

from marcai.customers import service as customers
from marcai.migrations.tables import metadata
from marcai.platform import rooms
from marcai.platform.crypto import SEALED
from marcai.platform.database import transaction
from tests.traces import HERS, leave_traces, sealed_tables, traces

PHONE, USER_ID, NAME, WORDS = "5511987654321", "BR.marca123", "Josefina Marcada", "uma frase marcada"
MARKS = (PHONE, "987654321", USER_ID, NAME, WORDS)
KEYED = {  # hashes under a key, of which nothing can be read
    "customers.phone_index", "customers.user_index", "inbound_messages.message_key", "outbound_messages.wamid_key",
    "delivery_statuses.wamid_key", "idempotent_requests.key_index", "idempotent_requests.content_index",
}
BY_KEY = {"idempotent_requests"}  # encrypted, under no customer's id: gone after a day

rooms.modules("personal")


@pytest.fixture
def marked(salon):
    """A customer of whom every table that can keeps something."""
    with transaction() as session:
        customer_id = customers.identify(session, salon.id, wa_id=PHONE, user_id=USER_ID).id
    customers.set_name(customer_id, NAME)
    leave_traces(customer_id, salon.id, WORDS)
    return customer_id


def test_every_table_with_something_encrypted_says_whose_it_is():
    assert {table.name for table in sealed_tables() if not set(HERS) & set(table.columns.keys())} == BY_KEY


def test_every_column_of_bytes_is_encrypted_or_a_keyed_hash():
    found = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns
             if isinstance(getattr(column.type, "impl", column.type), LargeBinary)
             and not isinstance(column.type, SEALED)}
    assert found == KEYED  # a new type that encrypts belongs into SEALED: renewal and erasure go by it


def test_an_erased_customer_is_nowhere(salon, database, marked):
    before = traces(database, *MARKS)
    sealed = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns
              if isinstance(column.type, SEALED)}
    assert sealed <= before  # the search opens every encrypted column
    assert customers.erase(salon, PHONE)
    assert {place for place in traces(database, *MARKS) if place.split(".")[0] not in BY_KEY} == set()


def test_an_erasure_by_id_reaches_as_far_as_one_by_number(salon, database, marked):
    assert customers.erase_customer(salon, marked)
    assert {place for place in traces(database, *MARKS) if place.split(".")[0] not in BY_KEY} == set()
