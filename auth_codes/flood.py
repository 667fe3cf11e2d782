"""Refusing a flood before it costs anything: neither SQL nor a hash nor a page to be made.

Each process remembers, for a few seconds, how many attempts a network made that were not even verified: malformed,
blocked, without a form's token, past a spent budget. Nobody types twenty of those a second. What is remembered here
decides nothing but the server's own time: no count of anybody's changes, and a known device is let through.
"""

from collections.abc import Hashable

WINDOW_SECONDS = 10.0
UNVERIFIED_AT_MOST = 200
# Far more networks than one server meets within a window; more than that is no longer worth remembering.
NETWORKS_AT_MOST = 20_000


class Flood:
    """Unverified attempts by network, within a window of the monotonic clock's seconds."""

    def __init__(self, most: int = UNVERIFIED_AT_MOST, window: float = WINDOW_SECONDS):
        self.most, self.window = most, window
        self._began = 0.0
        self._counts: dict[Hashable, int] = {}

    def is_on(self, network: Hashable, now: float) -> bool:
        """Whether this network has used up what it may send unverified within the window."""
        return now < self._began + self.window and self._counts.get(network, 0) >= self.most

    def note(self, network: Hashable, now: float) -> None:
        """One more unverified attempt. Two threads may lose one of two: the bound need not be exact."""
        if now >= self._began + self.window or len(self._counts) > NETWORKS_AT_MOST:
            self._began, self._counts = now, {}
        self._counts[network] = self._counts.get(network, 0) + 1

    def seconds_left(self, now: float) -> int:
        """After how many whole seconds to come again."""
        return max(1, round(self._began + self.window - now))
