"""JSON values encrypted into bytes and back, for statements that write many rows at once."""

from __future__ import annotations

import json
from typing import Any

import orjson

from marcai.platform import crypto

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def dumps(value: Any) -> bytes:
    """JSON for any value that came out of JSON or of Rasa, also the odd ones: lone surrogates, huge integers."""
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError:
        return json.dumps(value, default=str).encode()


def seal(value: Any) -> bytes:
    """The value as encrypted JSON, as an `EncryptedJSON` column keeps it."""
    return crypto.encrypt(dumps(value))


def unseal(data: bytes) -> Any:
    """The value again."""
    plain = crypto.decrypt(data)
    try:
        return orjson.loads(plain)
    except ValueError:
        return json.loads(plain)
