"""An act of the desk that its author confirms by his second moyen: approvals, rights, tickets, coordinates, identity.

A view that has judged what was sent, and has written nothing yet, calls `require` or `require_recent`. Where nothing
confirms the act, one page asks, which holds all that was typed and sends it again. Who has no moyen is asked for none
until the day from which the desk opens to nobody without one. Source: PSD2 art. 97(1)(c), RTS 2018/389 art. 5.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes.actor import Actor
from auth_codes.factors import staff
from auth_codes.login import staff_steps
from auth_codes.pages import step_up as steps

REPEATED = "Vous aviez déjà confirmé cet acte : voici où il en est."
View = Callable[..., HttpResponse]


class ProofNeeded(Exception):
    """This act waits for its author's second moyen."""


def require(request: HttpRequest) -> None:
    """Raises ProofNeeded unless this very form has just been confirmed."""
    step = steps.of(request)
    if asks(request) and not (step and step.is_right and step.confirms_act):
        raise ProofNeeded


def require_recent(request: HttpRequest) -> None:
    """The same where a moyen shown in this session ten minutes ago, at the login or for another act, is enough."""
    if not staff_steps.is_recent(request.session, timezone.now()):
        require(request)


def shown_first(site: AdminSite, view: View) -> View:
    """The same page, or in its place the one that asks for the moyen."""

    @wraps(view)
    def asking(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ProofNeeded:
            return _page(site, request)

    return asking


def asks(request: HttpRequest) -> bool:
    """Whether who works there confirms anything: he has a moyen, or the day has come."""
    person = Actor.of(request).person
    return staff.is_required(timezone.now()) or staff.factor_of(person) is not None or staff.lacks_it(person)


@sensitive_variables()
def _page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    step, factors = steps.of(request), staff.factors_of(Actor.of(request).person)
    if not factors:
        return redirect("admin:own_factor")
    if step and step.is_repeated and step.confirms_act:
        messages.info(request, REPEATED)
        return redirect(request.get_full_path())
    context = {
        **site.each_context(request),
        "title": "Confirmez avec votre second moyen",
        "typed": list(steps.typed(request)),
        **steps.shown_on(request, factors),
    }
    return render(request, "admin/step_up.html", context, status=step.status if step else 200)
