"""A local copy's own folder: who uses it, its secrets, its ports, what it started, and the settings it made."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from marcai.platform import envfile, processes
from marcai.platform.embedded import EmbeddedPostgres, free_port
from marcai.platform.processes import Child

SECRETS = (
    "MARCAI_SECRET_KEYS", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN", "WHATSAPP_ACCESS_TOKEN",
    "POSTGRES_PASSWORD", "REDIS_PASSWORD", "DEMO_API_KEY", "DEMO_ATTENDANT_PASSWORD",
)
DEMO_LOGIN = "julia"  # of the demonstration salon's attendant


class InUse(Exception):
    """Another copy runs in this folder; the message is one line."""


class LocalData:
    """The folder, `.run` unless `MARCAI_DATA_DIR` says otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.metrics = folder / "metrics"
        self._lock: int | None = None

    def acquire(self, patience: float = 20.0) -> None:
        """Makes the folder ours, and ends what a killed supervisor left in it.

        Args:
            patience: seconds to wait for a supervisor that is just stopping.

        Raises:
            InUse: another copy runs in it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for private in (self.logs, self.metrics):
            private.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = os.pread(lock, 20, 0).decode().strip() or "?"
                if time.monotonic() > until or (holder.isdigit() and processes.is_running(int(holder))):
                    os.close(lock)
                    raise InUse(
                        f"a copy runs in {self.folder} already (process {holder}); "
                        "for a second one set MARCAI_DATA_DIR and other ports"
                    ) from None
                time.sleep(0.1)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock
        self._end_leftovers()

    def release(self) -> None:
        """Lets the next copy have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _end_leftovers(self) -> None:
        """Nothing of ours may run while the lock was free: the kernel has told it to end, here we make sure."""
        for name, (pid, started) in self._read_json("processes.json").items():
            first = {"postgres": signal.SIGINT}.get(name, signal.SIGTERM)
            processes.end(pid, started, first=first, patience=15 if name == "postgres" else 3)
        (self.folder / "processes.json").unlink(missing_ok=True)

    def remember(self, children: Mapping[str, Child]) -> None:
        """Writes down what runs, for a start after a kill."""
        running = {}
        for name, child in children.items():
            if child.pid is not None and (born := processes.birth(child.pid)):
                running[name] = (child.pid, born[1])
        self._write_json("processes.json", running)

    def secrets(self) -> dict[str, str]:
        """The secrets that were made for this folder, made now if it is new; only the owner can read the file."""
        file = self.folder / "secrets"
        known = envfile.read(file)
        missing = {key: secrets.token_urlsafe(36) for key in SECRETS if not known.get(key)}
        if missing:
            known.update(missing)
            envfile.write(file, known)
        return known

    def port(self, name: str, fixed: str | None) -> int:
        """The port of an embedded server: the one that was set, or the last one when it is free, or a free one.

        Args:
            name: of the server.
            fixed: the setting, such as `PG_PORT`, when there is one.

        Raises:
            EmbeddedError: there is none.
            ValueError: the setting is no number.
        """
        if fixed:
            return int(fixed)
        known = self._read_json("ports.json")
        known[name] = free_port(known.get(name))
        self._write_json("ports.json", known)
        return known[name]

    def publish(self, made: Mapping[str, str]) -> None:
        """Writes the settings that this copy made, for a shell beside it."""
        envfile.write(self.folder / "env", made)

    def unpublish(self) -> None:
        """Takes them back, when the copy stops."""
        (self.folder / "env").unlink(missing_ok=True)

    def remove(self) -> None:
        """Deletes the folder, and the database where root keeps it.

        Raises:
            InUse: a copy runs in it.
        """
        if not self.folder.exists():
            return
        self.acquire(patience=0)
        try:
            EmbeddedPostgres(self.folder / "postgres", 0, "").remove()
            shutil.rmtree(self.folder)
        finally:
            self.release()

    def _read_json(self, name: str) -> dict:
        with contextlib.suppress(OSError, ValueError):
            return json.loads((self.folder / name).read_text())
        return {}

    def _write_json(self, name: str, value: Mapping) -> None:
        partial = self.folder / f"{name}.partial"
        partial.write_text(json.dumps(value))
        partial.replace(self.folder / name)
