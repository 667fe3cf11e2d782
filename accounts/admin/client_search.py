"""The table of clients, which opens by a search alone: who is found, and what a search is refused for."""

from django.contrib import admin, messages
from django.db import transaction
from django.shortcuts import redirect

from accounts.clients import look_up
from accounts.desk import bulk_acts, sheets
from auth_codes.actor import Actor
from auth_codes.codes import owners

SEARCHED_TOO_MUCH = (
    "Vos recherches ont montré beaucoup de personnes en peu de temps, et les contrôleurs en sont avertis. Retrouvez ce "
    "client par son code client, un numéro de compte ou de téléphone, ou par son nom et sa date de naissance."
)
FIRST_PAGE_ALONE = "Précisez votre recherche : seules les {} premières personnes sont affichées."


class ClientSearch(admin.ModelAdmin):
    """Each search is a line of the journal; what may show too many shows nobody, and is one as well."""

    list_per_page = 25
    search_fields = ["family_key"]  # what is typed is read by look_up.search
    search_help_text = (
        "Code client, numéro de compte, IBAN ou téléphone ; ou nom et prénom, avec la date de naissance JJ/MM/AAAA."
    )

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset.none(), False  # nobody needs the whole clientele on a page
        if _shows_too_many(request, search_term):
            messages.error(request, SEARCHED_TOO_MUCH)
            return queryset.none(), False
        explanation = look_up.why_nobody(search_term)
        if explanation:
            messages.warning(request, explanation)
        return look_up.search(queryset, search_term), False

    def changelist_view(self, request, extra_context=None):
        asks_for_more = request.GET.get("q", "").strip() and request.GET.get("p", "1") != "1"
        if asks_for_more and self.has_view_or_change_permission(request):
            return self._first_page(request)
        with transaction.atomic():
            owners.lock(Actor.of(request).person)  # of two tabs the later one knows whom the first has shown
            answer = super().changelist_view(request, {"title": "Retrouver un client", **(extra_context or {})})
            found = getattr(answer, "context_data", {}).get("cl")
            if found and found.query.strip():
                _note(request, found)
        return answer

    def _first_page(self, request):
        """Who turned the pages of a common name would copy all who bear it."""
        sheets.refuse_search(request, look_up.ways(request.GET["q"]))
        messages.warning(request, FIRST_PAGE_ALONE.format(self.list_per_page))
        asked = request.GET.copy()
        del asked["p"]
        return redirect(f"{request.path}?{asked.urlencode()}")


def _note(request, found):
    ways = look_up.ways(found.query)
    if look_up.is_too_short(found.query) or _shows_too_many(request, found.query):
        sheets.refuse_search(request, ways)
    else:
        sheets.search(request, ways, found.result_list)


def _shows_too_many(request, said) -> bool:
    """Whether somebody who has been shown many asks for what may show many more; asked under his lock."""
    return look_up.is_vague(said) and bulk_acts.has_searched_too_much(Actor.of(request))
