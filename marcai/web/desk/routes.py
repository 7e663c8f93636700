"""The attendants' addresses: sign-in, the desk with its conversations, and the managers' pages."""

from __future__ import annotations

import contextlib
import hashlib
import json
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from redis import RedisError

from marcai.handoff import attendants, canned, service
from marcai.handoff.service import HandoffInfo
from marcai.tenants import service as tenants
from marcai.web.desk import media, pages, sessions, views
from marcai.web.desk.pages import Form, changing, done, go, page, part, reading, refused, with_form
from marcai.web.desk.sessions import PATH, Signed
from marcai.whatsapp import assistance
from marcai.whatsapp.assistance import NotHers, WindowClosed

router = APIRouter(include_in_schema=False)
GONE = "Esta conversa não está mais com você."
STATIC = {"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8"}


# ---- signing in ----


def sign_in_page(request: Request) -> Response:
    """The form; an establishment that is alone here need not be named."""
    if _current(request) is not None:
        return go()
    known = tenants.list_all()
    slug = request.query_params.get("salao") or (known[0].slug if len(known) == 1 else "")
    return page("sign_in.html", slug=slug, login="", error=None)


def sign_in(request: Request, form: Form) -> Response:
    """Signs in; says the same for whatever was wrong, and nothing any more after too many tries."""
    slug, login = form.get("salao", "")[:80], form.get("login", "")[:80]
    address = request.client.host if request.client else ""
    if not sessions.genuine(request):
        return page("sign_in.html", 403, slug=slug, login=login, error="Recarregue a página e tente de novo.")
    try:
        if sessions.limited(slug, login, address):
            return page("sign_in.html", 429, slug=slug, login=login,
                        error="Foram muitas tentativas. Espere 15 minutos ou fale com a gerência.")
        tenant = tenants.by_slug(slug.strip().lower())
        attendant = attendants.sign_in(tenant, login, form.get("senha", ""))
        if attendant is None:
            sessions.failed(slug, login, address)
            return page("sign_in.html", 401, slug=slug, login=login,
                        error="Estabelecimento, usuário ou senha não conferem.")
        sessions.succeeded(slug, login, address)
        response = go()
        sessions.start(tenant, attendant, response)
        return response
    except RedisError:
        return page("sign_in.html", 503, slug=slug, login=login, error="O sistema está voltando. Tente em um minuto.")


def sign_out(_: Request, signed: Signed, __: Form) -> Response:
    """Signs out; she is off duty."""
    response = go("/entrar")
    sessions.end(signed, response)
    return response


def _current(request: Request) -> Signed | None:
    with contextlib.suppress(RedisError):
        return sessions.current(request)
    return None


# ---- the desk ----


def desk(_: Request, signed: Signed) -> Response:
    """The queue, and no conversation yet."""
    attendants.seen(signed.tenant, signed.attendant)
    return page("desk.html", signed=signed, lists=views.lists(signed, None), talk=None)


def conversation(request: Request, signed: Signed) -> Response:
    """One conversation; opening it is written down."""
    found = _found(request, signed)
    if found is None:
        return refused(request, 404, "Esta conversa não existe ou não é sua.", signed)
    attendants.seen(signed.tenant, signed.attendant)
    service.opened(signed.attendant, found)
    media.read_soon(signed, found)
    return page("desk.html", signed=signed, lists=views.lists(signed, found.id),
                talk=views.conversation(signed, found), beside=views.beside(signed, found), key=uuid4().hex)


def state(request: Request, signed: Signed) -> Response:
    """What the page asks for every few seconds, which keeps her on duty: its parts, when something has changed."""
    attendants.seen(signed.tenant, signed.attendant)
    found = _found(request, signed, request.query_params.get("c"))
    lists = views.lists(signed, found.id if found else None)
    parts = {"lists": part("_lists.html", lists=lists, signed=signed)}
    if found is not None:
        talk = views.conversation(signed, found)
        if request.query_params.get("visivel") == "1":
            media.read_soon(signed, found)
        parts.update(messages=part("_messages.html", talk=talk), beside=part("_beside.html", beside=views.beside(
            signed, found), signed=signed), head=part("_head.html", talk=talk, signed=signed))
        parts["mine"] = talk["mine"] and talk["window_open"]
    elif request.query_params.get("c"):
        parts["gone"] = True
    parts["calls"] = len(lists["waiting"]) + sum(one["unanswered"] for one in lists["mine"])
    version = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
    if request.query_params.get("v") == version:
        parts = {}
    return JSONResponse({**parts, "version": version}, headers=pages.HEADERS)


def take(request: Request, signed: Signed, _: Form) -> Response:
    """Takes a waiting customer."""
    handoff_id = _id(request)
    try:
        if handoff_id is None:
            raise NotHers
        assistance.take(signed.tenant, signed.attendant, handoff_id)
    except NotHers:
        return refused(request, 409, "Outra pessoa já atendeu, ou a cliente saiu da fila.", signed)
    return done(request, f"/c/{handoff_id}")


