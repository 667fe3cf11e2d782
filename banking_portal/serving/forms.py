"""The fields of a form, which are copied for each person who fills it in: Django takes sixty calls for each."""

import copy
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, TypeVar

from django.forms import fields, forms, widgets

from banking_portal.serving.instead import put

Copied = TypeVar("Copied")
COPY, DEEPLY = "copy", "__deepcopy__"
KINDS_AT_MOST = 512
# How an object may say that there is more to a copy of it than its attributes.
OWN_WAYS = (
    "__getnewargs_ex__",
    "__slots__",
    "__copy__",
    "__reduce__",
    "__reduce_ex__",
    "__getstate__",
    "__setstate__",
    "__getnewargs__",
)


def copy_at_once() -> None:
    """From now on in this process: the same copies. What is no field, widget or dict of fields is copied by Python."""
    for module in (fields, forms, widgets):
        put(module, COPY, SimpleNamespace(copy=copied, deepcopy=deeply_copied))


def copied(original: Copied) -> Copied:
    """A field or a widget of the same attributes; anything else as Python copies it."""
    kind = type(original)
    if is_otherwise(kind):  # type: ignore[arg-type]  # a class is hashable
        return copy.copy(original)
    made = kind.__new__(kind)
    vars(made).update(vars(original))
    return made


@lru_cache(KINDS_AT_MOST)
def is_otherwise(kind: type) -> bool:
    """Whether there is more to copying one than its attributes, as far as its class says."""
    return not issubclass(kind, fields.Field | widgets.Widget) or any(
        getattr(kind, way, None) is not getattr(object, way, None) for way in OWN_WAYS
    )


def deeply_copied(original: Any, memo: dict[int, Any] | None = None) -> Any:
    """As each field and widget copies itself; one that stands in two places is copied once."""
    memo = {} if memo is None else memo
    if id(original) in memo:
        return memo[id(original)]
    if type(original) is dict:
        return {name: deeply_copied(each, memo) for name, each in original.items()}
    itself = getattr(type(original), DEEPLY, None)
    return itself(original, memo) if itself else copy.deepcopy(original, memo)
