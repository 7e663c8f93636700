"""Child processes: they die with their parent, however it dies, and leave nothing behind when stopped."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

# INVARIANT: every child is forked by this one thread, which lives as long as the process: the kernel sends
# the death signal when the *thread* that forked a child ends.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


def _die_with_parent(number: int) -> Callable[[], None]:
    parent = os.getpid()

    def before_exec() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before the call
            os._exit(1)

    return before_exec


@dataclass(frozen=True)
class User:
    """An unprivileged user that root runs a server as."""

    name: str
    uid: int
    gid: int

    @property
    def options(self) -> dict[str, Any]:
        """What `subprocess` needs to run a program as this user, in no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def birth(pid: int) -> tuple[str, int] | None:
    """A process's state letter and start time in clock ticks; None when there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return fields[0], int(fields[19])


def is_running(pid: int, started: int | None = None) -> bool:
    """Whether the process runs (a zombie does not), and started at that tick when one is given."""
    born = birth(pid)
    return born is not None and born[0] not in "ZX" and (started is None or born[1] == started)


def end(pid: int, started: int | None = None, first: int = signal.SIGTERM, patience: float = 5.0) -> None:
    """Ends a process that is not our child: the first signal, then SIGKILL after `patience` seconds."""
    for number, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
        if not is_running(pid, started):
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        until = time.monotonic() + seconds
        while time.monotonic() < until and is_running(pid, started):
            time.sleep(0.02)


@dataclass
class Child:
    """One program that we run: its own process group, its output in a log file.

    Attributes:
        stop_signal: asks it to end; after `patience` seconds its whole group is killed.
        orphan_signal: what the kernel sends it when we die.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    cwd: Path
    user: User | None = None
    stop_signal: int = signal.SIGTERM
    orphan_signal: int = signal.SIGKILL
    patience: float = 8.0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts the program.

        Raises:
            OSError: it could not be executed.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._process = _spawner.submit(self._spawn).result()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(
                [str(part) for part in self.command], env=dict(self.env), cwd=self.cwd,
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=_die_with_parent(self.orphan_signal), **(self.user.options if self.user else {}),
            )

    @property
    def pid(self) -> int | None:
        """The process id, of the last start."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll() if self._process else None

    @property
    def is_alive(self) -> bool:
        """Whether it was started and runs."""
        return self._process is not None and self._process.poll() is None

    def signal(self, number: int) -> None:
        """Sends a signal, when it runs."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, seconds: float) -> None:
        """Waits until it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not.
        """
        if self._process:
            self._process.wait(seconds)

    def stop(self) -> None:
        """Ends it and waits until it is gone."""
        if not self._process:
            return
        self.signal(self.stop_signal)
        try:
            self._process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self.clear()

    def run(self) -> int:
        """Runs it to its end and returns its exit status; ends it when we are interrupted."""
        self.start()
        try:
            while self.is_alive:
                time.sleep(0.02)
        finally:
            self.stop()
        return self.exit_code or 0

    def clear(self) -> None:
        """Kills what is left of its process group: its own children, after it has died or been killed."""
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def tail(self, lines: int = 15) -> list[str]:
        """The last lines of its log."""
        try:
            return self.log.read_text(errors="replace").splitlines()[-lines:]
        except OSError:
            return []
