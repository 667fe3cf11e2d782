"""Those who work at the desk, and their groups: shown, and changed by two administrators alone (staff_requests.py)."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.text import capfirst

from accounts import client_codes
from accounts.desk import roles, staff_requests
from accounts.desk.lists import Pages
from accounts.desk.titles import Titled
from accounts.models import StaffRequest, User

admin.site.unregister(Group)


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

    list_display = ["username", "first_name", "last_name", "branch", "is_active"]
    list_per_page = 50
    pages = Pages
    ordering = ["last_name", "first_name", "id"]
    list_filter = ["groups", "branch", "is_active"]
    list_select_related = ["branch"]
    fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "email"]}),
        ("Droits", {"fields": ["is_active", "is_superuser", "groups", "branch", "raised_at"]}),
        ("Client de la banque", {"fields": ["own_sheet"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["branch", "raised_at", "own_sheet"]

    @admin.display(description="Sa propre fiche")
    def own_sheet(self, member):
        """Its number alone: the administrators of the staff see no data of clients."""
        return client_codes.display(member.own_client.client_code) if member.own_client else "aucune déclarée"

    def get_queryset(self, request):
        return super().get_queryset(request).filter(is_staff=True)

    def user_change_password(self, request, id, form_url=""):
        """Nobody else's: one's own asks for the present one, on the desk's own page."""
        if unquote(id) == str(request.user.pk):
            return redirect("admin:password_change")
        return super().user_change_password(request, id, form_url)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and obj.pk != request.user.pk and obj.is_staff:
            context["staff_acts"] = [StaffRequest.Kind(kind) for kind in staff_requests.possible_for(obj)]
        return super().render_change_form(request, context, add, change, form_url, obj)
