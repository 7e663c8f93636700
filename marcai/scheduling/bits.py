"""Sets of minutes as one integer each: bit m is minute m of the window, so a whole month is swept in one operation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from marcai.scheduling.walltime import DAY, even_offsets

Spans = list[tuple[int, int]]


def merged(spans: Iterable[tuple[int, int]]) -> Spans:
    """Half-open spans sorted, with those that overlap or touch made one."""
    out: Spans = []
    last = None  # the end of the last one
    for span in sorted(spans):
        start, end = span
        if last is None or start > last:
            out.append(span)
            last = end
        elif end > last:
            out[-1] = (out[-1][0], end)
            last = end
    return out


def without(spans: Spans, taken: Spans) -> Spans:
    """Merged spans less other merged spans."""
    if not taken:
        return spans
    out: Spans = []
    index, count = 0, len(taken)
    for start, end in spans:
        while index < count and taken[index][1] <= start:
            index += 1
        at, scan = start, index
        while scan < count and taken[scan][0] < end:
            if taken[scan][0] > at:
                out.append((at, taken[scan][0]))
            at = taken[scan][1]
            scan += 1
        if at < end:
            out.append((at, end))
    return out


def of_spans(spans: Sequence[tuple[int, int]], size: int) -> int:
    """The set of the minutes of merged spans within [0, size).

    A span [a, b) is 2**b - 2**a, and the spans neither overlap nor touch, so all of them are one subtraction.
    """
    starts, ends = bytearray(size // 8 + 1), bytearray(size // 8 + 1)
    for start, end in spans:
        starts[start >> 3] |= 1 << (start & 7)
        ends[end >> 3] |= 1 << (end & 7)
    return int.from_bytes(ends, "little") - int.from_bytes(starts, "little")


def fitting(free: int, minutes: int) -> int:
    """The minutes at which a stretch of `minutes` may start so that all of it is in the set."""
    have = 1
    while have < minutes:
        step = min(have, minutes - have)
        free &= free >> step
        have += step
    return free


def members(minutes: int) -> list[int]:
    """The minutes of a set, ascending."""
    digits = bin(minutes)
    size = len(digits)
    out = []
    at = digits.rfind("1")
    while at >= 0:
        out.append(size - 1 - at)
        at = digits.rfind("1", 2, at)
    return out


def between(start: int, end: int) -> int:
    """All minutes of [start, end)."""
    return (1 << end) - (1 << start) if end > start else 0


@lru_cache(maxsize=128)
def grid(zone: str, base: int, size: int, step: int) -> int:
    """The minutes of the window at which a visit may start: every `step` minutes from local midnight.

    Args:
        zone: IANA name.
        base: minute since 1970 of the window's minute 0.
        size: length of the window.
        step: minutes.
    """
    digits = bytearray(b"0") * size
    for start, end, ahead in even_offsets(zone, base, base + size):
        at = start
        while at < end:
            clock = (at + ahead) % DAY  # minutes past local midnight
            to = min(end, at + DAY - clock)
            first = at + (-clock) % step
            if first < to:
                digits[first - base : to - base : step] = b"1" * ((to - first - 1) // step + 1)
            at = to
    digits.reverse()
    return int(digits, 2)
