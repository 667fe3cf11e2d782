"""Many at the same instant: threads of this process, or processes of their own."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from tests.races import at_once

ROOT = Path(__file__).resolve().parent.parent.parent


def in_threads(acts: list[Callable]) -> list:
    """Starts all `acts` together, each on a connection of its own; their results, in order, or the first error."""
    return at_once(lambda act: act(), acts)


def in_processes(tasks: list[list[int]]) -> list[list[str]]:
    """Runs `open_accounts` of these tests once for each list of clients, all at once; the codes that each printed."""
    command = [
        sys.executable,
        "-m",
        "tests.accounts.bank_accounts.open_accounts",
        str(connection.settings_dict["NAME"]),
    ]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    children = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in tasks]
    for child in children:
        child.stdout.readline()  # ready
    for child, clients in zip(children, tasks, strict=True):
        child.stdin.write(json.dumps(clients) + "\n")
        child.stdin.flush()
    answers = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0] * len(tasks), answers
    return [json.loads(printed) for printed, _ in answers]
