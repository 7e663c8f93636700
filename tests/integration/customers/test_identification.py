"""A customer is known again by her number however WhatsApp writes it, once per establishment, race or no race."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from marcai.customers import service as customers
from marcai.customers.models import AuditRecord, Customer
from marcai.platform import clock
from marcai.platform.database import engine, transaction
from marcai.tenants import service as tenants

NINE, EIGHT = "5511987654321", "551187654321"


def seen(tenant, wa_id=None, user_id=None):
    with transaction() as session:
        return customers.identify(session, tenant.id, wa_id=wa_id, user_id=user_id)


def audit(name=None):
    with transaction() as session:
        records = session.execute(select(AuditRecord).order_by(AuditRecord.id)).scalars().all()
    return [record for record in records if name in (None, record.event)]


def test_a_first_contact_makes_a_customer_and_leaves_a_record(salon):
    made = seen(salon, NINE)
    info = customers.get(made.id)
    assert (info.tenant_id, info.name, info.consent_told, info.opted_out, info.visits) == (
        salon.id, None, False, False, 0)
    record, = audit()
    assert (record.event, record.customer_id, record.detail) == (
        "identified", made.id, {"known": False, "by": "phone"})


def test_she_is_the_same_with_and_without_the_ninth_digit_and_is_answered_where_she_wrote(salon):
    first = seen(salon, NINE)
    again = seen(salon, EIGHT)
    assert again.id == first.id
    with transaction() as session:
        assert customers.reply_to(session, first.id) == EIGHT
    assert seen(salon, NINE).id == first.id


def test_a_landline_with_the_same_digits_is_somebody_else(salon):
    assert seen(salon, "5511940000001").id != seen(salon, "551140000001").id


def test_one_number_is_another_customer_at_another_establishment(salon):
    tenants.load("tests/data/sorriso-claro.yml")
    here, there = seen(salon, NINE), seen(tenants.by_slug("sorriso-claro"), NINE)
    assert here.id != there.id
    assert here.phone_index != there.phone_index, "the index tells nobody that it is one person"


def test_numbers_that_no_rule_knows_still_identify(salon):
    assert seen(salon, "999000111").id == seen(salon, "999000111").id


def test_identification_is_recorded_once_per_session(salon, monkeypatch):
    seen(salon, NINE)
    seen(salon, NINE)
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    seen(salon, NINE)
    seen(salon, NINE)
    assert [record.detail["known"] for record in audit("identified")] == [False, True]


def test_a_user_id_alone_is_enough_and_the_number_joins_it_later(salon):
    first = seen(salon, user_id="BR.abc123")
    assert audit()[0].detail == {"known": False, "by": "user_id"}
    with transaction() as session:
        assert customers.reply_to(session, first.id) == "BR.abc123"
    both = seen(salon, NINE, "BR.abc123")
    assert both.id == first.id
    assert seen(salon, NINE).id == seen(salon, user_id="BR.abc123").id == first.id
    with transaction() as session:
        assert customers.reply_to(session, first.id) == NINE, "a number, once known, stays the address"


def test_of_two_customers_who_turn_out_to_be_one_the_one_with_the_number_is_kept(salon):
    by_number, by_user = seen(salon, NINE), seen(salon, user_id="BR.abc123")
    assert by_number.id != by_user.id
    assert seen(salon, NINE, "BR.abc123").id == by_number.id
    assert seen(salon, user_id="BR.abc123").id == by_number.id


def test_first_messages_at_once_make_one_customer(salon):
    with ThreadPoolExecutor(8) as pool:
        ids = {made.id for made in pool.map(lambda number: seen(salon, number), [NINE, EIGHT] * 12)}
    assert len(ids) == 1


def test_somebody_without_any_id_is_refused(salon):
    with pytest.raises(ValueError, match="needs a WhatsApp id"):
        seen(salon)


def test_names_consent_and_refusals_are_kept_and_recorded_without_their_content(salon):
    customer = seen(salon, NINE)
    customers.set_name(customer.id, "João da Silva")
    customers.set_name(customer.id, "João da Silva")
    customers.set_name(customer.id, "João Silva")
    customers.tell_consent(customer.id)
    customers.tell_consent(customer.id)
    customers.opt_out(customer.id)
    info = customers.get(customer.id)
    assert (info.name, info.consent_told, info.opted_out) == ("João Silva", True, True)
    customers.opt_in(customer.id)
    assert customers.get(customer.id).opted_out is False
    assert [(record.event, record.detail) for record in audit()[1:]] == [
        ("named", {"corrected": False}), ("named", {"corrected": True}), ("consent_told", {}), ("opted_out", {}),
        ("opted_in", {})]


def test_visits_are_counted_for_each_customer(salon):
    one, another = seen(salon, NINE), seen(salon, "5521987654321")
    with transaction() as session:
        session.connection().exec_driver_sql(
            f"WITH b AS (SELECT unnest(%(customers)s::uuid[]) AS customer_id) {customers.COUNT_VISITS}",
            {"customers": [one.id, another.id, one.id]})
    assert (customers.get(one.id).visits, customers.get(another.id).visits) == (2, 1)


def test_the_shell_has_a_customer_of_its_own_per_conversation(salon):
    one = customers.for_shell(salon.id, "a")
    assert customers.for_shell(salon.id, "a") == one
    assert customers.for_shell(salon.id, "b").id != one.id
    assert customers.get(one.id) == one


def test_an_unknown_customer_is_nobody(salon):
    assert customers.get(salon.id) is None


def test_a_turn_reads_a_customer_with_one_statement(salon):
    customer = seen(salon, NINE)
    statements = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    customers.get(customer.id)
    event.remove(engine(), "before_cursor_execute", note)
    assert len(statements) == 1


def test_nothing_personal_is_readable_in_the_database(salon):
    customer = seen(salon, NINE, "BR.abc123")
    customers.set_name(customer.id, "Joaquina")
    with engine().connect() as connection:
        dump = "".join(str(tuple(bytes(value) if isinstance(value, memoryview) else value for value in row))
                       for table in ("customers", "audit_records")
                       for row in connection.execute(text(f"SELECT * FROM {table}")))
    for secret in ("87654321", "Joaquina", "BR.abc123"):
        assert secret not in dump


def test_erased_customers_are_not_named_again(salon):
    customer = seen(salon, NINE)
    customers.erase(salon, NINE)
    customers.set_name(customer.id, "Ana")
    with transaction() as session:
        assert session.get(Customer, customer.id).name is None
