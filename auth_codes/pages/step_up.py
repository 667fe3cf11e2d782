"""« Confirmez avec votre second moyen »: what is shown to confirm one act of the desk, counted before the act begins.

The challenge is bound to the whole form that was sent, its address included: confirmed is what the page showed, and
nothing else. Verified by the middleware, since a try commits before it is compared and an act is one transaction.
"""

import json
from collections.abc import Iterator, Mapping

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
from auth_codes.models import Challenge, Factor, SecurityEvent
from auth_codes.pages import proofs
from auth_codes.pages.factor_forms import AssertionForm, ProofForm
from auth_codes.pages.moyen_view import error_field, why_wrong
from auth_codes.pages.refusals import NEEDS_A_TICKET, WAITING_PAGES
from auth_codes.sessions import desk_mark

FORM = "step"
PREFIX = f"{FORM}-"
# Sent to have the act confirmed; `OTHER` to be shown the page of another kind instead.
CODE, ASSERTION, OTHER = f"{PREFIX}code", f"{PREFIX}assertion", f"{PREFIX}other"
# By this begins what the page asks that wants a reason for opening a sheet.
LOOK = "look-"
# What belongs to the way of a form, not to what was typed in it.
NOT_TYPED = ("csrfmiddlewaretoken", PREFIX, LOOK)
# What is shown on that page opens sheets, and confirms no act that waits behind it: of its challenge a fact more.
TO_LOOK: Mapping[str, str] = {LOOK: "sheet"}
NOTHING_MORE: Mapping[str, str] = {}
OVER = "Dix minutes ont passé, ou ce que vous avez saisi a changé : rien n’est fait. Confirmez de nouveau."
PAUSED = "Trop d’essais refusés : la vérification est en pause jusqu’à {}. Gardez cette page ouverte."


class StepForm(ProofForm):
    """The number, for one challenge."""

    prefix = FORM
    challenge = forms.CharField(widget=forms.HiddenInput, required=False)


class StepPasskeyForm(AssertionForm):
    """What a passkey shows, for one challenge."""

    prefix = FORM
    challenge = forms.CharField(widget=forms.HiddenInput, required=False)


FORMS = {Factor.Kind.TOTP: StepForm, Factor.Kind.PASSKEY: StepPasskeyForm}


class Confirmation:
    """How one confirmation ended: `is_right` once; `is_repeated`, of a second click; else its form says why.

    `kind`: of which moyen its form is. `is_asked`: nothing was shown yet, the page of this kind was wished for.
    `about`: what its challenge is about beside the form that was sent; `shown_at`: when it was proved, by whichever
    click.
    """

    def __init__(self, kind, data, *, is_asked=False):
        self.kind = kind
        self.form = FORMS[kind](None if is_asked else data)
        self.challenge = data.get(f"{PREFIX}challenge", "")
        self.about = TO_LOOK if f"{LOOK}client" in data else NOTHING_MORE
        self.is_right = self.is_repeated = False
        self.shown_at = None
        self.status = 200

    @property
    def confirms_act(self) -> bool:
        """Whether its page was about the act itself."""
        return self.about == NOTHING_MORE


def is_sent(request) -> bool:
    """Whether this request brings something to confirm its act."""
    return any(name in request.POST for name in (CODE, ASSERTION, OTHER))


def look(request) -> None:
    """Counts and verifies what this request brings to confirm its act, and notes it as `request.step`."""
    attempts.begin(request, Door.STAFF)
    request.sensitive_post_parameters = "__ALL__"  # as the decorator of a view: an error report shows none
    wished = next((kind for kind in FORMS if kind == request.POST.get(OTHER)), None)
    if wished:
        request.step = Confirmation(wished, request.POST, is_asked=True)
        return
    kind = Factor.Kind.PASSKEY if ASSERTION in request.POST else Factor.Kind.TOTP
    request.step = Confirmation(kind, request.POST)
    if request.step.form.is_valid():
        _verify(request, request.step)


