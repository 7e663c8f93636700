"""Takes what could tell who wrote it out of a message: numbers, addresses, links and names."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PATTERNS = (
    (re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[email]"),
    (re.compile(r"@\w{3,}"), "[perfil]"),
    (re.compile(r"\b\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b"), "[documento]"),
    (re.compile(r"\+?\(?\d[\d\s().-]{6,}\d"), "[telefone]"),
    (re.compile(r"\b(rua|av\.?|avenida|travessa|alameda|praça)\s+(?:[A-ZÀ-Ú0-9]\S*\s*|d[aeo]s?\s+)+", re.IGNORECASE),
     "[endereço] "),
    (re.compile(r"\d{5,}"), "[número]"),
)


def anonymous(text: str, names: Iterable[str] = ()) -> str:
    """The message without what could tell who wrote it.

    Args:
        text: as it was written.
        names: words known to be names: the customer's own, and what NLU took for one; each word of them is masked.
    """
    for name in names:
        for word in name.split():
            if len(word) > 2:
                text = re.sub(rf"\b{re.escape(word)}\b", "[nome]", text, flags=re.IGNORECASE)
    for pattern, mask in _PATTERNS:
        text = pattern.sub(mask, text)
    return " ".join(text.split())
