"""The page behind the link of a confirmation."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from marcai.bookings import service as bookings
from marcai.platform.database import transaction

HEADERS = {
    "referrer-policy": "no-referrer", "cache-control": "no-store", "x-robots-tag": "noindex", "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
}


@pytest.fixture
def booked(api):
    """A booking of two services."""
    return api.booked("escova", "manicure")


@pytest.fixture
def link(booked):
    """Its link, without the host."""
    return booked["manage_url"].removeprefix("http://127.0.0.1:8000")


def said(page):
    for name, value in HEADERS.items():
        assert page.headers[name] == value
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    return page.text


def test_it_shows_the_booking_and_what_can_be_done(browser, booked, link):
    page = browser.get(link)
    assert page.status_code == 200
    shown = said(page)
    for part in ("Salão Bela Vista", booked["code"], "Escova", "Manicure", "R$ 105", "Confirmado", "Rua das Acácias",
                 "https://wa.me/551140000001", f'action="{link}/cancelar"', "data:image/svg+xml"):
        assert part in shown
    assert "<script" not in shown


def test_cancelling_twice_cancels_once(browser, booked, link, salon):
    for _ in range(2):
        done = browser.post(f"{link}/cancelar")
        assert (done.status_code, done.headers["location"]) == (303, link)
        assert done.headers["referrer-policy"] == "no-referrer"
    shown = said(browser.get(link))
    assert "Cancelado" in shown and "cancelar" not in shown
    with transaction() as session:
        (event,) = session.execute(text("SELECT payload FROM event_outbox WHERE name = 'booking.cancelled'")).scalars()
    assert (event["by"], event["reason"]) == ("customer", "link")


def test_looking_at_it_changes_nothing(browser, api, booked, link):
    problematic = browser.get(f"{link}/cancelar")
    assert problematic.status_code == 405
    browser.get(link)
    assert api.get(f"/bookings/{booked['id']}").json()["status"] == "confirmed"


def test_a_booking_that_has_begun_is_shown_and_stays(browser, api, booked, link, at):
    at(days=9)
    assert "cancelar" not in said(browser.get(link))
    browser.post(f"{link}/cancelar")
    assert api.get(f"/bookings/{booked['id']}").json()["status"] == "confirmed"


def test_a_link_that_was_not_made_here_shows_nothing(browser, booked, link, salon):
    value, _, signature = link.removeprefix("/m/").partition(".")
    another = ("B" if value[0] == "A" else "A") + value[1:]
    for wrong in (f"{value}.{signature[:-1]}x", f"{value}.", value, f"{another}.{signature}", "x.y", "%00.x",
                  f"{value}.{signature}.x", "é.é"):
        for answer in (browser.get(f"/m/{wrong}"), browser.post(f"/m/{wrong}/cancelar")):
            assert answer.status_code == 404
            assert booked["code"] not in said(answer)
    assert bookings.by_code(salon, booked["code"]).status == "confirmed"


def test_what_an_establishment_writes_is_text_and_no_markup(browser, booked, link, salon):
    from marcai.tenants import service as tenants

    with transaction() as session:
        session.execute(text("UPDATE tenants SET address = '<script>alert(1)</script>'"))
    tenants.cache.drop(salon.slug)
    tenants.forget_cache()
    shown = said(browser.get(link))
    assert "<script" not in shown and "&lt;script&gt;" in shown


def test_the_privacy_page_is_there(browser):
    page = browser.get("/privacidade")
    assert page.status_code == 200 and "LGPD" in said(page)
