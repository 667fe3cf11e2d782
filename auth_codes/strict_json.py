"""JSON read strictly into declared forms: what is missing, or of another type, is refused without being repeated."""

from typing import TypeVar

import msgspec
from django.views.decorators.debug import sensitive_variables

Form = TypeVar("Form")


class UnexpectedForm(ValueError):
    """A text is no JSON of the form asked for. It says nothing of the content, which may be secret."""


class _Versioned(msgspec.Struct):
    version: int


def version_of(content: bytes | str) -> int:
    """The version that a JSON object says it has, whatever else it says. Raises UnexpectedForm."""
    return read(_Versioned, content).version


@sensitive_variables()
def read(form: type[Form], content: bytes | str) -> Form:
    """The content in a form that msgspec knows, such as a Struct; of a key written twice the last counts.

    Raises UnexpectedForm.
    """
    try:
        # msgspec itself does not ask whether a field that it passes over is UTF-8.
        return msgspec.json.decode(content if isinstance(content, str) else content.decode(), type=form)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise UnexpectedForm(f"not the JSON of a {form.__name__}") from None
