"""Keys of the HTTP API: who calls, and which establishment is hers."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

from starlette.requests import Request

from marcai.platform.settings import settings
from marcai.tenants import service as tenants
from marcai.tenants.service import TenantInfo
from marcai.web.api.problems import NO_ESTABLISHMENT, OTHER_ESTABLISHMENT, UNAUTHORIZED, Problem

CHALLENGE = 'Bearer realm="marcai"'


@dataclass(frozen=True)
class Caller:
    """Who calls: an establishment, with one of its keys."""

    tenant: TenantInfo
    key: str  # a digest, to tell keys apart; the key itself goes no further


@lru_cache(maxsize=4)
def _digests(slugs_and_keys: tuple[tuple[str, str], ...]) -> tuple[tuple[str, bytes], ...]:
    return tuple((slug, hashlib.sha256(key.encode()).digest()) for slug, key in slugs_and_keys)


def slug_of(key: str) -> str | None:
    """The establishment that a key opens, or None; takes the same time whichever key is right, and for none."""
    asked = hashlib.sha256(key.encode()).digest()
    found = None
    for slug, digest in _digests(tuple(settings().api_key_list)):
        if hmac.compare_digest(digest, asked):
            found = slug
    return found


def caller_of(request: Request) -> Caller:
    """Who makes a request.

    Raises:
        Problem: no valid key (401), or its establishment does not exist (403).
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        detail = "Send your key in the header Authorization: Bearer KEY."
        raise Problem(UNAUTHORIZED, detail, {"WWW-Authenticate": CHALLENGE})
    slug = slug_of(key)
    if slug is None:
        challenge = f'{CHALLENGE}, error="invalid_token"'
        raise Problem(UNAUTHORIZED, "The key is not valid.", {"WWW-Authenticate": challenge})
    tenant = tenants.by_slug(slug)
    if tenant is None:
        raise Problem(NO_ESTABLISHMENT, "The key is valid, but its establishment has not been loaded.")
    return Caller(tenant, hashlib.sha256(key.encode()).hexdigest()[:24])


def check_establishment(caller: Caller, asked: str) -> None:
    """Refuses a request for another establishment than the key's.

    Args:
        caller: who calls.
        asked: the slug or id in `tenant_id`.

    Raises:
        Problem: 403, the same whether the other one exists or not.
    """
    if asked != caller.tenant.slug and asked.lower() != str(caller.tenant.id):
        raise Problem(OTHER_ESTABLISHMENT, "tenant_id is not the establishment of this key.")
