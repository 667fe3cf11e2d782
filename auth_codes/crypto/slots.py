"""How many hashes a process computes at the same time, so that its memory stays flat whatever is asked of it.

A slot is taken before an attempt is reserved: who finds none within two seconds is asked to come again, and nothing
was counted. Half of the slots are kept for known devices, which a flood from unknown ones cannot take.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from auth_codes.measures import series

WAIT_SECONDS = 2.0


class Busy(Exception):
    """No slot came free in time; nothing was counted."""


class Slots:
    """`count` slots, of which unknown devices may take all but `kept`."""

    def __init__(self, count: int, kept: int):
        self.count, self.kept = count, kept
        self._taken = {True: 0, False: 0}
        self._freed = threading.Condition()

    @contextmanager
    def taken(self, *, is_known: bool, wait: float = WAIT_SECONDS) -> Iterator[None]:
        """Holds one slot for the block; waits `wait` seconds for it at most. Raises Busy."""
        with self._freed:
            if not self._is_free(is_known):
                self._wait(is_known, time.monotonic() + wait)
            self._taken[is_known] += 1
        try:
            with series.slots_in_use.track_inprogress():
                yield
        finally:
            with self._freed:
                self._taken[is_known] -= 1
                # All: the first one woken may be one that this slot is not for.
                self._freed.notify_all()

    def _wait(self, is_known: bool, deadline: float) -> None:
        with series.slots_awaited.track_inprogress():
            while not self._is_free(is_known):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Busy
                self._freed.wait(left)

    def _is_free(self, is_known: bool) -> bool:
        free = self.count - sum(self._taken.values())
        return free > 0 if is_known else free > 0 and self._taken[False] < self.count - self.kept


_slots = Slots(settings.HASHING_SLOTS, kept=settings.HASHING_SLOTS // 2)
_held = threading.local()


@contextmanager
def taken(*, is_known: bool, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """One slot of this process for the block, within which this thread's hashes need no other. Raises Busy."""
    if getattr(_held, "slot", False):
        yield
        return
    with _slots.taken(is_known=is_known, wait=wait):
        _held.slot = True
        try:
            yield
        finally:
            _held.slot = False
