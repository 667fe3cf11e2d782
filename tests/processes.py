"""Real processes of the portal's commands, on the database of the running test, to be killed where it hurts."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
# Before a command: a suite that a shell runs in the background ignores Ctrl-C, and so would those that it starts.
LISTENING = [
    sys.executable, "-ISc",
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
]  # fmt: skip


# What coverage gives to the processes that it starts, so that what they run is told too; see `make coverage`.
MEASURING = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE")


def measured() -> dict[str, str]:
    """For an environment that holds nothing else of ours: empty where nothing is measured."""
    return {name: os.environ[name] for name in MEASURING if name in os.environ}


def start(*arguments: str | Path, **environment: str) -> subprocess.Popen:
    """A command of manage.py, or with `-c` a script, begun in a process of its own with the portal's real settings."""
    program = arguments if arguments[0] == "-c" else (ROOT / "manage.py", *arguments)
    command = [*LISTENING, sys.executable, *map(str, program)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=_environment() | environment, **pipes)


def run(*arguments: str | Path) -> subprocess.CompletedProcess:
    """The same, to its end."""
    process = start(*arguments)
    said, complained = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, said, complained)


def kill_after(calls: int, function: str, *arguments: str | Path, **environment: str) -> None:
    """A command of manage.py that is killed (-9) when `function` (module.name) has returned for the n-th time.

    Where it is killed does not depend on how busy the machine is.
    """
    module, _, name = function.rpartition(".")
    process = start("-c", KILLED, str(calls), module, name, *arguments, **environment)
    _, complained = process.communicate(timeout=120)
    assert process.returncode == -9, complained


KILLED = """
import importlib, os, signal, sys
import django
from django.core.management import call_command

django.setup()
calls, module, name, *arguments = sys.argv[1:]
module, left = importlib.import_module(module), int(calls)
act = getattr(module, name)

def counted(*positional, **named):
    global left
    done, left = act(*positional, **named), left - 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return done

setattr(module, name, counted)
call_command(*arguments)
"""


def _environment() -> dict[str, str]:
    settings = {"DJANGO_SETTINGS_MODULE": "banking_portal.settings", "DATABASE_URL": _database_url()}
    return {**os.environ, **settings}


def _database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
