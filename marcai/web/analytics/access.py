"""Who may see which figures: a manager and an establishment's key their own, an analyst's key everybody's.

Words of customers are for managers alone. Without one of these there is no answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request, Response
from redis import RedisError

from marcai.platform import clock, crypto
from marcai.platform.settings import settings
from marcai.tenants import service as tenants
from marcai.tenants.service import TenantInfo
from marcai.web.api import keys, limits
from marcai.web.api.keys import Caller
from marcai.web.desk import sessions

COOKIE = "marcai_analises"
PATH = "/analises"
LIFE_SECONDS = 8 * 3600


@dataclass(frozen=True)
class Viewer:
    """Somebody who may see figures, and of whom."""

    tenants: tuple[TenantInfo, ...]
    name: str
    attendant_id: UUID | None = None  # of a manager, who may read words as well

    def of(self, slug: str | None) -> tuple[TenantInfo, ...]:
        """The establishments that a filter leaves: all she may see, or one of them; none when it is not hers."""
        return tuple(tenant for tenant in self.tenants if slug in (None, "", tenant.slug, str(tenant.id)))


def viewer(request: Request) -> Viewer | None:
    """Who asks: by key in the header, by this page's sign-in, or by the attendants' sign-in; None for nobody.

    Raises:
        marcai.web.api.problems.Problem: a key in the header is wrong, or asks too often.
    """
    if "authorization" in request.headers:
        return _by_header(request)
    return _by_cookie(request) or _manager(request)


def _by_header(request: Request) -> Viewer:
    scheme, _, key = request.headers["authorization"].partition(" ")
    digest = _analyst(key.strip()) if scheme.lower() == "bearer" else None
    if digest is not None:
        limits.take(Caller(_everybody()[0], f"analyst:{digest}"))
        return Viewer(_everybody(), "Análise")
    caller = keys.caller_of(request)
    limits.take(caller)
    return Viewer((caller.tenant,), caller.tenant.name)


def sign_in(key: str) -> str | None:
    """The cookie for a key that was typed in; None when it is not one."""
    key = key.strip()
    digest = _analyst(key) or (_digest(key) if key and keys.slug_of(key) else None)
    if digest is None:
        return None
    value = f"{int(clock.now().timestamp()) + LIFE_SECONDS}.{digest}"
    return f"{value}.{crypto.sign('analytics', value)}"


def keep(response: Response, cookie: str) -> None:
    """Gives the browser the cookie."""
    response.set_cookie(COOKIE, cookie, max_age=LIFE_SECONDS, path=PATH, httponly=True, samesite="strict",
                        secure=settings().public_url.startswith("https://"))


def _by_cookie(request: Request) -> Viewer | None:
    value, _, signature = request.cookies.get(COOKIE, "").rpartition(".")
    if not value or not crypto.verify("analytics", value, signature):
        return None
    until, _, digest = value.partition(".")
    if int(until) < clock.now().timestamp():
        return None
    if digest in map(_digest, settings().analytics_key_list):
        return Viewer(_everybody(), "Análise")
    for slug, key in settings().api_key_list:  # a key that is taken out of the settings ends its sign-ins
        if _digest(key) == digest and (tenant := tenants.by_slug(slug)):
            return Viewer((tenant,), tenant.name)
    return None


def _manager(request: Request) -> Viewer | None:
    signed = None
    with contextlib.suppress(RedisError):  # sign-ins are there: without it, keys only
        signed = sessions.current(request)
    if signed is None or not signed.attendant.is_manager:
        return None
    return Viewer((signed.tenant,), signed.attendant.first_name, signed.attendant.id)


def _everybody() -> tuple[TenantInfo, ...]:
    return tuple(tenants.list_all())


def _analyst(key: str) -> str | None:
    """The digest of an analyst's key, or None; takes the same time for right and wrong."""
    asked = _digest(key)
    found = [hmac.compare_digest(_digest(known), asked) for known in settings().analytics_key_list]
    return asked if any(found) else None


def _digest(key: str) -> str:
    return hashlib.sha256(f"analytics\0{key}".encode()).hexdigest()[:32]
