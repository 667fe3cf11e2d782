"""Real processes of the portal's commands, on the database of the running test, to be killed where it hurts."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def start(*arguments: str | Path, **environment: str) -> subprocess.Popen:
    """A command of manage.py, or with `-c` a script, begun in a process of its own with the portal's real settings."""
    program = arguments if arguments[0] == "-c" else (ROOT / "manage.py", *arguments)
    command = [sys.executable, *map(str, program)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=_environment() | environment, **pipes)


def run(*arguments: str | Path) -> subprocess.CompletedProcess:
    """The same, to its end."""
    process = start(*arguments)
    said, complained = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, said, complained)


def kill_once(process: subprocess.Popen, has_come_far: Callable[[], bool]) -> None:
    """Kills it (-9) as soon as it has come that far; fails when it ended before."""
    give_up = time.monotonic() + 60
    while not has_come_far():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < give_up
        time.sleep(0.0005)
    process.kill()
    assert process.wait() == -9, "it had ended: this proves nothing"
    process.communicate()


def _environment() -> dict[str, str]:
    settings = {"DJANGO_SETTINGS_MODULE": "banking_portal.settings", "DATABASE_URL": _database_url()}
    return {**os.environ, **settings}


def _database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
