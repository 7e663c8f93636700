"""The sweep alone, without a database, beside what other schedulers were measured to take for the same shapes."""

from __future__ import annotations

from benchmarks.availability import best_of, diary_of, starts_of
from benchmarks.figures import Figure
from marcai.scheduling.plan import Task

# Least milliseconds for the same shapes on a 2-core machine, quoted, not run here: Cal.com's platform
# libraries 0.0.360, Easy!Appointments' Availability.php, django-appointment, nettu-scheduler (ported).
QUOTED = {
    (1, 1): (1.44, 0.12, 0.04, 0.03), (7, 1): (8.4, 0.84, 0.24, 1.2), (7, 10): (81, 8.2, 2.3, 11.7),
    (30, 1): (37, 3.6, 1.0, 20), (30, 10): (378, 36, 11.8, 227),
}


def measure(seconds: float) -> list[Figure]:
    """The least time of each shape; the ratio is against the fastest of the quoted."""
    figures = []
    for (days, staff), quoted in QUOTED.items():
        diary, tasks = diary_of(days, staff), [Task(30, 0, tuple(range(staff)))]
        ours = best_of(lambda diary=diary, tasks=tasks: starts_of(diary, tasks), seconds)
        figures.append(Figure(
            f"sweep without database, {days} d x {staff}", f"{ours:.3f} ms",
            "quoted: Cal.com, Easy!Appointments, django-appointment, nettu", " / ".join(map(str, quoted)) + " ms",
            ours / min(quoted)))
    return figures
