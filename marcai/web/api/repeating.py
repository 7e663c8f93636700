"""The header Idempotency-Key: a request that is repeated is done once, and gets the same answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from fastapi.responses import Response
from pydantic import BaseModel

from marcai.platform import idempotency
from marcai.platform.idempotency import Answer, Busy, Reused
from marcai.web.api.keys import Caller
from marcai.web.api.problems import IN_PROGRESS, KEY_REUSED, MEDIA_TYPE, Problem

PATIENCE = 3.0  # seconds that a repetition waits for the first one's answer
PAUSE = 0.05
REPLAYED = "Idempotency-Replayed"
FORM = r"^[\x21-\x7e]{1,255}$"


def once(
    caller: Caller, key: str, operation: str, body: BaseModel, work: Callable[[UUID], tuple[int, str, dict[str, str]]]
) -> Response:
    """Does a request, or answers it as it was answered before.

    What the work raises as a problem is an answer too, and kept. What else it raises is not, and the request may be
    tried again.

    Args:
        caller: who asks; keys of two establishments are two keys.
        key: from the header.
        operation: what is asked for; a key serves one only.
        body: what is asked for in detail.
        work: does it and gives status, body and headers; what it makes has to get the id it is given.

    Raises:
        Problem: 409 when the first one is still at work, 422 when the key was used for something else.
    """
    claimed = _claim(caller, key, f"{operation}\n{body.json(sort_keys=True)}")
    if isinstance(claimed, Answer):
        stored = claimed.value
        return _response(stored["status"], stored["body"], {**stored["headers"], REPLAYED: "true"})
    try:
        status, text, headers = work(claimed.subject_id)
    except Problem as problem:
        response = problem.response()
        status, text, headers = response.status_code, response.body.decode(), problem.headers
    except BaseException:
        idempotency.give_up(claimed)
        raise
    idempotency.keep(claimed, {"status": status, "body": text, "headers": headers})
    return _response(status, text, headers)


def _claim(caller: Caller, key: str, content: str) -> idempotency.Claim | Answer:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return idempotency.claim(caller.tenant.id, key, content)
        except Reused:
            detail = "A request with this Idempotency-Key and another content was made within the last 24 hours."
            raise Problem(KEY_REUSED, detail) from None
        except Busy:
            if time.monotonic() > until:
                detail = "The first request with this Idempotency-Key has not been answered yet; repeat it later."
                raise Problem(IN_PROGRESS, detail, {"Retry-After": "1"}) from None
        time.sleep(PAUSE)


def _response(status: int, text: str, headers: dict[str, str]) -> Response:
    kind = "application/json" if status < 400 else MEDIA_TYPE
    return Response(text, status, {"Cache-Control": "no-store", **headers}, media_type=kind)
