"""The branches, for the administrators of the staff: made and named, never deleted."""

from django.contrib import admin
from django.db.models import Count, Q

from accounts.desk.branch_forms import BranchForm
from accounts.desk.titles import Titled
from accounts.kinds import Event
from accounts.models import Branch
from auth_codes import journal
from auth_codes.actor import Actor


@admin.register(Branch)
class BranchAdmin(Titled):
    """Who works in one is changed by two administrators: see staff_requests.py."""

    form = BranchForm
    list_display = ["name", "staff_count"]
    list_per_page = 25

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(staff_count=Count("staff", filter=Q(staff__is_active=True)))

    @admin.display(description="Conseillers et directeurs")
    def staff_count(self, branch):
        return branch.staff_count

    def add_view(self, request, form_url="", extra_context=None):
        return super().add_view(request, form_url, {"title": "Ouvrir une agence"} | (extra_context or {}))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        title = {"title": "Renommer une agence"}
        return super().change_view(request, object_id, form_url, title | (extra_context or {}))

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change or form.changed_data:
            kind = Event.BRANCH_RENAMED if change else Event.BRANCH_MADE
            journal.record(kind, by=Actor.of(request), details={"staff_branch": obj.name})
