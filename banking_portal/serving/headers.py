"""Headers as the server writes them, some sixteen for each answer: at once, where Django makes fifteen calls for each.

What an answer varies with is said by three middlewares in turn, in the same words for every answer.
"""

import sys
from collections.abc import Iterable, ValuesView
from functools import lru_cache
from types import ModuleType

from django.http import HttpResponse
from django.http.response import HttpResponseBase, ResponseHeaders
from django.utils import cache

from banking_portal.serving.instead import put

SET, LIST, FIND = "__setitem__", "items", "__contains__"
PATCH_VARY = "patch_vary_headers"
VARY = "Vary"
KEPT_AT_MOST = 256


def write_plainly() -> None:
    """From now on in this process, and so they are listed, looked for, and said to vary.

    A header of plain signs is taken as it is. Any other one goes Django's own way.
    """
    judge = getattr(ResponseHeaders, SET)

    def write(headers: ResponseHeaders, name: object, value: object) -> None:
        if type(name) is str and type(value) is str and is_plain(name + value):
            headers._store[name.lower()] = (name, value)
        else:
            judge(headers, name, value)

    for name, ours in ((SET, write), (LIST, listed), (FIND, is_there)):
        put(ResponseHeaders, name, ours)
    _vary_at_once()


def is_plain(text: str) -> bool:
    """Whether it is what Django would make of it: no line ends in it, and no sign has to be written otherwise."""
    return text.isascii() and text.isprintable()


def listed(headers: ResponseHeaders) -> ValuesView[tuple[str, str]]:
    """Each name as it was written, and its value: a view of pairs, which is all that anybody asks of it."""
    return headers._store.values()


def is_there(headers: ResponseHeaders, name: str) -> bool:
    """Whatever the case of the letters."""
    return name.lower() in headers._store


def _vary_at_once() -> None:
    """What Django makes of the two texts is kept, and each module that asks for it has a name for it."""
    own = getattr(cache, PATCH_VARY)

    @lru_cache(KEPT_AT_MOST)
    def joined(said: str | None, names: tuple[str, ...]) -> str:
        answer = HttpResponse()
        if said is not None:
            answer[VARY] = said
        own(answer, names)
        return answer[VARY]

    def patch(response: HttpResponseBase, newheaders: Iterable[str]) -> None:
        response.headers[VARY] = joined(response.headers.get(VARY), tuple(newheaders))

    for module in using(own):
        put(module, PATCH_VARY, patch)


def using(own: object) -> list[ModuleType]:
    """The modules that have imported Django's function."""
    return [module for module in [*sys.modules.values()] if getattr(module, "__dict__", {}).get(PATCH_VARY) is own]
