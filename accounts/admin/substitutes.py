"""Who stands in for whom: declared, listed, ended before its time."""

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from accounts.desk import step_up, substitutes
from accounts.desk.branch_forms import SubstitutionForm
from accounts.desk.titles import Titled
from accounts.models import Substitution
from auth_codes.actor import Actor

LONGEST_ID = 18
WHY_NOT = {
    substitutes.NotHisToSay: (
        "Seul l’absent, ou le directeur de son agence, déclare un remplaçant ; et jamais lui-même. Demandez-le-lui."
    ),
    substitutes.NotColleagues: "L’absent et son remplaçant doivent être deux conseillers de la même agence.",
    substitutes.WrongDays: (
        f"Ces dates ne vont pas : commencez aujourd’hui ou plus tard, et finissez {substitutes.LONGEST.days} jours "
        "après au plus."
    ),
    substitutes.Overlaps: "Quelqu’un remplace déjà ce conseiller l’un de ces jours : terminez d’abord ce remplacement.",
    substitutes.AlreadyOver: "Ce remplacement est déjà fini.",
}
DECLARED = "Remplacement enregistré : {}."
ENDED = "Remplacement terminé : les clients de l’absent ne sont plus ceux du remplaçant."


@admin.register(Substitution)
class SubstitutionAdmin(Titled):
    """An advisor's own, in either part; a branch manager's are those of his branch."""

    list_display = ["absent", "substitute", "starts_on", "ends_on", "state"]
    list_display_links = ["absent"]
    list_per_page = 25

    def get_queryset(self, request):
        return substitutes.shown_to(request.user)

    def get_fields(self, request, obj=None):
        return []  # declared on a page of its own: Django's form would offer every user to choose from

    @admin.display(description="État")
    def state(self, substitution):
        return state_of(substitution)

    def has_delete_permission(self, request, obj=None):
        return False

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SubstitutionForm(request.user, request.POST or None)
        if form.is_valid() and self._declare(request, form):
            return self._to_list()
        context = {"title": "Déclarer un remplaçant", "form": form, "opts": self.opts}
        return render(request, "admin/accounts/substitution/declare.html", self._context(request, context))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """One of them, with the way to end it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if not (object_id.isascii() and object_id.isdecimal()) or len(object_id) > LONGEST_ID:
            raise Http404
        substitution = get_object_or_404(self.get_queryset(request), pk=object_id)
        if request.method == "POST":
            return self._end(request, substitution)
        is_standing = Substitution.objects.standing().filter(pk=substitution.pk).exists()
        context = {
            "title": "Remplacement",
            "substitution": substitution,
            "state": state_of(substitution),
            "may_end": is_standing and substitutes.may_end(substitution, request.user),
            "opts": self.opts,
        }
        return render(request, "admin/accounts/substitution/one.html", self._context(request, context))

    def _declare(self, request, form) -> bool:
        step_up.require(request)
        try:
            made = substitutes.declare(**form.cleaned_data, by=Actor.of(request))
        except tuple(WHY_NOT) as why:
            form.add_error(None, WHY_NOT[type(why)])
            return False
        messages.success(request, DECLARED.format(made))
        return True

    def _end(self, request, substitution):
        try:
            substitutes.end(substitution, by=Actor.of(request))
        except tuple(WHY_NOT) as why:
            messages.error(request, WHY_NOT[type(why)])
        else:
            messages.success(request, ENDED)
        return self._to_list()

    def _to_list(self):
        return redirect(admin_urlname(self.opts, "changelist"))

    def _context(self, request, context) -> dict:
        return self.admin_site.each_context(request) | context


def state_of(substitution) -> str:
    """What holds of it today."""
    if substitution.ended_at:
        return "terminé avant la date"
    if not Substitution.objects.standing().filter(pk=substitution.pk).exists():
        return "fini"
    return "en cours" if Substitution.objects.in_force().filter(pk=substitution.pk).exists() else "à venir"
