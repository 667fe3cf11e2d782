"""The files by which the processes of a server share their figures with the one that serves them.

Each process writes into the files of a place of its own, the first one whose lock nobody holds; the system lets go of
a lock when its process ends, however it ends. So there are as many files as processes ever ran at once, what a killed
process had counted goes on from there, and its slots in use are nobody's any more.
"""

import fcntl
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GAUGES = "gauge_"  # how prometheus-client begins the name of a file of what goes up and down


class Taken(NamedTuple):
    """A place, and the open file that holds its lock."""

    number: int
    file: int


class OwnPlace:
    """The place of this process within a folder: another one in each process that is forked from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._taken: Taken | None = None
        os.register_at_fork(after_in_child=self._leave_to_parent)

    def number(self) -> int:
        """Taken at the first asking, and kept until the process ends."""
        if self._taken is None:
            self._taken = self._take()
        return self._taken.number

    def _take(self) -> Taken:
        for number in itertools.count():
            file = _locked(_lock_of(self.folder, number))
            if file is not None:
                for left in self.folder.glob(f"{GAUGES}*_{number}.db"):
                    left.unlink()
                return Taken(number, file)
        raise AssertionError  # the numbers do not end

    def _leave_to_parent(self) -> None:
        if self._taken:
            os.close(self._taken.file)  # its lock is the parent's as long as he has it open
        self._taken = None


def present(folder: Path) -> Iterator[Path]:
    """The files whose figures count: all of what only grows, of what goes up and down those of living processes."""
    for path in sorted(folder.glob("*.db")):
        if not path.name.startswith(GAUGES) or _is_held(_lock_of(folder, int(path.stem.rpartition("_")[2]))):
            yield path


def _lock_of(folder: Path, number: int) -> Path:
    return folder / f"{number}.lock"


def _locked(path: Path) -> int | None:
    """The open file that now holds the lock, or None where somebody else does."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def _is_held(path: Path) -> bool:
    file = _locked(path)
    if file is not None:
        os.close(file)
    return file is None
