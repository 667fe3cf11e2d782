"""The lists of the desk: what an address may ask of them."""

from collections.abc import Iterator

from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest

# What Django's own filters write behind a field's name.
WRITTEN_BY_FILTERS = ("", "__exact", "__isnull", "__id__exact")


def is_declared(admin: "ModelAdmin[Model]", lookup: str, value: object, request: HttpRequest) -> bool:
    """In the place of `ModelAdmin.lookup_allowed`: a list is filtered by what it declares and by nothing else.

    Django lets an address compare any column of the model, by parts and by regular expressions: whoever may see the
    list would learn, sign by sign, what it does not show.
    """
    return lookup in _addresses(admin, request)


def _addresses(admin: "ModelAdmin[Model]", request: HttpRequest) -> Iterator[str]:
    for declared in admin.get_list_filter(request):
        name = declared[0] if isinstance(declared, tuple) else getattr(declared, "parameter_name", declared)
        yield from (f"{name}{ending}" for ending in WRITTEN_BY_FILTERS)
