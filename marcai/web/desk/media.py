"""What customers send besides text, fetched from WhatsApp for the attendant; and the blue ticks once she has read."""

from __future__ import annotations

import threading

import httpx
import redis as redis_errors
from fastapi.responses import Response

from marcai.handoff.service import HandoffInfo
from marcai.platform import redis
from marcai.platform.logging import get_logger
from marcai.platform.settings import settings
from marcai.web.desk.pages import HEADERS
from marcai.web.desk.sessions import Signed
from marcai.whatsapp import history

LARGEST = 20 * 1024 * 1024
SHOWN = ("image/jpeg", "image/png", "image/webp", "audio/", "video/mp4", "video/3gpp")  # others are downloaded
TIMEOUT = httpx.Timeout(10.0, connect=3.0)
READ_KEPT_SECONDS = 24 * 3600

log = get_logger(__name__)


def fetch(found: HandoffInfo, entry_id: str) -> Response | None:
    """The file of one message of a conversation; None when there is none, or WhatsApp no longer has it."""
    entries = history.conversation(found.customer_id, found.closed_at)
    media_id = next((entry.media_id for entry in entries if entry.id == entry_id), "")
    if not media_id.isalnum():
        return None
    given = settings()
    headers = {"Authorization": f"Bearer {given.whatsapp_access_token}"}
    try:
        with httpx.Client(timeout=TIMEOUT, trust_env=False, headers=headers) as client:
            described = client.get(f"{given.whatsapp_graph_url}/{given.whatsapp_graph_version}/{media_id}")
            described.raise_for_status()
            about = described.json()
            if int(about.get("file_size", 0)) > LARGEST:
                return None
            file = client.get(about["url"])
            file.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, KeyError, TypeError) as error:
        log.warning("media.not_fetched", error=type(error).__name__)
        return None
    kind = str(about.get("mime_type", "")).split(";")[0].strip().lower()
    shown = kind.startswith(SHOWN)
    return Response(file.content, media_type=kind if shown else "application/octet-stream", headers={
        **HEADERS, "Content-Disposition": "inline" if shown else 'attachment; filename="arquivo"'})


def read_soon(signed: Signed, found: HandoffInfo) -> None:
    """Marks as read what the attendant has before her eyes, beside her request; each message once."""
    if found.state != "assisted" or found.attendant_id != signed.attendant.id:
        return
    last = history.last_received(found.customer_id)
    if last is None:
        return
    row_id, wamid = last
    try:
        if redis.client().set(f"desk:read:{row_id}", "1", ex=READ_KEPT_SECONDS, nx=True):
            threading.Thread(target=_mark, args=(signed.tenant.phone_number_id, wamid), daemon=True).start()
    except redis_errors.RedisError:
        return


def _mark(phone_number_id: str, wamid: str) -> None:
    given = settings()
    try:
        httpx.post(f"{given.whatsapp_graph_url}/{given.whatsapp_graph_version}/{phone_number_id}/messages",
                   json={"messaging_product": "whatsapp", "status": "read", "message_id": wamid}, timeout=TIMEOUT,
                   headers={"Authorization": f"Bearer {given.whatsapp_access_token}"}, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        log.info("read.not_told", error=type(error).__name__)
