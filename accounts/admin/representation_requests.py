"""Who is to act for a client, before the second advisor."""

from django.contrib import admin

from accounts.admin import representation_acts
from accounts.bank_accounts import representation_requests
from accounts.desk.dual_control import Answers, DualControlAdmin, why_not
from accounts.models import RepresentationRequest


@admin.register(RepresentationRequest)
class RepresentationRequestAdmin(DualControlAdmin):
    list_display = ["represented", "representative", "capacity", "started_by", "started_at", "state"]
    list_select_related = ["represented", "representative"]
    answers = Answers(
        approve=representation_requests.approve,
        refuse=representation_requests.refuse,
        approved="Demande approuvée : le représentant a accès aux comptes.",
        refused="Demande refusée : rien ne change.",
        withdrawn="Demande retirée : rien ne change.",
        why_not=representation_acts.WHY_NOT | why_not(RepresentationRequest),
    )

    def clients_shown(self, asked):
        return [asked.represented, asked.representative]
