"""Tickets for clients in branch, before the second advisor; an approval shows the ticket once."""

from django.contrib import admin
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables

from accounts.admin import factor_acts
from accounts.admin.asking import OwnersActAdmin
from accounts.desk.dual_control import Answers, why_not
from auth_codes.factors import tickets, tickets_by_advisors
from auth_codes.models import TicketRequest


@admin.register(TicketRequest)
class TicketRequestAdmin(OwnersActAdmin):
    list_display = ["client", "reason", "started_by", "started_at", "state"]
    answers = Answers(
        approve=tickets_by_advisors.approve,
        refuse=tickets_by_advisors.refuse,
        approved="Ticket remis.",
        refused="Demande refusée : aucun ticket n’est remis.",
        withdrawn="Demande retirée : aucun ticket n’est remis.",
        why_not=factor_acts.TICKET.why_not | why_not(TicketRequest),
    )

    def facts(self, asked):
        return {"client": asked.owner.client, "factors": factor_acts.in_words(asked.owner.client)}

    @method_decorator(sensitive_variables("given", "context"))
    def approved(self, request, asked, given):
        """It goes into this page alone, for the approver to hand over; it cannot be shown again."""
        context = {"title": asked.title, "client": asked.owner.client, "ticket": tickets.in_fours(given)}
        context |= {"opts": self.opts, **self.admin_site.each_context(request)}
        return render(request, "admin/auth_codes/ticketrequest/ticket.html", context)
