"""The advisors' desk: the admin site, its login, and the rights of those who work there."""

from functools import partial

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic.base import ContextMixin

from accounts.desk import (
    bulk_acts,
    drafts,
    journal_page,
    lists,
    login_chart,
    login_hours,
    own_factors,
    reasons,
    roles,
    second_advisor,
    step_up,
    work,
)
from accounts.desk.first_access_page import FirstAccessView
from auth_codes import browser, dual_control
from auth_codes.devices import last_connection
from auth_codes.factors import staff
from auth_codes.login import attempt, staff_steps
from auth_codes.measures.series import Door
from auth_codes.pages import staff_factors
from auth_codes.pages.staff_password import TRY_AGAIN, StaffPasswordView
from auth_codes.pages.staff_second import StaffLoginView, StaffSecondView
from auth_codes.sessions import limits

SESSION_ENDED = (
    "Votre session a pris fin. Reconnectez-vous : un formulaire à moitié rempli est gardé pour vous, et pour vous seul."
)


class StaffLoginForm(AdminAuthenticationForm):
    """Says what staff type, a user name and a password, and after how many errors the access is blocked."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "Nom d’utilisateur ou mot de passe incorrect. Cinq erreurs bloquent l’accès 15 minutes.",
    }

    def get_invalid_login_error(self):
        if attempt.of(self.request).found_no_slot:
            return ValidationError(TRY_AGAIN, code="busy")
        return super().get_invalid_login_error()


class AdvisorsDesk(AdminSite):
    """Django's admin under the bank's names, beginning with what waits; to a client it does not exist."""

    site_header = "Poste de travail"
    site_title = "Conseillers"
    index_title = "Aujourd’hui"
    site_url = None
    enable_nav_sidebar = False  # templates/admin/places.html is ours, and asks for no script
    login_form = StaffLoginForm

    def register(self, model_or_iterable, admin_class=None, **options):
        """Every list of the desk, Django's own among them, is filtered by what it declares alone, and read by pages."""
        own = {
            "lookup_allowed": lists.is_declared,
            "_get_obj_does_not_exist_redirect": lists.refuse_missing,
            "get_changelist": lists.list_of,
            "sortable_by": (),
        }
        super().register(model_or_iterable, admin_class, **own | options)

    def admin_view(self, view, cacheable=False):
        asking = reasons.asked_first(self, drafts.shown_again(view))
        return super().admin_view(step_up.shown_first(self, asking), cacheable)

    def autocomplete_view(self, request):
        raise Http404  # no form of the desk completes; it would list any column's clients, and leave no line

    def has_permission(self, request):
        if request.user.is_authenticated and not request.user.is_staff:
            raise Http404  # a client does not learn that there is a desk
        return super().has_permission(request) and staff_steps.opens_desk(request.session, timezone.now())

    def each_context(self, request):
        """What the way to other places needs on each page, beside what Django gives."""
        reads_journal = roles.has_role(request.user, roles.AUDITORS)
        session = limits.shown(request, timezone.now()) if limits.life(request.session) else None
        return super().each_context(request) | {"reads_journal": reads_journal, "session": session}

    def index(self, request, extra_context=None):
        now = timezone.now()
        waiting = second_advisor.waiting_for(request.user, dual_control.kinds(), now)
        shown = second_advisor.shown_to(request.user, waiting) | login_hours.shown_to(request.user, now)
        shown["bulk_alarms"] = bulk_acts.alarms(request.user, now)
        shown |= work.shown_to(request.user, self, waiting, now)
        shown["chart"] = login_chart.chart_of(now) if shown["sees_login_hours"] else None
        shown["title"] = f"Aujourd’hui, {date_format(timezone.localdate(), 'l j F')}"
        shown["earlier"] = last_connection.earlier(request)
        shown["lacks_factor"] = staff.factor_of(request.user) is None
        return super().index(request, shown | (extra_context or {}))

    def login_hours(self, request):
        alarms = {"bulk_alarms": bulk_acts.alarms(request.user, timezone.now())}
        return login_hours.page(request, self.each_context(request) | alarms)

    def journal(self, request):
        return journal_page.page(request, self.each_context(request))

    @method_decorator(require_POST)
    def draft(self, request):
        """What the script of a half-filled form sends while somebody types; or that he wants to have it forgotten."""
        page = request.POST.get(drafts.PAGE, "")
        if not drafts.page_of(page):
            raise Http404
        if drafts.DROP in request.POST:
            drafts.drop(request.user, page)
            return redirect(page)
        drafts.keep(request.user, page, request.POST)
        return HttpResponse(status=204)

    def get_urls(self):
        draft = path("brouillon/", self.admin_view(self.draft), name="draft")
        page = path("connexions-par-heure/", self.admin_view(self.login_hours), name="login_hours")
        journal = path("journal/", self.admin_view(self.journal), name="journal")
        link = path("premier-acces/<str:token>/", self.first_access, name="first_access")
        # Nothing of the desk is seen on the site: for a number that is no UUID Django's own page for it fails by a 500.
        own = [entry for entry in super().get_urls() if getattr(entry, "name", "") != "view_on_site"]
        # Before Django's, which ends no session that the desk is not open to yet.
        leave = path("logout/", partial(self.logout), name="logout")
        urls = [draft, page, journal, link, leave, *self._second_urls(), *self._own_factor_urls(), *own]
        for view in _private_views(urls):
            # Django says it for its own pages alone: from the models' pages staff would land at the clients' login.
            view.login_url = reverse_lazy("admin:login")
        return urls

    def _second_urls(self):
        """The pages of one's own second moyen, which open before the desk does."""
        pages = {
            "second": ("second/", StaffSecondView),
            "own_factor": ("moyens/", staff_factors.StaffFactorsView),
            "own_ticket": ("moyens/ticket/", staff_factors.TicketView),
            "own_app": ("moyens/application/", staff_factors.StaffAppView),
            "give_up_own_app": ("moyens/application/annuler/", staff_factors.GiveUpStaffAppView),
            "own_passkey": ("moyens/cle/", staff_factors.StaffPasskeyView),
            "give_up_own_passkey": ("moyens/cle/annuler/", staff_factors.GiveUpStaffPasskeyView),
        }
        return [path(route, self._before_desk(view), name=name) for name, (route, view) in pages.items()]

    def _own_factor_urls(self):
        acts = {
            "rename_own_factor": ("renommer", own_factors.rename),
            "remove_own_factor": ("retirer", own_factors.remove),
        }
        return [
            path(f"moyens/<uuid:pk>/{word}/", self.admin_view(partial(view, self)), name=name)
            for name, (word, view) in acts.items()
        ]

    def _before_desk(self, view):
        """A page that says itself whom it is for. Its tries commit before they are compared: no transaction is open."""

        @transaction.non_atomic_requests
        @login_not_required
        @never_cache
        def page(request, *args, **kwargs):
            request.current_app = self.name
            takes_context = issubclass(view, ContextMixin)
            given = {"extra_context": self.each_context(request)} if takes_context else {}
            return view.as_view(**given)(request, *args, **kwargs)

        return page

    # Attempts commit before the hash is computed: no transaction may be open around the login.
    @method_decorator(transaction.non_atomic_requests)
    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        attempt.begin(request, Door.STAFF)
        if "fin" in request.GET and request.method == "GET" and not request.user.is_authenticated:
            messages.info(request, SESSION_ENDED)
        is_open = self.has_permission(request)  # raises for a client
        if request.method == "GET" and request.user.is_authenticated:
            return redirect("admin:index" if is_open else "admin:own_factor")
        response = self._login_view(request, extra_context)
        refused = request.method == "POST" and response.status_code == 200
        if refused and response.context_data["form"].has_error("__all__", "invalid_login"):
            browser.keep_mark(request, response)
        return response

    @method_decorator(never_cache)
    def _login_view(self, request, extra_context):
        """As Django's own, which does not say by which view."""
        request.current_app = self.name
        shown = {"title": "Connexion", "subtitle": None, "app_path": request.get_full_path()}
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            shown[REDIRECT_FIELD_NAME] = reverse("admin:index")
        context = self.each_context(request) | shown | (extra_context or {})
        view = StaffLoginView.as_view(
            extra_context=context, authentication_form=self.login_form, template_name="admin/login.html"
        )
        return view(request)

    @method_decorator(transaction.non_atomic_requests)
    def password_change(self, request, extra_context=None):
        request.current_app = self.name
        shown = {"title": "Modification du mot de passe", "subtitle": None, **self.each_context(request)}
        return StaffPasswordView.as_view(extra_context=shown | (extra_context or {}))(request)

    @method_decorator(login_not_required)
    def first_access(self, request, token):
        return FirstAccessView.as_view(extra_context=self.each_context(request))(request, token=token)

    def logout(self, request, extra_context=None):
        self.has_permission(request)  # raises for a client
        return LogoutView.as_view(next_page="admin:login")(request)


def _private_views(urls):
    for entry in urls:
        if hasattr(entry, "url_patterns"):
            yield from _private_views(entry.url_patterns)
        elif getattr(entry.callback, "login_required", True):
            yield entry.callback
