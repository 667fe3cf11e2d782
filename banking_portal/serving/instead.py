"""Putting something of the portal's in the place of what Django has under a name."""

from typing import Any


def put(owner: object, name: str, ours: object) -> Any:
    """From now on in this process. Gives what stood there; raises AttributeError for a Django that has none by now."""
    own = getattr(owner, name)
    setattr(owner, name, ours)
    return own
