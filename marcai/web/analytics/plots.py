"""Where the parts of a plot stand; `_plots.html` draws them as SVG, in the page's own colours and without scripts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 400.0  # of the drawing; small enough that its letters are read on a phone
HEIGHT, LEFT, TOP, BOTTOM = 170.0, 30.0, 10.0, 22.0
LABELS = 6  # under the columns, at most
ROW, NAMES, NUMBERS = 26.0, 146.0, 82.0


@dataclass(frozen=True)
class Mark:
    """A rectangle, with what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    series: int
    says: str


@dataclass(frozen=True)
class Words:
    """A text at a place."""

    x: float
    y: float
    says: str


@dataclass(frozen=True)
class Plot:
    """A finished plot."""

    kind: str
    title: str
    height: float
    marks: list[Mark]
    lines: list[Words]  # of the scale
    names: list[Words]
    numbers: list[Words]
    legend: list[str]


def columns(title: str, names: Sequence[str], series: Sequence[tuple[str, Sequence[int]]]) -> Plot | None:
    """Columns side by side, one for each name, the series on top of each other; None when there is nothing to show."""
    sums = [sum(values) for values in zip(*(values for _, values in series), strict=True)]
    if not any(sums):
        return None
    top, step = _scale(max(sums))
    high, wide = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT) / len(names)
    marks = []
    for place, name in enumerate(names):
        base = 0
        for number, (label, values) in enumerate(series):
            size = values[place] / top * high
            if values[place]:
                said = f"{name}: {values[place]}" + (f" ({label})" if len(series) > 1 else "")
                marks.append(Mark(LEFT + place * wide + wide * 0.12, HEIGHT - BOTTOM - base - size, wide * 0.76, size,
                                  number, said))
            base += size
    every = math.ceil(len(names) / LABELS)
    return Plot(
        "columns", title, HEIGHT, marks,
        [Words(LEFT, HEIGHT - BOTTOM - value / top * high, str(value)) for value in range(0, top + 1, step)],
        [Words(LEFT + (place + 0.5) * wide, HEIGHT - 6, name) for place, name in enumerate(names)
         if place % every == 0],
        [], [label for label, _ in series] if len(series) > 1 else [])


def bars(title: str, rows: Sequence[tuple[str, Sequence[int], str]], legend: Sequence[str] = ()) -> Plot | None:
    """Lying bars: for each row a name, the lengths of its parts, and what stands at its end."""
    longest = max((sum(parts) for _, parts, _ in rows), default=0)
    if not longest:
        return None
    marks, names, numbers = [], [], []
    scale = (WIDTH - NAMES - NUMBERS) / longest
    for place, (name, parts, says) in enumerate(rows):
        y, x = place * ROW + 4, NAMES
        names.append(Words(NAMES - 8, y + ROW / 2 + 1, name))
        for number, part in enumerate(parts):
            label = f" ({legend[number]})" if legend else ""
            if part:
                marks.append(Mark(x, y, max(part * scale, 1.0), ROW - 7, number, f"{name}: {part}{label}"))
            x += part * scale
        numbers.append(Words(x + 6, y + ROW / 2 + 1, says))
    return Plot("bars", title, len(rows) * ROW + 4, marks, [], names, numbers, list(legend))


def _scale(largest: int) -> tuple[int, int]:
    """The top of a scale and the distance of its lines: round numbers, four lines at most."""
    size = 10 ** max(0, int(math.log10(largest)) - 1)
    step = next(step * factor for factor in (size, size * 10, size * 100) for step in (1, 2, 5)
                if step * factor * 4 >= largest)
    return math.ceil(largest / step) * step, step
