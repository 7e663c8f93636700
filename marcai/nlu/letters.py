"""Letters: folding accents and undoing letters repeated for emphasis."""
from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED_END = re.compile(r"([^\W\d_])\1+$")
_DOUBLED = re.compile(r"([b-df-hj-np-qtv-z])\1")  # Portuguese doubles only r and s between letters; vowels rarely


def squeeze(word: str) -> str:
    """Undo letters repeated for emphasis: oiiii, simmm, amooor, nossssa; rr and ss stay where the language has them."""
    word = _LONG_RUN.sub(lambda m: m[1] * 2 if m[1] in "rs" else m[1], word)
    word = _DOUBLED_END.sub(r"\1", word)
    return _DOUBLED.sub(r"\1", word)
