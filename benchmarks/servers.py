"""What servers of WSGI cost and stand, on the portal's own login page.

    python -m benchmarks.servers [REQUESTS]

Serves a bank by gunicorn as `gunicorn.conf.py` has it, by gunicorn's own threads, and by granian where it is installed,
each with two processes of four threads. Prints the processor time a request (server alone, REQUESTS of them, 1,000),
the memory of the largest process, how long the slowest of ten customers waits beside 200 connections that send slowly
or nothing, how many of the requests asked during a reload were lost, and how long the slowest of the others waited.
"""

import importlib.util
import os
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.portal.conftest import environment_in
from tests.portal.starting import manage
from tests.serving import Served, running

PAGE, PORTAL = "/connexion/", "banking_portal.wsgi"
# The last one has a token, so that the page wants to read the form.
FORM = """POST /connexion/ HTTP/1.1
Host: portail.example
X-Forwarded-Proto: https
Origin: https://portail.example
Cookie: __Host-csrftoken=01234567890123456789012345678901
Content-Type: application/x-www-form-urlencoded
Content-Length: 900

username="""
BEGUN = [b"", b"GET ", FORM.replace("\n", "\r\n").encode()]
SIZE = ["--workers", "2", "--threads", "4", "--bind", "127.0.0.1:{port}"]
SERVERS = {
    "gunicorn.conf.py": ["gunicorn", *SIZE],
    "gunicorn gthread": ["gunicorn", *SIZE, "--config", "python:types", "--worker-class", "gthread", PORTAL],
    "granian": [
        "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4", "--host", "127.0.0.1",
        "--port", "{port}", "--respawn-failed-workers", f"{PORTAL}:application",
    ],
}  # fmt: skip
IMPATIENT = 20  # seconds
TICKS = os.sysconf("SC_CLK_TCK")


def main(requests: int = 1000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = environment_in(Path(folder)) | {"TRUSTED_PROXY_COUNT": "1"}
        environment |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
        for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
            done = manage(environment, *command)
            assert done.returncode == 0, done.stderr
        for name, module in SERVERS.items():
            if importlib.util.find_spec(module[0]):
                with running(["-m", *module], environment) as server:
                    print(f"{name:17} {cost(server, requests)}; {beside_slow_ones(server)}; {reloaded(server)}")


def cost(server: Served, requests: int) -> str:
    ask(server, 40)
    before = processor_time(server)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: ask(server, requests // 4), range(4)))
    each = (processor_time(server) - before) / requests * 1000
    return f"{each:.2f} ms of processor a request, {memory(server)} MiB"


def beside_slow_ones(server: Served) -> str:
    for number in range(200):
        server.open(BEGUN[number % len(BEGUN)])
    time.sleep(0.5)
    slowest = 0.0
    for _ in range(10):
        began = time.monotonic()
        try:
            server.get(PAGE, timeout=IMPATIENT)
        except OSError:
            server.close_all()
            return f"beside 200 slow ones a customer has no answer within {IMPATIENT} s"
        slowest = max(slowest, time.monotonic() - began)
    server.close_all()
    return f"beside 200 slow ones a customer waits {slowest:.2f} s"


def reloaded(server: Served) -> str:
    server.wait_until(server.is_healthy, "never healthy again")
    done, lost, waited = threading.Event(), [], []

    def customer() -> None:
        while not done.is_set():
            began = time.monotonic()
            try:
                is_answered = server.get(PAGE).status == 200
            except OSError:
                is_answered = False
            (waited if is_answered else lost).append(time.monotonic() - began)

    with ThreadPoolExecutor(4) as threads:
        for _ in range(4):
            threads.submit(customer)
        server.process.send_signal(signal.SIGHUP)
        time.sleep(IMPATIENT)
        done.set()
    of = f"{len(lost)} of {len(lost) + len(waited)}"
    return f"a reload loses {of} requests, and the slowest waits {max(waited, default=0):.1f} s"


def ask(server: Served, requests: int) -> None:
    for _ in range(requests):
        assert server.get(PAGE).status == 200


def processor_time(server: Served) -> float:
    """Seconds that its processes have used."""
    return sum(sum(map(int, stat(pid)[11:13])) for pid in processes(server)) / TICKS


def memory(server: Served) -> int:
    """What the largest of them holds."""
    return max(int(stat(pid)[21]) for pid in processes(server)) * os.sysconf("SC_PAGE_SIZE") // 2**20


def processes(server: Served) -> list[int]:
    return [server.process.pid, *server.workers()]


def stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
