"""`python -m benchmarks` measures everything, on servers of its own; `python -m benchmarks turn rush` only some."""

from __future__ import annotations

import argparse
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure, machine, table

SETTINGS = {
    "MARCAI_SECRET_KEYS": "bench-only-key-" + "0" * 32, "WHATSAPP_APP_SECRET": "bench",
    "WHATSAPP_VERIFY_TOKEN": "bench", "WHATSAPP_ACCESS_TOKEN": "bench", "RASA_TELEMETRY_ENABLED": "false",
}
BOOKINGS = 1_200_000


@contextmanager
def servers(folder: Path) -> Iterator[Path]:
    """PostgreSQL, as durable as in production, and Valkey, migrated; gives the folder of PostgreSQL's programs."""
    from marcai import migrations
    from marcai.platform.embedded import EmbeddedPostgres, Servers, free_port

    os.environ.update(SETTINGS)
    os.environ["MARCAI_DATA_DIR"] = str(folder / "data")
    both = Servers(folder / "servers")
    both.postgres = EmbeddedPostgres(folder / "servers" / "postgres", free_port(), secrets.token_hex(12))
    with both:
        os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = both.postgres.url, both.redis.url
        _forget()
        migrations.upgrade()
        yield both.postgres.binaries
        _forget()


def _forget() -> None:
    """Drops the process's settings and connections, which are those of the servers before."""
    from marcai.platform import crypto, database, redis
    from marcai.platform.settings import settings

    if database.engine.cache_info().currsize:
        database.engine().dispose()
    for cached in (settings, database.engine, redis.client, crypto._vault, crypto._index_keys):
        cached.cache_clear()


def measurements(folder: Path, short: bool) -> dict[str, Callable[[], list[Figure]]]:
    """Every measurement by its name; each takes servers of its own, so that none finds what another left."""
    from benchmarks import diary, reading, rivals, sweeps, turn

    def availability() -> list[Figure]:
        with servers(folder / "availability"):
            return diary.measure(24_000 if short else BOOKINGS, 3 if short else 7)

    def bookings() -> list[Figure]:
        with servers(folder / "bookings") as programs:
            return rivals.throughput(programs / "pgbench", folder, 1 if short else 5, 2 if short else 5)

    def rush() -> list[Figure]:
        with servers(folder / "rush"):
            return rivals.rush(4 if short else rivals.ROUNDS)

    return {
        "availability": availability,
        "sweep": lambda: sweeps.measure(0.1 if short else 0.5),
        "bookings": bookings,
        "rush": rush,
        "turn": lambda: turn.measure(folder / "turn", 2 if short else 8, 20 if short else turn.LAST),
        "nlu": lambda: reading.measure(2 if short else 10),
    }


def main() -> None:
    """Measures and prints one table."""
    with tempfile.TemporaryDirectory(prefix="marcai-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        known = measurements(folder, False)
        parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
        parser.add_argument("names", nargs="*", choices=[[], *known], help="only these")
        parser.add_argument("--short", action="store_true", help="small sizes: to see that it works")
        chosen = parser.parse_args()
        lines, figures = machine(), []
        for measure in chosen.names or known:
            began = time.monotonic()
            figures += measurements(folder, chosen.short)[measure]()
            print(f"# {measure}: {time.monotonic() - began:.0f} s", flush=True)
    print("\n" + "\n".join(lines) + "\n\n" + table(figures))


if __name__ == "__main__":
    main()