def reply(request: Request, signed: Signed, form: Form) -> Response:
    """Sends what she wrote."""
    handoff_id = _id(request)
    try:
        if handoff_id is None:
            raise NotHers
        assistance.reply(signed.tenant, signed.attendant, handoff_id, form.get("texto", ""),
                         form.get("chave", "")[:64] or uuid4().hex)
    except NotHers:
        return refused(request, 409, GONE, signed)
    except WindowClosed:
        return refused(request, 409, "A janela de 24 horas fechou: a cliente precisa escrever primeiro.", signed)
    except ValueError:
        return refused(request, 422, "Escreva de 1 a 4096 caracteres.", signed)
    return done(request, f"/c/{handoff_id}")


def close(request: Request, signed: Signed, _: Form) -> Response:
    """Ends a conversation: the assistant goes on."""
    return _change(request, signed, assistance.close)


def release(request: Request, signed: Signed, _: Form) -> Response:
    """Puts a conversation back in the queue."""
    return _change(request, signed, assistance.release)


def transfer(request: Request, signed: Signed, form: Form) -> Response:
    """Hands a conversation to somebody else."""
    handoff_id, to = _id(request), None
    with contextlib.suppress(ValueError):
        to = attendants.get(signed.tenant.id, UUID(form.get("para", "")))
    if handoff_id is None or to is None:
        return refused(request, 422, "Escolha para quem passar.", signed)
    try:
        assistance.transfer(signed.tenant, signed.attendant, handoff_id, to)
    except NotHers:
        return refused(request, 409, GONE, signed)
    return done(request)


def pause(request: Request, signed: Signed, form: Form) -> Response:
    """Takes a break, or comes back."""
    attendants.pause(signed.tenant, signed.attendant.id, form.get("pausa") == "1")
    return done(request)


def show_media(request: Request, signed: Signed) -> Response:
    """A photo, an audio or a file that a customer sent."""
    found = _found(request, signed)
    answer = media.fetch(found, request.path_params["entry"]) if found else None
    return answer or refused(request, 404, "O arquivo não está mais disponível no WhatsApp.", signed)


def _change(request: Request, signed: Signed, verb) -> Response:
    handoff_id = _id(request)
    try:
        if handoff_id is None:
            raise NotHers
        verb(signed.tenant, signed.attendant, handoff_id)
    except NotHers:
        return refused(request, 409, GONE, signed)
    return done(request)


def _id(request: Request, given: str | None = None) -> UUID | None:
    with contextlib.suppress(ValueError):
        return UUID(given if given is not None else request.path_params.get("handoff", ""))
    return None


def _found(request: Request, signed: Signed, given: str | None = None) -> HandoffInfo | None:
    """The conversation that is asked for, if she may see it."""
    handoff_id = _id(request, given)
    found = service.get(signed.tenant.id, handoff_id) if handoff_id else None
    return found if views.may_read(signed, found) else None


# ---- managers ----


def replies(_: Request, signed: Signed) -> Response:
    """The replies kept ready, to be edited."""
    return page("replies.html", signed=signed, replies=canned.list_all(signed.tenant))


def put_reply(request: Request, signed: Signed, form: Form) -> Response:
    """Adds, changes or deletes a reply."""
    reply_id = _id(request, form.get("id", ""))
    if "apagar" in form and reply_id is not None:
        canned.remove(signed.tenant, reply_id)
    elif not canned.put(signed.tenant, form.get("titulo", ""), form.get("texto", ""), reply_id):
        return refused(request, 422, "Uma resposta precisa de título e texto.", signed)
    return go("/respostas")


def everything(_: Request, signed: Signed) -> Response:
    """The last conversations of all attendants."""
    return page("conversations.html", signed=signed, rows=views.all_conversations(signed))


def team(_: Request, signed: Signed) -> Response:
    """The attendants, and who is there."""
    return page("team.html", signed=signed, rows=views.team(signed))


def static(request: Request) -> Response:
    """The page's style and script."""
    name = request.path_params["name"]
    if name not in STATIC:
        return refused(request, 404, "Não existe.")
    headers = {"Cache-Control": "no-cache", "Content-Type": STATIC[name]}
    return Response((pages.FOLDER / "static" / name).read_bytes(), headers=headers)


def _add(path: str, endpoint, method: str = "GET", name: str = "") -> None:
    router.add_api_route(PATH + path, endpoint, methods=[method], name=name, include_in_schema=False)


_add("/entrar", sign_in_page, name="desk_sign_in_page")
_add("/entrar", with_form(sign_in), "POST", "desk_sign_in")
_add("/static/{name}", static, name="desk_static")
for _path, _handler, _manager in (
    ("", desk, False), ("/c/{handoff}", conversation, False), ("/c/{handoff}/midia/{entry}", show_media, False),
    ("/estado", state, False), ("/respostas", replies, True), ("/conversas", everything, True), ("/equipe", team, True),
):
    _add(_path, reading(_handler, manager=_manager), name=f"desk_{_handler.__name__}")
for _path, _handler, _manager in (
    ("/sair", sign_out, False), ("/pausa", pause, False), ("/c/{handoff}/assumir", take, False),
    ("/c/{handoff}/responder", reply, False), ("/c/{handoff}/encerrar", close, False),
    ("/c/{handoff}/devolver", release, False), ("/c/{handoff}/passar", transfer, False),
    ("/respostas", put_reply, True),
):
    _add(_path, changing(_handler, manager=_manager), "POST", f"desk_{_handler.__name__}")
