"""The lists of the desk and what stands in them: what an address may ask for."""

from collections.abc import Iterator
from typing import NoReturn

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest

# What Django's own filters write behind a field's name.
WRITTEN_BY_FILTERS = ("", "__exact", "__isnull", "__id__exact")


def is_declared(admin: "ModelAdmin[Model]", lookup: str, value: object, request: HttpRequest) -> bool:
    """In the place of `ModelAdmin.lookup_allowed`: a list is filtered by what it declares and by nothing else.

    Django lets an address compare any column of the model, by parts and by regular expressions: whoever may see the
    list would learn, sign by sign, what it does not show.
    """
    return lookup in _addresses(admin, request)


def refuse_missing(admin: "ModelAdmin[Model]", request: HttpRequest, *wanted: object) -> NoReturn:
    """In the place of Django's way back to the first page, for what does not exist, or is not this person's to see.

    Who may see nothing of the kind learns no more from a number that exists than from one that does not.
    """
    if not admin.has_view_or_change_permission(request):
        raise PermissionDenied
    raise Http404


def _addresses(admin: "ModelAdmin[Model]", request: HttpRequest) -> Iterator[str]:
    for declared in admin.get_list_filter(request):
        name = declared[0] if isinstance(declared, tuple) else getattr(declared, "parameter_name", declared)
        yield from (f"{name}{ending}" for ending in WRITTEN_BY_FILTERS)
