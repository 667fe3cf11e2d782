"""Blocks that are to end before their time, before the second advisor."""

from django.contrib import admin

from accounts.admin import access_acts
from accounts.admin.asking import OwnersActAdmin
from accounts.desk.dual_control import Answers, why_not
from auth_codes.models import Unblocking
from auth_codes.renewals import unblocking


@admin.register(Unblocking)
class UnblockingAdmin(OwnersActAdmin):
    answers = Answers(
        approve=unblocking.approve,
        refuse=unblocking.refuse,
        approved="Suspension levée : le client peut se connecter.",
        refused="Demande refusée : la suspension reste.",
        withdrawn="Demande retirée : la suspension reste.",
        why_not=access_acts.UNBLOCKING.why_not | why_not(Unblocking),
    )

    def facts(self, asked):
        client = asked.owner.client
        return {"client": client, "suspension": access_acts.block_in_words(client)}
