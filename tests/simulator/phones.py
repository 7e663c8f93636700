"""Phones on the simulator's page, as a browser finds them."""

from __future__ import annotations


def phone_of(page, name: str):
    """The phone of a customer."""
    return page.get_by_role("region", name=f"Celular de {name}")


def type_in(phone, words: str) -> None:
    """Types a message and sends it."""
    field = phone.get_by_label("Mensagem", exact=True)
    field.fill(words)
    field.press("Enter")


def choose(phone, list_button: str, row: str) -> None:
    """Opens a list, by its button, and marks a row; `send` sends it."""
    phone.get_by_role("button", name=list_button).last.click()
    phone.get_by_role("dialog").get_by_role("radio", name=row, exact=True).check()


def send(phone) -> None:
    """Sends what is marked in the open list."""
    phone.get_by_role("dialog").get_by_role("button", name="Enviar").click()
