"""Places of processes: one each, kept by who lives, taken over from who ended, however he ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.multiprocess import MultiProcessCollector

from auth_codes.measures import files
from auth_codes.measures.files import OwnPlace
from tests.processes import ROOT

# Counts one, holds one, says its place, and waits for a line (or to be killed); with « fork » its child does it too.
COUNTING = """
import os, sys
from pathlib import Path
from prometheus_client import CollectorRegistry, Counter, Gauge, values
from auth_codes.measures.files import OwnPlace
folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
place = OwnPlace(folder)
values.ValueClass = values.MultiProcessValue(place.number)
registry = CollectorRegistry()
done = Counter("done", "Done.", registry=registry)
held = Gauge("held", "Held.", registry=registry, multiprocess_mode="livesum")
if "fork" in sys.argv:
    done.inc()
    if os.fork():
        os.wait()
        print("parent", place.number(), flush=True)
        os._exit(0)
done.inc()
held.inc()
print(place.number(), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def started(tmp_path):
    """`started()` begins a process that counts in the folder, and gives it with its place."""
    processes = []

    def start(*arguments):
        environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-c", COUNTING, *arguments],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        processes.append(process)
        return process, int(process.stdout.readline())

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def figures(folder: Path) -> dict[str, float]:
    merged = MultiProcessCollector.merge(list(map(str, files.present(folder))))
    return {sample.name: sample.value for metric in merged for sample in metric.samples}


@pytest.mark.slow
def test_processes_at_once_have_a_place_each_and_are_added_up(started, tmp_path):
    assert {started()[1], started()[1], started()[1]} == {0, 1, 2}
    assert figures(tmp_path) == {"done_total": 3, "held": 3}


@pytest.mark.slow
def test_killed_process_keeps_what_it_counted_and_holds_nothing(started, tmp_path):
    killed, place = started()
    started()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert figures(tmp_path) == {"done_total": 2, "held": 1}
    assert started()[1] == place
    assert figures(tmp_path) == {"done_total": 3, "held": 2}
    assert len(list(tmp_path.glob("*.db"))) == 4  # as many as ever ran at once


@pytest.mark.slow
def test_child_of_a_process_takes_a_place_of_its_own_and_leaves_the_parents(started, tmp_path):
    process, child = started("fork")
    assert child == 1
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline().split() == ["parent", "0"]
    assert figures(tmp_path)["done_total"] == 2


def test_place_is_kept_and_another_ones_is_not_taken(tmp_path):
    first, second = OwnPlace(tmp_path), OwnPlace(tmp_path)
    assert [first.number(), second.number(), first.number()] == [0, 1, 0]


def test_lock_is_for_this_user_alone(tmp_path):
    OwnPlace(tmp_path).number()
    assert (tmp_path / "0.lock").stat().st_mode & 0o077 == 0
