"""Blocks that are to end before their time, before the second advisor."""

from django.contrib import admin

from accounts.admin import access_acts
from accounts.desk.dual_control import Answers, DualControlAdmin, why_not
from auth_codes.models import Unblocking
from auth_codes.renewals import unblocking


@admin.register(Unblocking)
class UnblockingAdmin(DualControlAdmin):
    list_display = ["client", "started_by", "started_at", "identity_check", "state"]
    list_select_related = ["owner__client"]
    answers = Answers(
        approve=unblocking.approve,
        refuse=unblocking.refuse,
        approved="Suspension levée : le client peut se connecter.",
        refused="Demande refusée : la suspension reste.",
        withdrawn="Demande retirée : la suspension reste.",
        why_not=access_acts.WHY_NOT | why_not(Unblocking),
    )

    @admin.display(description="Client")
    def client(self, asked):
        return str(asked.owner.client)

    def facts(self, asked):
        client = asked.owner.client
        return {"client": client, "suspension": access_acts.block_in_words(client)}

    def clients_shown(self, asked):
        return [asked.owner.client]
