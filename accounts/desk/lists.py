"""The lists of the desk and what stands in them: what an address may ask of them, and how they are read.

No list counts its table, sorts it or skips through it: it reads one page by the index of its order and, where it has
further ones, goes on behind the last row that was shown.

Members of the staff are prefetched and never joined, by lists, sheets and single acts alike. Of a column that names a
hundred among millions of users, the database knows the frequent ones; it takes the last of these for the end of a join
in the order of keys, and for a new colleague reads every user there is.
"""

from collections.abc import Iterator, Sequence
from typing import NoReturn

from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, Q
from django.http import Http404, HttpRequest

# What Django's own filters write behind a field's name.
WRITTEN_BY_FILTERS = ("", "__exact", "__isnull", "__id__exact")
# The parameter that holds the key of the last row of the page before.
AFTER = "after"
NUL = "\x00"


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


class FirstPage(ChangeList):
    """The first rows in the order that the list declares, and whether there are more; all that many lists need."""

    def get_ordering(self, request, queryset):
        """No column sorts the table by an address."""
        declared = self.model_admin.get_ordering(request) or self.lookup_opts.ordering
        return self._get_deterministic_ordering(list(declared))

    def get_results(self, request):
        """One row more than a page holds tells whether there are others."""
        found = self._rows(request, self.list_per_page + 1)
        self.result_list = found[: self.list_per_page]
        self.has_more = len(found) > self.list_per_page
        self.result_count = self.full_result_count = len(found)
        self.next_page = self._next_page()
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(found)

    def _rows(self, request: HttpRequest, wanted: int) -> list[Model]:
        return list(self.queryset[:wanted])

    def _next_page(self) -> str:
        return ""

    def get_filters_params(self, params=None):
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name != AFTER}

    def get_query_string(self, new_params=None, remove=None):
        """Of every link but « Suite »: it begins anew."""
        return super().get_query_string(new_params, [*(remove or []), AFTER])


class Pages(FirstPage):
    """A list that may be read to its end, page after page."""

    def _rows(self, request: HttpRequest, wanted: int) -> list[Model]:
        """By as many ranges of the index as its order has columns: one condition for all would read what it skips."""
        shown = request.GET.get(AFTER)
        if shown is None:
            return super()._rows(request, wanted)
        rows: list[Model] = []
        for behind in self._behind(self._keys_of(shown)):
            rows += self.queryset.filter(behind)[: wanted - len(rows)] if len(rows) < wanted else []
        return rows

    def _next_page(self) -> str:
        return self.get_query_string({AFTER: self.result_list[-1].pk}) if self.has_more else ""

    def _keys_of(self, shown: str) -> Sequence[object]:
        """What the order says of the row that was shown last. Raises IncorrectLookupParameters."""
        try:
            key = self.lookup_opts.pk.to_python(shown.replace(NUL, ""))  # at which PostgreSQL fails
        except ValidationError:
            raise IncorrectLookupParameters from None
        row = self.root_queryset.order_by().filter(pk=key).values_list(*self._columns()).first()
        if row is None:
            raise IncorrectLookupParameters
        return row

    def _behind(self, keys: Sequence[object]) -> Iterator[Q]:
        """What comes behind, the nearest first: equal but for the last column, then but for the last two, and so on."""
        columns, order = self._columns(), self.queryset.query.order_by
        for place in reversed(range(len(columns))):
            equal = dict(zip(columns[:place], keys, strict=False))
            comparison = "lt" if order[place].startswith("-") else "gt"
            yield Q(**equal, **{f"{columns[place]}__{comparison}": keys[place]})

    def _columns(self) -> list[str]:
        return [name.removeprefix("-") for name in self.queryset.query.order_by]


def list_of(admin: "ModelAdmin[Model]", request: HttpRequest, **kwargs: object) -> type[FirstPage]:
    """In the place of `ModelAdmin.get_changelist`: whoever declares no `pages` has one."""
    return getattr(admin, "pages", FirstPage)
