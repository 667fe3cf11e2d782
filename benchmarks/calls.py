"""How many calls of Python and C a login and each page of a customer make, which no neighbour on the machine changes.

    python -m tests.postgres python -m benchmarks.calls [--only PAGE]

In one process and one thread, by the application as gunicorn calls it, on a demo bank in PostgreSQL. Prints for each
the calls and the milliseconds of processor of this process, the hash of a code apart; medians of requests for which
everything is kept already. `benchmarks.pages` says what they cost where they are served.
"""

import argparse
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import pages
from benchmarks.serving import Browser

BEFORE, COUNTED, TIMED = 12, 5, 60
LOGIN = "/connexion/"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--only", default="", help="count what begins so")
    only = asked.parse_args().only
    with tempfile.TemporaryDirectory() as folder:
        people = pages.filled(Path(folder))
        from banking_portal.wsgi import application  # needs the settings

        print("\n| | calls | milliseconds |\n|---|---|---|")
        for name, act in rows(application, people):
            if name.startswith(only):
                print(f"| {name} | {calls(act):,} | {milliseconds(act):.1f} |", flush=True)


def rows(application: Callable, people: pages.People) -> list[tuple[str, Callable[[], None]]]:
    """Each page and its asking; a login is the form, asked for and sent."""
    strangers, known = cycle(people[2:]), Visitor(application)
    known.log_in(*people[1])
    reader = Visitor(application)
    reader.log_in(*people[0])

    def log_in_anew() -> None:
        Visitor(application).log_in(*next(strangers))

    def log_in_again() -> None:
        known.cookies.pop("session")
        known.log_in(*people[1])

    logins = [(pages.NEW, log_in_anew), (pages.KNOWN, log_in_again)]
    return logins + [
        (name, asking(Visitor(application) if page == LOGIN else reader, page)) for name, page in pages.PAGES.items()
    ]


def asking(visitor: "Visitor", page: str) -> Callable[[], None]:
    if "{" in page:
        page = page.format(**pages.own_of(visitor.get, page))

    def ask() -> None:
        visitor.get(page)

    return ask


class Visitor(Browser):
    """A browser that calls the application itself."""

    def __init__(self, application: Callable):
        self.application = application
        self.cookies: dict[str, str] = {}

    def _exchange(self, method: str, page: str, body: str | None) -> tuple[int, str]:
        said: list[str] = []

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            said.append(status)
            for name, value in headers:
                if name == "Set-Cookie":
                    cookie, _, held = value.partition(";")[0].strip().partition("=")
                    self.cookies[cookie] = held

        answer = self.application(self._environment(method, page, (body or "").encode()), start)
        drawn = b"".join(answer)
        answer.close()
        return int(said[0].split()[0]), drawn.decode()

    def _environment(self, method: str, page: str, body: bytes) -> dict[str, object]:
        address = urlsplit(page)
        return {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": address.path,
            "QUERY_STRING": address.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
        }


def calls(act: Callable[[], None]) -> int:
    """Of a request that many like it have gone before."""
    counted: list[int] = []
    for _ in range(BEFORE):
        act()
    for _ in range(COUNTED):
        made = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        sys.setprofile(count)
        act()
        sys.setprofile(None)
        counted.append(made)
    return int(statistics.median(counted))


def milliseconds(act: Callable[[], None]) -> float:
    """Of this process's processor, without what hashes take."""
    from auth_codes.crypto import hashing

    own, hashed = hashing.argon2id, 0.0

    def timed(*given: object, **named: object) -> object:
        nonlocal hashed
        start = time.process_time()
        try:
            return own(*given, **named)
        finally:
            hashed += time.process_time() - start

    hashing.argon2id, taken = timed, []
    try:
        for _ in range(TIMED):
            hashed, start = 0.0, time.process_time()
            act()
            taken.append(time.process_time() - start - hashed)
    finally:
        hashing.argon2id = own
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    main()
