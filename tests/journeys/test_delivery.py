"""Webhooks that come twice, together or on top of each other, and customers and establishments side by side."""

import subprocess
import sys

from tests.journeys.people import LINE, until


def test_a_webhook_that_comes_twice_is_answered_once(carla):
    carla.say("quero fazer a barba", "Deseja adicionar outro", duplicates=2)
    carla.phone.expect_nothing(seconds=2.0)
    carla.got_every_reply_once()


def test_a_message_that_comes_again_in_another_batch_is_answered_once(carla):
    carla.say("quero fazer a barba", "Deseja adicionar outro")
    carla.say("só isso", "Para que dia?", rebatched=True)
    carla.phone.expect_nothing(seconds=2.0)
    carla.got_every_reply_once()


def test_many_customers_in_one_post_are_all_answered(somebody, whatsapp):
    people = [somebody() for _ in range(6)]
    whatsapp.batch([(person.phone, "oi") for person in people])
    for person in people:
        person.hear("Como posso te chamar?")


def test_messages_in_quick_succession_are_all_taken_in_order(carla):
    for words in ("oi", "quero marcar", "escova", "e manicure"):
        carla.phone.say(words)
    until(lambda: carla.session["services"] == ["escova", "manicure"], "both services are taken")
    carla.got_every_reply_once()


def test_a_message_during_an_answer_waits_its_turn(carla):
    carla.phone.say("quero fazer a barba")
    carla.phone.say("só isso")
    carla.hear("Para que dia?")
    carla.got_every_reply_once()


def test_two_taps_on_one_button_are_one(carla):
    carla.say("quero fazer a barba", "Deseja adicionar outro")
    carla.say("só isso", "Para que dia?")
    carla.choose_a_time(-1)
    carla.phone.tap("Confirmar", duplicates=1)
    carla.phone.tap("Confirmar")
    carla.hear("Prontinho", "Agendamento confirmado")
    carla.got_every_reply_once()
    assert len(carla.bookings) == 1


def test_customers_who_write_at_once_do_not_meet(somebody):
    ana, bia = somebody().introduce_herself("Ana Paula"), somebody().introduce_herself("Bia Lima")
    ana.phone.say("quero fazer a barba")
    bia.phone.say("quero fazer uma escova")
    ana.hear("Barba")
    bia.hear("Escova")
    ana.phone.say("só isso")
    bia.phone.say("quero manicure também")
    ana.hear("Para que dia?")
    bia.hear("Escova e Manicure")
    assert (ana.session["services"], bia.session["services"]) == (["barba"], ["escova", "manicure"])
    everything = "\n".join(bubble.text for bubble in ana.phone.bubbles() if bubble.by == "bot")
    assert "Bia" not in everything and "Escova" not in everything


def test_one_person_is_two_customers_in_two_establishments(system, carla, somebody, whatsapp):
    from tests.conftest import ROOT

    pet_shop = "100000000000003"
    done = subprocess.run([sys.executable, "-m", "marcai", "tenant", "load", str(ROOT / "tests/data/bicho-feliz.yml")],
                          env=system.env, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    whatsapp.line(pet_shop, "Pet Shop")
    carla.say("quero fazer a barba", "Deseja adicionar outro")
    there = somebody(number=carla.phone.wa_id, phone_number_id=pet_shop)
    there.say("oi", "Pet Shop Bicho Feliz", "Como posso te chamar?")
    there.say("Carla", "Prazer")
    there.say("quero um banho", "R$ 55")
    there.say("quanto é a barba?")
    assert "R$ 40" not in there.text
    assert there.id != carla.id
    carla.say("onde fica?", "Rua das Acácias", "Deseja adicionar outro")
    assert carla.session["services"] == ["barba"]
    assert {call["phone_number_id"] for call in there.phone.calls()} == {pet_shop}
    assert {call["phone_number_id"] for call in carla.phone.calls()} == {LINE}
