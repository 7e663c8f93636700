"""Flow 1: who writes, under whichever form of her number, and what is kept about her."""

from pathlib import Path

from tests.journeys.people import until


def count(records, person, event):
    """How often something was audited about a customer."""
    return records.value("SELECT count(*) FROM audit_records WHERE customer_id = :id AND event = :event",
                         id=person.id, event=event)


def test_a_new_customer_is_asked_for_her_name_and_a_returning_one_is_greeted_by_it(stranger):
    stranger.say("oi", "Como posso te chamar?")
    assert stranger.session["state"] == "NEW"
    stranger.say("meu nome é carla souza", "Prazer, Carla!", "O que você quer fazer?")
    assert stranger.session["state"] == "IDENTIFIED"
    stranger.end_of_session()
    stranger.say("bom dia", "Oi, Carla! Que bom te ver de volta")
    assert "Como posso te chamar?" not in stranger.text
    assert stranger.session["state"] == "IDENTIFIED"


def test_the_session_lives_for_thirty_minutes_and_is_renewed(carla, records):
    key = f"session:bela-vista:{carla.id}"
    assert 1700 < records.redis.ttl(key) <= 1800
    records.redis.expire(key, 100)
    carla.say("onde fica?", "Rua das Acácias")
    assert 1700 < records.redis.ttl(key) <= 1800


def test_what_is_kept_is_told_once_and_identifying_is_audited(stranger, records):
    stranger.say("oi", "🔒 Guardo seu nome e seu telefone")
    stranger.say("Carla", "Prazer")
    assert "🔒" not in stranger.text
    stranger.end_of_session()
    stranger.say("oi", "de volta")
    assert "🔒" not in stranger.text
    assert (count(records, stranger, "identified"), count(records, stranger, "named")) == (1, 1)


def test_name_and_number_are_encrypted_in_the_database_and_absent_from_the_logs(system, stranger, records):
    stranger.say("oi", "Como posso te chamar?")
    stranger.say("Wandernilda Figueiroa", "Prazer, Wandernilda!")
    row = records.rows("SELECT name::text, phone::text, reply_to::text FROM customers WHERE id = :id",
                       id=stranger.id)[0]
    number = stranger.phone.wa_id
    assert not any(secret in value for value in row for secret in ("Wandernilda", number))
    assert number not in str(records.rows("SELECT * FROM inbound_messages")) + str(
        records.rows("SELECT * FROM outbound_messages")) + str(records.rows("SELECT * FROM conversation_events"))
    logs = [path for path in Path(system.env["MARCAI_DATA_DIR"], "logs").glob("*.log") if path.stem != "simulator"]
    written = "".join(path.read_text(errors="replace") for path in logs)
    assert logs and "Wandernilda" not in written and number not in written


def test_the_old_and_the_new_form_of_a_mobile_number_are_one_customer(carla, webhook, records):
    long = carla.phone.wa_id
    short = long[:4] + long[5:]  # as WhatsApp still writes many Brazilian accounts: without the 9
    assert len(long) == 13 and len(short) == 12
    before = records.customers()
    assert webhook.post(webhook.text(short, "bom dia")) == 200
    carla.hear("Oi!")
    assert "Como posso te chamar?" not in carla.text
    assert records.customers() == before


def test_a_customer_from_abroad_is_identified(somebody):
    stranger = somebody(number="351912345678")
    stranger.say("oi", "Como posso te chamar?")
    stranger.say("Inês", "Prazer, Inês!")
    stranger.end_of_session()
    stranger.say("olá", "Oi, Inês!")


def test_a_customer_without_a_number_books_under_her_user_name(somebody):
    stranger = somebody(kind="username", name="Duda")
    stranger.introduce_herself("Duda Reis")
    stranger.say("quero fazer a barba", "Deseja adicionar outro")
    stranger.say("só isso")
    stranger.choose_a_time()
    stranger.confirm()
    assert len(stranger.bookings) == 1
    stranger.end_of_session()
    stranger.say("oi", "Oi, Duda!")


def test_a_message_without_a_right_signature_is_refused_and_does_nothing(webhook, records, stranger):
    before = records.value("SELECT count(*) FROM inbound_messages")
    body = webhook.text(stranger.phone.wa_id, "oi")
    for signature in ("", "sha256=" + "0" * 64, "sha1=abc"):
        assert webhook.post(body, signature=signature) == 403
    assert records.value("SELECT count(*) FROM inbound_messages") == before
    stranger.phone.expect_nothing(seconds=1.0)


def test_a_signed_body_is_accepted_whatever_is_inside(webhook):
    for body in ({}, [], {"entry": "x"}, {"object": "whatsapp_business_account", "entry": [{"changes": [{}]}]}, "oi"):
        assert webhook.post(body) == 200


def test_a_customers_name_and_number_can_be_given_out_and_erased(system, carla, records):
    import subprocess
    import sys

    def marcai(*words):
        return subprocess.run([sys.executable, "-m", "marcai", *words], env=system.env, text=True, capture_output=True,
                              timeout=120)

    number = "+" + carla.phone.wa_id
    given = marcai("customer", "export", number, "--tenant", "bela-vista")
    assert given.returncode == 0 and "Carla Souza" in given.stdout, given.stderr
    erased = marcai("customer", "erase", number, "--tenant", "bela-vista")
    assert erased.returncode == 0, erased.stderr
    until(lambda: records.rows("SELECT 1 FROM customers WHERE id = :id AND name IS NULL", id=carla.id) or
          carla.id not in records.customers(), "her name is gone")
