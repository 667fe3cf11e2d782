"""How the timers' commands ended, for the operators: read, and written by the commands alone."""

from django.contrib import admin

from accounts.desk.titles import Titled
from accounts.models import CommandRun


@admin.register(CommandRun)
class CommandRunAdmin(Titled):
    """The newest first."""

    list_display = ["name", "ended_at", "seconds", "state", "numbers"]
    list_filter = ["name"]
    list_per_page = 50
    fields = readonly_fields = ["name", "started_at", "ended_at", "state", "numbers"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="Durée (s)")
    def seconds(self, run):
        return round((run.ended_at - run.started_at).total_seconds())

    @admin.display(description="Résultat")
    def state(self, run):
        return run.outcome

    @admin.display(description="Chiffres")
    def numbers(self, run):
        return ", ".join(f"{name} : {value}" for name, value in sorted(run.figures.items())) or "aucun"
