"""The tokens of forms, which Django draws sign by sign: three of them for a login, a thousand calls of Python."""

from django.middleware import csrf

from auth_codes import random_texts

# As the module of Django's that hides and shows them knows what draws them.
NAME = "get_random_string"


def draw_at_once() -> None:
    """From now on in this process: as likely each, from the same source."""
    getattr(csrf, NAME)  # an AttributeError here is a Django that draws them otherwise
    setattr(csrf, NAME, random_texts.drawn)
