"""What was not understood comes back as a file that a trainer can label."""

from datetime import timedelta

import pytest
import yaml

from marcai.customers import service as customers
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.training import review
from marcai.whatsapp.models import ConversationEvent


def said(customer_id, text, intent, confidence, guess="book_appointment", days_ago=0):
    """One message as the tracker keeps it."""
    ranking = [{"name": guess, "confidence": confidence}]
    with transaction() as session:
        session.add(ConversationEvent(
            sender_id=str(customer_id), type_name="user", timestamp=clock.now() - timedelta(days=days_ago),
            intent_name=intent,
            data={"text": text, "parse_data": {"intent": {"name": intent}, "intent_ranking": ranking, "entities": []}},
        ))


@pytest.fixture
def joana(salon):
    with transaction() as session:
        customer = customers.identify(session, salon.id, wa_id="5511987654321", user_id=None)
    customers.set_name(customer.id, "Joana Prado")
    return customer.id


def found(days=7):
    return list(review.misunderstood(clock.now() - timedelta(days=days)))


def test_messages_that_fell_back_or_were_guessed_weakly_are_found_and_sure_ones_are_not(joana):
    said(joana, "trem bão de cabelo", "nlu_fallback", 0.2)
    said(joana, "queria ver um negócio", "book_appointment", 0.45)
    said(joana, "quero marcar corte", "book_appointment", 0.98)
    assert {one.text for one in found()} == {"trem bão de cabelo", "queria ver um negócio"}


def test_a_message_is_shown_once_and_without_the_name_of_who_wrote_it(joana):
    said(joana, "a joana prado quer aquilo", "nlu_fallback", 0.2)
    said(joana, "A Joana Prado quer aquilo", "nlu_fallback", 0.2)
    assert [one.text.lower() for one in found()] == ["a [nome] [nome] quer aquilo"]


def test_old_messages_and_taps_are_left_out(joana):
    said(joana, "antiga", "nlu_fallback", 0.2, days_ago=30)
    with transaction() as session:
        session.add(ConversationEvent(sender_id=str(joana), type_name="user", timestamp=clock.now(),
                                      intent_name="inform", data={"text": "15h", "parse_data": {}}))
    assert found() == []


def test_the_file_is_rasa_training_data_and_never_overwrites_labels(joana, tmp_path):
    said(joana, "trem bão de cabelo", "nlu_fallback", 0.2)
    path = tmp_path / "review.yml"
    assert review.write(iter(found()), path) == 1
    content = yaml.safe_load(path.read_text())
    assert content["nlu"] == [{"intent": "book_appointment", "examples": "- trem bão de cabelo\n"}]
    with pytest.raises(FileExistsError):
        review.write(iter(found()), path)
