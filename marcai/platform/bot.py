"""The assistant itself: training its model when its sources have changed, and serving it with Rasa."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from marcai.platform.processes import Child
from marcai.platform.settings import ROOT, Settings, data_dir

MODELS = ROOT / "models"
SOURCES = ("config.yml", "domain.yml", "domain", "data", "marcai/nlu", "requirements/server.txt")
CODE = ("marcai/nlu",)  # Rasa's cache does not see changes in these: a change trains everything anew
KEPT = 3  # models of ours that stay when a new one is there

# A thread that has an answer of the database waits for the event loop's turn to end: at most this long, not 5 ms.
SWITCH_SECONDS = 0.0005
# Rasa counts on many cores by default; beside four other processes on two cores that makes everybody slower.
ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1", "OMP_NUM_THREADS": "1", "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore", "CUDA_VISIBLE_DEVICES": "-1",
}
THREADS_IN_TRAINING = {"TF_INTRA_OP_PARALLELISM_THREADS": "2", "OMP_NUM_THREADS": "2"}


class BotError(Exception):
    """Training or loading failed; the message says why and where to look."""


def _files(names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                yield file


def fingerprint(names: tuple[str, ...] = SOURCES) -> str:
    """A short hash of the contents of the model's sources; times of change do not matter, so a clone is equal."""
    digest = hashlib.sha256()
    for file in _files(names):
        digest.update(f"{file.relative_to(ROOT)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def current_model() -> Path | None:
    """The model that fits the sources as they are: ours, or one that a trainer has trained since they changed."""
    ours = MODELS / f"marcai-{fingerprint()}.tar.gz"
    if ours.exists():
        return ours
    trained = [path for path in MODELS.glob("*.tar.gz") if not path.name.startswith("marcai-")]
    newest = max(trained, key=lambda path: path.stat().st_mtime, default=None)
    changed = max((file.stat().st_mtime for file in _files(SOURCES)), default=0.0)
    return newest if newest and newest.stat().st_mtime > changed else None


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    MODELS.mkdir(exist_ok=True)
    with (MODELS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def train(force: bool = False, log: Path | None = None) -> Path:
    """Trains when no model fits the sources; two copies that start at once train once.

    Args:
        force: also when one fits.
        log: where Rasa's output goes; None leaves it on the terminal.

    Raises:
        BotError: the training failed.
    """
    with _one_at_a_time():
        if not force and (model := current_model()):
            return model
        name, code = f"marcai-{fingerprint()}", fingerprint(CODE)
        marker = MODELS / ".code"
        afresh = force or not marker.exists() or marker.read_text() != code
        with tempfile.TemporaryDirectory(dir=MODELS, prefix=".training-") as folder:
            command = [Path(sys.executable).with_name("rasa"), "train", "--fixed-model-name", name, "--out", folder]
            if afresh:
                command.append("--force")
            env = {**ENVIRONMENT, **THREADS_IN_TRAINING, **os.environ}
            if log:
                status = Child("train", command, env, log, ROOT).run()
            else:
                status = subprocess.run(command, cwd=ROOT, env=env).returncode
            made = Path(folder) / f"{name}.tar.gz"
            if status or not made.exists():
                raise BotError(f"the training failed (rasa train, exit status {status})")
            made.replace(MODELS / made.name)
        marker.write_text(code)
        _prune()
        return MODELS / made.name


def _prune() -> None:
    ours = sorted(MODELS.glob("marcai-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in ours[KEPT:]:
        path.unlink(missing_ok=True)


def newest_model() -> Path:
    """The model to serve: the one that fits the sources, else simply the newest there is.

    Raises:
        BotError: there is none.
    """
    found = current_model() or max(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)
    if found is None:
        raise BotError("there is no model: train one with make train")
    return found


def endpoints_file(actions_url: str) -> Path:
    """A copy of endpoints.yml with the action server's address of this process, in the data directory."""
    import yaml

    known = yaml.safe_load((ROOT / "endpoints.yml").read_text()) or {}
    known.setdefault("action_endpoint", {})["url"] = actions_url + "/webhook"
    folder = data_dir() if os.access(data_dir(), os.W_OK) else Path(tempfile.gettempdir())
    file = folder / f"endpoints-{os.getpid()}.yml"
    file.write_text(yaml.safe_dump(known))
    return file


def serve(settings: Settings, host: str) -> None:
    """Runs the Rasa server, as `rasa run` without its HTTP API does, until a signal ends it.

    Args:
        settings: of this process.
        host: the interface to listen on.

    Raises:
        BotError: there is no model.
    """
    os.environ.update({**ENVIRONMENT, **os.environ, "MARCAI_PROCESS": "rasa"})
    model = newest_model()
    os.chdir(ROOT)
    sys.path.insert(1, str(ROOT))
    from marcai.platform.logging import configure_for_rasa, get_logger

    configure_for_rasa("rasa")
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.tensorflow.environment import setup_tf_environment

    from marcai.platform import actionserver

    setup_tf_environment()
    sys.setswitchinterval(SWITCH_SECONDS)
    file = endpoints_file(settings.actions_url)
    endpoints = AvailableEndpoints.read_endpoints(str(file))
    file.unlink()
    endpoints.action = actionserver.ActionServer.of(endpoints.action)
    actionserver.check_plainly()

    async def give_up_without_a_model(app: Any, _: Any) -> None:
        """Rasa would go on and answer nobody."""
        if not app.ctx.agent.is_ready():
            get_logger(__name__).error("rasa.no_model", model=model.name)
            os._exit(1)

    serve_application(
        str(model), endpoints=endpoints, credentials=str(ROOT / "credentials.yml"), enable_api=False, interface=host,
        port=settings.rasa_port, server_listeners=[(give_up_without_a_model, "after_server_start")],
    )


def serve_actions(settings: Settings, host: str) -> None:
    """Runs the action server until a signal ends it.

    Args:
        settings: of this process.
        host: the interface to listen on.
    """
    os.environ.update({**ENVIRONMENT, **os.environ, "MARCAI_PROCESS": "actions", "SANIC_HOST": host})
    os.chdir(ROOT)
    sys.path.insert(1, str(ROOT))
    from marcai.platform.logging import configure_for_rasa

    configure_for_rasa("actions")
    from rasa_sdk.endpoint import run

    sys.setswitchinterval(SWITCH_SECONDS)
    run("actions", port=settings.actions_port, cors_origins=None)
