"""What the master of gunicorn does before it serves, and before it replaces its workers.

The checks run in a process of their own: a master that had read the portal's code would hand it, as it was then, to
each worker that it starts later.
"""

import os
import subprocess
import sys
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

ROOT = Path(__file__).resolve().parent.parent.parent
REFUSED = 1
READY = "Processus %s prêt"
GIVEN_UP = "Rechargement abandonné : le portail continue avec les processus d’avant. Corrigez, puis recommencez."


def check_before_start(server: Arbiter) -> None:
    """Raises SystemExit, once the reason has been said in a sentence. What else is served from here starts."""
    if _is_portal(server) and not _passes():
        sys.exit(REFUSED)


def check_before_reload(server: Arbiter) -> None:
    """Keeps the workers of before where new ones would not start: gunicorn would end with the first of them."""
    if _is_portal(server) and not _passes():
        server.log.error(GIVEN_UP)
        server.cfg.set("workers", 0)  # how many this reload starts; the next one reads the configuration anew


def say_ready(worker: Worker) -> None:
    """One line in the log: this process has read all that it serves."""
    worker.log.info(READY, worker.pid)


def _is_portal(server: Arbiter) -> bool:
    return bool(server.app.app_uri.partition(":")[0] == "banking_portal.wsgi")


def _passes() -> bool:
    """Whether the portal may start; waits for a database that is not up yet."""
    command = [sys.executable, "-m", "banking_portal.serving.checks"]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": _path()}).returncode == 0  # noqa: S603 - its own interpreter and module


def _path() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
