"""Renewals of a code, before the second advisor."""

from django.contrib import admin
from django.utils import timezone

from accounts.admin.asking import OwnersActAdmin
from accounts.clients.as_seen import NotAsSeen
from accounts.desk import second_advisor
from accounts.desk.dual_control import Answers, why_not
from auth_codes import dual_control
from auth_codes.codes import put_back
from auth_codes.models import Renewal
from auth_codes.renewals import by_advisors, issuing


@admin.register(Renewal)
class RenewalAdmin(OwnersActAdmin):
    answers = Answers(
        approve=by_advisors.approve,
        refuse=by_advisors.refuse,
        approved="Renouvellement approuvé : l’ancien code est annulé, le nouveau part par pli scellé.",
        refused="Renouvellement refusé : rien ne change pour le client.",
        withdrawn="Demande retirée : rien ne change pour le client.",
        why_not=why_not(Renewal)
        | {
            dual_control.AlreadyDecided: (
                "Ce renouvellement a déjà reçu une réponse, ou il est resté sans réponse plus de trois jours ouvrés."
            ),
            issuing.OwnerEnded: "Cette personne n’est plus cliente : refusez cette demande.",
            issuing.AddressUnconfirmed: (
                "L’adresse a été modifiée depuis : un second conseiller doit d’abord la confirmer, ou le client dans "
                "son espace."
            ),
            put_back.SpaceOfAnother: (
                "Le code client de cet accès n’est pas celui de la fiche : la base a été modifiée. Rien n’est envoyé. "
                "Prévenez l’exploitation, qui rétablit ces lignes avec check_owners et une sauvegarde."
            ),
            NotAsSeen: (
                "L’adresse n’est plus celle que vous aviez sous les yeux. Relisez le renouvellement, puis répondez."
            ),
        },
    )

    def changelist_view(self, request, extra_context=None):
        waiting = second_advisor.waiting_for(request.user, dual_control.kinds(), timezone.now())
        shown = second_advisor.shown_to(request.user, waiting)
        return super().changelist_view(request, shown | (extra_context or {}))

    def facts(self, asked):
        client = asked.owner.client
        return {"client": client, "is_held": client.address_awaits_confirmation}

    def shown(self, asked):
        return asked.owner.client.address_lines
