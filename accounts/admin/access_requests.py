"""The second advisor's page: who waits to be let into an account, and what became of the others."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.admin.account_acts import WHY_NOT
from accounts.bank_accounts import access_requests
from accounts.models import AccessRequest
from auth_codes.actor import Actor

APPROVED = "Demande approuvée : l’accès au compte est ouvert."
REFUSED = "Demande refusée : rien ne change."
WITHDRAWN = "Demande retirée : rien ne change."
OWN_REQUEST = "Vous l’avez demandé vous-même : un autre conseiller doit l’approuver. Vous pouvez le retirer."
HOLDERS_CHANGED = "Les titulaires du compte ont changé depuis : refusez cette demande, et faites signer chacun d’eux."
ANSWERS = {"approve": access_requests.approve, "refuse": access_requests.refuse}
LONGEST_ID = 18


@admin.register(AccessRequest)
class AccessRequestAdmin(admin.ModelAdmin):
    list_display = ["title", "person", "account", "started_by", "started_at", "state"]
    list_select_related = ["account", "person", "started_by", "decided_by"]
    list_per_page = 25
    show_full_result_count = False
    ordering = ["decision", "-started_at"]  # those without a decision first

    @admin.display(description="Demande")
    def title(self, asked):
        return asked.title

    @admin.display(description="État")
    def state(self, asked):
        if asked.decision:
            return asked.decision_in_words
        is_open = access_requests.is_open(asked, timezone.now())
        return "à approuver" if is_open else AccessRequest.Decision.LAPSED.label

    def changelist_view(self, request, extra_context=None):
        title = f"Accès aux comptes ({access_requests.waiting(timezone.now()).count()} à approuver)"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def has_add_permission(self, request):
        return False  # begins on the client's sheet

    def has_delete_permission(self, request, obj=None):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """One request, with its two answers while it waits for one."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal() or len(object_id) > LONGEST_ID:
            raise Http404
        asked = get_object_or_404(AccessRequest.objects.select_related(*self.list_select_related), pk=object_id)
        if request.POST.get("answer") in ANSWERS:
            self._decide(request, asked)
            return redirect("admin:accounts_accessrequest_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": asked.title,
            "asked": asked,
            "holders": asked.agreed_by.all(),
            "is_open": access_requests.is_open(asked, timezone.now()),
            "is_own": asked.started_by_id == request.user.pk,
        }
        return render(request, "admin/accounts/accessrequest/decide.html", context)

    def _decide(self, request, asked):
        answer = ANSWERS[request.POST["answer"]]
        try:
            answer(asked, by=Actor.of(request))
        except access_requests.SameAdvisor:
            messages.error(request, OWN_REQUEST)
        except access_requests.HoldersChanged:
            messages.error(request, HOLDERS_CHANGED)
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, APPROVED if answer is access_requests.approve else _refused(asked, request.user))


def _refused(asked, by) -> str:
    return WITHDRAWN if asked.started_by_id == by.pk else REFUSED
