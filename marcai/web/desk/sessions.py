"""Who is signed in: sessions in Redis behind a cookie, protection against forged requests, and limits on guessing."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request, Response

from marcai.handoff import attendants, presence
from marcai.handoff.attendants import AttendantInfo
from marcai.platform import redis
from marcai.platform.settings import settings
from marcai.tenants import service as tenants
from marcai.tenants.service import TenantInfo

COOKIE = "marcai_atendimento"
PATH = "/atendimento"
LIFE_SECONDS = 12 * 3600  # a working day, renewed while the page is used
LIMIT_SECONDS = 15 * 60
# Wrong passwords in 15 minutes: for a login from one address, for a login, from one address.
LIMITS = {"pair": 5, "login": 30, "address": 60}


@dataclass(frozen=True)
class Signed:
    """One sign-in."""

    tenant: TenantInfo
    attendant: AttendantInfo
    csrf: str
    key: str


def start(tenant: TenantInfo, attendant: AttendantInfo, response: Response) -> None:
    """Signs an attendant in: the browser gets a random token, Redis keeps only its hash."""
    token = secrets.token_urlsafe(32)
    redis.client().set(_key(token), json.dumps({
        "tenant": str(tenant.id), "attendant": str(attendant.id), "csrf": secrets.token_urlsafe(24),
        "password_at": attendant.password_at.isoformat()}), ex=LIFE_SECONDS)
    response.set_cookie(COOKIE, token, max_age=LIFE_SECONDS, path="/", httponly=True, samesite="strict",
                        secure=settings().public_url.startswith("https://"))


def current(request: Request) -> Signed | None:
    """The sign-in of a request; None when there is none, it is over, or the account has changed since."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    key = _key(token)
    kept = redis.client().getex(key, ex=LIFE_SECONDS)
    if not kept:
        return None
    value = json.loads(kept)
    tenant = tenants.by_id(value["tenant"])
    attendant = attendants.get(UUID(value["tenant"]), UUID(value["attendant"])) if tenant else None
    if attendant is None or not attendant.active \
            or attendant.password_at != datetime.fromisoformat(value["password_at"]):
        redis.client().delete(key)
        return None
    return Signed(tenant, attendant, value["csrf"], key)


def end(signed: Signed, response: Response) -> None:
    """Signs out."""
    redis.client().delete(signed.key)
    presence.leave(signed.tenant.slug, signed.attendant.id)
    response.delete_cookie(COOKIE, path="/")


def genuine(request: Request) -> bool:
    """Whether a request that changes something comes from our own page."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    ours = {request.headers.get("host", ""), urlsplit(settings().public_url).netloc}
    return origin is None or urlsplit(origin).netloc in ours


def carries(signed: Signed, given: str | None) -> bool:
    """Whether a request has the sign-in's own token, which another site cannot know."""
    return hmac.compare_digest(signed.csrf.encode(), (given or "").encode("utf-8", "replace"))


def limited(slug: str, login: str, address: str) -> bool:
    """Whether so many passwords were wrong that no more are looked at for a while."""
    keys = _counters(slug, login, address)
    counts = redis.client().mget(list(keys.values()))
    return any(int(count or 0) >= LIMITS[name] for name, count in zip(keys, counts, strict=True))


def failed(slug: str, login: str, address: str) -> None:
    """Counts a wrong password."""
    with redis.client().pipeline() as pipe:
        for key in _counters(slug, login, address).values():
            pipe.incr(key)
            pipe.expire(key, LIMIT_SECONDS, nx=True)
        pipe.execute()


def succeeded(slug: str, login: str, address: str) -> None:
    """A right password ends the count for this login from this address."""
    redis.client().delete(_counters(slug, login, address)["pair"])


def _counters(slug: str, login: str, address: str) -> dict[str, str]:
    def key(*parts: str) -> str:
        return "desk:wrong:" + hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]

    login = f"{slug.strip().lower()}/{login.strip().lower()}"
    return {"pair": key("pair", login, address), "login": key("login", login), "address": key("address", address)}


def _key(token: str) -> str:
    return "desk:session:" + hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
