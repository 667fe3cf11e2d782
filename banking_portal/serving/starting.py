"""What the master of gunicorn does before it serves, and before it replaces its workers.

The checks run in a process of their own: a master that had read the portal's code would hand it, as it was then, to
each worker that it starts later.
"""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from mmap import PAGESIZE, mmap
from operator import attrgetter
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.workers.base import Worker

ROOT = Path(__file__).resolve().parent.parent.parent
REFUSED = 1
READY = "Processus %s prêt"
READY_WITHIN = 60  # seconds, for all new processes of a reload
LOOKED_AT_EVERY = 0.1  # seconds
AGAIN_AFTER = 30  # seconds, from a process that could not start to the next one
STOPS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
# Which processes have read all that they serve: each sets the byte of its age, which its master reads.
_ready = mmap(-1, PAGESIZE)
GIVEN_UP = "Rechargement abandonné : le portail continue avec les processus d’avant. Corrigez, puis recommencez."
NOT_STARTED = "Un processus n’a pas pu démarrer : le portail continue avec les autres. Nouvel essai dans %s s."


def check_before_start(server: Arbiter) -> None:
    """Raises SystemExit, once the reason has been said in a sentence. What else is served from here starts."""
    if not _is_portal(server):
        return
    if not _passes():
        sys.exit(REFUSED)
    server.reap_workers = partial(_reap_and_go_on, server)


def check_before_reload(server: Arbiter) -> None:
    """Keeps the workers of before where new ones would not start, cannot, or do not get ready."""
    server.reap_workers = partial(_reap_and_go_on, server)  # a master that an earlier version started has none
    # A reload calls it once, when all new processes are started.
    if _is_portal(server) and not _passes():
        server.cfg.set("workers", 0)  # how many this reload starts; the next one reads the configuration anew
        server.manage_workers = partial(_give_up, server, server.worker_age)
        return
    _ready[:] = bytes(PAGESIZE)
    server.manage_workers = partial(_replace_when_ready, server, server.worker_age)


def _replace_when_ready(server: Arbiter, last_age: int) -> None:
    """Ends the processes of before, of ages up to `last_age`, once all new ones can answer in their place.

    Gunicorn's own, for which this stands, ends them as soon as the new ones are started, and visitors wait while those
    load. Where one of the new ones ends, or does not get ready, the reload is given up.
    """
    if _wait_for_new(server, last_age):
        for pid, worker in [*server.WORKERS.items()]:
            if worker.age <= last_age:
                server.kill_worker(pid, signal.SIGTERM)
        _manage_as_gunicorn(server)
    else:
        _give_up(server, last_age)


def _give_up(server: Arbiter, last_age: int) -> None:
    """Ends those that are younger than `last_age`, if any; the others stay, and count as the new ones.

    For the end of what it takes for old ones gunicorn would wait half a minute, and hear no signal.
    """
    server.log.error(GIVEN_UP)
    _end_new(server, last_age)
    for worker in sorted(server.WORKERS.values(), key=attrgetter("age")):
        server.worker_age += 1
        worker.age = server.worker_age
    _manage_as_gunicorn(server)


def _manage_as_gunicorn(server: Arbiter) -> None:
    """Has gunicorn start and end processes by its own rules again."""
    vars(server).pop("manage_workers", None)


def _reap_and_go_on(server: Arbiter) -> None:
    """Forgets processes that have ended. Raises HaltServer where the last one could not start.

    Gunicorn's own, which this calls, ends the whole portal with the first: after a reload that was given up, with the
    first process of before that is replaced. Here the others answer meanwhile, and one is tried again later.
    """
    while True:
        try:
            type(server).reap_workers(server)
        except HaltServer:
            if not server.WORKERS:
                raise
            if "manage_workers" not in vars(server):  # else a reload judges it, or the next try is known already
                server.log.error(NOT_STARTED, AGAIN_AFTER)
                server.manage_workers = partial(_try_again, server, time.monotonic() + AGAIN_AFTER)
        else:
            return


def _try_again(server: Arbiter, at: float) -> None:
    """Gunicorn's own from then on, or where nobody is left; nothing before. `at`: seconds of the monotonic clock."""
    if time.monotonic() >= at or not server.WORKERS:
        _manage_as_gunicorn(server)
        server.manage_workers()


def _wait_for_new(server: Arbiter, last_age: int) -> bool:
    """Whether those of before may go: all new ones are ready, or the server is asked to stop."""
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        new = [worker for worker in server.WORKERS.values() if worker.age > last_age]
        if len(new) < server.cfg.workers:
            return False
        if all(map(_is_ready, new)) or _is_asked_to_stop(server):
            return True
        time.sleep(LOOKED_AT_EVERY)
        server.reap_workers()
    return False


def _end_new(server: Arbiter, last_age: int) -> None:
    """Until none is left: else gunicorn, which keeps the youngest, would end those of before."""
    until = time.monotonic() + server.cfg.graceful_timeout
    while new := {pid: worker for pid, worker in server.WORKERS.items() if worker.age > last_age}:
        for pid, worker in new.items():
            # One that still loads hears nothing else.
            is_answering = _is_ready(worker) and time.monotonic() < until
            server.kill_worker(pid, signal.SIGTERM if is_answering else signal.SIGKILL)
        time.sleep(LOOKED_AT_EVERY)
        server.reap_workers()


def _is_asked_to_stop(server: Arbiter) -> bool:
    """Whether such a signal waits; all that wait go on waiting for gunicorn."""
    waiting = []
    while not server.SIG_QUEUE.empty():
        waiting.append(server.SIG_QUEUE.get_nowait())
    for number in waiting:
        server.SIG_QUEUE.put_nowait(number)
    return not STOPS.isdisjoint(waiting)


def _is_ready(worker: Worker) -> bool:
    return bool(_ready[worker.age % PAGESIZE])


def say_ready(worker: Worker) -> None:
    """To its master, and by one line in the log: this process has read all that it serves."""
    _ready[worker.age % PAGESIZE] = 1
    worker.log.info(READY, worker.pid)


def _is_portal(server: Arbiter) -> bool:
    return bool(server.app.app_uri.partition(":")[0] == "banking_portal.wsgi")


def _passes() -> bool:
    """Whether the portal may start; waits for a database that is not up yet."""
    command = [sys.executable, "-m", "banking_portal.serving.checks"]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": _path()}).returncode == 0  # noqa: S603 - its own interpreter and module


def _path() -> str:
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
