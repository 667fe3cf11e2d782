"""An upgrade under load: servers of an earlier version, the migrations, servers of this one, and nobody who notices.

    python -m benchmarks.upgrade REVISION [PEOPLE]

Makes a bank by the code of that revision of the repository, on a PostgreSQL of its own, and serves it. PEOPLE customers
(6) log in, look round and log out without a pause, while this code migrates the database as docs/production.md says,
is served beside the earlier one, and then alone. Each request goes to another server than the one before, so that
sessions and forms cross. Prints what was answered in each of the four phases and how long the slowest took; ends with
exit code 1 when a request failed.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from itertools import cycle
from pathlib import Path

from tests.portal.conftest import environment_in
from tests.portal.nodes import PEOPLE as MADE
from tests.portal.starting import ROOT
from tests.postgres import own_server
from tests.serving import Customer, Served, served

CODE = "739146"  # of tests/makers.py, then as now
PAGES = ("/espace-client/", "/espace-client/documents/", "/espace-client/virements/", "/mon-profil/")
PHASES = ("before", "while it migrates", "both versions", "after")
SECONDS = 15  # of each phase but the second, which takes what the migrations take
RIGHT = {"GET": 200, "POST": 302}  # a page that leads to the login, or a form that is shown again, is a failure
# As docs/production.md has it: a migration that does not get its lock gives up, before customers wait behind it.
MIGRATING = {"PGOPTIONS": "-c lock_timeout=5s"}


class Balancer:
    """Which servers take requests, and what came of each."""

    def __init__(self) -> None:
        self.servers: list[Served] = []
        self.phase, self.done = PHASES[0], threading.Event()
        self.answers = {phase: Counter[str]() for phase in PHASES}
        self.slowest = dict.fromkeys(PHASES, 0.0)

    def visit(self, username: str, number: int) -> None:
        """Logs in, looks round, logs out, again and again."""
        turns = cycle(range(number, number + 12))
        while not self.done.is_set():
            customer = Customer(self.servers[0], f"198.51.100.{number}")
            self.ask(customer, next(turns), "POST", "/connexion/", username=username, password=CODE)
            for page in PAGES:
                self.ask(customer, next(turns), "GET", page)
            self.ask(customer, next(turns), "POST", "/deconnexion/")

    def ask(self, customer: Customer, turn: int, method: str, path: str, **fields: str) -> None:
        phase, began = self.phase, time.monotonic()
        try:
            status = self._status_of(customer, turn, method, path, **fields)
            said = "right" if status == RIGHT[method] else f"{status} at {path}"
        except (OSError, HTTPException) as error:
            said = f"{type(error).__name__} at {path}"
        self.answers[phase][said] += 1
        self.slowest[phase] = max(self.slowest[phase], time.monotonic() - began)

    def _status_of(self, customer: Customer, turn: int, method: str, path: str, **fields: str) -> int:
        """A form goes to another server than its page came from."""
        if method == "GET":
            return self._at(customer, turn).get(path).status
        token = self._at(customer, turn).token_of(path if fields else PAGES[0])
        return self._at(customer, turn + 1).send(path, token, **fields).status

    def _at(self, customer: Customer, turn: int) -> Customer:
        servers = self.servers
        customer.server = servers[turn % len(servers)]
        return customer


def main(revision: str, people: int = 6) -> int:
    with tempfile.TemporaryDirectory() as folder, own_server() as database:
        code = earlier_code(revision, Path(folder) / "code")
        shared = environment_in(Path(folder)) | {"TRUSTED_PROXY_COUNT": "1", "DATABASE_URL": database.url}
        old, new = (shared | {"VAR_DIR": str(Path(folder) / name)} for name in ("old", "new"))
        for environment in (old, new):
            Path(environment["VAR_DIR"]).mkdir()
        manage(code, old, "migrate", "-v0")
        manage(code, old, "collectstatic", "--noinput", "-v0")
        manage(ROOT, new, "collectstatic", "--noinput", "-v0")
        usernames = people_of(code, old, people)
        balancer = Balancer()
        with served(old, "--chdir", str(code), *configuration_of(code)) as before:
            balancer.servers = [before]
            with ThreadPoolExecutor(people) as threads:
                visits = [threads.submit(balancer.visit, *one) for one in zip(usernames, range(1, 99), strict=False)]
                try:
                    upgrade(balancer, before, new)
                finally:
                    balancer.done.set()
            for visit in visits:
                visit.result()
        return told(balancer)


def upgrade(balancer: Balancer, before: Served, new: dict[str, str]) -> None:
    time.sleep(SECONDS)
    balancer.phase = PHASES[1]
    began = time.monotonic()
    manage(ROOT, new | MIGRATING, "migrate", "-v0")
    print(f"migrated within {time.monotonic() - began:.0f} s", flush=True)
    with served(new) as after:
        balancer.servers, balancer.phase = [before, after], PHASES[2]
        time.sleep(SECONDS)
        balancer.servers, balancer.phase = [after], PHASES[3]
        time.sleep(SECONDS)
        balancer.done.set()
        time.sleep(5)  # who is on his way arrives


def told(balancer: Balancer) -> int:
    for phase in PHASES:
        answers = ", ".join(f"{number} {said}" for said, number in balancer.answers[phase].most_common())
        print(f"{phase}: {answers or 'nothing'}; slowest {balancer.slowest[phase]:.1f} s")
    return int({said for answers in balancer.answers.values() for said in answers} != {"right"})


def earlier_code(revision: str, folder: Path) -> Path:
    folder.mkdir()
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "--extract", "--directory", folder], input=packed, check=True)
    return folder


def configuration_of(code: Path) -> list[str]:
    """Its own; that of versions which had none is what their pages told to type."""
    own = code / "gunicorn.conf.py"
    none = ["--config", "python:types", "--workers", "2", "--threads", "4", "banking_portal.wsgi"]
    return ["--config", str(own)] if own.exists() else none


def manage(code: Path, environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=code, env=environment, check=True)


def people_of(code: Path, environment: dict[str, str], number: int) -> list[str]:
    asked = json.dumps({"names": [f"Client {chr(65 + place)}" for place in range(number)], "with_app": []})
    settings = {"DJANGO_SETTINGS_MODULE": "banking_portal.settings", "PYTHONPATH": str(code)}
    command = [sys.executable, "-c", MADE]
    made = subprocess.run(
        command, cwd=code, env=environment | settings, input=asked, check=True, capture_output=True, text=True
    )
    return list(json.loads(made.stdout.splitlines()[-1])["people"].values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
