"""The server beside people who are slow, restarted under load, killed: nobody honest waits or loses an answer."""

import os
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from types import SimpleNamespace

import pytest
from gunicorn.errors import HaltServer

from banking_portal.serving import starting, worker
from tests.portal.conftest import environment_in
from tests.portal.starting import ROOT, python
from tests.serving import PATIENCE, rest_of, served

pytestmark = pytest.mark.slow

ONE = ["--workers", "1", "--threads", "4"]
HEAD = b"GET /connexion/ HTTP/1.1\r\nHost: portail.example\r\nX-Forwarded-Proto: https\r\n"
FORM = b"POST /connexion/ HTTP/1.1\r\nHost: portail.example\r\nContent-Length: 100\r\n\r\nuser"
# With a token, so that the page wants to read it.
READ_FORM = FORM.replace(
    b"Content-Length",
    b"X-Forwarded-Proto: https\r\nOrigin: https://portail.example\r\nCookie: __Host-csrftoken=" + b"0" * 32
    + b"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length",
)  # fmt: skip
THROUGH_PROXY = FORM.partition(b"Content-Length")[0] + b"X-Forwarded-Proto: https\r\n"
BEGUN = [b"", b"G", HEAD, HEAD + b"X-Slow: ", FORM, READ_FORM]
IN_TIME = 10  # seconds; with gunicorn's own worker it takes minutes
LARGE = "/static/img/specimen_letter.svg"


@pytest.fixture(scope="module")
def bank(made_ready, tmp_path_factory):
    """One bank for the tests of this module."""
    folder = tmp_path_factory.mktemp("bank")
    shutil.copytree(made_ready, folder, dirs_exist_ok=True)  # its servers leave a trace of their keys there
    return environment_in(folder) | {"TRUSTED_PROXY_COUNT": "1"}


@pytest.fixture(scope="module")
def one_process(bank):
    with served(bank, *ONE) as server:
        yield server


@pytest.fixture
def server(one_process):
    """One process with four threads, for tests that leave it as it was."""
    yield one_process
    one_process.close_all()


def honest_customers(server, count=20):
    """Each with a connection of his own, one after another; how long the slowest waited."""
    waited = []
    for _ in range(count):
        began = time.monotonic()
        assert server.get("/connexion/").status == 200
        waited.append(time.monotonic() - began)
    return max(waited)


