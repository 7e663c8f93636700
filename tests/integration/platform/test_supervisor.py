"""The supervisor: nothing is left behind however it ends, and what dies is started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from marcai.platform import processes
from marcai.platform.localdata import InUse, LocalData
from marcai.platform.supervisor import StartError, System

LIGHT = frozenset({"rasa", "actions", "simulator"})


def until(condition, seconds: float = 30.0):
    """Waits for something to become true, and gives it back."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not become true")


@pytest.fixture(scope="module")
def light_system(tmp_path_factory):
    """PostgreSQL, Redis, worker and web app of their own."""
    system = System(tmp_path_factory.mktemp("light") / "data", private=True, without=LIGHT)
    system.start()
    yield system
    system.stop()
    system.data.remove()


@pytest.fixture
def supervisor_process(tmp_path):
    """Another Python process that supervises a light system; gives it and its processes' ids."""
    data = tmp_path / "data"
    program = textwrap.dedent(f"""
        import json, signal, time
        from pathlib import Path
        from marcai.platform.supervisor import System
        system = System(Path({str(data)!r}), private=True, without=frozenset({sorted(LIGHT)!r}))
        system.start()
        print(json.dumps(system.pids()), flush=True)
        signal.pause()
    """)
    started = []

    def start():
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, json.loads(process.stdout.readline())

    start.data = data
    yield start
    for process in started:
        process.kill()
        process.wait()
    LocalData(data).remove()


def test_killing_the_supervisor_leaves_no_process(supervisor_process):
    process, pids = supervisor_process()
    assert set(pids) == {"postgres", "redis", "worker", "web"}
    process.kill()
    process.wait()
    until(lambda: not any(processes.is_running(pid) for pid in pids.values()))


def test_a_start_at_once_after_a_kill_recovers_in_the_same_folder(supervisor_process):
    process, first = supervisor_process()
    process.kill()
    process.wait()
    process, second = supervisor_process()
    assert set(second) == set(first)
    assert not any(processes.is_running(pid) for pid in first.values())
    for pid in [process.pid, *second.values()]:  # now the servers too, without a word of warning
        os.kill(pid, signal.SIGKILL)
    process.wait()
    _, third = supervisor_process()
    assert set(third) == set(first)


def test_a_second_copy_in_the_same_folder_is_refused(light_system):
    with pytest.raises(InUse, match="a copy runs in"):
        System(light_system.folder, private=True, without=LIGHT).start()


def test_two_copies_run_side_by_side_and_one_stops_without_leaving_a_process(light_system, tmp_path):
    other = System(tmp_path / "other", private=True, without=LIGHT)
    other.start()
    pids = other.pids()
    assert other.env["DATABASE_URL"] != light_system.env["DATABASE_URL"]
    assert len({*pids.values(), *light_system.pids().values()}) == 8
    other.stop()
    assert not any(processes.is_running(pid) for pid in pids.values())
    assert len(light_system.pids()) == 4
    other.data.remove()
    assert not other.folder.exists()


@pytest.mark.parametrize("name", ["postgres", "redis", "worker", "web"])
def test_a_killed_process_is_started_again(light_system, name):
    before = light_system.pids()[name]
    light_system.kill(name)
    until(lambda: light_system.pids().get(name) not in (None, before))
    light_system.wait_ready("postgres", "redis", "worker", "web")
    assert not processes.is_running(before)


def test_a_port_in_use_is_named_with_its_setting(light_system, tmp_path):
    taken = light_system.env["WEB_PORT"]
    with pytest.raises(StartError, match=f"port {taken}: set WEB_PORT"):
        System(tmp_path / "other", private=True, without=LIGHT, overrides={"WEB_PORT": taken}).start()
    LocalData(tmp_path / "other").remove()


def test_a_shell_beside_a_running_copy_finds_its_settings(light_system):
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "PYTHONPATH")}
    code = "from marcai.platform.settings import settings; print(settings().database_url)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                           env={**kept, "MARCAI_DATA_DIR": str(light_system.folder)})
    assert found.stdout.strip() == light_system.env["DATABASE_URL"]


def test_secrets_are_made_once_and_only_the_owner_reads_them(tmp_path):
    data = LocalData(tmp_path)
    first = data.secrets()
    assert data.secrets() == first
    assert Path(tmp_path / "secrets").stat().st_mode & 0o077 == 0
    assert len(set(first.values())) == len(first)
