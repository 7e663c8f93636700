"""Every setting in one typed place, read from the environment and checked before anything starts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseSettings, Field, ValidationError, validator
from pydantic.fields import ModelField

from marcai.platform import envfile

ROOT = Path(__file__).resolve().parents[2]  # where config.yml and domain.yml are
API_KEY = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*):([A-Za-z0-9._~+/=-]{24,200})")
ANALYTICS_KEY = re.compile(r"[A-Za-z0-9._~+/=-]{24,200}")


def data_dir() -> Path:
    """The folder of a local copy's own data: `MARCAI_DATA_DIR`, or `.run` in the project; maybe not there."""
    return ROOT / Path(os.environ.get("MARCAI_DATA_DIR") or ".run").expanduser()


def from_files() -> dict[str, str]:
    """What files say for variables that the environment does not set.

    The project's `.env`, and under it what `marcai up` made for this data directory, so that a trainer's
    `rasa shell` beside it finds the same servers.
    """
    return {**envfile.read(data_dir() / "env"), **envfile.read(ROOT / ".env")}


class SettingsError(Exception):
    """A setting is missing or malformed; the message is one line that names it."""


class Settings(BaseSettings):
    """The settings of a process. `.env.example` explains each one to an operator."""

    database_url: str = Field(..., env="DATABASE_URL")
    redis_url: str = Field(..., env="REDIS_URL")
    secret_keys: str = Field(..., env="MARCAI_SECRET_KEYS")
    whatsapp_app_secret: str = Field(..., env="WHATSAPP_APP_SECRET")
    whatsapp_verify_token: str = Field(..., env="WHATSAPP_VERIFY_TOKEN")
    whatsapp_access_token: str = Field(..., env="WHATSAPP_ACCESS_TOKEN")
    whatsapp_graph_url: str = Field("https://graph.facebook.com", env="WHATSAPP_GRAPH_URL")
    whatsapp_graph_version: str = Field("v26.0", env="WHATSAPP_GRAPH_VERSION", regex=r"^v\d+\.\d+$")
    api_keys: str = Field("", env="MARCAI_API_KEYS")
    api_rate_per_minute: int = Field(600, env="MARCAI_API_RATE_PER_MINUTE", ge=1)
    api_burst: int = Field(60, env="MARCAI_API_BURST", ge=1)
    analytics_keys: str = Field("", env="MARCAI_ANALYTICS_KEYS")
    keep_conversations_days: int = Field(180, env="MARCAI_KEEP_CONVERSATIONS_DAYS", ge=31, le=36500)
    keep_figures_days: int = Field(760, env="MARCAI_KEEP_FIGURES_DAYS", ge=31, le=36500)
    keep_audit_days: int = Field(1830, env="MARCAI_KEEP_AUDIT_DAYS", ge=366, le=36500)
    keep_customers_days: int = Field(1830, env="MARCAI_KEEP_CUSTOMERS_DAYS", ge=366, le=36500)
    public_url: str = Field("http://127.0.0.1:8000", env="MARCAI_PUBLIC_URL")
    rasa_port: int = Field(5005, env="RASA_PORT", ge=1, le=65535)
    actions_port: int = Field(5055, env="ACTIONS_PORT", ge=1, le=65535)
    web_port: int = Field(8000, env="WEB_PORT", ge=1, le=65535)
    simulator_port: int = Field(8080, env="SIMULATOR_PORT", ge=1, le=65535)
    rasa_url: str = Field("", env="RASA_URL")  # empty: this machine, RASA_PORT
    actions_url: str = Field("", env="ACTIONS_URL")  # empty: this machine, ACTIONS_PORT
    log_level: str = Field("INFO", env="LOG_LEVEL")

    @validator("database_url")
    def _postgres_address(cls, value: str) -> str:
        if not value.startswith(("postgresql://", "postgres://", "postgresql+psycopg2://")):
            raise ValueError("must begin with postgresql://")
        return value.replace("postgres://", "postgresql://", 1)

    @validator("redis_url")
    def _redis_address(cls, value: str) -> str:
        if not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis:// or rediss://")
        return value

    @validator("secret_keys")
    def _long_keys(cls, value: str) -> str:
        keys = [key.strip() for key in value.split(",") if key.strip()]
        if not keys or any(len(key) < 32 for key in keys):
            raise ValueError("needs one or more keys of at least 32 characters, separated by commas")
        return ",".join(keys)

    @validator("api_keys")
    def _keys_of_establishments(cls, value: str) -> str:
        found = [API_KEY.fullmatch(part.strip()) for part in value.split(",") if part.strip()]
        if not all(found):
            raise ValueError("must be slug:key, separated by commas, each key of 24 to 200 letters, digits or ._~+/=-")
        if len({match[2] for match in found}) < len(found):
            raise ValueError("has a key twice: a key belongs to one establishment")
        return ",".join(match[0] for match in found)

    @validator("analytics_keys")
    def _keys_of_analysts(cls, value: str) -> str:
        keys = [part.strip() for part in value.split(",") if part.strip()]
        if not all(ANALYTICS_KEY.fullmatch(key) for key in keys):
            raise ValueError("must be keys of 24 to 200 letters, digits or ._~+/=-, separated by commas")
        return ",".join(keys)

    @validator("whatsapp_app_secret", "whatsapp_verify_token", "whatsapp_access_token")
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be empty")
        return value

    @validator("log_level")
    def _known_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
            raise ValueError("must be DEBUG, INFO, WARNING, ERROR or CRITICAL")
        return value.upper()

    @validator("rasa_url", "actions_url", always=True)
    def _other_process(cls, value: str, values: dict[str, int], field: ModelField) -> str:
        return value or f"http://127.0.0.1:{values.get(field.name.replace('_url', '_port'))}"

    @validator("whatsapp_graph_url", "public_url", "rasa_url", "actions_url", always=True)
    def _web_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @property
    def secret_key_list(self) -> list[str]:
        """The secret keys, newest first."""
        return self.secret_keys.split(",")

    @property
    def api_key_list(self) -> list[tuple[str, str]]:
        """The keys of the HTTP API, each with the slug of its establishment; an establishment may have several."""
        return [API_KEY.fullmatch(part).groups() for part in self.api_keys.split(",") if part]

    @property
    def analytics_key_list(self) -> list[str]:
        """The keys of analysts, who see the figures of every establishment."""
        return [key for key in self.analytics_keys.split(",") if key]


VARIABLES = {name: field.field_info.extra["env"] for name, field in Settings.__fields__.items()}


@cache
def settings() -> Settings:
    """The settings of this process, read once: from the environment, and under it from `from_files()`.

    Raises:
        SettingsError: one line naming every missing or malformed variable.
    """
    return checked({**from_files(), **os.environ})


def checked(env: Mapping[str, str]) -> Settings:
    """The settings that an environment gives.

    Args:
        env: values by the names of their variables.

    Raises:
        SettingsError: one line naming every missing or malformed variable.
    """
    values = {name: env[variable] for name, variable in VARIABLES.items() if variable in env}
    try:
        return Settings(**values)
    except ValidationError as error:
        problems = []
        for entry in error.errors():
            name = str(entry["loc"][0])
            said = "is not set" if entry["type"] == "value_error.missing" else entry["msg"]
            problems.append(f"{VARIABLES.get(name, name)} {said}")
        raise SettingsError("Settings: " + "; ".join(problems)) from None
