"""An erased customer is in no column of any table, whichever room keeps it and however it is encrypted."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from sqlalchemy import CheckConstraint, DateTime, Integer, LargeBinary, Text, insert
from sqlalchemy.dialects import postgresql

from marcai.customers import service as customers
from marcai.migrations.tables import metadata
from marcai.platform import clock, rooms
from marcai.platform.crypto import SEALED, EncryptedText
from marcai.platform.database import transaction
from tests.traces import traces

PHONE, USER_ID, NAME, WORDS = "5511987654321", "BR.marca123", "Josefina Marcada", "uma frase marcada"
MARKS = (PHONE, "987654321", USER_ID, NAME, WORDS)
HERS = {"customer_id": UUID, "conversation": UUID, "sender_id": str}  # columns that name a customer, and how
PLAIN = {"offered_options": ("title", "payload")}  # plain columns in which words of hers may stand
KEYED = {  # hashes under a key, of which nothing can be read
    "customers.phone_index", "customers.user_index", "inbound_messages.message_key", "outbound_messages.wamid_key",
    "delivery_statuses.wamid_key", "idempotent_requests.key_index", "idempotent_requests.content_index",
}
BY_KEY = {"idempotent_requests"}  # encrypted, under no customer's id: gone after a day

rooms.modules("personal")


def sealed_tables():
    return [table for table in metadata.sorted_tables
            if table.name != "customers" and any(isinstance(column.type, SEALED) for column in table.columns)]


def allowed(table, column) -> str:
    """A text that the table's checks allow in a column."""
    for check in table.constraints:
        text = str(check.sqltext) if isinstance(check, CheckConstraint) else ""
        if match := re.match(rf"{column.name} IN \('([^']+)'", text):
            return match[1]
    return "x"


def row_about(table, customer_id, tenant_id) -> dict:
    """A row with her words wherever the table can hold them."""
    values = {}
    for column in table.columns:
        if column.name in HERS:
            values[column.name] = HERS[column.name](str(customer_id))
        elif isinstance(column.type, SEALED):
            values[column.name] = WORDS if isinstance(column.type, EncryptedText) else {"text": WORDS, "name": NAME}
        elif column.name in PLAIN.get(table.name, ()):
            values[column.name] = WORDS
        elif column.name == "tenant_id":
            values[column.name] = tenant_id
        elif column.nullable or column.server_default is not None or column.identity or column.default:
            continue
        elif column.foreign_keys:
            pytest.fail(f"{table.name}.{column.name}: teach this test to make a row of what it points at")
        elif isinstance(column.type, Text):
            values[column.name] = allowed(table, column)
        elif isinstance(column.type, DateTime):
            values[column.name] = clock.now()
        elif isinstance(column.type, postgresql.UUID):
            values[column.name] = uuid4()
        elif isinstance(column.type, LargeBinary):
            values[column.name] = uuid4().bytes
        else:
            values[column.name] = 1 if isinstance(column.type, Integer) else False
    return values


@pytest.fixture
def marked(salon):
    """A customer of whom every table that can keeps something."""
    with transaction() as session:
        customer_id = customers.identify(session, salon.id, wa_id=PHONE, user_id=USER_ID).id
    customers.set_name(customer_id, NAME)
    with transaction() as session:
        for table in sealed_tables():
            session.execute(insert(table).values(row_about(table, customer_id, salon.id)))
    return customer_id


def test_every_table_with_something_encrypted_says_whose_it_is():
    assert {table.name for table in sealed_tables() if not set(HERS) & set(table.columns.keys())} == BY_KEY


def test_every_column_of_bytes_is_encrypted_or_a_keyed_hash():
    found = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns
             if isinstance(column.type, LargeBinary)}
    assert found == KEYED


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
