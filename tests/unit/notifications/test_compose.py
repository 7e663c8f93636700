"""A notification says what it has to say, and nothing about what is not there."""

import pytest

from marcai.notifications import service

VALUES = {
    "name": "Joana", "salon": "Salão", "services": "Barba", "service_lines": "• Barba · 15h · Bruno",
    "date": "sábado, 28/11", "time": "15h", "end_time": "15h30", "professional": "Bruno", "price": "R$ 40",
    "address": "Rua A, 1", "preparation_lines": "• Venha sem creme.", "policy": "Cancele até 24 horas antes.",
    "code": "ABC234", "manage_url": "https://exemplo.com.br/m/x.y",
}


@pytest.mark.parametrize("kind", ["booking.confirmed", "booking.rescheduled"])
def test_the_details_of_a_booking_are_all_there(kind):
    response = service.compose(kind, VALUES)
    for value in ("Barba · 15h · Bruno", "sábado, 28/11", "R$ 40", "Rua A, 1", "Venha sem creme", "24 horas", "ABC234"):
        assert value in response["text"]
    assert response["link"]["url"] == VALUES["manage_url"]


def test_a_service_without_preparation_gets_no_empty_heading():
    text = service.compose("booking.confirmed", {**VALUES, "preparation_lines": ""})["text"]
    assert "preparar" not in text.lower()
    assert "\n\n\n" not in text


def test_a_value_that_is_not_given_is_an_error_that_names_it():
    with pytest.raises(service.TemplateError, match="code"):
        service.compose("booking.confirmed", {key: value for key, value in VALUES.items() if key != "code"})


def test_an_event_without_a_template_is_an_error_that_names_it():
    with pytest.raises(service.TemplateError, match=r"booking\.lost"):
        service.compose("booking.lost", VALUES)


def test_every_template_fits_the_bubble_that_carries_it():
    longest = {**VALUES, "service_lines": "\n".join(["• Depilação de perna inteira · 15h · Bernadete"] * 5),
               "preparation_lines": "\n".join(["• Não lave o cabelo no dia. Se tem alergia, avise antes."] * 4)}
    assert len(service.compose("booking.confirmed", longest)["text"]) <= 1024
