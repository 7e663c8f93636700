"""How the Rasa server asks the action server: over kept connections, and with a plain check of the answer.

Rasa 3.6 opens a session and a connection for every call, and has jsonschema check first its own schema and then the
answer each time, which took 20 ms of every turn (docs/benchmarks.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import aiohttp
import orjson
from rasa.core.actions.action import RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

KEPT_SECONDS = 4.0  # an idle connection; the action server closes its end after 5
PARALLEL = 100

# Rasa goes on as if nothing had happened when an action cannot be run; whoever stores the turn can ask here.
lost: ContextVar[bool] = ContextVar("lost", default=False)

# What may be done while an action runs and this process waits.
meanwhile: ContextVar[Callable[[], None] | None] = ContextVar("meanwhile", default=None)
WRITTEN_SECONDS = 0.001  # after so long a request is on its way


class ActionServer(EndpointConfig):
    """The action server's endpoint, used by one process in one event loop."""

    _session: aiohttp.ClientSession | None = None

    @classmethod
    def of(cls, endpoint: EndpointConfig) -> ActionServer:
        """The same endpoint, with kept connections."""
        return cls(endpoint.url, endpoint.params, endpoint.headers, endpoint.basic_auth, endpoint.token,
                   endpoint.token_name, endpoint.cafile, **endpoint.kwargs)

    def session(self) -> aiohttp.ClientSession:
        """The process's session; closed with the process."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=PARALLEL, keepalive_timeout=KEPT_SECONDS),
                timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT), headers=self.headers,
                auth=aiohttp.BasicAuth(self.basic_auth["username"], self.basic_auth["password"])
                if self.basic_auth else None, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def request(self, method: str = "post", subpath: str | None = None,
                      content_type: str | None = "application/json", compress: bool = False, **kwargs: Any) -> Any:
        """Runs an action; a connection that the server has closed meanwhile is replaced once: actions may run again.

        Raises:
            ClientResponseError: the action was refused, or failed.
            aiohttp.ClientError: the server cannot be reached.
        """
        if subpath or self.cafile or compress or "json" not in kwargs:
            raise NotImplementedError("only what Rasa asks of an action server")
        body = orjson.dumps(kwargs["json"], option=orjson.OPT_NON_STR_KEYS)
        if (work := meanwhile.get()) is not None:
            asyncio.get_running_loop().call_later(WRITTEN_SECONDS, work)
        try:
            return await self._run(body)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            lost.set(not isinstance(error, ClientResponseError) or error.status >= 500)
            raise

    async def _run(self, body: bytes) -> Any:
        try:
            return await self._post(body)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if isinstance(error, aiohttp.ClientConnectorError):  # nobody listens
                raise
            return await self._post(body)

    async def _post(self, body: bytes) -> Any:
        async with self.session().post(self.url, data=body, headers={"Content-Type": "application/json"},
                                       params=self.combine_parameters()) as response:
            answer = await response.read()
            if response.status >= 400:
                raise ClientResponseError(response.status, response.reason, answer.decode("utf-8", "replace"))
            return orjson.loads(answer)


def check_plainly() -> None:
    """Has Rasa look at the form of an action's answer only; what an event holds is checked where it is made of it."""
    RemoteAction._validate_action_result = _is_answer


def _is_answer(_: RemoteAction, answer: Any) -> bool:
    events, responses = (answer.get(key, []) if isinstance(answer, dict) else None for key in ("events", "responses"))
    if not (_are_objects(events) and _are_objects(responses) and all(isinstance(e.get("event"), str) for e in events)):
        raise ValueError("the action server's answer is not of the form {events: [...], responses: [...]}")
    return True


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)
