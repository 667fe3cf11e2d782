"""What the master of gunicorn does before it serves, and before it replaces its workers.

The checks run in a process of their own: a master that had read the portal's code would hand it, as it was then, to
each worker that it starts later.
"""

import os
import subprocess
import sys
import time
from functools import partial
from mmap import PAGESIZE, mmap
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

ROOT = Path(__file__).resolve().parent.parent.parent
REFUSED = 1
READY = "Processus %s prêt"
READY_WITHIN = 20  # seconds after which a reload waits for no new process; gunicorn ends one that says nothing in 30
LOOKED_AT_EVERY = 0.1  # seconds
# Which processes have read all that they serve: each says it to its master at the place of its age.
_ready = mmap(-1, PAGESIZE)
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
        return
    for age in range(server.worker_age + 1, server.worker_age + 1 + server.cfg.workers):
        _ready[age % len(_ready)] = 0
    # Gunicorn asks for it as soon as it has started the new ones, and would end those of before.
    server.manage_workers = partial(_manage_once_ready, server, server.worker_age)


def _manage_once_ready(server: Arbiter, latest: int) -> None:
    """Ends the workers of before, `latest` and older, once those in their place serve: visitors wait for neither."""
    vars(server).pop("manage_workers")
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and not all(_is_ready(age) for age in _ages(server) if age > latest):
        time.sleep(LOOKED_AT_EVERY)
        server.reap_workers()  # one that could not start is not waited for
    server.manage_workers()


def _ages(server: Arbiter) -> list[int]:
    return [worker.age for worker in server.WORKERS.values()]


def _is_ready(age: int) -> bool:
    return bool(_ready[age % len(_ready)])


def say_ready(worker: Worker) -> None:
    """To its master, and by one line in the log: this process has read all that it serves."""
    _ready[worker.age % len(_ready)] = 1
    worker.log.info(READY, worker.pid)


def _is_portal(server: Arbiter) -> bool:
    return bool(server.app.app_uri.partition(":")[0] == "banking_portal.wsgi")


def _passes() -> bool:
    """Whether the portal may start; waits for a database that is not up yet."""
    command = [sys.executable, "-m", "banking_portal.serving.checks"]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": _path()}).returncode == 0  # noqa: S603 - its own interpreter and module


def _path() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
