"""Figures and how they are taken: baseline and ours by turns, several rounds, and the ratio of the medians."""

from __future__ import annotations

import contextlib
import gc
import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        what: what was measured.
        baseline: against what; empty where nothing fits.
        ours, theirs: as they are to be read.
        ratio: ours by theirs, or theirs by ours where more is better.
        asked: the bound that was asked for, as words and as a test of the ratio.
    """

    what: str
    ours: str
    baseline: str = ""
    theirs: str = ""
    ratio: float | None = None
    asked: str = ""
    met: bool | None = None


def at_most(what: str, ours: float, baseline: str, theirs: float, bound: float | None, unit: str = "ms") -> Figure:
    """A figure of which less is better."""
    ratio = ours / theirs
    return Figure(what, f"{ours:.3g} {unit}", baseline, f"{theirs:.3g} {unit}", ratio,
                  f"≤ {bound:g}" if bound else "", ratio <= bound if bound else None)


def at_least(what: str, ours: float, baseline: str, theirs: float, bound: float, unit: str = "/s") -> Figure:
    """A figure of which more is better."""
    ratio = ours / theirs
    return Figure(what, f"{ours:,.0f} {unit}", baseline, f"{theirs:,.0f} {unit}", ratio, f"≥ {bound:g}", ratio >= bound)


def counted(what: str, found: object, wanted: object) -> Figure:
    """Something that has to come out exactly."""
    return Figure(what, str(found), asked=f"= {wanted}", met=found == wanted)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def by_turns(works: Sequence[Callable[[], object]], rounds: int, each: int) -> list[list[float]]:
    """Milliseconds of every run of each work: in every round each of them `each` times, one after the other."""
    times: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    gc.collect()
    for number in range(rounds):
        places = range(len(works)) if number % 2 == 0 else reversed(range(len(works)))
        for place in places:
            for _ in range(each):
                began = time.perf_counter()
                works[place]()
                times[place].append((time.perf_counter() - began) * 1000)
    return times


def machine(more: str = "") -> list[str]:
    """The machine and the versions, in lines."""
    model = "unknown processor"
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    names = ("rasa", "sqlalchemy", "psycopg2-binary", "redis")
    packages = ", ".join(f"{name} {version(name)}" for name in names)
    return [f"{os.cpu_count()} cores of {model}, {memory:.0f} GB, {platform.system()} {platform.release()}; "
            f"load average {load} at the start",
            f"Python {platform.python_version()}, {packages}{more}"]


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = [["measured", "Marcaí", "baseline", "its figure", "ratio", "asked", ""]]
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        verdict = "" if one.met is None else "met" if one.met else "**missed**"
        rows.append([one.what, one.ours, one.baseline, one.theirs, ratio, one.asked, verdict])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows)


__all__ = ["Figure", "at_least", "at_most", "by_turns", "counted", "machine", "median", "percentile", "table"]
