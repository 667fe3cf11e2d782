"""The portal served as in production: gunicorn's own processes, the documented environment, plain sockets."""

import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
# What the proxy in front says.
THROUGH_PROXY = {"Host": "portail.example", "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PATIENCE = 180  # seconds, on a busy machine


class Served:
    """A running server."""

    def __init__(self, process: subprocess.Popen, port: int, log: Path):
        self.process, self.port, self._log = process, port, log
        self._opened: list[socket.socket] = []

    @property
    def log(self) -> str:
        return self._log.read_text()

    def get(self, path: str, timeout: float = PATIENCE, **headers: str) -> http.client.HTTPResponse:
        """An answer, its body read (`answer.body`)."""
        return self.ask("GET", path, timeout=timeout, **headers)

    def ask(self, method: str, path: str, body: str | None = None, timeout: float = PATIENCE, **headers: str):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            line.request(method, path, body, THROUGH_PROXY | headers)
            answer = line.getresponse()
            answer.body = answer.read().decode()
            return answer
        finally:
            line.close()

    def open(self, sent: bytes = b"", *, reads_at_once: int | None = None) -> socket.socket:
        """A connection on which only that was sent, until the end of the server or `close_all`."""
        line = socket.socket()
        self._opened.append(line)
        if reads_at_once:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, reads_at_once)
        line.settimeout(PATIENCE)
        line.connect(("127.0.0.1", self.port))
        line.sendall(sent)
        return line

    def close_all(self) -> None:
        while self._opened:
            self._opened.pop().close()

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children]

    def all_workers(self, count: int = 2) -> list[int]:
        """Once as many are there: the first one already answers while the others start."""
        self.wait_until(lambda: len(self.workers()) == count, "not all started")
        return self.workers()

    def wait_until(self, is_so, what: str) -> None:
        give_up = time.monotonic() + PATIENCE
        while not is_so():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < give_up, f"{what}: {self.log}"
            time.sleep(0.05)

    def is_healthy(self) -> bool:
        try:
            return self.get("/healthz", timeout=5).status == 200
        except OSError:
            return False


class Customer:
    """A browser with its cookies, on whichever connection and, through the load balancer, at whichever node."""

    def __init__(self, server: Served, address: str = THROUGH_PROXY["X-Forwarded-For"]):
        self.server, self.address, self.cookies = server, address, SimpleCookie()

    def get(self, path: str) -> http.client.HTTPResponse:
        return self._kept(self.server.ask("GET", path, **self._sent()))

    def post(self, path: str, **fields: str) -> http.client.HTTPResponse:
        """With the token of the page at that address; without one when there is no page."""
        return self.send(path, self.token_of(path), **fields)

    def token_of(self, path: str) -> str:
        """That of the first form of a page; nothing where there is none."""
        found = TOKEN.search(self.get(path).body)
        return found[1] if found else ""

    def send(self, path: str, token: str, **fields: str) -> http.client.HTTPResponse:
        body = urlencode(fields | ({"csrfmiddlewaretoken": token} if token else {}))
        typed = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://portail.example"}
        return self._kept(self.server.ask("POST", path, body, **self._sent(), **typed))

    def log_in(self, username: str, code: str) -> http.client.HTTPResponse:
        return self.post("/connexion/", username=username, password=code)

    def _kept(self, answer: http.client.HTTPResponse) -> http.client.HTTPResponse:
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(line)
        return answer

    def _sent(self) -> dict[str, str]:
        kept = [f"{name}={cookie.coded_value}" for name, cookie in self.cookies.items() if cookie.value]
        return {"Cookie": "; ".join(kept), "X-Forwarded-For": self.address}


def served(environment: dict[str, str], *options: str, wait: bool = True):
    """The portal on a free port, as in production but for these options, until the end of the block."""
    # Its script, as a unit of systemd starts it: `python -m gunicorn` does not start itself again at SIGUSR2.
    script = str(Path(sys.executable).with_name("gunicorn"))
    return running([script, "--bind", "127.0.0.1:{port}", *options], environment, wait=wait)


@contextmanager
def running(program: list[str], environment: dict[str, str], *, wait: bool = True) -> Iterator[Served]:
    """A server that a program of Python is; `{port}` among its arguments is a free one."""
    port, log = free_port(), Path(environment["VAR_DIR"]) / "server.log"
    command = [sys.executable, *(argument.format(port=port) for argument in program)]
    with log.open("w") as written:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=written, stderr=written)
    server = Served(process, port, log)
    try:
        if wait:
            server.wait_until(server.is_healthy, "never healthy")
        yield server
    finally:
        server.close_all()
        process.terminate()
        process.wait(timeout=PATIENCE)


def rest_of(line: socket.socket) -> bytes:
    """All that comes until the server closes."""
    return b"".join(iter(lambda: line.recv(65536), b""))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
