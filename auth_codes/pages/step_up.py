"""« Confirmez avec votre second moyen »: what is typed to confirm one act of the desk, counted before the act begins.

The challenge is bound to the whole form that was sent, its address included: confirmed is what the page showed, and
nothing else. Verified by the middleware, since a try commits before it is compared and an act is one transaction.
"""

import json
from collections.abc import Iterator

from django import forms
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, wording
from auth_codes.actor import Actor
from auth_codes.factors import challenges, staff
from auth_codes.lockout import counters
from auth_codes.login import attempt as attempts
from auth_codes.login import gate, second
from auth_codes.measures.series import Door
from auth_codes.models import Challenge, SecurityEvent
from auth_codes.pages.factor_forms import ProofForm
from auth_codes.pages.refusals import NEEDS_A_TICKET, WAITING_PAGES
from auth_codes.pages.staff_second import ONE_LEFT, WRONG
from auth_codes.sessions import desk_mark

FORM = "step"
PREFIX = f"{FORM}-"
CODE = f"{PREFIX}code"
# What belongs to the way of a form, not to what was typed in it; `look-` is the reason for opening a sheet.
NOT_TYPED = ("csrfmiddlewaretoken", PREFIX, "look-")
OVER = "Dix minutes ont passé, ou ce que vous avez saisi a changé : rien n’est fait. Confirmez de nouveau."
PAUSED = "Trop de nombres erronés : la vérification est en pause jusqu’à {}. Gardez cette page ouverte."


class StepForm(ProofForm):
    """The number, for one challenge."""

    prefix = FORM
    challenge = forms.CharField(widget=forms.HiddenInput, required=False)


class Confirmation:
    """How one confirmation ended: `is_right` once; `is_repeated`, of a second click; else its form says why."""

    def __init__(self, form):
        self.form = form
        self.is_right = self.is_repeated = False
        self.status = 200


def look(request) -> None:
    """Counts and verifies what this request brings to confirm its act, and notes it as `request.step`."""
    attempts.begin(request, Door.STAFF)
    request.sensitive_post_parameters = "__ALL__"  # as the decorator of a view: an error report shows none
    request.step = Confirmation(StepForm(request.POST))
    if request.step.form.is_valid():
        _verify(request, request.step)


def of(request) -> Confirmation | None:
    """What this request has brought; None where it confirms nothing."""
    return getattr(request, "step", None)


def ask(request) -> Challenge:
    """What is to be confirmed by the page that answers this request; the one of before while it lives."""
    step, now = of(request), timezone.now()
    try:
        known = _found(request, step.form.data.get(f"{PREFIX}challenge", "") if step else "")
        if known.spent_at is None and known.expires_at > now:
            return known
    except challenges.AlreadyProved:
        pass
    return challenges.ask(request.user, Challenge.Purpose.STEP_UP, facts_of(request), request.session, now)


def typed(request) -> Iterator[tuple[str, str]]:
    """Names and values of the form that was sent, for the page that sends it again."""
    for name, values in request.POST.lists():
        if not name.startswith(NOT_TYPED):
            yield from ((name, value) for value in values)


def facts_of(request) -> dict[str, str]:
    """All that this act is about: where it was sent, and each field of it."""
    fields = {name: json.dumps(values) for name, values in request.POST.lists() if not name.startswith(NOT_TYPED)}
    return fields | {"": request.get_full_path()}


@sensitive_variables()
def _verify(request, step) -> None:
    factor, form = staff.factor_of(request.user), step.form
    try:
        challenge = _found(request, form.cleaned_data["challenge"])
        if challenge.spent_at:
            step.is_repeated = True
            return
        if factor is None or challenge.expires_at <= timezone.now():
            raise challenges.AlreadyProved
        second.check(request, challenge, factor, form.cleaned_data["code"], beside=None)
    except second.AlreadyProved:
        form.add_error("code", OVER)
    except second.WrongProof as wrong:
        _say_wrong(step, wrong.aftermath)
    except gate.REFUSALS as refusal:
        _say_paused(step, refusal)
    else:
        step.is_right = True
        desk_mark.put(request.session, timezone.now())
        by, details = Actor.of(request), {"factor": factor.kind}
        journal.record(SecurityEvent.Kind.STEP_UP_PASSED, owner=request.user, by=by, details=details)


def _found(request, key) -> Challenge:
    known = challenges.find(key, request.user, facts_of(request), request.session)
    if known.purpose != Challenge.Purpose.STEP_UP:
        raise challenges.AlreadyProved
    return known


def _say_wrong(step, aftermath) -> None:
    if aftermath.block:
        _say_paused(step, aftermath.block)
        return
    step.form.add_error("code", " ".join([WRONG, *([ONE_LEFT] if aftermath.next_block else [])]))


def _say_paused(step, refusal) -> None:
    step.status = 429
    if not isinstance(refusal, counters.Blocked):
        page = WAITING_PAGES.get(type(refusal))
        why = page.at_desk if page else "La banque est très sollicitée. Rien n’a été compté : réessayez."
    else:
        why = PAUSED.format(wording.hour(refusal.until)) if refusal.until else NEEDS_A_TICKET
    step.form.add_error("code", why)
