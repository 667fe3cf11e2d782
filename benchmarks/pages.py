"""What a login and each page of a customer cost on a PostgreSQL, beside one hash of a code and Django's own login.

    python -m tests.postgres python -m benchmarks.pages [--rounds 3] [--only PAGE]

Fills an empty database with a demo bank, serves it by gunicorn with two workers of four threads, and a minimal Django
`LoginView` with django-axes beside it, in turn. Prints for each page the processor time of the workers divided by that
of one Argon2id hash of the same round (of a busy machine the quotient says more than milliseconds), the statements, and
the requests a second of four browsers at once, which share the processors with the server and the database.
"""

import argparse
import csv
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

import django
import psycopg

from benchmarks import serving
from benchmarks.serving import Browser, Server

CLIENTS, AT_ONCE, SECONDS = 68, 4, 1.5
# After each hash so many are asked of a row, so many times over. A login hashes itself, and is asked for alone.
PAGES_IN_A_ROW, LOGINS_IN_A_ROW = (25, 4), (1, 50)
# Every page that a customer reads; tests/portal/test_benchmarks.py finds the one that is forgotten.
PAGES = {
    "login page": "/connexion/",
    "overview": "/espace-client/",
    "account": "/espace-client/comptes/{account}/",
    "account, a word": "/espace-client/comptes/{account}/?search=carte",
    "operation": "/espace-client/comptes/{account}/operations/1/",
    "transfers": "/espace-client/virements/",
    "new transfer": "/espace-client/virements/nouveau/",
    "documents": "/espace-client/documents/",
    "a document": "/espace-client/documents/{document}/lire/",
    "profile": "/mon-profil/",
    "own journal": "/mon-profil/journal/",
    "code page": "/mon-profil/code-secret/",
    "it was not me": "/mon-profil/connexions/ce-n-etait-pas-moi/",
    "remove a device": "/mon-profil/appareils/retirer/?device={device}",
    "lock": "/verrouiller/",
    "own lock": "/mon-profil/verrouiller/",
    "second factors": "/mon-profil/moyens/",
    "second factor lost": "/mon-profil/moyens/perdu/",
    "add an application": "/mon-profil/moyens/application/",
    "second factor, a passkey": "/mon-profil/moyens/cle/",
    "second factor, a token": "/mon-profil/moyens/boitier/",
    "unlock": "/deverrouiller/",
    "advice": "/conseils-securite/",
    "forgotten client code": "/code-client-oublie/",
    "forgotten secret code": "/code-secret-oublie/",
    "legal notice": "/mentions-legales/",
    "accessibility": "/accessibilite/",
    "first page": "/",
}
# What stands in an address for something of the customer's own, and the page whose links name it.
OWN = {
    "account": ("/espace-client/", re.compile(r"/espace-client/comptes/(\d+)/")),
    "document": ("/espace-client/documents/", re.compile(r"/espace-client/documents/(\d+)/lire/")),
    "device": ("/mon-profil/", re.compile(r"\?device=([0-9a-f-]+)")),
}
# In hashes; of any other page OTHERS.
GOALS = {"login page": 0.06, "overview": 0.45, "account": 0.45, "profile": 0.45}
OTHERS = 0.35
NEW, KNOWN, PLAIN = "login, unknown browser", "login, known browser", "login, plain Django with axes"
People = list[tuple[str, str]]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--only", default="", help="measure what begins so")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        people = filled(Path(folder))
        gunicorns_own = Path(folder) / "gunicorn.conf.py"
        gunicorns_own.touch()
        with (
            serving.served("banking_portal.wsgi", {}, serving.ROOT / "gunicorn.conf.py") as portal,
            serving.served("django.core.wsgi:get_wsgi_application()", PLAIN_SETTINGS, gunicorns_own) as plain,
        ):
            table = Table(portal, plain, people)
            for number in range(options.rounds):
                table.measure(number, options.only)
        table.show()


PLAIN_SETTINGS = {"DJANGO_SETTINGS_MODULE": "benchmarks.plain_django"}


def filled(folder: Path) -> People:
    """Fills both databases, sets this process up for the portal's, and says who can log in."""
    os.environ["VAR_DIR"] = str(folder)
    run("-m", "banking_portal.demo_environment")
    os.environ.update(line.split("=", 1) for line in (folder / "demo.env").read_text().split())
    os.environ["DJANGO_SETTINGS_MODULE"] = "banking_portal.settings"
    codes = folder / "codes.csv"
    for command in (["migrate", "--verbosity=0"], ["collectstatic", "--noinput", "--verbosity=0"], ["seed_demo"]):
        run("manage.py", *command)
    run("manage.py", "seed_demo", "--clients", str(CLIENTS), "--credentials", str(codes))
    with codes.open() as rows:
        people = [(row["client_code"], row["secret_code"]) for row in csv.DictReader(rows)]
    fill_plain_django(people)
    django.setup()
    return people


def fill_plain_django(people: People) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE DATABASE plain_django")
    os.environ["PLAIN_DATABASE_URL"] = os.environ["DATABASE_URL"].rpartition("/")[0] + "/plain_django"
    run("-m", "django", "migrate", "--verbosity=0", **PLAIN_SETTINGS)
    make = "from django.contrib.auth.models import User\n" + "".join(
        f"User.objects.create_user({name!r}, password={code!r})\n" for name, code in people
    )
    run("-m", "django", "shell", "--no-imports", "-c", make, **PLAIN_SETTINGS)


