"""Several people or things in one sentence."""

from collections.abc import Iterable

from django.utils.translation import gettext as _


def enumerated(named: Iterable[object]) -> str:
    """« Mme A, M. B et Mme C », in the language of the page; empty for none."""
    *before, last = list(map(str, named)) or [""]
    return _("{before} et {last}").format(before=", ".join(before), last=last) if before else last
