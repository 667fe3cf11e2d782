"""The second advisor's pages: what waits for him and what became of the rest, then one act with its two answers."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst

from accounts.clients import as_seen, confirmation, daily_number
from accounts.clients.looks import Reason
from accounts.desk import second_advisor, sheets, step_up
from accounts.desk.branches import of_his_branch
from accounts.desk.lists import Pages
from accounts.desk.titles import Titled
from accounts.models import Client, User
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import DualControlAct
from auth_codes.models.dual_control import Act

OWN_ACT = "Vous l’avez demandé vous-même : un autre {} doit l’approuver. Vous pouvez le retirer."
NOT_SETTLED = "Votre compte, ou l’un de vos droits, a moins de 7 jours : demandez à un autre collègue d’approuver."
BEGUN_BY_NOT_SETTLED = (
    "Le compte de qui l’a demandé, ou l’un de ses droits, avait moins de 7 jours : refusez cette demande, et qu’un "
    "autre collègue la fasse."
)
NOT_AS_SEEN = "Ce que la page montrait a changé depuis. Relisez la demande, puis répondez."
ABOVE_DAILY_NUMBER = (
    f"Plus de {daily_number.A_DAY} demandes de la même personne, ou approuvées par vous, l’ont été en un jour : le "
    "directeur de l’agence de qui l’a demandé approuve celle-ci, et lui seul. Vous pouvez la refuser."
)
LONGEST_ID = 18


def why_not(kind: type[DualControlAct]) -> dict[type[Exception], str]:
    """Why an answer to any act of this kind is not taken."""
    return {
        dual_control.SameAdvisor: OWN_ACT.format(kind.APPROVER),
        dual_control.NotSettled: NOT_SETTLED,
        dual_control.BegunByNotSettled: BEGUN_BY_NOT_SETTLED,
        dual_control.AboveDailyNumber: ABOVE_DAILY_NUMBER,
        as_seen.NotAsSeen: NOT_AS_SEEN,
    }


class Answers(NamedTuple):
    """How an act is answered, what is said of it then, and why an answer is not taken."""

    approve: Callable
    refuse: Callable
    approved: str
    refused: str
    withdrawn: str
    why_not: Mapping[type[Exception], str]


class DualControlAdmin(Titled):
    """Each kind of act gives its columns, its `answers`, its facts in its own `decide.html`, and what it checks."""

    answers: Answers
    # Read by questions of their own; see lists.py.
    staff = ["started_by", "decided_by"]
    list_per_page = 25
    pages = Pages
    ordering = ["decision", "-started_at", "-id"]  # those without a decision first

    def facts(self, asked: DualControlAct) -> dict:
        """What `decide.html` shows beside the act itself; with `is_held`, it cannot be approved for the moment."""
        return {}

    def clients_shown(self, asked: DualControlAct) -> Iterable[Client]:
        """Whose data `decide.html` shows, each with a line of the journal; somebody who is only named is not."""
        return []

    def shown(self, asked: DualControlAct) -> Iterable[str]:
        """What `decide.html` shows and is vouched for, though it is no part of the act: it may change meanwhile."""
        return []

    def get_queryset(self, request):
        """A branch manager who is no advisor sees what his branch asks for."""
        return of_his_branch(super().get_queryset(request), request.user).prefetch_related(*self.staff)

    def with_people(self, acts: QuerySet[Act]) -> QuerySet[Act]:
        """With all whom a line about each of them names."""
        clients = self.list_select_related
        # Of no names at all Django makes « all ».
        joined = acts.select_related(*clients) if isinstance(clients, list) and clients else acts
        return joined.prefetch_related(*self.staff)

    def get_fields(self, request, obj=None):
        return []  # its page is `decide.html`: Django's form would offer every client, user and account to choose from

    def get_list_display(self, request):
        """What the daily number keeps from its reader is said in the row."""
        waiting = cache(partial(self._waiting, request))

        @admin.display(description="État")
        def state(asked):
            is_beyond = asked.is_open_at(timezone.now()) and waiting().is_beyond(asked)
            return self.state(asked, second_advisor.manager_of(asked.started_by) if is_beyond else "")

        return [state if name == "state" else name for name in self.list_display]

    @admin.display(description="État")
    def state(self, asked, manager=""):
        if asked.decision:
            return asked.decision_in_words
        if not asked.is_open_at(timezone.now()):
            return asked.Decision.LAPSED.label
        return f"à approuver par {manager}" if manager else "à approuver"

    def _waiting(self, request):
        return second_advisor.waiting_for(request.user, [self.model], timezone.now())

    def changelist_view(self, request, extra_context=None):
        beyond = self._waiting(request).beyond
        waiting = self.get_queryset(request).open_at(timezone.now()).exclude(started_by__in=beyond).count()
        title = f"{capfirst(self.opts.verbose_name_plural)} ({waiting} à approuver)"
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    def has_add_permission(self, request):
        return False  # begins on the client's sheet

    def has_delete_permission(self, request, obj=None):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """One act, with its two answers while it waits for one."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if not (object_id.isascii() and object_id.isdecimal()) or len(object_id) > LONGEST_ID:
            raise Http404
        asked = get_object_or_404(self.with_people(self.get_queryset(request)), pk=object_id)
        for client in self.clients_shown(asked):
            sheets.require_another(request, client)
        answer = {"approve": self._approve, "refuse": self._refuse}.get(request.POST.get("answer"))
        if answer is None:
            return self._page(request, asked)
        try:
            return answer(request, asked)
        except tuple(self.answers.why_not) as why:
            messages.error(request, self.answers.why_not[type(why)])
        return self.to_list()

    def approved(self, request, asked, given):
        """The page after an approval, which has `given` what its act gives."""
        messages.success(request, self.answers.approved)
        return self.to_list()

    def to_list(self):
        return redirect(admin_urlname(self.opts, "changelist"))

    def _approve(self, request, asked):
        dual_control.require_another(asked, Actor.of(request))
        dual_control.require_settled(Actor.of(request), timezone.now())
        as_seen.check(self.shown(asked), request.POST.get("seen", ""))
        if asked.is_open_at(timezone.now()):
            step_up.require(request)
        return self.approved(request, asked, self.answers.approve(asked, by=Actor.of(request)))

    def _refuse(self, request, asked):
        self.answers.refuse(asked, by=Actor.of(request))
        is_own = asked.started_by_id == request.user.pk
        messages.success(request, self.answers.withdrawn if is_own else self.answers.refused)
        return self.to_list()

    def _page(self, request, asked):
        is_open = asked.is_open_at(timezone.now())
        # What waits for an answer is the reason, and so is what he did; the rest is looked up like a sheet.
        is_work = is_open or request.user.pk in (asked.started_by_id, asked.decided_by_id)
        for client in self.clients_shown(asked):
            sheets.show(request, client, because=Reason.SECOND_ADVISOR if is_work else None)
        is_above = is_open and second_advisor.counts(self.model) and _needs_manager(asked, request.user)
        context = {
            **self.admin_site.each_context(request),
            "title": asked.title,
            "opts": self.opts,
            "asked": asked,
            "is_open": is_open,
            "is_own": asked.started_by_id == request.user.pk,
            "reached": [confirmation.reached(client) for client in self.clients_shown(asked)],
            "above_daily_number": ABOVE_DAILY_NUMBER if is_above else "",
            "seen": as_seen.fingerprint(self.shown(asked)),
            **self.facts(asked),
        }
        return render(request, f"admin/{self.opts.app_label}/{self.opts.model_name}/decide.html", context)


def _needs_manager(asked: DualControlAct, user: User) -> bool:
    return daily_number.needs_manager([asked.started_by], user, timezone.now())
