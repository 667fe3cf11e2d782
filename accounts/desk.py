"""The advisors' desk: the admin site, its login, and the rights of those who work there."""

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.views import LogoutView
from django.db import transaction
from django.http import Http404
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from accounts import waiting
from auth_codes import backends, browser

ADVISORS = "Conseillers"
ADVISORS_MAY = {
    "accounts": ["view_client", "add_client", "change_client"],
    "auth_codes": ["view_renewal", "change_renewal", "view_letterbatch"],
}


class StaffLoginForm(AdminAuthenticationForm):
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "Nom d’utilisateur ou mot de passe incorrect. Cinq erreurs bloquent l’accès 15 minutes.",
    }


class AdvisorsDesk(AdminSite):
    site_header = "Poste de travail des conseillers"
    site_title = "Conseillers"
    index_title = "Clientèle"
    site_url = None
    login_form = StaffLoginForm

    def has_permission(self, request):
        if request.user.is_authenticated and not request.user.is_staff:
            raise Http404  # a client does not learn that there is a desk
        return super().has_permission(request)

    def index(self, request, extra_context=None):
        return super().index(request, waiting.shown_to(request.user) | (extra_context or {}))

    def get_urls(self):
        urls = super().get_urls()
        for view in _private_views(urls):
            # Django says it for its own pages alone: from the models' pages staff would land at the clients' login.
            view.login_url = reverse_lazy("admin:login")
        return urls

    # Attempts commit before the hash is computed: no transaction may be open around the login.
    @method_decorator(transaction.non_atomic_requests)
    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        request.login_door = backends.STAFF_DOOR
        self.has_permission(request)  # raises for a client
        response = super().login(request, extra_context)
        if response.status_code == 200 and response.context_data["form"].has_error("__all__", "invalid_login"):
            browser.keep_mark(request, response)
        return response

    def logout(self, request, extra_context=None):
        return LogoutView.as_view(next_page="admin:login")(request)


def _private_views(urls):
    for entry in urls:
        if hasattr(entry, "url_patterns"):
            yield from _private_views(entry.url_patterns)
        elif getattr(entry.callback, "login_required", True):
            yield entry.callback


def make_advisors_group(**kwargs):
    """After each migration: the group « Conseillers » and its rights."""
    group, _ = Group.objects.get_or_create(name=ADVISORS)
    for app_label, codenames in ADVISORS_MAY.items():
        rights = Permission.objects.filter(content_type__app_label=app_label, codename__in=codenames)
        group.permissions.add(*rights)
