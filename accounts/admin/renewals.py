"""The second advisor's page: renewals that wait, and what became of the others."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.clients import addresses
from accounts.desk import waiting
from auth_codes.actor import Actor
from auth_codes.models import Renewal
from auth_codes.renewals import by_advisors, issuing

APPROVED = "Renouvellement approuvé : l’ancien code est annulé, le nouveau part par pli scellé."
REFUSED = "Renouvellement refusé : rien ne change pour le client."
WITHDRAWN = "Demande retirée : rien ne change pour le client."
ALREADY_DECIDED = "Ce renouvellement a déjà reçu une réponse, ou il a attendu plus de 7 jours."
OWN_RENEWAL = "Vous l’avez demandé vous-même : un autre conseiller doit l’approuver. Vous pouvez le retirer."
LONGEST_ID = 18
ADDRESS_CHANGED = "L’adresse n’est plus celle que vous aviez sous les yeux. Relisez le renouvellement, puis répondez."
ADDRESS_HELD = "L’adresse a été modifiée depuis : un second conseiller doit d’abord la confirmer."
ANSWERS = {"approve": by_advisors.approve, "refuse": by_advisors.refuse}


@admin.register(Renewal)
class RenewalAdmin(admin.ModelAdmin):
    list_display = ["client", "started_by", "started_at", "identity_check", "state"]
    list_select_related = ["owner__client", "started_by", "decided_by"]
    list_per_page = 25
    show_full_result_count = False
    ordering = ["decision", "-started_at"]  # those without a decision first

    @admin.display(description="Client")
    def client(self, asked):
        return str(asked.owner.client)

    @admin.display(description="État")
    def state(self, asked):
        if asked.decision:
            return asked.decision_in_words
        return "à approuver" if by_advisors.is_open(asked, timezone.now()) else Renewal.Decision.LAPSED.label

    def changelist_view(self, request, extra_context=None):
        title = f"Renouvellements de code secret ({by_advisors.waiting(timezone.now()).count()} à approuver)"
        context = {"title": title, **waiting.shown_to(request.user), **(extra_context or {})}
        return super().changelist_view(request, context)

    def has_add_permission(self, request):
        return False  # begins on the client's sheet

    def has_delete_permission(self, request, obj=None):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """One renewal, with its two answers while it waits for one."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal() or len(object_id) > LONGEST_ID:
            raise Http404
        asked = get_object_or_404(Renewal.objects.select_related(*self.list_select_related), pk=object_id)
        if request.POST.get("answer") in ANSWERS:
            self._decide(request, asked)
            return redirect("admin:auth_codes_renewal_changelist")
        client = asked.owner.client
        context = {
            **self.admin_site.each_context(request),
            "title": "Renouvellement de code secret",
            "renewal": asked,
            "client": client,
            "is_open": by_advisors.is_open(asked, timezone.now()),
            "is_own": asked.started_by_id == request.user.pk,
            "is_held": client.address_awaits_confirmation,
            "seen": addresses.as_shown(client),
        }
        return render(request, "admin/auth_codes/renewal/decide.html", context)

    def _decide(self, request, asked):
        answer = ANSWERS[request.POST["answer"]]
        if answer is by_advisors.approve and not addresses.is_as_seen(asked.owner.client, request.POST.get("seen", "")):
            messages.error(request, ADDRESS_CHANGED)
            return
        try:
            answer(asked, by=Actor.of(request))
        except by_advisors.SameAdvisor:
            messages.error(request, OWN_RENEWAL)
        except by_advisors.AlreadyDecided:
            messages.info(request, ALREADY_DECIDED)
        except issuing.AddressTooRecent:
            messages.error(request, ADDRESS_HELD)
        else:
            messages.success(request, APPROVED if answer is by_advisors.approve else _refused(asked, request.user))


def _refused(asked, by) -> str:
    return WITHDRAWN if asked.started_by_id == by.pk else REFUSED
