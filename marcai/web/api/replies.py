"""Answers: JSON with the right headers, and their description for OpenAPI."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from marcai.web.api.problems import KINDS, MEDIA_TYPE, URN, Kind

CATALOGUE_SECONDS = 60  # how long a client may use the catalogue without asking
PRIVATE = f"private, max-age={CATALOGUE_SECONDS}"

HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": "What is needed: a bearer token."},
    405: {"Allow": "What is allowed."},
    429: {"Retry-After": "Seconds until a request is allowed again."},
    503: {"Retry-After": "Seconds."},
}


def fresh(model: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer that is true now only: nobody may store it."""
    return Response(model.json(), status, {"Cache-Control": "no-store", **(headers or {})},
                    media_type="application/json")


def cacheable(request: Request, model: BaseModel) -> Response:
    """An answer that its receiver may use for a minute, and then ask whether it has changed: 304 when it has not."""
    body = model.json().encode()
    etag = '"' + base64.urlsafe_b64encode(hashlib.sha256(body).digest()[:15]).decode() + '"'
    headers = {"ETag": etag, "Cache-Control": PRIVATE, "Vary": "Authorization"}
    asked = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in asked or "*" in asked:
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type="application/json")


def problems(*kinds: Kind, body: bool = False) -> dict[int | str, dict[str, Any]]:
    """The errors of a call, as FastAPI's `responses`.

    Args:
        kinds: those of its own; what every call may answer is added.
        body: whether it takes a body.
    """
    names = {"unauthorized", "other-establishment", "no-establishment", "invalid-request", "rate-limited",
             "internal-error", "unavailable", *(kind.name for kind in kinds)}
    if body:
        names |= {"malformed-body", "content-too-large", "unsupported-media-type"}
    told: dict[int | str, dict[str, Any]] = {}
    for kind in KINDS:
        if kind.name in names:
            entry = told.setdefault(kind.status, {
                "description": "",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}, "examples": {}}},
            })
            entry["description"] = f"{entry['description']} · {kind.title}".lstrip(" ·")
            entry["content"][MEDIA_TYPE]["examples"][kind.name] = {
                "value": {"type": URN + kind.name, "title": kind.title, "status": kind.status, "detail": "…"},
            }
            if kind.status in HEADERS:
                entry["headers"] = {name: {"description": said, "schema": {"type": "string"}}
                                    for name, said in HEADERS[kind.status].items()}
    return told


def unchanged() -> dict[int | str, dict[str, Any]]:
    """The answer to a conditional request whose answer has not changed, as FastAPI's `responses`."""
    return {304: {"description": "Not changed since the answer with this ETag (header If-None-Match)."}}
