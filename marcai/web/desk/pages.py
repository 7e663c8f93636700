"""How requests become pages here: templates, headers, sign-in, forms, and what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.concurrency import run_in_threadpool

from marcai.web.desk import sessions
from marcai.web.desk.sessions import PATH, Signed

FOLDER = Path(__file__).parent
BODY_BYTES = 64 * 1024
templates = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=select_autoescape(),
                        trim_blocks=True, lstrip_blocks=True)
HEADERS = {
    "Referrer-Policy": "same-origin",  # with "no-referrer" a browser would not say where a form comes from
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
Form = dict[str, str]


def page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from its template."""
    return HTMLResponse(templates.get_template(name).render(**values), status_code=status, headers=HEADERS)


def part(name: str, **values: Any) -> str:
    """A part of a page, for the page to put in place."""
    return templates.get_template(name).render(**values)


def go(to: str = "") -> RedirectResponse:
    """After a form: on to a page, so that reloading it repeats nothing."""
    return RedirectResponse(PATH + to, status_code=303, headers=HEADERS)


def done(request: Request, to: str = "") -> Response:
    """It worked: the page's script is told so, a form without script is sent on."""
    return JSONResponse({"ok": True}, headers=HEADERS) if scripted(request) else go(to)


def refused(request: Request, status: int, words: str, signed: Signed | None = None) -> Response:
    """It did not work, and why, in words for the attendant."""
    if scripted(request):
        return JSONResponse({"error": words}, status_code=status, headers=HEADERS)
    return page("refused.html", status, words=words, signed=signed)


def scripted(request: Request) -> bool:
    """Whether the page's script asks, not the browser itself."""
    return "application/json" in request.headers.get("accept", "")


def reading(handler: Callable[[Request, Signed], Response], *, manager: bool = False,
            ) -> Callable[[Request], Response]:
    """An endpoint for whoever is signed in."""

    def endpoint(request: Request) -> Response:
        signed = sessions.current(request)
        if signed is None:
            return refused(request, 401, "Entre de novo para continuar.") if scripted(request) else go("/entrar")
        if manager and not signed.attendant.is_manager:
            return refused(request, 403, "Só a gerência vê esta página.", signed)
        return handler(request, signed)

    return endpoint


def changing(handler: Callable[[Request, Signed, Form], Response], *, manager: bool = False,
             ) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for a form of whoever is signed in; refuses what did not come from our own page."""

    def work(request: Request, form: Form) -> Response:
        signed = sessions.current(request)
        if signed is None:
            return refused(request, 401, "Entre de novo para continuar.") if scripted(request) else go("/entrar")
        given = request.headers.get("x-csrf-token") or form.get("csrf")
        if not sessions.genuine(request) or not sessions.carries(signed, given):
            return refused(request, 403, "Esta página ficou velha. Recarregue e tente de novo.", signed)
        if manager and not signed.attendant.is_manager:
            return refused(request, 403, "Só a gerência pode fazer isso.", signed)
        return handler(request, signed, form)

    return with_form(work)


def with_form(work: Callable[[Request, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads a form and works in a thread."""

    async def endpoint(request: Request) -> Response:
        raw = b""
        async for piece in request.stream():
            raw += piece
            if len(raw) > BODY_BYTES:
                return refused(request, 413, "O texto é longo demais.")
        try:
            form = dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))
        except ValueError:
            return refused(request, 400, "O formulário não pôde ser lido.")
        form = {name: value.replace("\0", "") for name, value in form.items()}  # no database takes it
        return await run_in_threadpool(work, request, form)

    return endpoint
