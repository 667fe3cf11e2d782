"""E-mails on the terminal, for the demo."""

import sys

from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    """On stderr: what a command prints on stdout is one line of JSON, which scripts read."""

    def __init__(self, *args, **kwargs):  # type: ignore[no-untyped-def]  # handed on as Django gives it
        super().__init__(*args, stream=sys.stderr, **kwargs)
