"""What a page has shown and what may change meanwhile: a fingerprint of it goes along with the answer to that page."""

from collections.abc import Iterable
from hashlib import sha256


class NotAsSeen(Exception):
    """What would be answered is no longer what the page has shown."""


def fingerprint(shown: Iterable[str]) -> str:
    """Of these texts, in their order; empty when nothing is shown that may change."""
    said = "\n".join(map(repr, shown))
    return sha256(said.encode()).hexdigest() if said else ""


def check(shown: Iterable[str], seen: str) -> None:
    """Raises NotAsSeen when what stands now is not what a page has shown as `seen`."""
    if seen != fingerprint(shown):
        raise NotAsSeen
