"""A gunicorn for a benchmark, a browser without a screen, and what a request and a hash cost the processor."""

import html
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from argon2.low_level import Type, hash_secret_raw

ROOT = Path(__file__).resolve().parent.parent
# Those of SECRET_CODE_ARGON2 in the settings; a test compares them.
MEMORY_KIB, ITERATIONS = 19456, 2
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Server:
    """Two workers of four threads on this machine, as `make run` serves the portal."""

    def __init__(self, process: subprocess.Popen, port: int):
        self.process, self.port = process, port

    def processor(self) -> float:
        """Seconds of the processor that the workers have used since they began, to the microsecond."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        threads = [thread for child in children for thread in Path(f"/proc/{child}/task").iterdir()]
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


@contextmanager
def served(application: str, environment: Mapping[str, str], configuration: Path) -> Iterator[Server]:
    """Until the end of the block, on a port that was free, as gunicorn's `configuration` says."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", application, "--config", str(configuration), "--workers", "2"]
    command += ["--bind", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket", "--log-level", "warning"]
    command += ["--max-requests", "0"]  # a worker that is replaced would take its time with it
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        _wait_for(process, port)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: subprocess.Popen, port: int) -> None:
    give_up = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


class Browser:
    """One connection that stays open, and the cookies of one visitor."""

    def __init__(self, server: Server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.cookies: dict[str, str] = {}

    def get(self, page: str) -> str:
        """The page's source; nothing but a page is expected."""
        try:
            status, body = self._exchange("GET", page, None)
        except (http.client.HTTPException, ConnectionError):  # a server may close a connection that has served much
            self.connection.close()
            status, body = self._exchange("GET", page, None)
        if status != http.client.OK:
            raise SystemExit(f"GET {page} answered {status}")
        return body

    def log_in(self, name: str, code: str, page: str = "/connexion/") -> None:
        """The form is asked for and sent, as a person does."""
        token = html.unescape(TOKEN.search(self.get(page))[1])
        fields = {"csrfmiddlewaretoken": token, "username": name, "password": code, "next": ""}
        status, _body = self._exchange("POST", page, urlencode(fields))
        if status != http.client.FOUND:
            raise SystemExit(f"{name} was not let in: {status}")

    def _exchange(self, method: str, page: str, body: str | None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, page, body, {name: value for name, value in headers.items() if value})
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read().decode()


def one_hash() -> float:
    """Seconds of the processor that one code takes to be hashed, at this moment on this machine."""
    start = time.process_time()
    hash_secret_raw(b"123456", b"s" * 16, ITERATIONS, MEMORY_KIB, 1, 32, Type.ID)
    return time.process_time() - start
