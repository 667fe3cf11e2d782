"""Moyens that are to end, before the second advisor."""

from django.contrib import admin

from accounts.admin import factor_acts
from accounts.admin.asking import OwnersActAdmin
from accounts.desk.dual_control import Answers, why_not
from auth_codes.factors import by_advisors
from auth_codes.models import FactorsEnding


@admin.register(FactorsEnding)
class FactorsEndingAdmin(OwnersActAdmin):
    answers = Answers(
        approve=by_advisors.approve,
        refuse=by_advisors.refuse,
        approved="Seconds moyens terminés : les deux codes du client suffisent de nouveau. Il est averti.",
        refused="Demande refusée : les seconds moyens restent.",
        withdrawn="Demande retirée : les seconds moyens restent.",
        why_not=factor_acts.ENDING.why_not | why_not(FactorsEnding),
    )

    def facts(self, asked):
        return {"client": asked.owner.client, "factors": factor_acts.in_words(asked.owner.client)}
