"""The analysts' page: who gets in, what each sees, and its tables as CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from marcai.analytics import recording
from marcai.analytics.steps import FLOWS
from marcai.handoff import attendants
from marcai.platform import clock
from marcai.web.analytics import plots
from marcai.web.analytics.tables import TABLES
from tests.history import History
from tests.web.conftest import KEY, OTHER_KEY, problem

ANALYST = "analyst-key-" + "d" * 24
PASSWORD = "uma senha bem comprida 7"


@pytest.fixture
def web_settings(web_settings, monkeypatch):
    """The keys of the other tests, and one for analysts."""
    from marcai.platform.settings import settings

    monkeypatch.setenv("MARCAI_ANALYTICS_KEYS", ANALYST)
    settings.cache_clear()


@pytest.fixture
def told(salon, other_salon, monkeypatch):
    """Two days of conversations at the salon, and one conversation at the clinic."""
    real = clock.now
    begin = real() - timedelta(hours=26)
    history = History(salon, monkeypatch, begin)
    history.walk(history.customer(), 0, "service", "date", "booking", "booked")
    lost = history.customer("Beatriz Lima")
    history.walk(lost, 1, "service", "date")
    history.missed(lost, 4, 1, "date", text="queria =hena= com a Beatriz")
    clinic = History(other_salon, monkeypatch, begin)
    clinic.walk(clinic.customer(), 5, "package")
    monkeypatch.setattr(clock, "now", real)
    recording.judge()


@pytest.fixture
def manager(browser, salon):
    """A browser in which the salon's manager has signed in at the attendants' page."""
    attendants.add(salon, "dona", "Dona Sílvia", PASSWORD, role="manager")
    return _signed_in(browser, "dona")


def _signed_in(browser, login):
    answer = browser.post("/atendimento/entrar", data={"salao": "bela-vista", "login": login, "senha": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


def by(key):
    return {"Authorization": f"Bearer {key}"}


def read(browser, name, key, query=""):
    answer = browser.get(f"/analises/{name}.csv{query}", headers=by(key))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}_')
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestWhoGetsIn:
    """Nobody without a key or a manager's sign-in."""

    @pytest.mark.parametrize("path", ["/analises", "/analises/funnel.csv", "/analises/mensagens"])
    def test_nobody_without_a_sign_in(self, browser, told, path):
        problem(browser.get(path), 401, "unauthorized")
        problem(browser.get(path, headers=by("x" * 30)), 401, "unauthorized")
        problem(browser.get(path, headers={"Authorization": f"Basic {ANALYST}"}), 401, "unauthorized")
        answer = browser.get(path, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/analises/entrar")

    @pytest.mark.parametrize("cookie", [
        "", "x", "1.2.3", f"99999999999.{'a' * 32}.{'b' * 22}", "٣.x.y", "." * 5, "9" * 5000 + ".a.b"])
    def test_a_made_up_cookie_opens_nothing(self, browser, told, cookie):
        problem(browser.get("/analises", headers={"Cookie": f"marcai_analises={cookie}".encode()}), 401,
                "unauthorized")

    def test_an_attendant_sees_no_figures_and_a_manager_does(self, browser, salon, told, manager):
        answer = manager.get("/analises")
        assert answer.status_code == 200 and "Dona" in answer.text
        attendants.add(salon, "ana", "Ana", PASSWORD)
        browser.cookies.clear()
        _signed_in(browser, "ana")
        problem(browser.get("/analises"), 401, "unauthorized")

    def test_a_key_typed_in_signs_in_for_a_while(self, browser, told, monkeypatch):
        assert browser.post("/analises/entrar", data={"chave": "wrong"}).status_code == 401
        assert browser.post("/analises/entrar", content=b"\xff" * 9000).status_code == 401
        answer = browser.post("/analises/entrar", data={"chave": f" {ANALYST} "})
        assert answer.status_code == 303 and answer.headers["location"] == "/analises"
        assert re.search(r"HttpOnly.*SameSite=strict", answer.headers["set-cookie"])
        assert browser.get("/analises").status_code == 200
        real = clock.now()
        monkeypatch.setattr(clock, "now", lambda: real + timedelta(hours=9))
        assert browser.get("/analises").status_code == 401

    def test_a_key_taken_out_of_the_settings_ends_its_sign_ins(self, browser, told, monkeypatch):
        from marcai.platform.settings import settings

        for key, variable in ((ANALYST, "MARCAI_ANALYTICS_KEYS"), (KEY, "MARCAI_API_KEYS")):
            browser.post("/analises/entrar", data={"chave": key})
            assert browser.get("/analises").status_code == 200
            monkeypatch.setenv(variable, "")
            settings.cache_clear()
            assert browser.get("/analises").status_code == 401

    def test_signing_out(self, browser, told):
        browser.post("/analises/entrar", data={"chave": ANALYST})
        browser.get("/analises/sair")
        assert browser.get("/analises").status_code == 401


class TestWhoSeesWhat:
    """An establishment sees itself; an analyst all of them."""

    def test_each_key_its_own(self, browser, told):
        assert [row["step"] for row in read(browser, "steps", OTHER_KEY)] == ["package"]
        assert [row["step"] for row in read(browser, "steps", KEY)] == ["service", "date", "booking", "booked"]
        assert [row["step"] for row in read(browser, "steps", ANALYST)] == [
            "service", "package", "date", "booking", "booked"]
        assert [row["step"] for row in read(browser, "steps", ANALYST, "?tenant=sorriso-claro")] == ["package"]

    @pytest.mark.parametrize("path", ["/analises", "/analises/steps.csv"])
    @pytest.mark.parametrize("asked", ["sorriso-claro", "no-such", "*", "bela-vista,sorriso-claro"])
    def test_another_establishment_is_refused(self, browser, told, path, asked):
        problem(browser.get(path, params={"tenant": asked}, headers=by(KEY)), 403, "other-establishment")

    def test_a_manager_cannot_choose_another_establishment(self, manager, told):
        assert manager.get("/analises?tenant=bela-vista").status_code == 200
        problem(manager.get("/analises?tenant=sorriso-claro"), 403, "other-establishment")
        problem(manager.get("/analises/mensagens?tenant=sorriso-claro"), 403, "other-establishment")
        assert "Sorriso" not in manager.get("/analises").text

    @pytest.mark.parametrize("key", [KEY, ANALYST])
    def test_words_are_for_managers_alone(self, browser, told, key):
        problem(browser.get("/analises/mensagens", headers=by(key)), 403, "other-establishment")
        assert "/analises/mensagens" not in browser.get("/analises", headers=by(key)).text

    def test_a_manager_reads_words_without_names(self, manager, told):
        assert "/analises/mensagens?" in manager.get("/analises").text
        page = manager.get("/analises/mensagens").text
        assert "queria =hena= com a [nome]" in page and "Beatriz" not in page


class TestFilters:
    """Period and flow."""

    def test_a_period(self, browser, told):
        assert read(browser, "steps", KEY, "?de=2020-01-01&ate=2020-02-01") == []
        page = browser.get("/analises?de=2020-01-01&ate=2020-02-01", headers=by(KEY)).text
        assert page.count("Nada neste período.") == len(TABLES) and "<svg" not in page

    def test_a_flow(self, browser, told):
        assert [row["step"] for row in read(browser, "steps", KEY, "?fluxo=schedule")] == ["date"]

    @pytest.mark.parametrize("query", [
        "de=2026-13-01", "de=x", "ate=1999-01-01", "de=2026-02-01&ate=2026-01-01", "de=2001-01-01&ate=2026-01-01",
        "fluxo=nothing", "de=%00", "ate=0001-01-01", "fluxo='%20OR%201=1"])
    def test_filters_that_cannot_be(self, browser, told, query):
        problem(browser.get(f"/analises?{query}", headers=by(KEY)), 422, "invalid-request")

    @pytest.mark.parametrize("flow", FLOWS)
    def test_every_flow_has_a_page(self, browser, told, flow):
        assert browser.get(f"/analises?fluxo={flow}", headers=by(KEY)).status_code == 200


class TestThePage:
    """What is on it."""

    def test_figures_plots_and_their_tables(self, browser, told):
        answer = browser.get("/analises", headers=by(KEY))
        page = answer.text
        for name in TABLES:
            assert f'id="{name}"' in page
        assert page.count("<svg") == page.count("os números estão na tabela") >= 4
        assert len(re.findall("<svg", page)) <= page.count("<table>")
        assert "Parou de responder" not in page and "Não foi compreendida" in page
        assert "<script" not in page and answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"

    def test_every_table_is_there_as_csv(self, browser, told):
        for name in TABLES:
            read(browser, name, KEY)
        problem(browser.get("/analises/nothing.csv", headers=by(KEY)), 422, "invalid-request")

    def test_numbers_in_csv_are_plain(self, browser, told):
        (row,) = [row for row in read(browser, "steps", KEY) if row["step"] == "date"]
        assert row == {"flow": "schedule", "step": "date", "reached": "2", "abandoned": "1", "drop_off": "0.5"}

    def test_no_cell_is_a_formula(self, browser, told, database):
        from sqlalchemy import text

        with database.begin() as connection:
            connection.execute(text("UPDATE abandonments SET last_intent = '=1+1'"))
        assert {row["last_intent"] for row in read(browser, "abandonments", KEY)} == {"'=1+1"}


def test_nothing_has_happened_yet(browser, salon):
    answer = browser.get("/analises", headers=by(KEY))
    assert answer.status_code == 200 and "<svg" not in answer.text


@pytest.mark.parametrize("largest", [1, 2, 3, 4, 5, 7, 9, 10, 11, 39, 40, 41, 99, 100, 101, 999, 1000, 12345, 10**7])
def test_a_scale_has_few_round_lines(largest):
    top, step = plots._scale(largest)
    assert top >= largest and top % step == 0 and 1 <= top // step <= 5
    assert str(step).rstrip("0") in ("1", "2", "5")
