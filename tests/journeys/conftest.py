"""The demo as `make run` serves it, on a free port and in a folder of its own, and a browser to walk through it."""

import csv
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect, sync_playwright

from accounts.demo.people import FAMILIES
from tests.chromium import launch_options

ROOT = Path(__file__).resolve().parent.parent.parent
# Milliseconds that a page may take on a busy machine; a page that is ready keeps nobody waiting.
PATIENCE = 60_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@dataclass(frozen=True)
class Demo:
    """A running demo bank and its first codes."""

    url: str
    var: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """A command of the portal; what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.var / name).open(newline="") as file:
            return list(csv.DictReader(file))

    def person(self, kind: str) -> dict[str, str]:
        return next(row for row in self.rows("demo_codes.csv") if row["kind"] == kind)


@contextmanager
def running_demo(var: Path) -> Iterator[Demo]:
    """The demo bank, made in `var`, for as long as it is wanted."""
    bare = {name: value for name, value in os.environ.items() if name not in BANK_VARIABLES}
    bare["VAR_DIR"] = str(var)
    subprocess.run([sys.executable, "-m", "banking_portal.demo_environment"], cwd=ROOT, env=bare, check=True)
    written = dict(line.split("=", 1) for line in (var / "demo.env").read_text().split())
    port = free_port()
    demo = Demo(f"http://127.0.0.1:{port}", var, bare | written)
    demo.manage("migrate", "--verbosity", "0")
    demo.manage("collectstatic", "--noinput", "--verbosity", "0")
    demo.manage("seed_demo")
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    with (var / "server.log").open("w") as log:
        server = subprocess.Popen(gunicorn, cwd=ROOT, env=demo.environment, stdout=log, stderr=log)
    try:
        wait_for(f"{demo.url}/healthz", server)
        yield demo
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


BANK_VARIABLES = {
    "DATABASE_URL", "DEBUG", "DEMO", "SECRET_KEY", "SECRET_CODE_KEYS", "LETTER_RECIPIENT", "ALLOWED_HOSTS",
    "JOURNAL_KEYS", "TRUSTED_PROXY_COUNT", "EMAIL_URL", "EMAIL_FROM", "DJANGO_SETTINGS_MODULE", "VAR_DIR",
    "BANK_PHONE", "BANK_HOURS", "BANK_HOURS_EN", "CARD_STOP_PHONE", "PORTAL_ADDRESS",
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, server: subprocess.Popen) -> None:
    for _ in range(150):
        assert server.poll() is None, "the server stopped while starting"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:  # refused, or begun and not answered in time on a busy machine
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within 30 s")


def contacts_of(family_name: str) -> dict[str, str]:
    """How to reach whom a journey registers, by fields of the form.

    Nobody else's, and the same in each run: of the contacts that three people share, the desk asks a second advisor.
    """
    assert family_name not in FAMILIES, "the demo draws this name as well: choose one that it does not"
    name = family_name.lower()
    number = zlib.crc32(name.encode())
    pairs = [f"{number // 100**place % 100:02}" for place in range(3)]
    return {
        "email": f"{name}@example.org",
        "mobile_phone": f"06 79 {' '.join(pairs)}",
        "street": f"{number % 90 + 1} rue {family_name.title()}",
        "postcode": "44000",
        "city": "Nantes",
    }


@pytest.fixture
def somebody(demo, tmp_path):
    """A client of the demo of whom no other journey knows: his code may be changed."""
    demo.manage("seed_demo", "--clients", "1", "--credentials", str(tmp_path / "codes.csv"))
    with (tmp_path / "codes.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    return row


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


def close(context: BrowserContext) -> None:
    """Closes it with its pages, each led to an empty page before.

    One that is closed while the page after a click arrives is not closed by Chromium, and Playwright waits for that
    without an end (Chromium's issue 536385539).
    """
    for page in context.pages:
        lead_away(page)
    context.close()


def lead_away(page: Page, tries: int = 20) -> None:
    """To an empty page, which stays: what a click or a script still opens may come between, and is left as well."""
    for left in reversed(range(tries)):
        try:
            page.goto("about:blank")
            return
        except Error:
            if not left:
                raise
            page.wait_for_timeout(50)  # what came between ends first


@pytest.fixture
def new_page(chromium, demo):
    """Opens windows of separate people; at the end no page may have broken the Content-Security-Policy."""
    contexts, complaints = [], []

    def open_page(size=DESK, **options):
        options = {"base_url": demo.url, "viewport": size, "locale": "fr-FR"} | options
        context = chromium.new_context(**options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        close(context)
    assert not [text for text in complaints if "Failed to load resource" not in text]


@pytest.fixture
def page(new_page):
    return new_page()


@pytest.fixture
def at_localhost(new_page, demo):
    """Windows at the name by which passkeys serve in the demo."""
    return lambda size=DESK, **options: new_page(size, base_url=demo.url.replace("127.0.0.1", "localhost"), **options)


@pytest.fixture
def customer(demo, tmp_path):
    """Somebody of the demo with a code of his own, whom no other journey knows."""
    demo.manage("seed_demo", "--clients", "1", "--credentials", str(tmp_path / "codes.csv"))
    with (tmp_path / "codes.csv").open(newline="") as file:
        return next(csv.DictReader(file))


@pytest.fixture
def newcomer(demo, tmp_path):
    """Somebody of the demo whose code still waits in its letter, whom no other journey knows."""
    demo.manage("seed_demo", "--clients", "10", "--credentials", str(tmp_path / "new.csv"))
    with (tmp_path / "new.csv").open(newline="") as file:
        return next(row for row in csv.DictReader(file) if row["kind"] == "default")
