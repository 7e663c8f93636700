"""What a local copy runs with: what was set wins, then `.env`, then what is made for its folder."""

from __future__ import annotations

import os
from collections.abc import Mapping

from marcai.platform import bot, embedded, envfile
from marcai.platform.embedded import EmbeddedPostgres, EmbeddedRedis
from marcai.platform.localdata import LocalData
from marcai.platform.settings import ROOT, VARIABLES, checked

DEMO_TENANT = ROOT / "tenants" / "bela-vista.yml"
PORTS = {"RASA_PORT": 5005, "ACTIONS_PORT": 5055, "WEB_PORT": 8000, "SIMULATOR_PORT": 8080}
OURS = {
    *VARIABLES.values(), "MARCAI_DATA_DIR", "MARCAI_CLOCK_FILE", "PROMETHEUS_MULTIPROC_DIR", "PG_PORT", "REDIS_PORT",
}
NO_SECRET = ("_PORT", "_GRAPH_URL", "_PUBLIC_URL")


class StartError(Exception):
    """The system could not start; the message says what, why, and which log has more."""


class Choices:
    """Every setting of one copy.

    Attributes:
        env: the environment of its processes.
        postgres: the embedded server, unless `DATABASE_URL` is set.
        redis: likewise, for `REDIS_URL`.
    """

    def __init__(self, data: LocalData, private: bool, simulator: bool, overrides: Mapping[str, str]) -> None:
        self._data, self._private, self._simulator = data, private, simulator
        shell = {key: value for key, value in os.environ.items() if not (private and key in OURS)}
        self._given = {**({} if private else envfile.read(ROOT / ".env")), **shell, **overrides}
        self.postgres: EmbeddedPostgres | None = None
        self.redis: EmbeddedRedis | None = None
        made = self._make()
        self.env = {**bot.ENVIRONMENT, **made, **self._given, "PYTHONUNBUFFERED": "1",
                    "MARCAI_DATA_DIR": made["MARCAI_DATA_DIR"]}

    def _make(self) -> dict[str, str]:
        """What is not given, made for this folder; the same at every start, except ports that are taken."""
        folder, secrets = self._data.folder, self._data.secrets()
        made = {key: secrets[key] for key in secrets if key in OURS}
        made["MARCAI_DATA_DIR"] = str(folder)
        made["PROMETHEUS_MULTIPROC_DIR"] = str(self._data.metrics)
        made["MARCAI_API_KEYS"] = f"{DEMO_TENANT.stem}:{secrets['DEMO_API_KEY']}"
        if self._private:
            made["MARCAI_CLOCK_FILE"] = str(folder / "clock")
        for name, usual in PORTS.items():
            made[name] = str(embedded.free_port() if self._private else usual)
        if "DATABASE_URL" not in self._given:
            self.postgres = EmbeddedPostgres(folder / "postgres", self._port("PG_PORT"), secrets["POSTGRES_PASSWORD"])
            made["DATABASE_URL"] = self.postgres.url
        if "REDIS_URL" not in self._given:
            self.redis = EmbeddedRedis(folder / "redis", self._port("REDIS_PORT"), secrets["REDIS_PASSWORD"])
            made["REDIS_URL"] = self.redis.url
        ports = {**made, **self._given}
        made["MARCAI_PUBLIC_URL"] = f"http://127.0.0.1:{ports['WEB_PORT']}"
        if self._simulator:
            made["WHATSAPP_GRAPH_URL"] = f"http://127.0.0.1:{ports['SIMULATOR_PORT']}"
        return made

    def _port(self, name: str) -> int:
        fixed = self._given.get(name)
        if fixed and not fixed.isdigit():
            raise StartError(f"{name}={fixed} is not a port number")
        return self._data.port(name, fixed)

    def check(self) -> None:
        """Looks at everything before anything is started.

        Raises:
            SettingsError: a setting is malformed.
            StartError: a port is in use.
        """
        checked(self.env)
        ports = {name: int(self.env[name]) for name in PORTS if self._simulator or name != "SIMULATOR_PORT"}
        ports.update((name, server.port) for name, server in (("PG_PORT", self.postgres), ("REDIS_PORT", self.redis))
                     if server)
        for name, port in ports.items():
            if not embedded.port_is_free(port):
                raise StartError(f"another program uses port {port}: set {name} to a free one")
            if list(ports.values()).count(port) > 1:
                raise StartError(f"{name}={port} is the port of another part too: set it to a free one")

    def publish(self) -> None:
        """Shows a shell beside it what was made; what the operator set stays hers, secrets above all."""
        self._data.publish({
            key: value for key, value in self.env.items()
            if key in OURS and (key not in self._given or key.endswith(NO_SECRET))
        })
