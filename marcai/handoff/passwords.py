"""Passwords of attendants: scrypt from the standard library, with its cost written beside each hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

COST, BLOCK, PARALLEL = 15, 8, 3  # 2^15: 32 MiB and about a fifth of a second
MEMORY = 128 * 1024 * 1024
LEAST, MOST = 10, 200  # characters


class PasswordError(ValueError):
    """A password that is not taken; the message says why."""


def make() -> str:
    """A fresh password that can be read aloud: 79 random bits in four groups."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def hashed(password: str) -> str:
    """A hash to be stored.

    Raises:
        PasswordError: it is too short or too long.
    """
    if not LEAST <= len(password) <= MOST:
        raise PasswordError(f"a password has {LEAST} to {MOST} characters")
    salt = secrets.token_bytes(16)
    return "$".join(("scrypt", str(COST), str(BLOCK), str(PARALLEL), _text(salt),
                     _text(_scrypt(password, salt, COST, BLOCK, PARALLEL))))


def fits(password: str, stored: str | None) -> bool:
    """Whether a password is the one that was hashed; takes as long when there is none."""
    name, cost, block, parallel, salt, digest = (stored or _nobody()).split("$")
    if name != "scrypt" or len(password) > MOST:
        return False
    found = _scrypt(password, _bytes(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, _bytes(digest)) and stored is not None


def _nobody() -> str:
    return "$".join(("scrypt", str(COST), str(BLOCK), str(PARALLEL), _text(b"0" * 16), _text(b"0" * 32)))


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**cost, r=block, p=parallel, maxmem=MEMORY, dklen=32)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
