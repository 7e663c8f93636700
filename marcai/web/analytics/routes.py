"""The addresses of the analysts' page: the page itself, its tables as CSV, the words for managers, and the sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.concurrency import run_in_threadpool

from marcai.analytics import misunderstood, queries
from marcai.analytics.scope import LONGEST, Scope
from marcai.analytics.steps import FLOWS
from marcai.platform import clock
from marcai.web.analytics import access
from marcai.web.analytics.access import PATH, Viewer
from marcai.web.analytics.labels import words
from marcai.web.analytics.tables import SECTIONS, TABLES, Report
from marcai.web.api.problems import OTHER_ESTABLISHMENT, UNAUTHORIZED, Problem, invalid
from marcai.web.desk.sessions import PATH as DESK

router = APIRouter(prefix=PATH, include_in_schema=False)
PRESETS = (7, 30, 90)
USUAL_DAYS = 30
FORM_BYTES = 4096

templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape(),
                        trim_blocks=True, lstrip_blocks=True)
templates.globals["words"] = words
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
                               "frame-ancestors 'none'",
}


def _seeing(handler: Callable[[Request, Viewer], Response]) -> Callable[[Request], Response]:
    """An endpoint for whoever may see figures; a browser without a sign-in is shown where to get one."""

    def endpoint(request: Request) -> Response:
        viewer = access.viewer(request)
        if viewer is None:
            if "text/html" in request.headers.get("accept", ""):
                return RedirectResponse(f"{PATH}/entrar", status_code=303, headers=HEADERS)
            raise Problem(UNAUTHORIZED, "Sign in, or send a key in the header Authorization: Bearer KEY.",
                          {"WWW-Authenticate": 'Bearer realm="marcai"'})
        return handler(request, viewer)

    endpoint.__name__ = handler.__name__
    return endpoint


@router.get("/entrar")
def entrance() -> Response:
    """Where to sign in: as a manager at the attendants' page, or here with a key."""
    return _page("entrance.html", desk=f"{DESK}/entrar", error=None)


@router.post("/entrar")
async def enter(request: Request) -> Response:
    """Signs in with a key."""
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > FORM_BYTES:
            break
    given = parse_qs(raw[:FORM_BYTES].decode("utf-8", "replace"))
    cookie = await run_in_threadpool(access.sign_in, given.get("chave", [""])[0])
    if cookie is None:
        return _page("entrance.html", 401, desk=f"{DESK}/entrar", error="Esta chave não confere.")
    response = RedirectResponse(PATH, status_code=303, headers=HEADERS)
    access.keep(response, cookie)
    return response


@router.get("/sair")
def leave() -> Response:
    """Ends the sign-in with a key."""
    response = RedirectResponse(f"{PATH}/entrar", status_code=303, headers=HEADERS)
    response.delete_cookie(access.COOKIE, path=PATH)
    return response


def show(request: Request, viewer: Viewer) -> Response:
    """All figures."""
    scope = _scope(request, viewer)
    with queries.reading() as session:
        report = Report(session, scope)
        totals = report.totals
        sections = [(title, [report.table(name) for name in names]) for title, names in SECTIONS]
    return _page("page.html", totals=totals, sections=sections, **_around(request, viewer, scope))


def show_words(request: Request, viewer: Viewer) -> Response:
    """The words that were not understood; each look is written down."""
    if viewer.attendant_id is None:
        raise Problem(OTHER_ESTABLISHMENT, "Only a manager who is signed in may read what customers wrote.")
    scope = _scope(request, viewer)
    found = misunderstood.recent(scope, {"attendant": str(viewer.attendant_id)})
    return _page("messages.html", found=[(one, clock.in_zone(one.at, scope.zone)) for one in found],
                 **_around(request, viewer, scope))


def download(request: Request, viewer: Viewer) -> Response:
    """One table as CSV."""
    name = request.path_params["name"]
    scope = _scope(request, viewer)
    if name not in TABLES:
        raise invalid("path", "name", f"is one of {', '.join(sorted(TABLES))}")
    with queries.reading() as session:
        content = Report(session, scope).table(name).csv()
    file = f"{name}_{scope.first}_{scope.last}.csv"
    return Response(content.encode("utf-8-sig"), media_type="text/csv; charset=utf-8",
                    headers={**HEADERS, "Content-Disposition": f'attachment; filename="{file}"'})


router.get("")(_seeing(show))
router.get("/mensagens")(_seeing(show_words))
router.get("/{name}.csv")(_seeing(download))


def _scope(request: Request, viewer: Viewer) -> Scope:
    """What the filters ask for.

    Raises:
        Problem: an establishment that is not the viewer's (403), or filters that cannot be (422).
    """
    asked = request.query_params
    tenants = viewer.of(asked.get("tenant"))
    if not tenants:
        raise Problem(OTHER_ESTABLISHMENT, "tenant is not an establishment of yours.")
    today = clock.local_now(tenants[0].timezone).date()
    last = _day(asked.get("ate"), "ate") or today
    first = _day(asked.get("de"), "de") or last - timedelta(days=USUAL_DAYS - 1)
    try:
        return Scope.of(tenants, first, last, asked.get("fluxo") or None)
    except ValueError as error:
        raise invalid("query", "de, ate, fluxo", str(error)) from None


def _day(value: str | None, name: str) -> date | None:
    if not value:
        return None
    try:
        found = datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise invalid("query", name, "is a date such as 2026-11-22") from None
    if found.year not in range(2000, 2200):
        raise invalid("query", name, "is too far away")
    return found


def _around(request: Request, viewer: Viewer, scope: Scope) -> dict[str, Any]:
    chosen = request.query_params.get("tenant") or ""
    filters = {"tenant": chosen, "fluxo": scope.flow or "", "de": scope.first.isoformat(),
               "ate": scope.last.isoformat()}
    today = clock.local_now(scope.zone).date()

    def period(days: int) -> str:
        return _query({**filters, "de": (today - timedelta(days=days - 1)).isoformat(), "ate": today.isoformat()})

    return {
        "viewer": viewer, "scope": scope, "flows": list(FLOWS), "filters": filters, "query": _query(filters),
        "presets": [(days, period(days), scope.last == today and scope.days == days) for days in PRESETS],
        "path": PATH, "desk": DESK, "longest": LONGEST, "today": today,
        "by_key": viewer.attendant_id is None,
    }


def _query(filters: dict[str, str]) -> str:
    return urlencode({name: value for name, value in filters.items() if value})


def _page(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(templates.get_template(template).render(**values), status_code=status, headers=HEADERS)
