"""The whole system on one machine: every process started in order, watched, started again when it dies, stopped.

`marcai up` runs it for people (marcai/platform/console.py); tests run private copies of it side by side.
"""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from marcai.platform import bot, embedded
from marcai.platform.embedded import EmbeddedPostgres, EmbeddedRedis
from marcai.platform.localdata import LocalData
from marcai.platform.localsettings import DEMO_TENANT, Choices, StartError
from marcai.platform.processes import Child
from marcai.platform.settings import ROOT

__all__ = ["Part", "StartError", "System"]

LOOK_SECONDS = 0.1  # how often the watcher looks at its processes
LONGEST_PAUSE = 10.0  # seconds between tries to start what keeps dying
STEADY_SECONDS = 30.0  # after this long a process counts as well again
TRIES_AT_START = 3
PATIENCE = {"rasa": 180.0}  # seconds to become ready, else 60
LOG_BYTES = 10_000_000  # a log larger than this is put aside when its process starts


@dataclass
class Part:
    """One process of the system."""

    name: str
    make: Callable[[], Child]
    is_ready: Callable[[Child], bool]
    child: Child | None = None
    wanted: bool = False
    failures: int = 0
    started_at: float = 0.0
    next_try: float = 0.0


@dataclass
class System:
    """One copy of the product.

    Attributes:
        folder: its data directory.
        simulator: whether the WhatsApp simulator runs too.
        private: takes no setting from the shell or from `.env`, and free ports: for tests, next to anything.
        without: names of processes to leave out.
        overrides: settings by their variable names, above everything else.
        say: is told what happens, in short lines.
        step: wraps each step of the start, for progress lines.
    """

    folder: Path
    simulator: bool = True
    private: bool = False
    without: frozenset[str] = frozenset()
    overrides: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = lambda line: None
    step: Callable[[str], contextlib.AbstractContextManager] = lambda title: contextlib.nullcontext()
    env: dict[str, str] = field(default_factory=dict, init=False)
    parts: dict[str, Part] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.data = LocalData(Path(self.folder).absolute())
        self._stopping = threading.Event()
        self._guard = threading.RLock()  # around everything that starts or stops a process
        self._watcher: threading.Thread | None = None

    # -- start and stop ------------------------------------------------------------------------------------------

    def start(self) -> System:
        """Starts everything and waits until all of it answers.

        Raises:
            StartError: a part would not start.
            InUse: another copy runs in this folder.
            SettingsError: a setting is malformed.
        """
        self.data.acquire()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self) -> None:
        self._stopping.clear()
        choices = Choices(self.data, self.private, self.simulator, self.overrides)
        choices.check()
        choices.publish()
        self.env, self._postgres, self._redis = choices.env, choices.postgres, choices.redis
        for numbers_of_before in self.data.metrics.glob("*.db"):
            numbers_of_before.unlink()
        self._declare()
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._watcher.start()
        servers = [name for name in ("postgres", "redis") if name in self.parts]
        if servers:
            with self.step("PostgreSQL and Redis"):
                self._bring_up(servers)
        with self.step("database schema"):
            self._run_once("db", "upgrade")
        if DEMO_TENANT.exists():
            with self.step("demonstration salon"):
                self._run_once("tenant", "load", str(DEMO_TENANT), "--if-empty")
                if self.has_demo_attendant:
                    self._run_once("attendant", "demo")
        if "rasa" in self.parts:
            with self.step("model"):
                self._train()
        with self.step("processes"):
            self._bring_up([name for name in self.parts if name not in servers])

    @property
    def has_demo_attendant(self) -> bool:
        """Whether the salon is a demonstration in a database of our own, with an attendant to try."""
        return self._postgres is not None and DEMO_TENANT.exists()

    def stop(self) -> None:
        """Stops everything: first what takes messages in, last the servers below. Returns when all is gone."""
        self._stopping.set()
        if self._watcher and self._watcher is not threading.current_thread():
            self._watcher.join()
        with self._guard:
            for names in (("rasa",), ("simulator", "web", "actions", "worker"), ("redis", "postgres")):
                self._stop_together([self.parts[name] for name in names if name in self.parts])
            self.data.unpublish()
            self.data.remember({})
        self.data.release()

    def discard(self) -> None:
        """Stops everything and deletes the embedded servers' data; logs stay."""
        self.stop()
        for server in (self._postgres, self._redis):
            if server:
                server.remove()

    def _stop_together(self, parts: list[Part]) -> None:
        children = [part.child for part in parts if part.child]
        for part in parts:
            part.wanted = False
        for child in children:
            child.signal(child.stop_signal)
        for child in children:
            child.stop()

    # -- the parts -----------------------------------------------------------------------------------------------

    def _declare(self) -> None:
        self.parts = {}
        if self._postgres:
            self._add("postgres", self._prepared(self._postgres), lambda child: self._postgres.is_ready())
        if self._redis:
            self._add("redis", self._prepared(self._redis), lambda child: self._redis.is_ready())
        for name, port, path in (("rasa", "RASA_PORT", "/"), ("actions", "ACTIONS_PORT", "/health"),
                                 ("web", "WEB_PORT", "/healthz")):
            self._add(name, self._ours(name), self._answers(f"http://127.0.0.1:{self.env[port]}{path}"))
        self._add("worker", self._ours("worker"), self._beats)
        if self.simulator:
            url = f"http://127.0.0.1:{self.env['SIMULATOR_PORT']}/"
            self._add("simulator", self._ours("simulator"), self._answers(url))

    def _add(self, name: str, make: Callable[[], Child], is_ready: Callable[[Child], bool]) -> None:
        if name not in self.without:
            self.parts[name] = Part(name, make, is_ready)

    def _prepared(self, server: EmbeddedPostgres | EmbeddedRedis) -> Callable[[], Child]:
        def make() -> Child:
            server.prepare()
            name = "postgres" if isinstance(server, EmbeddedPostgres) else "redis"
            return server.child(self.data.logs / f"{name}.log")

        return make

    def _ours(self, name: str) -> Callable[[], Child]:
        command = [sys.executable, "-m", "marcai", name]
        env = {**self.env, "MARCAI_PROCESS": name}
        return lambda: Child(name, command, env, self.data.logs / f"{name}.log", ROOT)

    @staticmethod
    def _answers(url: str) -> Callable[[Child], bool]:
        def ask(_: Child) -> bool:
            import httpx

            try:
                return httpx.get(url, timeout=2).status_code < 500
            except httpx.HTTPError:
                return False

        return ask

    def _beats(self, child: Child) -> bool:
        import redis

        from marcai.platform.health import worker_beats

        try:
            with contextlib.closing(redis.Redis.from_url(self.env["REDIS_URL"], socket_timeout=2)) as client:
                return child.pid in worker_beats(client)
        except redis.RedisError:
            return False

    def _run_once(self, *command: str) -> None:
        """Runs a command of ours to its end, in the system's environment."""
        log = self.data.logs / f"{command[0]}-{command[1]}.log"
        log.unlink(missing_ok=True)
        child = Child(command[0], [sys.executable, "-m", "marcai", *command], self.env, log, ROOT)
        if child.run():
            raise StartError("\n  ".join([f"marcai {' '.join(command)} failed:", *child.tail(8)]))

    def _train(self) -> None:
        log = self.data.logs / "train.log"
        try:
            bot.train(log=log)
        except bot.BotError as error:
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            causes = [line for line in lines if re.match(r"[A-Za-z_.]*(Error|Exception|Interrupt)\b", line)]
            said = causes[-3:] or lines[-8:]
            raise StartError("\n  ".join([f"{error}; {log} has all of it:", *said])) from None

    # -- watching ------------------------------------------------------------------------------------------------

    def _bring_up(self, names: list[str]) -> None:
        for name in names:
            self.begin(name)
        self.wait_ready(*names)

    def begin(self, name: str) -> None:
        """Starts one part, and keeps it running from now on."""
        with self._guard:
            part = self.parts[name]
            part.wanted, part.failures, part.next_try = True, 0, 0.0
            if not (part.child and part.child.is_alive):
                self._launch(part)

    def hold(self, name: str) -> None:
        """Stops one part and leaves it stopped, until `begin`: a dependency that is away for a while."""
        with self._guard:
            self._stop_together([self.parts[name]])

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Sends a signal to one process; when it dies of it, the watcher starts it again."""
        child = self.parts[name].child
        if child:
            child.signal(number)
            if number == signal.SIGKILL:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(5)

    def move_clock(self, seconds: float) -> None:
        """Moves the product's clock, in a private copy, to so many seconds from the machine's time."""
        Path(self.env["MARCAI_CLOCK_FILE"]).write_text(str(seconds))

    def pids(self) -> dict[str, int]:
        """The process ids of the parts that run."""
        return {name: part.child.pid for name, part in self.parts.items()
                if part.child and part.child.is_alive and part.child.pid}

    def wait_ready(self, *names: str, patience: float | None = None) -> None:
        """Waits until parts answer.

        Args:
            names: of the parts.
            patience: seconds; by default 180 for Rasa, 60 for the others.

        Raises:
            StartError: one does not, or it keeps dying.
        """
        before = {name: self.parts[name].failures for name in names}
        began, waiting = time.monotonic(), list(names)
        while waiting:
            for name in list(waiting):
                part = self.parts[name]
                child = part.child
                if child and child.is_alive and part.is_ready(child):
                    waiting.remove(name)
                elif part.failures - before[name] >= TRIES_AT_START:
                    raise self._not_ready(part, "keeps dying")
                elif time.monotonic() - began > (patience or PATIENCE.get(name, 60.0)):
                    raise self._not_ready(part, "does not answer")
            time.sleep(0.05)

    def _not_ready(self, part: Part, reason: str) -> StartError:
        log = self.data.logs / f"{part.name}.log"
        tail = part.child.tail() if part.child else []
        return StartError("\n  ".join([f"{part.name} {reason}; {log} has all of it:", *tail]))

    def _launch(self, part: Part) -> None:
        part.child = part.make()
        _rotate(part.child.log)
        part.child.start()
        part.started_at = time.monotonic()
        self.data.remember({name: each.child for name, each in self.parts.items() if each.child})

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            with self._guard:
                for part in self._dead():
                    self._again(part)

    def _dead(self) -> Iterator[Part]:
        for part in self.parts.values():
            if part.wanted and part.child and not part.child.is_alive and not self._stopping.is_set():
                yield part

    def _again(self, part: Part) -> None:
        now = time.monotonic()
        if not part.next_try:
            part.child.clear()
            steady = now - part.started_at > STEADY_SECONDS
            part.failures = 1 if steady else part.failures + 1
            pause = min(LONGEST_PAUSE, 0.1 * 2 ** (part.failures - 1))
            part.next_try = now + pause
            code = part.child.exit_code
            cause = f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"
            self.say(f"{part.name} ended ({cause}); starting it again in {pause:.1f} s")
        elif now >= part.next_try:
            part.next_try = 0.0
            try:
                self._launch(part)
            except (OSError, embedded.EmbeddedError) as error:
                part.failures += 1
                part.next_try = now + LONGEST_PAUSE
                self.say(f"{part.name} could not be started: {error}")


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.old"))
