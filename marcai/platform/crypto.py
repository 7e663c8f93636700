"""Encryption of personal data at rest, and keyed blind indexes to find it again.

Keys come from `MARCAI_SECRET_KEYS`, newest first: the newest encrypts and indexes, every key decrypts and is
looked up, so that a key is rotated by putting a new one in front. Fernet (AES-128-CBC, HMAC-SHA256) is used
as the `cryptography` package gives it; sub-keys are derived with HKDF so that no key serves two purposes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator


def _derive(secret: str, purpose: str) -> bytes:
    derivation = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode())
    return derivation.derive(secret.encode())


def _secrets() -> list[str]:
    from marcai.platform.settings import settings

    return settings().secret_key_list


def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derive(secret, "marcai/at-rest")))


@cache
def _vault() -> MultiFernet:
    return MultiFernet([_fernet(secret) for secret in _secrets()])


@lru_cache(maxsize=1024)
def _index_keys(scope: str) -> list[bytes]:
    return [_derive(key, f"marcai/blind-index/{scope}") for key in _secrets()]


def encrypt(data: bytes) -> bytes:
    """Encrypts bytes with the newest key."""
    return _vault().encrypt(data)


def decrypt(token: bytes) -> bytes:
    """Decrypts what any current key encrypted.

    Raises:
        cryptography.fernet.InvalidToken: no key fits, or the data was changed.
    """
    return _vault().decrypt(bytes(token))


def rotate(token: bytes) -> bytes:
    """The same data, encrypted with the newest key."""
    return _vault().rotate(bytes(token))


def made_by_newest() -> Callable[[bytes], bool]:
    """A test of tokens: whether the newest key encrypted them, so that no older one is needed for them."""
    newest = _fernet(_secrets()[0])

    def test(token: bytes) -> bool:
        try:
            newest.decrypt(bytes(token))
        except InvalidToken:
            return False
        return True

    return test


def blind_indexes(scope: str, value: str) -> list[bytes]:
    """The indexes a value may be stored under, newest key first; look up with all, store the first.

    Args:
        scope: what the value is and whose: ``phone:{tenant_id}``: equal values in two scopes differ.
        value: the normalised value.
    """
    return [hmac.new(key, value.encode(), hashlib.sha256).digest() for key in _index_keys(scope)]


def sign(purpose: str, value: str) -> str:
    """A short URL-safe signature (128 bits) of a value for one purpose, made with the newest key."""
    return _signature(_index_keys(f"sign:{purpose}")[0], value)


def verify(purpose: str, value: str, signature: str) -> bool:
    """Whether any current key made the signature; takes the same time for right and wrong."""
    keys = _index_keys(f"sign:{purpose}")
    matches = [hmac.compare_digest(_signature(key, value), signature) for key in keys]
    return any(matches)


def _signature(key: bytes, value: str) -> str:
    digest = hmac.new(key, value.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


class EncryptedText(TypeDecorator):
    """A text column that is encrypted in the database and plain in Python."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        """Encrypts on the way in."""
        return None if value is None else encrypt(value.encode())

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        """Decrypts on the way out."""
        return None if value is None else decrypt(value).decode()


class EncryptedJSON(TypeDecorator):
    """A JSON column that is encrypted in the database and a Python value outside it."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        """Encrypts on the way in."""
        return None if value is None else encrypt(json.dumps(value, ensure_ascii=False).encode())

    def process_result_value(self, value: bytes | None, dialect: Any) -> Any:
        """Decrypts on the way out."""
        return None if value is None else json.loads(decrypt(value))


SEALED = (EncryptedText, EncryptedJSON)  # every type of column that is encrypted with the keys

__all__ = ["SEALED", "EncryptedJSON", "EncryptedText", "InvalidToken", "blind_indexes", "decrypt", "encrypt",
           "made_by_newest", "rotate", "sign", "verify"]
