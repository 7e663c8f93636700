"""The Graph API: one keep-alive client, and what each answer means for the message.

Answers are classified by error code, never by HTTP status: WhatsApp reports every throttle as 400.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from enum import Enum
from typing import Any

import aiohttp
import certifi
import orjson

from marcai.platform.settings import settings
from marcai.whatsapp import sealed

TIMEOUT = aiohttp.ClientTimeout(total=10.0, connect=3.0)
PARALLEL = 64  # connections
KEPT_SECONDS = 60.0  # an idle connection
FAILURES = (aiohttp.ClientError, asyncio.TimeoutError, ValueError, OSError)  # ValueError: an address that is none


class Verdict(str, Enum):
    """What is to be done with a message after one attempt."""

    SENT = "sent"
    RETRY = "retry"  # soon, with backoff and jitter
    UNREACHABLE = "unreachable"  # the request never arrived: as RETRY, for longer
    DOUBT = "doubt"  # written, no answer heard: it may have got through
    THROTTLED_NUMBER = "throttled_number"  # everything from this number waits
    THROTTLED_PAIR = "throttled_pair"  # this customer waits
    DEFER = "defer"  # WhatsApp wants less of it: no automatic retry
    WINDOW = "window"  # only a template may be sent now
    PAYLOAD = "payload"  # our bug: once more as plain text
    TEMPLATE = "template"  # this template is off
    RECIPIENT = "recipient"  # this customer cannot be reached here
    ACCOUNT = "account"  # token, payment or account: everything stops until somebody acts


CODES: dict[int, Verdict] = {
    **dict.fromkeys((1, 2, 131000, 131016, 133004), Verdict.RETRY),
    **dict.fromkeys((4, 80007, 130429, 131057), Verdict.THROTTLED_NUMBER),
    131056: Verdict.THROTTLED_PAIR,
    **dict.fromkeys((131048, 131049, 133016), Verdict.DEFER),
    131047: Verdict.WINDOW,
    **dict.fromkeys((33, 100, 131008, 131009, 131021, 131051, 131053, 132000, 132001, 132005, 132007, 132008, 132012,
                     132018, 135000), Verdict.PAYLOAD),
    **dict.fromkeys((132015, 132016, 132068, 132069, 134101), Verdict.TEMPLATE),
    **dict.fromkeys((130472, 131026, 131030, 131050, 131062, 137000), Verdict.RECIPIENT),
    **dict.fromkeys((0, 3, 10, 190, 368, 130497, 131005, 131031, 131037, 131042, 131045, 133010, 134011),
                    Verdict.ACCOUNT),
    **dict.fromkeys(range(200, 300), Verdict.ACCOUNT),
}
TRIES = {1: 3, 131000: 3}  # they can be our own fault as well
DEFAULT_TRIES = 5


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt."""

    verdict: Verdict
    wamid: str | None = None
    code: int | None = None
    trace: str | None = None  # Meta's id of the failed call, for their support


class Graph:
    """Calls to the Graph API; every method returns, none raises."""

    def __init__(self) -> None:
        """Opens no connection yet."""
        given = settings()
        self._base = f"{given.whatsapp_graph_url}/{given.whatsapp_graph_version}"
        self._headers = {"Authorization": f"Bearer {given.whatsapp_access_token}", "Content-Type": "application/json"}
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def send(self, phone_number_id: str, body: dict[str, Any]) -> Outcome:
        """Sends one message body, complete with its recipient."""
        try:
            return _outcome(*await self._post(phone_number_id, body))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Outcome(Verdict.UNREACHABLE)
        except FAILURES:
            return Outcome(Verdict.DOUBT)

    async def mark_read(self, phone_number_id: str, wamid: str) -> None:
        """Shows the customer that her message is read and an answer is being written; failures do not matter."""
        body = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid,
                "typing_indicator": {"type": "text"}}
        with contextlib.suppress(*FAILURES):
            await self._post(phone_number_id, body)

    async def _post(self, phone_number_id: str, body: dict[str, Any]) -> tuple[int, bytes]:
        if self._session is None:  # within the running loop, to which it belongs
            trusted = ssl.create_default_context(cafile=certifi.where())
            self._session = aiohttp.ClientSession(
                timeout=TIMEOUT, headers=self._headers, cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(limit=PARALLEL, keepalive_timeout=KEPT_SECONDS, ssl=trusted))
        async with self._session.post(f"{self._base}/{phone_number_id}/messages", data=sealed.dumps(body),
                                      allow_redirects=False) as response:
            return response.status, await response.read()


def _outcome(status: int, body: bytes) -> Outcome:
    try:
        answer = orjson.loads(body)
    except ValueError:
        answer = None
    answer = answer if isinstance(answer, dict) else {}
    error = answer.get("error")
    if isinstance(error, dict):
        return _failure(error, status)
    if 200 <= status < 300:
        sent = answer.get("messages")
        wamid = sent[0].get("id") if isinstance(sent, list) and sent and isinstance(sent[0], dict) else None
        return Outcome(Verdict.SENT, wamid=wamid if isinstance(wamid, str) else None)
    if status == 429:
        return Outcome(Verdict.THROTTLED_NUMBER)
    if status in (401, 403):
        return Outcome(Verdict.ACCOUNT)
    return Outcome(Verdict.RETRY if status >= 500 else Verdict.PAYLOAD)


def _failure(error: dict[str, Any], status: int) -> Outcome:
    code = error.get("code")
    code = code if isinstance(code, int) and abs(code) < 2**31 else None
    trace = error.get("fbtrace_id")
    trace = trace if isinstance(trace, str) else None
    verdict = CODES.get(code) if code is not None else None
    if verdict is None:
        again = status >= 500 or error.get("is_transient") is True
        verdict = Verdict.RETRY if again else Verdict.ACCOUNT if status in (401, 403) else Verdict.PAYLOAD
    return Outcome(verdict, code=code, trace=trace)
