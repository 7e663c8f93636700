"""The attendants' page over HTTP: who gets in, who sees what, and what another site cannot make a browser do."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from marcai.handoff import attendants, canned, presence, service
from marcai.platform import redis
from marcai.platform.database import transaction
from marcai.whatsapp import assistance
from tests.handoff import conversations
from tests.handoff.conftest import PASSWORD

CONTEXT = {"draft": conversations.DRAFT, "question": "date"}


@pytest.fixture
def maria(salon):
    """A customer in the middle of a booking who waits for a person."""
    customer_id = conversations.customer(salon)
    conversations.said(salon, customer_id, [("customer", "quero <b>barba</b>"), ("assistant", "Para que dia?"),
                                            ("customer", "quero falar com alguém")])
    conversations.chosen(customer_id)
    return service.request(salon, customer_id, CONTEXT).handoff


def events(session) -> list[str]:
    return list(session.execute(text("SELECT event FROM audit_records ORDER BY id")).scalars())


class TestSigningIn:
    def test_without_it_there_is_only_the_form(self, person, julia):
        somebody = person()
        for path in ("", "/c/4f0600d5-61e0-4928-b041-5ae23d510269", "/respostas", "/equipe", "/conversas"):
            answer = somebody.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/atendimento/entrar"), path
        assert somebody.get("/entrar").status_code == 200
        assert somebody.client.get("/atendimento/estado", headers={"Accept": "application/json"}).status_code == 401
        assert somebody.client.post("/atendimento/pausa", data={"pausa": "1"}).headers["location"].endswith("/entrar")

    def test_the_right_password_opens_the_queue(self, person, julia):
        made = person()
        answer = made.sign_in()
        cookie = answer.headers["set-cookie"]
        assert (answer.status_code, answer.headers["location"]) == (303, "/atendimento")
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
        assert "Júlia" in made.get().text

    def test_redis_does_not_know_the_cookie(self, person, julia):
        made = person("julia")
        token = made.client.cookies["marcai_atendimento"]
        assert all(token not in key for key in redis.client().keys("*"))

    @pytest.mark.parametrize(("login", "password", "slug"), [
        ("julia", "errada-errada", "bela-vista"), ("ninguem", PASSWORD, "bela-vista"), ("julia", PASSWORD, "outro"),
        ("", "", ""), ("julia\x00a", PASSWORD, "bela-vista"), ("%F0%28", "x" * 300, "bela-vista\x00"),
    ])
    def test_whatever_is_wrong_the_answer_is_the_same(self, person, julia, login, password, slug):
        answer = person().sign_in(login, password, slug)
        assert answer.status_code == 401
        assert "Estabelecimento, usuário ou senha não conferem." in answer.text
        assert "set-cookie" not in answer.headers

    def test_after_five_wrong_passwords_the_right_one_does_not_help_for_a_while(self, person, julia, rita):
        made = person()
        assert [made.sign_in(password="errada-errada").status_code for _ in range(6)] == [401] * 5 + [429]
        assert made.sign_in().status_code == 429
        assert made.sign_in("rita").status_code == 303, "a colleague is not locked out"

    def test_signing_out_ends_it_everywhere_the_cookie_is(self, person, salon, julia):
        made = person("julia")
        made.get()
        kept = made.client.cookies["marcai_atendimento"]
        made.post("/sair")
        assert presence.on_duty(salon.slug) == frozenset()
        thief = person()
        thief.client.cookies.set("marcai_atendimento", kept, path="/atendimento")
        assert thief.get().status_code == 303

    def test_a_new_password_or_a_disabled_account_ends_it_at_once(self, person, salon, julia):
        made = person("julia")
        attendants.set_password(salon, "julia", "uma-senha-bem-nova")
        assert made.get().status_code == 303
        assert made.sign_in(password="uma-senha-bem-nova").status_code == 303
        attendants.disable(salon, "julia")
        assert made.get().status_code == 303

    def test_an_invented_cookie_is_worth_nothing(self, person, julia):
        for value in ("x", "a" * 5000, "%C3%A9", '"'):
            made = person()
            made.client.headers["cookie"] = f"marcai_atendimento={value}"
            assert made.get().status_code == 303

    def test_a_flushed_redis_asks_for_the_password_again(self, person, julia):
        made = person("julia")
        redis.client().flushdb()
        assert made.get().status_code == 303


class TestForgery:
    @pytest.mark.parametrize("csrf", ["", "x", "é"])
    def test_a_form_without_the_pages_token_does_nothing(self, person, julia, maria, csrf):
        answer = person("julia").post(f"/c/{maria.id}/assumir", csrf=csrf)
        assert answer.status_code == 403
        assert service.get(maria.tenant_id, maria.id).state == "waiting"

    def test_another_attendants_token_does_not_do(self, person, julia, rita, maria):
        assert person("julia").post(f"/c/{maria.id}/assumir", csrf=person("rita").csrf).status_code == 403

    @pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
                                         {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}])
    def test_another_site_is_refused_even_with_the_token(self, person, julia, maria, headers):
        assert person("julia").post(f"/c/{maria.id}/assumir", headers=headers).status_code == 403
        assert person().sign_in(headers=headers).status_code == 403

    def test_our_own_page_is_not(self, person, julia, maria):
        headers = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
        assert person("julia").post(f"/c/{maria.id}/assumir", headers=headers).status_code == 303

    def test_no_page_may_be_framed_or_load_from_elsewhere(self, person, julia):
        made = person("julia")
        for answer in (made.get(), made.get("/entrar"), person().get("/entrar"), made.get("/c/nada")):
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-frame-options"] == "DENY" and answer.headers["cache-control"] == "no-store"
            assert "<script>" not in answer.text and "style=" not in answer.text and "onclick" not in answer.text

    def test_a_body_without_end_is_refused(self, person, julia):
        made = person("julia")
        csrf = made.csrf
        assert made.post("/pausa", csrf=csrf, pausa="1" * 70_000).status_code == 413


class TestConversations:
    def test_she_takes_reads_answers_and_closes(self, person, salon, julia, maria):
        made = person("julia")
        assert "Maria" in made.get().text and "quero falar com alguém" in made.get().text
        assert made.post(f"/c/{maria.id}/assumir").headers["location"] == f"/atendimento/c/{maria.id}"
        page = made.get(f"/c/{maria.id}").text
        assert "quero &lt;b&gt;barba&lt;/b&gt;" in page and "Para que dia?" in page
        assert "Maria Clara" in page and "+5511987654321" in page
        assert "<dd>Barba</dd>" in page and "O assistente perguntou o dia" in page
        assert made.post(f"/c/{maria.id}/responder", texto="Oi, Maria!", chave="k1").status_code == 303
        assert made.post(f"/c/{maria.id}/responder", texto="Oi, Maria!", chave="k1").status_code == 303
        messages = made.state(maria.id)["messages"]
        assert messages.count("Oi, Maria!") == 1 and 'aria-label="enviando"' in messages
        assert made.post(f"/c/{maria.id}/encerrar").status_code == 303
        assert service.get(salon.id, maria.id).state == "closed"
        assert "Encerrada" in made.get(f"/c/{maria.id}").text
        with transaction() as session:
            found = events(session)
            assert session.execute(text("SELECT count(*) FROM inbound_messages WHERE kind = 'internal'")).scalar() == 1
        for event in ("attendant_signed_in", "handoff_taken", "conversation_opened", "attendant_replied",
                      "handoff_closed"):
            assert event in found

    def test_the_script_gets_json_and_reasons_in_words(self, person, julia, rita, maria):
        headers = {"Accept": "application/json"}
        first, second = person("julia"), person("rita")
        assert first.post(f"/c/{maria.id}/assumir", headers=headers).json() == {"ok": True}
        lost = second.post(f"/c/{maria.id}/assumir", headers=headers)
        assert (lost.status_code, lost.json()["error"]) == (409, "Outra pessoa já atendeu, ou a cliente saiu da fila.")
        assert first.post(f"/c/{maria.id}/responder", headers=headers, texto="  ").status_code == 422
        assert first.post(f"/c/{maria.id}/responder", headers=headers, texto="x" * 4097).status_code == 422
        assert second.post(f"/c/{maria.id}/responder", headers=headers, texto="oi").status_code == 409
        for nothing in ("encerrar", "devolver", "responder", "assumir"):
            assert first.post(f"/c/nada/{nothing}", headers=headers, texto="x").status_code == 409

    def test_the_page_asks_and_gets_nothing_while_nothing_has_changed(self, person, julia, maria):
        made = person("julia")
        first = made.state()
        again = made.client.get(f"/atendimento/estado?v={first['version']}").json()
        assert again == {"version": first["version"]} and "Maria" in first["lists"]

    def test_asking_keeps_her_on_duty_unless_she_has_paused(self, person, salon, julia):
        made = person("julia")
        made.state()
        assert presence.on_duty(salon.slug) == {julia.id}
        made.post("/pausa", pausa="1")
        made.state()
        assert presence.on_duty(salon.slug) == frozenset() and "Em pausa" in made.get().text
        made.post("/pausa", pausa="0")
        assert presence.on_duty(salon.slug) == {julia.id}

    def test_when_the_window_is_closed_the_page_says_so(self, person, salon, julia):
        customer_id = conversations.customer(salon, wrote_hours_ago=25)
        asked = service.request(salon, customer_id, CONTEXT).handoff
        made = person("julia")
        made.post(f"/c/{asked.id}/assumir")
        page = made.get(f"/c/{asked.id}").text
        assert "A janela de 24 horas do WhatsApp fechou" in page and "disabled" in page
        answer = made.post(f"/c/{asked.id}/responder", headers={"Accept": "application/json"}, texto="oi")
        assert answer.status_code == 409 and "24 horas" in answer.json()["error"]

    def test_passing_it_on_and_giving_it_back(self, person, salon, julia, rita, maria):
        first, second = person("julia"), person("rita")
        first.post(f"/c/{maria.id}/assumir")
        assert first.post(f"/c/{maria.id}/passar", para="nada").status_code == 422
        assert first.post(f"/c/{maria.id}/passar", para=str(rita.id)).status_code == 303
        assert first.get(f"/c/{maria.id}").status_code == 404 and second.get(f"/c/{maria.id}").status_code == 200
        assert first.state(maria.id)["gone"] is True
        second.post(f"/c/{maria.id}/devolver")
        assert service.get(salon.id, maria.id).state == "waiting"

    def test_a_closed_conversation_shows_nothing_that_came_later(self, person, salon, julia, maria):
        made = person("julia")
        made.post(f"/c/{maria.id}/assumir")
        assistance.close(salon, julia, maria.id)
        with transaction() as session:
            session.execute(text("UPDATE handoffs SET closed_at = closed_at - interval '1 hour'"))
        assert "quero falar com alguém" not in made.get(f"/c/{maria.id}").text

    @pytest.mark.parametrize(("code", "words"), [
        (131047, "faz mais de 24 horas que ela escreveu"), (131026, "este número não recebe mensagens"),
        (131000, "não entregue\""),
    ])
    def test_she_sees_why_a_message_did_not_arrive(self, person, salon, julia, maria, database, code, words):
        made = person("julia")
        made.post(f"/c/{maria.id}/assumir")
        made.post(f"/c/{maria.id}/responder", texto="Oi, Maria!", chave="1")
        with database.begin() as connection:
            connection.execute(text("UPDATE outbound_messages SET state = 'failed', error_code = :code"),
                               {"code": code})
        assert words in made.get(f"/c/{maria.id}").text

    def test_texts_are_shown_as_whatsapp_shows_them_and_nothing_in_them_is_html(self, person, salon, julia, maria):
        conversations.said(salon, maria.customer_id, [
            ("customer", "*oi* _a_ 2*3*4 <img src=x onerror=alert(1)>"),
            ("customer", {"type": "image", "image": {"id": "12345", "mime_type": "image/jpeg", "caption": "olha"}}),
            ("assistant", {"type": "interactive", "interactive": {"type": "button", "body": {"text": "Confirma?"},
             "action": {"buttons": [{"type": "reply", "reply": {"id": "x", "title": "Sim <b>"}}]}}})])
        made = person("julia")
        made.post(f"/c/{maria.id}/assumir")
        page = made.get(f"/c/{maria.id}").text
        assert "<strong>oi</strong> <em>a</em> 2*3*4 &lt;img src=x onerror=alert(1)&gt;" in page
        assert re.search(rf'<img class="media" src="/atendimento/c/{maria.id}/midia/i\d+"', page) and "olha" in page
        assert "<li>Sim &lt;b&gt;</li>" in page


class TestRoles:
    def test_an_attendant_sees_her_own_conversations_only(self, person, julia, rita, maria):
        first, second = person("julia"), person("rita")
        assert first.get(f"/c/{maria.id}").status_code == 404, "not before she has taken it"
        first.post(f"/c/{maria.id}/assumir")
        assert second.get(f"/c/{maria.id}").status_code == 404
        assert "messages" not in second.state(maria.id)
        for path in ("/respostas", "/conversas", "/equipe"):
            assert first.get(path).status_code == 403
        assert first.post("/respostas", titulo="a", texto="b").status_code == 403

    def test_a_manager_sees_everybodys_and_the_team(self, person, julia, marta, maria):
        person("julia").post(f"/c/{maria.id}/assumir")
        boss = person("marta")
        assert "quero &lt;b&gt;barba" in boss.get(f"/c/{maria.id}").text
        assert "Júlia" in boss.get().text and "em atendimento" in boss.get("/conversas").text
        assert "Júlia Prado" in boss.get("/equipe").text
        assert boss.post(f"/c/{maria.id}/responder", texto="oi").status_code == 409, "it is not hers to answer"
        assert boss.post(f"/c/{maria.id}/encerrar").status_code == 303

    def test_a_manager_edits_the_replies_and_attendants_use_them(self, person, salon, julia, marta, maria):
        boss, made = person("marta"), person("julia")
        assert boss.post("/respostas", titulo="Oi", texto="Oi, {nome}! Aqui é do {salao}.").status_code == 303
        assert boss.post("/respostas", titulo="", texto="x").status_code == 422
        made.post(f"/c/{maria.id}/assumir")
        assert 'data-text="Oi, Maria! Aqui é do Salão Bela Vista."' in made.get(f"/c/{maria.id}").text
        (reply,) = canned.list_all(salon)
        boss.post("/respostas", id=str(reply.id), titulo="Olá", texto="Olá!")
        assert [one.title for one in canned.list_all(salon)] == ["Olá"]
        boss.post("/respostas", id=str(reply.id), apagar="1")
        assert canned.list_all(salon) == []


class TestEstablishments:
    def test_nothing_of_another_establishment_can_be_seen_or_done(self, person, salon, other_salon, julia, maria):
        attendants.add(other_salon, "otto", "Otto Lima", PASSWORD, "manager")
        canned.put(salon, "Nossa", "só nossa")
        outsider = person()
        assert outsider.sign_in("otto", slug="sorriso-claro").status_code == 303
        assert outsider.sign_in("otto", slug="bela-vista").status_code == 401
        assert "Maria" not in outsider.get().text and "Maria" not in outsider.get("/conversas").text
        assert "Júlia" not in outsider.get("/equipe").text and "Nossa" not in outsider.get("/respostas").text
        assert outsider.get(f"/c/{maria.id}").status_code == 404
        assert outsider.get(f"/c/{maria.id}/midia/i1").status_code == 404
        assert outsider.state(maria.id).get("gone") is True
        for verb in ("assumir", "encerrar", "devolver"):
            assert outsider.post(f"/c/{maria.id}/{verb}").status_code == 409
        (ours,) = canned.list_all(salon)
        outsider.post("/respostas", id=str(ours.id), titulo="Dela", texto="x")
        outsider.post("/respostas", id=str(ours.id), apagar="1")
        assert [one.title for one in canned.list_all(salon)] == ["Nossa"]

    def test_the_same_login_in_two_establishments_is_two_people(self, person, other_salon, julia):
        attendants.add(other_salon, "julia", "Julia da Clínica", "outra-senha-comprida")
        made = person()
        assert made.sign_in("julia", PASSWORD, "sorriso-claro").status_code == 401
        assert made.sign_in("julia", "outra-senha-comprida", "sorriso-claro").status_code == 303
        assert "Sorriso" in made.get().text


def test_the_length_of_the_queue_is_a_metric(app, person, maria):
    exposed = person().client.get("/metrics").text
    assert 'marcai_waiting{queue="handoffs"} 1.0' in exposed
    assert "marcai_handoffs_total" in exposed and "marcai_handoff_wait_seconds" in exposed


def test_the_command_line_makes_lists_and_disables_accounts(salon):
    from typer.testing import CliRunner

    from marcai.cli import app

    run = CliRunner().invoke
    made = run(app, ["attendant", "add", "julia", "--name", "Júlia Prado", "--tenant", "bela-vista", "--manager"])
    login, password = made.stdout.strip().split("\t")
    assert attendants.sign_in(salon, login, password).is_manager and canned.list_all(salon)
    assert run(app, ["attendant", "add", "julia", "--name", "x", "--tenant", "bela-vista"]).exit_code == 1
    assert run(app, ["attendant", "add", "ana", "--name", "Ana", "--tenant", "nada"]).exit_code == 1
    assert "julia\tJúlia Prado\tmanager\tactive" in run(app, ["attendant", "list", "--tenant", "bela-vista"]).stdout
    changed = run(app, ["attendant", "password", "julia", "--tenant", "bela-vista", "--password-stdin"],
                  input="outra-senha-comprida\n")
    assert changed.exit_code == 0 and attendants.sign_in(salon, "julia", "outra-senha-comprida")
    assert run(app, ["attendant", "disable", "julia", "--tenant", "bela-vista"]).exit_code == 0
    assert attendants.sign_in(salon, "julia", "outra-senha-comprida") is None
    assert run(app, ["attendant", "disable", "nada", "--tenant", "bela-vista"]).exit_code == 1
