"""Refusing a flood before it costs anything: neither SQL nor a hash nor a page to be made.

Each process remembers, for a few seconds, how many attempts a network made that were not even verified: malformed,
blocked, without a form's token, past a spent budget. Nobody types twenty of those a second. What is remembered here
decides nothing but the server's own time: no count of anybody's changes, and a known device is let through.
"""

from collections.abc import Iterable

WINDOW_SECONDS = 10.0
UNVERIFIED_AT_MOST = 200
# Far more networks than one server meets within a window; more than that is no longer worth remembering.
NETWORKS_AT_MOST = 20_000

# A network, and how many times what one line may send: a carrier's address, or a /48 of IPv6, stands for many lines.
Share = tuple[str, float]


class Flood:
    """Unverified attempts by network, within a window of the monotonic clock's seconds."""

    def __init__(self, most: int = UNVERIFIED_AT_MOST, window: float = WINDOW_SECONDS):
        self.most, self.window = most, window
        self._began = 0.0
        self._counts: dict[str, int] = {}

    def is_on(self, shares: Iterable[Share], now: float) -> bool:
        """Whether one of the visitor's networks has used up what it may send unverified within the window."""
        is_present = now < self._began + self.window
        return is_present and any(self._counts.get(network, 0) >= self.most * times for network, times in shares)

    def note(self, shares: Iterable[Share], now: float) -> None:
        """One more unverified attempt. Two threads may lose one of two: the bound need not be exact."""
        if now >= self._began + self.window or len(self._counts) > NETWORKS_AT_MOST:
            self._began, self._counts = now, {}
        for network, _ in shares:
            self._counts[network] = self._counts.get(network, 0) + 1

    def seconds_left(self, now: float) -> int:
        """After how many whole seconds to come again."""
        return max(1, round(self._began + self.window - now))
