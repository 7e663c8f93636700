"""A customer may have a copy of what is kept about her, and have it erased (LGPD, art. 18)."""

from uuid import uuid4

from sqlalchemy import text

import marcai.bookings.personal
import marcai.whatsapp.personal  # noqa: F401
from marcai.customers import service as customers
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.whatsapp.models import ConversationEvent, ConversationSnapshot, InboundMessage, OutboundMessage

PHONE = "5511987654321"


def someone_who_wrote(salon, words: str):
    """A customer with one message in each table of the channel."""
    with transaction() as session:
        customer = customers.identify(session, salon.id, wa_id=PHONE, user_id=None)
        now = clock.now()
        session.add(InboundMessage(
            phone_number_id=salon.phone_number_id, message_key=uuid4().bytes, tenant_id=salon.id,
            customer_id=customer.id, kind="text", payload={"text": {"body": words}}, sent_at=now, received_at=now))
        session.add(OutboundMessage(
            tenant_id=salon.id, customer_id=customer.id, dedupe_key=str(uuid4()), payload={"text": {"body": words}},
            next_attempt_at=now, created_at=now))
        session.add(ConversationEvent(
            sender_id=str(customer.id), type_name="user", timestamp=now, intent_name="greet", data={"text": words}))
        session.add(ConversationSnapshot(sender_id=str(customer.id), events=[{"text": words}], updated_at=now))
        return customer.id


def test_a_copy_holds_what_she_wrote_and_what_she_was_sent(salon):
    someone_who_wrote(salon, "quero uma escova")
    copy = customers.export(salon, "(11) 98765-4321")
    assert copy["messages"]["received"][0]["message"] == {"text": {"body": "quero uma escova"}}
    assert copy["messages"]["understood"][0]["text"] == "quero uma escova"
    assert copy["messages"]["sent"][0]["message"] == {"text": {"body": "quero uma escova"}}
    assert copy["bookings"] == []


def test_erasing_leaves_no_word_of_hers_in_any_table(salon):
    customer_id = someone_who_wrote(salon, "quero uma escova")
    assert customers.erase(salon, PHONE)
    with transaction() as session:
        row = session.execute(text("SELECT phone, phone_index, name, reply_to FROM customers WHERE id = :id"),
                              {"id": customer_id}).one()
        assert tuple(row) == (None, None, None, None)
        for model in (InboundMessage, OutboundMessage):
            assert [one.payload for one in session.query(model)] == [{"erased": True}]
        assert [one.data for one in session.query(ConversationEvent)] == [{"erased": True}]
        assert session.query(ConversationSnapshot).count() == 0


def test_erasing_keeps_times_and_intents_for_the_figures(salon):
    someone_who_wrote(salon, "quero uma escova")
    customers.erase(salon, PHONE)
    with transaction() as session:
        assert [one.intent_name for one in session.query(ConversationEvent)] == ["greet"]


def test_another_establishment_can_neither_copy_nor_erase_her_data(salon, other_salon):
    someone_who_wrote(salon, "quero uma escova")
    assert customers.export(other_salon, PHONE) is None
    assert not customers.erase(other_salon, PHONE)
    assert customers.export(salon, PHONE)["messages"]["received"]
