"""« Renommer » and « Retirer » of one's own second moyens, once the desk is open; the rest is in staff_factors.py."""

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.desk import step_up
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import staff
from auth_codes.models import Factor
from auth_codes.pages.factor_forms import RenamingForm

RENAMED = "C’est fait : ce moyen s’appelle maintenant « {} »."
REMOVED = "« {} » est retiré : il ne sert plus."
LAST_ONE = (
    "« {} » est votre seul second moyen : ajoutez-en d’abord un autre, avec un ticket. S’il est perdu, le ticket le "
    "remplace."
)


def rename(site: AdminSite, request: HttpRequest, pk: str) -> HttpResponse:
    """Another name for it, which confirms nothing."""
    factor = _own(request, pk, Factor.State.ACTIVE)
    form = RenamingForm(request.POST if request.method == "POST" else None, initial={"name": factor.name})
    if form.is_valid():
        staff.rename(factor, form.cleaned_data["name"])
        messages.success(request, RENAMED.format(form.cleaned_data["name"]))
        return redirect("admin:own_factor")
    return _page(site, request, "rename", factor, title=f"Renommer «\u00a0{factor.name}\u00a0»", form=form)


def remove(site: AdminSite, request: HttpRequest, pk: str) -> HttpResponse:
    """One of several, confirmed by any of them."""
    factor = _own(request, pk, Factor.State.ACTIVE, Factor.State.ENDED)
    if factor.state == Factor.State.ENDED:  # a second click, or the page of before
        messages.success(request, REMOVED.format(factor.name))
        return redirect("admin:own_factor")
    if len(staff.factors_of(factor.owner)) == 1:
        messages.warning(request, LAST_ONE.format(factor.name))
        return redirect("admin:own_factor")
    if request.method != "POST":
        return _page(site, request, "remove", factor, title=f"Retirer «\u00a0{factor.name}\u00a0»")
    step_up.require(request)
    try:
        staff.remove(factor, by=Actor.of(request), now=timezone.now())
    except staff.LastOne:  # of two tabs, or two people at one session, the later one
        messages.warning(request, LAST_ONE.format(factor.name))
    except owners.SessionEnded:
        return redirect("admin:login")
    else:
        messages.success(request, REMOVED.format(factor.name))
    return redirect("admin:own_factor")


def _own(request: HttpRequest, pk: str, *states: Factor.State) -> Factor:
    owner = Actor.of(request).person
    factor = get_object_or_404(owner.factors.filter(state__in=states), pk=pk)
    factor.owner = owner
    return factor


def _page(site: AdminSite, request: HttpRequest, name: str, factor: Factor, **shown: object) -> HttpResponse:
    context = {**site.each_context(request), "factor": factor, **shown}
    return render(request, f"admin/factors/{name}.html", context)
