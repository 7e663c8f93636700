"""The yardstick for a turn: the project that `rasa init` makes, trained and served as Rasa does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.wire import Connection
from marcai.platform import bot, embedded
from marcai.platform.processes import Child
from marcai.platform.settings import ROOT

FOLDER = ROOT / ".tools" / "rasa-demo-3.6.21"  # trained once
RASA = Path(sys.executable).with_name("rasa")
ENVIRONMENT = bot.ENVIRONMENT  # one thread for TensorFlow, as for ours: on two cores the demo is faster with it


def trained() -> Path:
    """The demo's folder with its model in it, made the first time."""
    if not list(FOLDER.glob("models/*.tar.gz")):
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run([RASA, "init", "--no-prompt", "--init-dir", FOLDER], check=True, cwd=FOLDER,
                       env={**os.environ, **ENVIRONMENT}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return FOLDER


class Demo:
    """The demo on its REST channel, with Rasa's own stores in memory."""

    def __init__(self, logs: Path) -> None:
        self._port = embedded.free_port()
        self._folder = trained()
        self._child = Child("demo", [RASA, "run", "--port", str(self._port), "--interface", "127.0.0.1"],
                            {**os.environ, **ENVIRONMENT}, logs / "demo.log", self._folder)

    def __enter__(self) -> Demo:
        """Starts it and waits for its model."""
        self._child.start()
        url, until = f"http://127.0.0.1:{self._port}", time.monotonic() + 300
        while True:
            try:
                urllib.request.urlopen(url, timeout=2).close()
                break
            except (urllib.error.URLError, OSError):
                if not self._child.is_alive or time.monotonic() > until:
                    raise RuntimeError("the demo did not start: " + " / ".join(self._child.tail(3))) from None
                time.sleep(0.1)
        self._connection = Connection(f"{url}/webhooks/rest/webhook")
        return self

    def __exit__(self, *_: object) -> None:
        """Stops it."""
        self._connection.close()
        self._child.stop()

    def say(self, sender: str, words: str) -> float:
        """Writes, and gives the milliseconds until the answer."""
        raw = json.dumps({"sender": sender, "message": words}).encode()
        began = time.perf_counter()
        answer = self._connection.post(raw)
        took = (time.perf_counter() - began) * 1000
        if not json.loads(answer):
            raise RuntimeError(f"the demo did not answer {words!r}")
        return took
