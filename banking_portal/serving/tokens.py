"""The tokens of forms, which Django draws, hides and finds again sign by sign: fifteen hundred calls for a login."""

from django.middleware import csrf

from auth_codes import csrf_tokens, random_texts
from banking_portal.serving.instead import put


def draw_at_once() -> None:
    """From now on in this process: as likely each, from the same source."""
    # As the module of Django's knows what draws them, hides them in a page, and finds them in what comes back.
    instead = {
        "get_random_string": random_texts.drawn,
        "_mask_cipher_secret": csrf_tokens.masked,
        "_unmask_cipher_token": csrf_tokens.unmasked,
    }
    for name, ours in instead.items():
        put(csrf, name, ours)
