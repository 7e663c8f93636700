"""The Graph endpoints: messages and media behind a bearer token, answering as Meta does."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from marcai.simulator.errors import GraphError
from marcai.simulator.outbound import Business
from marcai.simulator.records import Line, Phone
from marcai.simulator.world import World

_VERSION = re.compile(r"v\d+\.\d+\Z")
_MODES = ("sync", "async", "slow", "cut", "drop")


def add_failure(world: World, failure: dict[str, Any]) -> dict[str, Any]:
    """Let the next Graph sends fail.

    Args:
        failure: phone (id) or phone_number_id or neither, code, times, mode, seconds:
            `sync` refuses, `async` accepts and fails later, `slow` waits first, `cut` accepts and then breaks the
            connection, `drop` breaks it without accepting.
    """
    if failure["mode"] not in _MODES:
        raise ValueError(f"mode must be one of {', '.join(_MODES)}")
    world.failures.append(failure)
    world.publish({"type": "failures", "failures": world.failures})
    return failure


def _take_failure(world: World, line: Line, phone: Phone | None) -> dict[str, Any] | None:
    for failure in world.failures:
        if failure.get("phone") not in (None, phone.id if phone else ""):
            continue
        if failure.get("phone_number_id") not in (None, line.phone_number_id):
            continue
        failure["times"] -= 1
        taken = dict(failure)
        world.failures[:] = [left for left in world.failures if left["times"] > 0]
        world.publish({"type": "failures", "failures": world.failures})
        return taken
    return None


class Cut(Exception):
    """The connection is to be broken without an answer."""


def router(world: World, business: Business, access_token: str) -> APIRouter:
    """The Graph API of one simulator."""
    api = APIRouter(tags=["Graph API"])

    def authorise(request: Request, version: str) -> None:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {access_token}".encode()):
            raise GraphError(190, message="Invalid OAuth access token - Cannot parse access token")
        if not _VERSION.match(version):
            raise GraphError(100, message=f"Unknown path components: /{version}")

    def known_line(phone_number_id: str, action: str) -> Line:
        line = world.lines.get(phone_number_id)
        if line is None:
            raise GraphError(33, message=f"Unsupported {action} request. Object with ID '{phone_number_id}' does not "
                             "exist, cannot be loaded due to missing permissions, or does not support this operation.")
        return line

    def note(call: dict[str, Any], status: int, error: GraphError | None, answer: Any = None) -> None:
        call.update(status=status, answer=answer,
                    error={"code": error.code, "details": error.details} if error else None)
        if error:
            world.publish({"type": "log", "call": call})

    @api.post("/{version}/{phone_number_id}/messages")
    async def messages(version: str, phone_number_id: str, request: Request) -> Response:
        raw = await request.body()
        call: dict[str, Any] = {"n": len(world.calls) and world.calls[-1]["n"] + 1, "at": world.now().isoformat(),
                                "phone_number_id": phone_number_id, "phone": None, "kind": "message", "body": None}
        world.calls.append(call)
        note(call, 0, None)
        if world.config.latency:
            await asyncio.sleep(world.config.latency)
        try:
            answer = await _messages(version, phone_number_id, request, raw, call)
        except GraphError as error:
            note(call, error.status, error)
            return JSONResponse(error.body(), error.status)
        except Cut:
            call["status"] = "cut"
            return _Broken(request)
        note(call, 200, None, answer)
        return JSONResponse(answer)

    async def _messages(version: str, phone_number_id: str, request: Request, raw: bytes,
                        call: dict[str, Any]) -> dict[str, Any]:
        authorise(request, version)
        line = known_line(phone_number_id, "post")
        try:
            body = json.loads(raw)
        except ValueError:
            raise GraphError(100, "The request body is not valid JSON.") from None
        call["body"] = body
        if isinstance(body, dict) and "status" in body:
            call["kind"] = "read"
            business.mark_read(body)
            return {"success": True}
        phone = business.addressee(line, body) if isinstance(body, dict) else None
        call["phone"] = phone.id if phone else None
        failure = _take_failure(world, line, phone)
        mode = failure["mode"] if failure else None
        if mode == "sync":
            raise GraphError(failure["code"])
        if mode == "drop":
            raise Cut
        if mode == "slow":
            await asyncio.sleep(failure["seconds"])
        answer = await business.send(line, body, failure if mode == "async" else None)
        if mode == "cut":
            raise Cut
        return answer

    @api.post("/{version}/{phone_number_id}/media")
    async def upload(version: str, phone_number_id: str, request: Request) -> Response:
        try:
            authorise(request, version)
            known_line(phone_number_id, "post")
            item = world.media.upload(request.headers.get("content-type", ""), await request.body())
        except GraphError as error:
            return JSONResponse(error.body(), error.status)
        return JSONResponse({"id": item.id})

    @api.get("/media/id/{media_id}")
    async def show(media_id: str) -> Response:
        """The file for the page (loopback only, no token)."""
        item = world.media.get(media_id)
        return Response(item.data, media_type=item.mime_type) if item else Response(status_code=404)

    @api.get("/media/{token}")
    async def download(token: str, request: Request) -> Response:
        """The file for the business: an address that lives five minutes, and the token."""
        try:
            authorise(request, "v1.0")
        except GraphError as error:
            return JSONResponse(error.body(), error.status)
        item = world.media.download(token)
        return Response(item.data, media_type=item.mime_type) if item else Response(status_code=404)

    @api.api_route("/{version}/{media_id}", methods=["GET", "DELETE"])
    async def media(version: str, media_id: str, request: Request) -> Response:
        try:
            authorise(request, version)
            item = world.media.get(media_id)
            if item is None:
                raise GraphError(33, message=f"Unsupported {request.method.lower()} request. Object with ID "
                                 f"'{media_id}' does not exist.")
        except GraphError as error:
            return JSONResponse(error.body(), error.status)
        if request.method == "DELETE":
            world.media.remove(media_id)
            return JSONResponse({"success": True})
        return JSONResponse(world.media.describe(item, str(request.base_url).rstrip("/")))

    return api


class _Broken(Response):
    """No answer at all: the connection is reset."""

    def __init__(self, request: Request):
        super().__init__()
        self._transport = request.scope.get("marcai.transport")

    async def __call__(self, scope, receive, send) -> None:
        if self._transport is not None:
            self._transport.abort()
        await asyncio.sleep(0.05)
