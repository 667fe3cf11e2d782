"""What is asked about the staff, and the second administrator's answer; an approval shows a one-time link once."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse

from accounts import client_codes
from accounts.desk import roles, same_person, staff_forms, staff_requests, step_up
from accounts.desk.dual_control import Answers, DualControlAdmin, why_not
from accounts.models import StaffRequest, User
from auth_codes import dual_control
from auth_codes.actor import Actor

Kind = StaffRequest.Kind
WHY_NOT_ASKED = {
    staff_requests.OwnAccount: "C’est votre propre compte : deux autres administrateurs doivent s’en charger.",
    staff_requests.RolesContradict: "Ces groupes ne vont pas ensemble : refusez la demande, et demandez-en d’autres.",
    staff_requests.BranchNeeded: "Un conseiller, ou un directeur d’agence, travaille dans une agence : choisissez-la.",
    staff_requests.SheetDeclared: (
        "Cette fiche client est déjà déclarée par un autre compte du personnel : une personne n’a qu’un compte. "
        "Désactivé, il se réactive."
    ),
    staff_requests.NotPossible: "L’état de ce compte a changé : relisez sa fiche.",
    dual_control.AlreadyStarted: "Une demande pour ce nom attend déjà un second administrateur.",
    dual_control.AlreadyDecided: (
        "Cette demande a déjà reçu une réponse, ou elle est restée sans réponse plus de trois jours ouvrés."
    ),
}
STARTED = "Demande enregistrée. Rien ne change avant qu’un second administrateur l’approuve, sous trois jours ouvrés."


@admin.register(StaffRequest)
class StaffRequestAdmin(DualControlAdmin):
    list_display = ["title", "started_by", "started_at", "state"]
    list_select_related = ["branch"]
    staff = ["started_by", "decided_by", "member__branch"]
    answers = Answers(
        approve=staff_requests.approve,
        refuse=staff_requests.refuse,
        approved="Demande approuvée.",
        refused="Demande refusée : rien ne change.",
        withdrawn="Demande retirée : rien ne change.",
        why_not=why_not(StaffRequest)
        | WHY_NOT_ASKED
        | {staff_requests.NameTaken: "Ce nom d’utilisateur a été pris entre-temps : refusez, et demandez-en un autre."},
    )

    def clients_shown(self, asked):
        return []  # nothing of a client stands there

    @admin.display(description="Demande")
    def title(self, asked):
        return asked.title

    def has_module_permission(self, request):
        return self.has_change_permission(request)

    def has_view_permission(self, request, obj=None):
        return self.has_change_permission(request)

    def has_add_permission(self, request):
        return self.has_change_permission(request)

    def has_change_permission(self, request, obj=None):
        return roles.has_role(request.user, roles.STAFF_ADMINISTRATORS)

    def get_urls(self):
        view = self.admin_site.admin_view(self.member_view)
        return [path("membre/<int:pk>/<str:kind>/", view, name="ask_about_member"), *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None):
        """Somebody new."""
        return self._ask(request, staff_forms.NewMemberForm, Kind.NEW, None)

    def member_view(self, request, pk, kind):
        """Anything else, which begins on his sheet."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        member = get_object_or_404(User, pk=pk, is_staff=True)
        if kind not in staff_requests.possible_for(member):
            raise Http404
        return self._ask(request, staff_forms.FORMS.get(kind, staff_forms.StaffActForm), kind, member)

    def _ask(self, request, form_class, kind, member):
        if not self.has_change_permission(request):
            raise PermissionDenied
        initial = _present(member) if member else {}
        form = form_class(request.POST or None, initial=initial)
        if form.is_valid() and self._start(request, form, kind, member):
            return self.to_list()
        context = {"form": form, "member": member, "title": Kind(kind).label.capitalize(), "opts": self.opts}
        context |= self.admin_site.each_context(request)
        return render(request, "admin/accounts/staffrequest/ask.html", context)

    def _start(self, request, form, kind, member) -> bool:
        step_up.require(request)
        asked = staff_forms.request_of(form, kind, member)
        try:
            staff_requests.start(asked, form.cleaned_data.get("groups", ()), by=Actor.of(request))
        except tuple(WHY_NOT_ASKED) as why:
            form.add_error(None, WHY_NOT_ASKED[type(why)])
            return False
        messages.success(request, STARTED)
        return True

    def facts(self, asked):
        present = asked.member.groups.order_by("name") if asked.member else []
        return {
            "alike": same_person.alike(asked) if asked.kind == Kind.NEW and not asked.decision else [],
            "groups": asked.groups.order_by("name"),
            "present": present,
            "is_about_groups": asked.kind in GROUPED,
            "is_about_sheet": asked.kind in (Kind.NEW, Kind.OWN_CLIENT),
            "own_client": _code_of(asked.own_client),
            "has_same_name": asked.own_client and staff_requests.is_named_alike(asked),
            "sheet_today": _code_of(asked.member and asked.member.own_client),
        }

    def approved(self, request, asked, given):
        """The link goes into this page alone, which the approver hands over; it cannot be shown again."""
        if given is None:
            return super().approved(request, asked, given)
        link = request.build_absolute_uri(reverse("admin:first_access", args=[given]))
        context = {"title": asked.title, "asked": asked, "link": link, "opts": self.opts}
        context |= self.admin_site.each_context(request)
        return render(request, "admin/accounts/staffrequest/link.html", context)


GROUPED = (Kind.NEW, Kind.GROUPS)


def _present(member) -> dict:
    """What the forms begin with."""
    return {
        "groups": member.groups.all(),
        "branch": member.branch,
        "own_client": _code_of(member.own_client),
    }


def _code_of(sheet) -> str:
    """Of a client's sheet the number alone: nothing else of it is for the administrators of the staff."""
    return client_codes.display(sheet.client_code) if sheet else ""
