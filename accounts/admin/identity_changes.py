"""Changes of name or birth date, before the second advisor."""

from django.contrib import admin

from accounts.clients import identity_changes
from accounts.desk.dual_control import Answers, DualControlAdmin, why_not
from accounts.models import IdentityChange
from auth_codes import dual_control


@admin.register(IdentityChange)
class IdentityChangeAdmin(DualControlAdmin):
    list_display = ["name_before", "started_by", "started_at", "state"]
    list_select_related = ["client__user"]
    answers = Answers(
        approve=identity_changes.approve,
        refuse=identity_changes.refuse,
        approved="Changement approuvé : la fiche porte la nouvelle identité.",
        refused="Changement refusé : la fiche reste comme elle était.",
        withdrawn="Demande retirée : la fiche reste comme elle était.",
        why_not=why_not(IdentityChange)
        | {
            dual_control.AlreadyDecided: "Ce changement a déjà reçu une réponse, ou il a attendu trop longtemps.",
            identity_changes.IdentityMoved: "L’identité a changé depuis : refusez la demande, puis relisez la fiche.",
        },
    )

    @admin.display(description="Client")
    def name_before(self, asked):
        return asked.name_before

    def clients_shown(self, asked):
        return [asked.client]
