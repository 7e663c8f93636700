"""Structured logs without personal data: JSON lines for machines, coloured lines on a terminal.

Our loggers carry their own processors, so they keep them inside the Rasa server, which configures structlog for
itself. Say who with pseudonyms (`tenant` slug, `conversation` id), never with numbers, names or message texts.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from functools import cache
from typing import Any

import structlog
from structlog.typing import EventDict

# INVARIANT: these never reach a log. Callers should not pass them; this is the net under them.
PERSONAL_KEYS = frozenset({
    "text", "message", "body", "caption", "payload", "phone", "from", "to", "name", "first_name", "wa_id", "user_id",
    "wamid", "message_id", "recipient", "reply_to", "address", "email", "token", "secret", "password", "parameters",
    "latest_message", "slots", "entities", "contacts", "profile",
})
NUMBER = re.compile(r"(?<![\w.-])(?:\+?\d{10,15}|\+\d[\d ()-]{8,18}\d|\(\d\d\) ?9?\d{4}[- ]?\d{4})(?![\w-])")
QUIET_LIBRARIES = ("httpx", "httpcore", "urllib3", "apscheduler", "asyncio", "alembic", "uvicorn.error",
                   "uvicorn.access", "sanic.access", "sqlalchemy", "matplotlib")


def drop_personal_data(_: Any, __: str, event: EventDict) -> EventDict:
    """A processor that removes personal keys, and whatever looks like a telephone number in what is left."""
    return {key: _without_numbers(value) for key, value in event.items() if key not in PERSONAL_KEYS}


def _without_numbers(value: Any) -> Any:
    if isinstance(value, str):
        return NUMBER.sub("<number>", value)
    if isinstance(value, dict):
        return {key: _without_numbers(held) for key, held in value.items() if key not in PERSONAL_KEYS}
    if isinstance(value, (list, tuple)):
        return [_without_numbers(held) for held in value]
    return value


def _level() -> int:
    return getattr(logging, os.environ.get("LOG_LEVEL", "INFO").upper(), logging.INFO)


def _process_name(_: Any, __: str, event: EventDict) -> EventDict:
    event["process"] = os.environ.get("MARCAI_PROCESS", "shell")
    return event


@cache
def _processors() -> list[Any]:
    pretty = sys.stdout.isatty() and not os.environ.get("FORCE_JSON_LOGGING")
    return [
        structlog.contextvars.merge_contextvars,
        _process_name,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        drop_personal_data,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(sort_keys=True),
    ]


class _StandardOutput:
    """Standard output as it is at the moment of writing: tests replace it after loggers were made."""

    @staticmethod
    def write(text: str) -> int:
        return sys.stdout.write(text)

    @staticmethod
    def flush() -> None:
        sys.stdout.flush()


def get_logger(name: str) -> Any:
    """A structlog logger: `log.info("hold.expired", tenant=slug, count=3)`.

    Args:
        name: the module's `__name__`.
    """
    logger = structlog.wrap_logger(
        structlog.PrintLogger(_StandardOutput()), processors=_processors(), context_class=dict,
        wrapper_class=structlog.make_filtering_bound_logger(_level()),
    )
    return logger.bind(logger=name)


class _Forward(logging.Handler):
    """Sends what libraries log through the same processors."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record of the standard library's logging."""
        logger = get_logger(record.name)
        logger.log(record.levelno, record.getMessage(), exc_info=record.exc_info or None)


def configure(process: str) -> None:
    """Sets up the logs of a process of ours: worker, web, actions, simulator or a command.

    Args:
        process: its short name, on every line it writes.
    """
    os.environ["MARCAI_PROCESS"] = process
    root = logging.getLogger()
    root.handlers[:] = [_Forward()]
    root.setLevel(_level())
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)  # libraries' deprecations help nobody here
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def configure_for_rasa(process: str) -> None:
    """Sets up the logs of a process in which Rasa or its SDK runs.

    Rasa writes message texts at DEBUG, and structlog events of its own: they go through our processors, and its
    standard loggers say nothing below INFO, whatever LOG_LEVEL is.

    Args:
        process: its short name.
    """
    configure(process)
    structlog.configure(
        processors=_processors(), logger_factory=structlog.PrintLoggerFactory(_StandardOutput()),
        wrapper_class=structlog.make_filtering_bound_logger(max(_level(), logging.INFO)),
    )
    for name in ("rasa", "rasa_sdk"):
        logging.getLogger(name).setLevel(max(_level(), logging.INFO))
    for name in ("sanic.root", "sanic.error"):  # Rasa cuts these off from the root logger
        logging.getLogger(name).handlers[:] = [_Forward()]


def bind(tenant: str | None = None, conversation: str | None = None) -> None:
    """Puts the establishment's slug and the conversation's pseudonym on every later line of this task."""
    structlog.contextvars.bind_contextvars(
        **{key: value for key, value in (("tenant", tenant), ("conversation", conversation)) if value}
    )
