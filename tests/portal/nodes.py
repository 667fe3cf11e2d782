"""Two servers of one bank, as processes of their own, and what their database holds before and after."""

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from tests.authenticator import Authenticator, es256_of
from tests.portal.bank_under_fault import answer_of, started
from tests.portal.conftest import environment_in
from tests.portal.starting import manage
from tests.postgres import own_server
from tests.serving import THROUGH_PROXY, Served, running, served
from tests.settings import WORKSHOP_RECIPIENT

FAILURES_ALLOWED = 12  # of a network, within the hour

PEOPLE = """
import json, sys, django
django.setup()
from tests import makers
advisor, asked = makers.make_advisor(), json.load(sys.stdin)
made = {name: makers.make_personalised_client(advisor, family_name=name) for name in asked["names"]}
keys = {name: makers.make_app(made[name])[1].hex() for name in asked["with_app"]}
print(json.dumps({"people": {name: client.user.username for name, client in made.items()}, "keys": keys}))
"""
WITH_AN_APP = """
import json, sys, django
django.setup()
from tests import makers
_, secret = makers.make_app_of(makers.make_advisor(json.load(sys.stdin)))
print(json.dumps(secret.hex()))
"""
WITH_A_LIST = """
import json, sys, django
django.setup()
from accounts.models import Client
from tests import makers
factor, codes = makers.make_list(Client.objects.get(client_code=json.load(sys.stdin)))
print(json.dumps([factor.asked, codes[factor.asked]]))
"""
WITH_A_PASSKEY = """
import json, sys, django
django.setup()
from accounts.models import Client
from tests import makers
from tests.authenticator import Authenticator, es256_of
code, private, origin, host = json.load(sys.stdin)
_, held = makers.make_passkey(
    Client.objects.get(client_code=code), Authenticator(lambda: es256_of(private), count=7, origin=origin, host=host)
)
print(json.dumps([held.name.hex(), held.handle.hex(), held.count]))
"""
SHEET = "SELECT id FROM accounts_client WHERE client_code = %s"


class Bank(NamedTuple):
    """Two nodes of one database: what each, and a spare one, is started with; code clients by people's names.

    `keys`: those of their authenticator apps, of who has one.
    """

    url: str
    environments: tuple[dict[str, str], ...]
    spare: dict[str, str]
    people: dict[str, str]
    keys: dict[str, bytes]

    def asked(self, sql: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql, parameters).fetchall()

    def sheet(self, name: str) -> int:
        return self.asked(SHEET, self.people[name])[0][0]

    def make_advisor_with_an_app(self, name: str) -> bytes:
        """The key of the app of a new advisor of this name."""
        return bytes.fromhex(answer_of(started(WITH_AN_APP, self.environments[0]), json.dumps(name)))

    def make_list(self, name: str) -> tuple[int, str]:
        """The number that is asked of a new list of this person's, and its code."""
        # What is sealed there for the workshop is opened there, by the key of the tests.
        environment = self.environments[0] | {"LETTER_RECIPIENT": WORKSHOP_RECIPIENT}
        number, code = answer_of(started(WITH_A_LIST, environment), json.dumps(self.people[name]))
        return number, code

    def make_passkey(self, person: str) -> Authenticator:
        """What holds a new passkey of this person's, made for the address of the nodes."""
        private, host = secrets.randbits(250) + 1, THROUGH_PROXY["Host"]
        place = {"origin": f"https://{host}", "host": host}
        said = json.dumps([self.people[person], private, *place.values()])
        name, handle, count = answer_of(started(WITH_A_PASSKEY, self.environments[0]), said)
        authenticator = Authenticator(count=count, name=bytes.fromhex(name), handle=bytes.fromhex(handle), **place)
        authenticator.public_key, authenticator.sign = es256_of(private)
        return authenticator

    def run(self, node: int, *command: str) -> str:
        """What a command of manage.py prints on that node."""
        done = manage(self.environments[node], *command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def made(ready: Path, folder: Path, names: list[str], with_app: list[str]) -> Iterator[Bank]:
    """A bank with these people, some of them `with_app`.

    `ready` holds the collected static files, `folder` what each node keeps for itself.
    """
    with own_server() as database:
        shared = environment_in(folder) | {
            "TRUSTED_PROXY_COUNT": "1",
            "DATABASE_URL": database.url,
            "NETWORK_FAILURES_PER_HOUR": str(FAILURES_ALLOWED),
        }
        one, two, spare = (shared | _own(ready, folder / name) for name in ("one", "two", "spare"))
        bank = Bank(database.url, (one, two), spare, {}, {})
        bank.run(0, "migrate", "-v0")
        asked = json.dumps({"names": names, "with_app": with_app})
        answer = answer_of(started(PEOPLE, bank.environments[0]), asked)
        bank.people.update(answer["people"])
        bank.keys.update({name: bytes.fromhex(key) for name, key in answer["keys"].items()})
        yield bank


def _own(ready: Path, folder: Path) -> dict[str, str]:
    """What a node does not share: its folder, its static files, its figures."""
    shutil.copytree(ready / "static", folder / "static")
    return {"VAR_DIR": str(folder), "PROMETHEUS_MULTIPROC_DIR": str(folder / "figures")}


@contextmanager
def both(bank: Bank, *options: str) -> Iterator[tuple[Served, Served]]:
    """The nodes serve."""
    with ExitStack() as until_end:
        one, two = (until_end.enter_context(served(own, *options)) for own in bank.environments)
        yield one, two


@contextmanager
def figures(bank: Bank) -> Iterator[tuple[Served, Served]]:
    """What Prometheus asks of each node."""
    with ExitStack() as until_end:
        one, two = (until_end.enter_context(_figures_of(own)) for own in bank.environments)
        for server in (one, two):
            server.wait_until(lambda server=server: '"port"' in server.log, "no figures")
        yield one, two


def _figures_of(own: dict[str, str]) -> AbstractContextManager[Served]:
    folder = Path(own["VAR_DIR"]) / "metrics"
    folder.mkdir()
    command = ["manage.py", "serve_metrics", "--port", "{port}"]
    return running(command, own | {"VAR_DIR": str(folder)}, wait=False)