@contextmanager
def trickling(lines):
    """One more byte on each of these connections, again and again."""
    done = threading.Event()

    def trickle():
        while not done.wait(0.5):
            for line in lines:
                with_luck(line.sendall, b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    yield
    done.set()
    thread.join()


def with_luck(act, *arguments):
    try:
        return act(*arguments)
    except OSError:  # the server has had enough
        return b""


def is_ended(line):
    """Closed, or told why it is going to be."""
    line.settimeout(0)
    try:
        return line.recv(65536)[:12] in {b"", b"HTTP/1.1 408"}
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_two_hundred_slow_ones_keep_no_customer_waiting_and_are_ended(server):
    left = [server.open(BEGUN[number % len(BEGUN)]) for number in range(200)]
    with trickling(left[::2]):
        assert honest_customers(server) < IN_TIME
        give_up = time.monotonic() + worker.ARRIVES_WITHIN + IN_TIME
        while left and time.monotonic() < give_up:
            left = [line for line in left if not is_ended(line)]
            time.sleep(0.2)
    assert left == []


def test_who_does_not_read_his_answer_keeps_no_customer_waiting(server):
    ask = f"GET {LARGE} HTTP/1.1\r\nHost: portail.example\r\nX-Forwarded-Proto: https\r\n\r\n".encode()
    for _ in range(100):
        server.open(ask * 2, reads_at_once=2048)
    assert honest_customers(server) < IN_TIME


def test_with_more_connections_than_places_the_oldest_slow_ones_give_way(bank):
    with served(bank, *ONE, "--worker-connections", "40") as server:
        lines = [server.open(HEAD) for _ in range(120)]
        assert honest_customers(server) < IN_TIME
        assert sum(is_ended(line) for line in lines) >= 80


def test_connection_is_kept_for_several_requests_and_for_what_came_behind(server):
    line = server.open(2 * (HEAD + b"\r\n") + HEAD)
    line.sendall(b"Connection: close\r\n\r\n")
    assert rest_of(line).count(b"HTTP/1.1 200 OK") == 3


def test_answers_that_fail_half_way_are_cut_off_and_their_process_goes_on(bank):
    with served(bank, *ONE, "tests.portal.broken_stream:application") as server:
        [worker_id] = server.workers()
        for _ in range(8):  # twice as many as threads
            line = server.open(HEAD.replace(b"/connexion/", b"/breaks-off") + b"\r\n")
            assert rest_of(line).endswith(b"\r\n\r\nbegun")
        assert [server.get("/whole").body for _ in range(8)] == ["well"] * 8
        assert server.workers() == [worker_id]


def test_blank_lines_without_end_take_no_place_from_others(server):
    for _ in range(2):
        line = server.open(b"\r\n")
        with suppress(OSError):  # cut off, which is the answer
            for _ in range(35):
                line.sendall(b"\r\n" * 512 * 1024)
        line.close()
    assert honest_customers(server) < IN_TIME


@pytest.mark.parametrize(
    ("said", "sent"), [(b"Transfer-Encoding: chunked", b"3\r\na=b\r\n0\r\n\r\n"), (b"Content-Length: 3", b"a=b")]
)
def test_form_that_waits_to_be_told_to_go_on_arrives(server, said, sent):
    line = server.open(THROUGH_PROXY + said + b"\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n")
    assert line.recv(65536).startswith(b"HTTP/1.1 100 Continue")
    line.sendall(sent)
    assert b" 403 Forbidden" in rest_of(line)  # it has no token


def test_body_that_is_too_large_is_refused_by_the_portals_own_page(server):
    answer = rest_of(server.open(THROUGH_PROXY + b"Content-Length: 9000000\r\n\r\nuser"))
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 403"))  # by its length, or before, having no token
    assert b'<html lang="fr"' in answer


class Load:
    """Customers who ask again and again until told to stop, and what went wrong."""

    def __init__(self, server):
        self.server, self.done, self.answered, self.wrong = server, threading.Event(), 0, []

    def ask(self):
        while not self.done.is_set():
            try:
                answer = self.server.get("/connexion/")
            except OSError as error:
                self.wrong.append(repr(error))
            else:
                self.answered += 1
                if answer.status != 200:
                    self.wrong.append(answer.status)

    def wait_for_answers(self, count):
        answered, give_up = self.answered, time.monotonic() + PATIENCE
        while self.answered < answered + count and time.monotonic() < give_up:
            time.sleep(0.05)
        assert self.answered >= answered + count

    @contextmanager
    def of(self, customers):
        with ThreadPoolExecutor(customers) as threads:
            asking = [threads.submit(self.ask) for _ in range(customers)]
            try:
                yield self
            finally:
                self.done.set()
        for one in asking:
            one.result()


def test_a_reload_under_load_drops_no_request(bank):
    with served(bank) as server, Load(server).of(4) as load:
        for _ in range(2):
            reload(server)
            load.wait_for_answers(10)
    assert load.wrong == []


def reload(server):
    before = set(server.all_workers())
    server.process.send_signal(signal.SIGHUP)
    server.wait_until(lambda: not before & set(server.workers()) and len(server.workers()) == 2, "not reloaded")


# New processes wait for leave before they load anything, or fail then.
HELD_UP = """
import os, runpy, time
globals().update(runpy.run_path({own!r}))
starting.READY_WITHIN, starting.AGAIN_AFTER = {patience}, 1
def post_fork(server, worker):
    while not os.path.exists({leave!r}):
        time.sleep(0.05)
    if os.path.exists({leave!r} + ".not"):
        raise RuntimeError("it cannot start")
"""


def held_up_by(folder):
    own = str(ROOT / "gunicorn.conf.py")
    return HELD_UP.format(own=own, leave=str(folder / "leave"), patience=PATIENCE)


@contextmanager
def held_up(bank, folder):
    """A server whose next processes load nothing until `leave` is there, those of now, and `leave`."""
    leave, configured = folder / "leave", folder / "gunicorn.conf.py"
    configured.write_text(held_up_by(folder))
    leave.touch()
    with served(bank, "--config", str(configured)) as server:
        before = set(server.all_workers())
        server.wait_until(lambda: all(f"Processus {pid} prêt" in server.log for pid in before), "not ready")
        leave.unlink()
        server.process.send_signal(signal.SIGHUP)
        server.all_workers(4)
        yield server, before, leave


def test_those_of_before_answer_until_the_new_ones_can(bank, tmp_path):
    with held_up(bank, tmp_path) as (server, before, leave):
        assert {server.get("/connexion/", timeout=30).status for _ in range(6)} == {200}
        assert before < set(server.all_workers(4))
        leave.touch()
        server.wait_until(lambda: not before & set(server.workers()) and len(server.workers()) == 2, "not replaced")
        assert server.get("/connexion/").status == 200


def give_up(server, before, leave):
    """Has the new processes fail: those of before stay."""
    leave.with_name("leave.not").touch()
    leave.touch()
    server.wait_until(lambda: "Rechargement abandonné" in server.log, "not given up")
    server.wait_until(lambda: set(server.workers()) == before, "not those of before")


def test_a_reload_whose_new_ones_cannot_start_is_given_up(bank, tmp_path):
    with held_up(bank, tmp_path) as (server, before, leave):
        give_up(server, before, leave)
        assert {server.get("/connexion/").status for _ in range(6)} == {200}
        stopping = time.monotonic()
        server.process.terminate()
        server.process.wait(timeout=60)
        assert time.monotonic() - stopping < 20  # gunicorn hears nothing for 30 seconds while those of before stay


def test_after_a_reload_that_is_given_up_who_cannot_be_replaced_is_missing_and_the_other_answers(bank, tmp_path):
    with held_up(bank, tmp_path) as (server, before, leave):
        give_up(server, before, leave)
        os.kill(min(before), signal.SIGKILL)
        server.wait_until(lambda: server.log.count("Un processus n’a pas pu démarrer") >= 2, "not tried again")
        assert {server.get("/connexion/").status for _ in range(6)} == {200}
        (tmp_path / "leave.not").unlink()
        server.all_workers(2)
        server.process.send_signal(signal.SIGHUP)
        server.wait_until(lambda: max(before) not in server.workers() and len(server.workers()) == 2, "not reloaded")
        assert {server.get("/connexion/").status for _ in range(6)} == {200}


def test_a_server_none_of_whose_processes_can_start_ends(bank, tmp_path):
    (tmp_path / "leave").touch()
    (tmp_path / "leave.not").touch()
    configured = tmp_path / "gunicorn.conf.py"
    configured.write_text(held_up_by(tmp_path))
    with served(bank, "--config", str(configured), wait=False) as server:
        assert server.process.wait(timeout=60) == 3
        assert "Worker failed to boot" in server.log


def test_a_stop_does_not_wait_for_new_ones_that_load(bank, tmp_path):
    with held_up(bank, tmp_path) as (server, before, _leave):
        server.process.terminate()
        server.wait_until(lambda: not before & set(server.workers()), "not stopping")


class Master:
    """What a reload asks of gunicorn's: its workers by their number, which of them end, and what it was made to do."""

    app, cfg = SimpleNamespace(app_uri="banking_portal.wsgi"), SimpleNamespace(workers=2, graceful_timeout=0.2)

    def __init__(self, age=0):
        self.WORKERS, self.worker_age, self.done, self.SIG_QUEUE = {}, age, [], SimpleQueue()
        self.log = SimpleNamespace(error=lambda said, *values: self.done.append(said[:22]))
        self.ends, self.cannot_start = [], False
        self.start(self.cfg.workers)

    def start(self, count):
        for _ in range(count):
            self.worker_age += 1
            self.WORKERS[self.worker_age] = SimpleNamespace(age=self.worker_age)

    def reap_workers(self):
        ended = [self.WORKERS.pop(pid) for pid in self.ends if pid in self.WORKERS]
        if ended and self.cannot_start:
            raise HaltServer("Worker failed to boot.", 3)

    def kill_worker(self, pid, number):
        self.done.append((pid, number.name))
        self.ends.append(pid)

    def manage_workers(self):
        raise AssertionError("gunicorn would end those of before")


def reloaded(master, *ready):
    """What it does once it has started two more, of which these get ready."""
    starting.check_before_reload(master)
    last_age = master.worker_age
    master.start(2)
    for age in ready:
        starting.say_ready(SimpleNamespace(age=age, pid=0, log=SimpleNamespace(info=lambda *said: said)))
    master.manage_workers()
    assert "manage_workers" not in vars(master)
    if GIVEN_UP in master.done:  # gunicorn would wait for the end of older ones
        assert min(one.age for one in master.WORKERS.values()) > last_age
    return master.done


GIVEN_UP = starting.GIVEN_UP[:22]


@pytest.fixture
def master(monkeypatch):
    """One with the workers 1 and 2, whose reload will start 3 and 4."""
    monkeypatch.setattr(starting, "READY_WITHIN", 0.3)
    monkeypatch.setattr(starting, "_passes", lambda: True)
    return Master()


def test_those_of_before_go_when_all_new_ones_are_ready(master):
    assert reloaded(master, 3, 4) == [(1, "SIGTERM"), (2, "SIGTERM")]


@pytest.mark.parametrize("cannot_start", [False, True])
def test_where_a_new_one_ends_those_of_before_stay(master, cannot_start):
    master.ends, master.cannot_start = [4], cannot_start
    assert reloaded(master, 3) == [GIVEN_UP, (3, "SIGTERM")]
    assert [*master.WORKERS] == [1, 2]


def test_where_all_new_ones_end_those_of_before_stay(master):
    master.ends = [3, 4]
    assert reloaded(master) == [GIVEN_UP]
    assert [*master.WORKERS] == [1, 2]


def test_new_ones_that_never_get_ready_are_given_up(master):
    assert reloaded(master, 4) == [GIVEN_UP, (3, "SIGKILL"), (4, "SIGTERM")]
    assert [*master.WORKERS] == [1, 2]


def test_a_word_of_an_earlier_process_at_the_same_place_counts_for_nothing(master):
    reloaded(master, 3, 4)
    again = Master(age=starting.PAGESIZE)  # its next ones have the bytes of 3 and 4
    assert reloaded(again) == [GIVEN_UP, (starting.PAGESIZE + 3, "SIGKILL"), (starting.PAGESIZE + 4, "SIGKILL")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_stop_is_heard_while_new_ones_load(master, number):
    for waiting in (signal.SIGCHLD, number, signal.SIGHUP):
        master.SIG_QUEUE.put(waiting)
    assert reloaded(master) == [(1, "SIGTERM"), (2, "SIGTERM")]
    assert [master.SIG_QUEUE.get_nowait() for _ in range(3)] == [signal.SIGCHLD, number, signal.SIGHUP]


def test_who_cannot_start_ends_nobody_else_and_is_tried_again_later(master, monkeypatch):
    starting.check_before_start(master)
    master.ends, master.cannot_start = [2], True
    master.reap_workers()
    assert ([*master.WORKERS], master.done) == ([1], [starting.NOT_STARTED[:22]])
    master.manage_workers()  # nothing yet
    monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic: now() + starting.AGAIN_AFTER)
    with pytest.raises(AssertionError, match="gunicorn would"):
        master.manage_workers()


def test_where_nobody_is_left_one_is_tried_at_once_and_the_last_that_cannot_start_ends_all(master):
    starting.check_before_start(master)
    master.ends, master.cannot_start = [2], True
    master.reap_workers()
    master.ends, master.cannot_start = [1], False
    master.reap_workers()
    with pytest.raises(AssertionError, match="gunicorn would"):
        master.manage_workers()
    master.start(1)
    master.ends, master.cannot_start = [3], True
    with pytest.raises(HaltServer):
        master.reap_workers()


def test_a_new_server_takes_over_under_load_and_drops_no_request(bank):
    """SIGUSR2 starts a second master beside; SIGTERM ends the first one: new code, new environment."""
    pid = os.path.join(bank["VAR_DIR"], "gunicorn.pid")
    with served(bank, "--pid", pid) as server, Load(server).of(4) as load:
        server.process.send_signal(signal.SIGUSR2)
        server.wait_until(lambda: os.path.exists(f"{pid}.2") and server.log.count("Booting worker") == 4, "none beside")
        with open(f"{pid}.2") as file:
            second = int(file.read())
        server.process.terminate()
        server.process.wait(timeout=60)
        load.wait_for_answers(10)
        load.done.set()
        assert load.wrong == []
        os.kill(second, signal.SIGTERM)


def test_workers_that_are_replaced_after_so_many_requests_drop_none(bank):
    with served(bank, "--max-requests", "15", "--max-requests-jitter", "5") as server, Load(server).of(4) as load:
        server.wait_until(lambda: server.log.count("Autorestarting worker") >= 4, "none replaced")
    assert load.wrong == []


def test_a_worker_that_is_killed_is_replaced_and_the_other_one_answers(bank):
    with served(bank) as server:
        for _ in range(2):
            os.kill(server.all_workers()[0], signal.SIGKILL)
            assert server.get("/connexion/").status == 200
        server.all_workers()


def test_a_reload_that_would_not_start_is_given_up(ready):
    with served(ready | {"TRUSTED_PROXY_COUNT": "1"}) as server:
        before = server.all_workers()
        # Before, a process is still reading what is taken away here.
        server.wait_until(lambda: all(f"Processus {pid} prêt" in server.log for pid in before), "not ready")
        manifest = os.path.join(ready["VAR_DIR"], "static", "staticfiles.json")
        os.rename(manifest, f"{manifest}.away")
        server.process.send_signal(signal.SIGHUP)
        server.wait_until(lambda: "Rechargement abandonné" in server.log, "not given up")
        assert "Lancez « manage.py collectstatic »" in server.log
        assert {server.get("/connexion/").status for _ in range(8)} == {200}
        assert server.workers() == before


# A master that was started by a version whose hooks were others, and whose worker too; what a broken file holds.
BEFORE = """
import runpy, sys, types
for name in ("starting", "worker"):
    old = sys.modules[f"banking_portal.serving.{name}"] = types.ModuleType(name)
    for hook in ("check_before_start", "check_before_reload", "say_ready"):
        setattr(old, hook, f"the old {hook}")
class Broken:
    def find_spec(name, path, target=None):
        if name == BROKEN:
            raise SyntaxError(name)
sys.meta_path.insert(0, Broken)
read = runpy.run_path("gunicorn.conf.py")
old = "the old check_before_reload"
print(read["on_reload"] == old, hasattr(sys.modules["banking_portal.serving.worker"], "PatientWorker"))
"""


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("", "False True"),  # hooks and worker of the new version
        ("banking_portal.serving.starting", "True False"),
        ("banking_portal.serving.worker", "True False"),
    ],
)
def test_a_reload_after_an_upgrade_takes_the_new_hooks_unless_they_cannot_be_read(environment, broken, said):
    done = python(environment, "-c", f"BROKEN = {broken!r}\n{BEFORE}")
    assert (done.stdout, done.stderr) == (f"{said}\n", "")


def test_a_certificate_is_the_proxys(bank, tmp_path):
    for name in ("certificate", "key"):
        (tmp_path / name).touch()
    files = ("--certfile", str(tmp_path / "certificate"), "--keyfile", str(tmp_path / "key"))
    with served(bank, *files, wait=False) as server:
        assert server.process.wait(timeout=60) != 0
        assert "Traceback" not in server.log