def run(*arguments: str, **environment: str) -> None:
    command = [sys.executable, *arguments]
    subprocess.run(command, cwd=serving.ROOT, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)


class Table:
    """What was measured so far, by the name of each row."""

    def __init__(self, portal: Server, plain: Server, people: People):
        self.portal, self.plain = portal, plain
        # A fourth session would end the first: who reads pages does not log in again and again.
        self.readers, self.people = people[:AT_ONCE], cycle(people[2 * AT_ONCE :])
        self.known = cycle([(self._known(person), person) for person in people[AT_ONCE : 2 * AT_ONCE]])
        self.quotients: dict[str, list[float]] = {}
        self.rates: dict[str, list[float]] = {}

    def _known(self, person: tuple[str, str]) -> dict[str, str]:
        browser = Browser(self.portal)
        browser.log_in(*person)
        return without_session(browser.cookies)

    def measure(self, number: int, only: str) -> None:
        """One round: every row in turn."""
        for name, server, acts in self._rows():
            if not name.startswith(only):
                continue
            in_a_row, times = PAGES_IN_A_ROW if name in PAGES else LOGINS_IN_A_ROW
            used, hashed = 0.0, 0.0
            for _ in range(times):  # in turn, for neighbours on the machine come and go
                hashed += serving.one_hash()
                start = server.processor()
                for act in acts[:1] * in_a_row:
                    act()
                used += server.processor() - start
            self.quotients.setdefault(name, []).append(used / in_a_row / hashed)
            self.rates.setdefault(name, []).append(rate(acts))
            found = f"{self.quotients[name][-1]:.2f} hashes, {self.rates[name][-1]:.0f} a second"
            print(f"round {number + 1}, {name}: {found}", flush=True)

    def _rows(self) -> Iterator[tuple[str, Server, list[Callable[[], object]]]]:
        yield NEW, self.portal, [self._log_in_anew] * AT_ONCE
        yield PLAIN, self.plain, [self._log_in_to_plain_django] * AT_ONCE
        yield KNOWN, self.portal, [self._log_in_again]
        for name, page in PAGES.items():
            yield name, self.portal, [self._asking(page, reader) for reader in self.readers]

    def _asking(self, page: str, reader: tuple[str, str]) -> Callable[[], object]:
        browser = Browser(self.portal)
        if page != PAGES["login page"]:
            browser.log_in(*reader)
            page = page.format(**own_of(browser.get, page))
        return lambda: browser.get(page)

    def _log_in_anew(self) -> None:
        Browser(self.portal).log_in(*next(self.people))

    def _log_in_to_plain_django(self) -> None:
        Browser(self.plain).log_in(*next(self.people))

    def _log_in_again(self) -> None:
        cookies, person = next(self.known)
        browser = Browser(self.portal)
        browser.cookies = dict(cookies)
        browser.log_in(*person)
        cookies.update(without_session(browser.cookies))

    def show(self) -> None:
        print("\n| | hashes | goal | statements | requests a second |\n|---|---|---|---|---|")
        for name, quotients in self.quotients.items():
            # Whoever reads pages has a code of his own, which others may be led to choose first.
            asked = statements(name, self.readers[0] if name in PAGES else next(self.people))
            found = f"{statistics.median(quotients):.2f} ({min(quotients):.2f} to {max(quotients):.2f})"
            goal = GOALS.get(name, OTHERS) if name in PAGES else ""
            print(f"| {name} | {found} | {goal} | {asked} | {statistics.median(self.rates[name]):.0f} |")


def rate(acts: list[Callable[[], object]]) -> float:
    """How often a second all of these are done, each again and again in a thread of its own."""
    end = time.perf_counter() + SECONDS

    def again(act: Callable[[], object]) -> int:
        done = 0
        while time.perf_counter() < end:
            act()
            done += 1
        return done

    start = time.perf_counter()
    with ThreadPoolExecutor(len(acts)) as threads:
        return sum(threads.map(again, acts)) / (time.perf_counter() - start)


def without_session(cookies: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in cookies.items() if name != "session"}


def own_of(get: Callable[[str], str], page: str) -> dict[str, str]:
    """What stands for the names in this address, found as its owner finds it."""
    return {name: link.search(get(lists))[1] for name, (lists, link) in OWN.items() if f"{{{name}}}" in page}


def statements(name: str, person: tuple[str, str]) -> str:
    """How many are asked of the database in this process, by the same code; BEGIN and COMMIT are not counted."""
    from django.db import connection
    from django.test import Client

    if name == PLAIN:
        return ""
    client_code, code = person
    browser, asked = Client(SERVER_NAME="localhost"), []

    def count(execute, *arguments):
        asked.append(arguments[0])
        return execute(*arguments)

    fields = {"username": client_code, "password": code}
    answer = browser.post("/connexion/", fields)
    assert answer.status_code == 302, f"{client_code} does not get in: {answer.status_code}"
    page = PAGES.get(name, "")
    page = page.format(**own_of(lambda address: browser.get(address).content.decode(), page))
    if name in (NEW, KNOWN):
        browser.post("/deconnexion/")
        browser = browser if name == KNOWN else Client(SERVER_NAME="localhost")
    with connection.execute_wrapper(count):
        if name in (NEW, KNOWN):
            browser.get("/connexion/")
            answer = browser.post("/connexion/", fields)
        else:
            answer = browser.get(page)
    if answer.status_code >= 400:
        raise SystemExit(f"{name} answered {answer.status_code}")
    return str(len(asked))


if __name__ == "__main__":
    main()