def of(request) -> Confirmation | None:
    """What this request has brought; None where it confirms nothing."""
    return getattr(request, "step", None)


def ask(request, about: Mapping[str, str] = NOTHING_MORE) -> Challenge:
    """What is to be confirmed by the page that answers this request; the one of before while it lives."""
    step, now = of(request), timezone.now()
    try:
        known = _found(request, step.challenge if step else "", about)
        if known.spent_at is None and known.expires_at > now:
            return known
    except challenges.AlreadyProved:
        pass
    return challenges.ask(request.user, Challenge.Purpose.STEP_UP, facts_of(request, about), request.session, now)


def typed(request) -> Iterator[tuple[str, str]]:
    """Names and values of the form that was sent, for the page that sends it again."""
    for name, values in request.POST.lists():
        if not name.startswith(NOT_TYPED):
            yield from ((name, value) for value in values)


def facts_of(request, about: Mapping[str, str]) -> dict[str, str]:
    """All that this act is about: where it was sent, and each field of it."""
    fields = {name: json.dumps(values) for name, values in request.POST.lists() if not name.startswith(NOT_TYPED)}
    return {**fields, "": request.get_full_path(), **about}


@sensitive_variables()
def shown_on(request, factors, about: Mapping[str, str] = NOTHING_MORE) -> dict[str, object]:
    """What a page needs to have one of these moyens shown for the act that it asks about."""
    step = of(request)
    wished = step.kind if step else None
    kind = next((each for each in proofs.kinds_of(factors) if each == wished), factors[0].kind)
    alike = [factor for factor in factors if factor.kind == kind]
    form = step.form if step and step.kind == kind else FORMS[Factor.Kind(kind)]()
    return proofs.context(request, alike, factors, ask(request, about)) | {"form": form, "factor": alike[0]}


@sensitive_variables()
def _verify(request, step) -> None:
    form, typed = step.form, step.form.cleaned_data
    alike = [factor for factor in staff.factors_of(request.user) if factor.kind == step.kind]
    factor = proofs.meant(alike, step.kind, typed) if alike else None
    challenge = None
    try:
        challenge = _found(request, typed["challenge"], step.about)
        if factor is None or challenge.expires_at <= timezone.now():
            raise challenges.AlreadyProved
        second.check(request, challenge, factor, proofs.shown(request, step.kind, typed), beside=None)
    except second.AlreadyProved:
        # Of a double click the first may have proved it at this very moment: something is done.
        step.shown_at = challenges.spent_at(challenge) if challenge else None
        step.is_repeated = step.shown_at is not None
        if not step.is_repeated:
            form.add_error(error_field(step.kind), OVER)
    except second.WrongProof as wrong:
        _say_wrong(step, factor, wrong)
    except gate.REFUSALS as refusal:
        _say_paused(step, refusal)
    else:
        step.is_right, step.shown_at = True, timezone.now()
        desk_mark.put(request.session, step.shown_at)
        by, details = Actor.of(request), {"factor": factor.kind}
        journal.record(SecurityEvent.Kind.STEP_UP_PASSED, owner=request.user, by=by, details=details)


def _found(request, key, about) -> Challenge:
    known = challenges.find(key, request.user, facts_of(request, about), request.session)
    if known.purpose != Challenge.Purpose.STEP_UP:
        raise challenges.AlreadyProved
    return known


def _say_wrong(step, factor, wrong) -> None:
    if wrong.aftermath.block:
        _say_paused(step, wrong.aftermath.block)
        return
    step.form.add_error(error_field(step.kind), why_wrong(factor, wrong))


def _say_paused(step, refusal) -> None:
    step.status = 429
    if not isinstance(refusal, counters.Blocked):
        page = WAITING_PAGES.get(type(refusal))
        why = page.at_desk if page else "La banque est très sollicitée. Rien n’a été compté : réessayez."
    else:
        why = PAUSED.format(wording.hour(refusal.until)) if refusal.until else NEEDS_A_TICKET
    step.form.add_error(error_field(step.kind), why)
