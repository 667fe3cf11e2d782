"""Who waits to be let into an account, before the second advisor."""

from django.contrib import admin

from accounts.admin import account_acts
from accounts.bank_accounts import access_requests
from accounts.clients import confirmation
from accounts.desk.dual_control import Answers, DualControlAdmin, why_not
from accounts.models import AccessRequest


@admin.register(AccessRequest)
class AccessRequestAdmin(DualControlAdmin):
    list_display = ["title", "person", "started_by", "started_at", "state"]
    list_select_related = ["account", "person"]
    answers = Answers(
        approve=access_requests.approve,
        refuse=access_requests.refuse,
        approved="Demande approuvée : l’accès au compte est ouvert.",
        refused="Demande refusée : rien ne change.",
        withdrawn="Demande retirée : rien ne change.",
        why_not=account_acts.WHY_NOT
        | why_not(AccessRequest)
        | {
            access_requests.HoldersChanged: (
                "Les titulaires du compte ont changé depuis : refusez cette demande, et faites signer chacun d’eux."
            ),
        },
    )

    @admin.display(description="Demande")
    def title(self, asked):
        return asked.title

    def clients_shown(self, asked):
        """The page names the account's holders with its number; the person comes last, whom the look is about."""
        others = [holder for holder in asked.account.holders.all() if holder != asked.person]
        return [*others, asked.person]

    def facts(self, asked):
        holders = asked.agreed_by.all()
        return {"holders": holders, "to_ring": [(one, confirmation.phones_to_ring(one)) for one in holders]}
