"""`marcai up` as a person sees it: a line for each step with its time, the addresses, and what happens later."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from marcai.platform.embedded import EmbeddedError
from marcai.platform.localdata import DEMO_LOGIN, InUse
from marcai.platform.processes import PR_SET_PDEATHSIG
from marcai.platform.settings import ROOT, SettingsError, data_dir
from marcai.platform.supervisor import StartError, System


class _Stop(BaseException):
    """Somebody asked us to stop."""


def _ask_to_stop(*_: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # once is enough: stopping takes seconds
    raise _Stop


def _end_with_make() -> None:
    """Under `make run`, a make that is killed takes us along: nobody else would ever stop us."""
    with contextlib.suppress(OSError):
        if Path(f"/proc/{os.getppid()}/comm").read_text().strip() in ("make", "gmake"):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def run(simulator: bool = True) -> int:
    """Runs the system until a signal ends it.

    Args:
        simulator: whether the WhatsApp simulator runs too.

    Returns:
        The exit status: 0 when it was asked to stop, 1 when it could not start, 2 when a setting is wrong.
    """
    console = Console(highlight=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ask_to_stop)
    _end_with_make()
    system = System(data_dir(), simulator=simulator, say=lambda line: console.print(f"[yellow]•[/] {line}"),
                    step=lambda title: _step(console, title))
    status = 0
    try:
        system.start()
        console.print(_addresses(system))
        while True:
            signal.pause()
    except _Stop:
        console.print()
    except SettingsError as error:
        console.print(f"[red]✘[/] {error}", soft_wrap=True)
        status = 2
    except (StartError, InUse, EmbeddedError) as error:
        console.print(f"[red]✘[/] {error}", soft_wrap=True, markup=True)
        status = 1
    if system.pids():
        with _step(console, "stopping"):
            system.stop()
    return status


@contextlib.contextmanager
def _step(console: Console, title: str) -> Iterator[None]:
    began = time.monotonic()
    spinner = console.status(f"{title} …") if console.is_terminal else contextlib.nullcontext()
    with spinner:
        yield
    console.print(f"[green]✔[/] {title:<24} {time.monotonic() - began:6.1f} s")


def _addresses(system: System) -> Panel:
    env = system.env
    table = Table.grid(padding=(0, 2))
    if system.simulator:
        table.add_row("Talk to the salon", f"[bold]http://127.0.0.1:{env['SIMULATOR_PORT']}/[/]")
    table.add_row("Web app", f"http://127.0.0.1:{env['WEB_PORT']}/docs   /readyz   /metrics")
    made = system.data.secrets()["DEMO_API_KEY"]
    if made in env["MARCAI_API_KEYS"]:  # one that an operator has set is hers to know
        table.add_row("Key of its API", made)
    if system.has_demo_attendant:
        table.add_row("Attendants", f"[bold]http://127.0.0.1:{env['WEB_PORT']}/atendimento[/]")
        table.add_row("", f"{DEMO_LOGIN}   {system.data.secrets()['DEMO_ATTENDANT_PASSWORD']}")
    table.add_row("Webhook", f"http://127.0.0.1:{env['RASA_PORT']}/webhooks/whatsapp/webhook")
    table.add_row("Action server", f"http://127.0.0.1:{env['ACTIONS_PORT']}/health")
    folder = system.data.folder
    with contextlib.suppress(ValueError):
        folder = folder.relative_to(ROOT)
    table.add_row("Logs", f"{folder}/logs/")
    return Panel.fit(table, title="Marcaí runs", subtitle="Ctrl-C stops it", padding=(1, 3), border_style="green")
