"""Settings as the server reads them, three hundred times for a login: at once, where Django makes four calls of each.

Before it gives one, Django's lazy object looks whether the name is one that it stands in for itself, as an operator is:
no setting is.
"""

from django.conf import LazySettings

NAME = "__getattribute__"


def read_plainly() -> None:
    """From now on in this process."""
    setattr(LazySettings, NAME, getattr(object, NAME))
