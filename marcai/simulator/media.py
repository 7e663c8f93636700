"""Media kept by the pretended Cloud API: ids that expire, short-lived download addresses, bounded memory."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from marcai.simulator.errors import GraphError
from marcai.simulator.limits import MIME_OF

_TOTAL_BYTES = 128 << 20
_SENT_LIFE, _RECEIVED_LIFE, _LINK_LIFE = timedelta(days=30), timedelta(days=7), timedelta(minutes=5)


@dataclass
class Item:
    """One stored file."""

    id: str
    mime_type: str
    data: bytes
    expires_at: datetime

    @property
    def sha256(self) -> str:
        """Hex digest, as the Graph API shows it."""
        return hashlib.sha256(self.data).hexdigest()


class Media:
    """The files of all lines."""

    def __init__(self, now: Callable[[], datetime]):
        self._now = now
        self.reset()

    def reset(self) -> None:
        """Forget every file."""
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._links: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def add(self, mime_type: str, data: bytes, *, received: bool = False) -> Item:
        """Keep a file; the oldest go when the memory is full."""
        life = _RECEIVED_LIFE if received else _SENT_LIFE
        item = Item(str(secrets.randbelow(9 * 10**14) + 10**14), mime_type, data, self._now() + life)
        self._items[item.id] = item
        while sum(len(kept.data) for kept in self._items.values()) > _TOTAL_BYTES or len(self._items) > 5000:
            self._items.popitem(last=False)
        return item

    def upload(self, content_type: str, body: bytes) -> Item:
        """Take a multipart upload.

        Raises:
            GraphError: a missing field, a type that WhatsApp does not take, or too many bytes.
        """
        message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        if not message.is_multipart():
            raise GraphError(100, "The upload must be multipart/form-data.")
        parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
        product, kind, file = (parts.get(name) for name in ("messaging_product", "type", "file"))
        if product is None or product.get_payload(decode=True).strip() != b"whatsapp":
            raise GraphError(100, "The parameter messaging_product is required.")
        if file is None:
            raise GraphError(100, "The parameter file is required.")
        mime = file.get_content_type()
        if kind is not None and "/" in (said := kind.get_payload(decode=True).decode().strip()):
            mime = said.split(";")[0]
        data = file.get_payload(decode=True) or b""
        limit = max((sizes[mime] for sizes in MIME_OF.values() if mime in sizes), default=None)
        if limit is None:
            raise GraphError(100, f"Param file must be a file with one of the supported types - got {mime}.")
        if not data or len(data) > limit:
            raise GraphError(131053, f"Media of type {mime} must have 1 to {limit} bytes (got {len(data)}).")
        return self.add(mime, data)

    def get(self, media_id: str) -> Item | None:
        """The file, while its id lives."""
        item = self._items.get(media_id)
        return item if item and item.expires_at > self._now() else None

    def mime_type(self, media_id: str) -> str | None:
        """The file's type, while its id lives."""
        item = self.get(media_id)
        return item.mime_type if item else None

    def remove(self, media_id: str) -> bool:
        """Delete a file; False when there was none."""
        return self._items.pop(media_id, None) is not None

    def describe(self, item: Item, base_url: str) -> dict[str, Any]:
        """What `GET /{version}/{media_id}` answers; the address lives five minutes."""
        token = secrets.token_urlsafe(12)
        self._links[token] = (item.id, self._now() + _LINK_LIFE)
        while len(self._links) > 5000:
            self._links.popitem(last=False)
        return {"url": f"{base_url}/media/{token}", "mime_type": item.mime_type, "sha256": item.sha256,
                "file_size": len(item.data), "id": item.id, "messaging_product": "whatsapp"}

    def download(self, token: str) -> Item | None:
        """The file behind a download address that is still valid."""
        media_id, until = self._links.get(token, ("", None))
        return self.get(media_id) if until and until > self._now() else None
