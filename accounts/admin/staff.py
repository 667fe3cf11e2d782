"""Those who work at the desk, and their groups: shown, and changed by two administrators alone (staff_requests.py)."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.views.decorators.debug import sensitive_variables

from accounts import client_codes
from accounts.desk import roles, staff_requests, staff_tickets, step_up
from accounts.desk.lists import Pages
from accounts.desk.titles import Titled
from accounts.models import StaffRequest, User
from auth_codes import wording
from auth_codes.actor import Actor
from auth_codes.factors import staff, tickets
from auth_codes.models import Factor

admin.site.unregister(Group)


WHY_NO_TICKET = {
    staff_tickets.WhyNot.OWN: "Personne ne se remet un ticket à lui-même : demandez-le à un autre administrateur.",
    staff_tickets.WhyNot.LEFT: "Ce compte est désactivé : il n’ouvre pas le poste.",
    staff_tickets.WhyNot.ABOVE: "Ce compte peut tout : seul un autre compte qui peut tout lui remet un ticket.",
    staff_tickets.WhyNot.LACKS_FACTOR: (
        "Cette personne a déjà un second moyen, que le ticket remplacerait : ajoutez d’abord le vôtre."
    ),
    staff_tickets.WhyNot.NOT_SETTLED: (
        "Votre compte, ou l’un de vos droits, a moins de 7 jours : demandez à un autre administrateur."
    ),
}
# How Django begins the codename of a right.
RIGHTS = {"view": "voir", "add": "ajouter", "change": "modifier", "delete": "supprimer"}


def right_in_words(right: Permission) -> str:
    """« Voir : client »"""
    action, _, _ = right.codename.partition("_")
    model = right.content_type.model_class()
    return f"{capfirst(RIGHTS.get(action, action))} : {model._meta.verbose_name if model else right.content_type}"


class ShownAlone:
    """Pages that one person can read and change nothing by."""

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return roles.has_role(request.user, roles.STAFF_ADMINISTRATORS)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Group)
class GroupsAdmin(ShownAlone, Titled, GroupAdmin):
    """What each group may."""

    fields = readonly_fields = ["name", "rights"]

    @admin.display(description="Droits")
    def rights(self, group):
        """In words: Django keeps « Can view client »."""
        held = group.permissions.select_related("content_type").order_by("content_type", "codename")
        return format_html_join("", "{}<br>", ([right_in_words(right)] for right in held)) or "aucun"


@admin.register(User)
class StaffAdmin(ShownAlone, Titled, UserAdmin):
    """Staff alone; clients' users are made by their online space and shown nowhere here."""

    list_display = ["username", "first_name", "last_name", "branch", "second_factor", "is_active"]
    list_per_page = 50
    pages = Pages
    ordering = ["last_name", "first_name", "id"]
    list_filter = ["groups", "branch", "is_active"]
    list_select_related = ["branch"]
    fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "email"]}),
        ("Droits", {"fields": ["is_active", "is_superuser", "groups", "branch", "raised_at"]}),
        ("Second moyen", {"fields": ["second_factor", "factor_dates", "waiting_ticket"]}),
        ("Client de la banque", {"fields": ["own_sheet"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["branch", "raised_at", "second_factor", "factor_dates", "waiting_ticket", "own_sheet"]

    @admin.display(description="Sa propre fiche")
    def own_sheet(self, member):
        """Its number alone: the administrators of the staff see no data of clients."""
        return client_codes.display(member.own_client.client_code) if member.own_client else "aucune déclarée"

    @admin.display(description="Second moyen")
    def second_factor(self, member):
        """Its kind: neither its name, which is his own, nor anything of its key."""
        return ", ".join(str(factor.get_kind_display()) for factor in member.standing_factors) or "aucun"

    @admin.display(description="Ajouté, et dernier usage")
    def factor_dates(self, member):
        shown = [_dates_of(factor) for factor in member.standing_factors]
        return format_html_join("", "{}<br>", ([one] for one in shown)) or "aucun"

    @admin.display(description="Ticket qui attend")
    def waiting_ticket(self, member):
        return staff_tickets.in_words(member, timezone.now()) or "aucun"

    def get_queryset(self, request):
        standing = Prefetch("factors", Factor.objects.active(), to_attr="standing_factors")
        return super().get_queryset(request).filter(is_staff=True).prefetch_related(standing)

    def get_urls(self):
        view = self.admin_site.admin_view(self.ticket_view)
        return [path("<int:pk>/ticket/", view, name="issue_ticket"), *super().get_urls()]

    @method_decorator(sensitive_variables("ticket", "context"))
    def ticket_view(self, request, pk):
        """« Remettre un ticket »: shown once, on this page alone."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        member = get_object_or_404(User, pk=pk, is_staff=True)
        why = staff_tickets.why_not(member, by=Actor.of(request), now=timezone.now())
        context = {
            "title": "Remettre un ticket",
            "member": member,
            "why_not": WHY_NO_TICKET.get(why, ""),
            "has_one": staff.factor_of(member) is not None,
            "opts": self.opts,
        }
        if request.method == "POST" and not why:
            step_up.require(request)
            ticket = staff_tickets.issue(member, by=Actor.of(request), now=timezone.now())
            context["ticket"] = tickets.in_fours(ticket)
        context |= self.admin_site.each_context(request)
        return render(request, "admin/accounts/user/ticket.html", context)

    def user_change_password(self, request, id, form_url=""):
        """Nobody else's: one's own asks for the present one, on the desk's own page."""
        if unquote(id) == str(request.user.pk):
            return redirect("admin:password_change")
        return super().user_change_password(request, id, form_url)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and obj.pk != request.user.pk and obj.is_staff:
            context["staff_acts"] = [StaffRequest.Kind(kind) for kind in staff_requests.possible_for(obj)]
            context["may_issue"] = not staff_tickets.why_not(obj, by=Actor.of(request), now=timezone.now())
        return super().render_change_form(request, context, add, change, form_url, obj)


def _dates_of(factor):
    used = wording.moment(factor.used_at) if factor.used_at else "jamais servi"
    return f"ajouté le {wording.moment(factor.created_at)} ; dernier usage : {used}"
