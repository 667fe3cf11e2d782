"""« Verrouiller mon accès »: at any hour and without a login, or in one click from a session; and what comes next."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import TemplateView
from django.views.generic.base import ContextMixin

from auth_codes.actor import Actor
from auth_codes.devices import known_devices
from auth_codes.locking import lock_codes, locks
from auth_codes.lockout import budgets
from auth_codes.login import attempt as attempts
from auth_codes.login import unlock_steps
from auth_codes.measures import series
from auth_codes.measures.series import Door, Outcome
from auth_codes.models import AccessLock
from auth_codes.pages import refusals
from auth_codes.pages.connections import ForClients
from auth_codes.pages.lock_forms import CodesForm, LockCodeForm
from auth_codes.pages.second import ShownSecondView
from auth_codes.pages.visitor import open_with_default_code
from auth_codes.sessions import limits, told_lock

UNKNOWN_LOCK_CODE = _(
    "Ce code de verrouillage n’est pas reconnu : rien n’est verrouillé. Comparez-le avec votre dernière lettre avec un "
    "code secret, ou avec votre liste de codes ; après une nouvelle lettre, l’ancien ne sert plus. En cas d’urgence, "
    "appelez-nous."
)

OVER = _(
    "Le temps prévu est passé, ou votre accès a changé entre-temps. Rien n’a été compté, et votre accès reste "
    "verrouillé. Saisissez de nouveau vos deux codes."
)
UNLOCKED = _(
    "Votre accès est déverrouillé. Connectez-vous. Si quelqu’un connaît peut-être votre code secret, changez-le tout "
    "de suite, dans « Mon profil »."
)
TOO_YOUNG = _(
    "Vos deux codes sont justes, mais votre second moyen a été ajouté peu avant le verrouillage, ou après : par "
    "sécurité, il ne peut pas déverrouiller votre accès. Appelez-nous, ou venez en agence : votre conseiller s’en "
    "charge avec vous."
)


# An attempt commits before its hash is computed: no transaction may be open around this view.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
@method_decorator([login_not_required, open_with_default_code, sensitive_post_parameters()], name="dispatch")
class LockView(TemplateView):
    """By the two codes, counted and answered as a login, or by the lock code."""

    template_name = "auth_codes/locking/lock.html"

    def dispatch(self, request, *args, **kwargs):
        attempts.begin(request, Door.LOCK)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        empty = {"codes_form": CodesForm(self.request), "lock_code_form": LockCodeForm()}
        return super().get_context_data(**empty | kwargs)

    @sensitive_variables()
    def post(self, request):
        return self.by_lock_code(request) if "lock_code" in request.POST else self.by_codes(request)

    @sensitive_variables()
    def by_codes(self, request):
        form = CodesForm(request, request.POST)
        if form.is_valid():
            series.logins.labels(Door.LOCK, Outcome.RIGHT).inc()
            return locked(request, form.owner, AccessLock.Way.CODES, by=Actor.at(request, form.owner))
        return refusals.to_attempt(request, form, lambda: self.page(codes_form=form))

    @sensitive_variables()
    def by_lock_code(self, request):
        form = LockCodeForm(request.POST)
        if not form.is_valid():
            return self.page(lock_code_form=form)
        try:
            owner = lock_codes.owner_of(form.cleaned_data["lock_code"], request)
        except budgets.Spent:
            return too_many(request)
        if owner is None:
            form.add_error(None, UNKNOWN_LOCK_CODE)
            return self.page(lock_code_form=form)
        # In whose hand the letter is, nobody knows.
        return locked(request, owner, AccessLock.Way.LOCK_CODE, by=Actor.at(request))

    def page(self, **forms):
        """Rendered here, not later like a TemplateResponse: an error report hides what happens within this call."""
        return render(self.request, self.template_name, self.get_context_data(**forms))


@method_decorator([login_not_required, open_with_default_code], name="dispatch")
class OwnLockView(ForClients, TemplateView):
    """From « Mon profil »: no code is asked for, since to lock gives nothing to anybody; a page says what it does.

    Whoever is not logged in has clicked twice, and reads his receipt; or his session has ended, and locks otherwise.
    """

    template_name = "auth_codes/locking/own_lock.html"

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect("lock_receipt")
        return super().dispatch(request, *args, **kwargs)

    def post(self, request):
        return locked(request, request.user, AccessLock.Way.SESSION, by=Actor.of(request))


@method_decorator(login_not_required, name="dispatch")
class ReceiptView(TemplateView):
    """The receipt, to the browser that has just locked; whoever merely types the address has locked nothing."""

    template_name = "auth_codes/locking/receipt.html"

    def get(self, request, *args, **kwargs):
        lock = told_lock.of(request.session, timezone.now())
        if lock is None:
            return redirect("lock")
        return self.render_to_response(self.get_context_data(lock=lock))


# As around the second step of a login.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
@method_decorator([login_not_required, sensitive_post_parameters()], name="dispatch")
class UnlockView(ShownSecondView):
    """How an access is unlocked; which one, the browser is told that has just typed its codes.

    Whoever has had a moyen for long shows it here, and it opens again: his right codes led here, and wait.
    """

    template_name = "auth_codes/locking/unlock.html"
    # Who has shown it is not in: he logs in.
    page, home, door = "unlock", "login", "login"
    waiting, over_words = unlock_steps, OVER
    step = None

    @property
    def beside(self):
        return self.step.code

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except unlock_steps.Undone:
            unlock_steps.give_up(request)
            return redirect(self.door)

    def nothing_waits(self):
        return self.over() if self.request.method == "POST" else self.render_to_response(self.get_context_data())

    def shown(self, factor):
        request, step, now = self.request, self.step, timezone.now()
        try:
            unlock_steps.undo(step.lock, step.factor, by=Actor.at(request, step.owner), now=now)
        except locks.NotLocked:
            return self.over()
        known = known_devices.recognise(request, step.owner.username)
        if known:
            known_devices.note_proof(known, now)
        told_lock.forget(request.session)
        messages.success(request, UNLOCKED)
        return redirect("login")

    def get_context_data(self, **kwargs):
        lock = told_lock.of(self.request.session, timezone.now())
        if self.step is None:
            only_by_bank = lock is not None and told_lock.is_only_by_bank(self.request.session)
            return ContextMixin.get_context_data(self, lock=lock, only_by_bank=only_by_bank, **kwargs)
        return super().get_context_data(lock=lock, **kwargs)


def locked(request, owner, way, *, by):
    """Locks, and leads to the receipt; a session of the owner's ends here as everywhere else."""
    is_his_session = request.user.is_authenticated and request.user.pk == owner.pk
    is_public = limits.is_public(request)
    lock = locks.lock(owner, way=way, by=by)
    response = redirect("lock_receipt")
    if is_his_session:
        logout(request)
        if is_public:
            limits.clear_all_but_cookies(response)
    told_lock.note(request.session, lock, timezone.now())
    return response


def found_locked(request, code):
    """The answer to the right codes of a locked access: the page that says how it is unlocked, and no session."""
    lock, now = locks.standing(code.owner), timezone.now()
    if lock:
        waits = unlock_steps.begin(request, code, lock, now)
        if not waits and code.has_factor:
            messages.info(request, TOO_YOUNG)
        told_lock.note(request.session, lock, now, only_by_bank=not waits)
    return redirect("unlock")


def too_many(request):
    response = render(request, "auth_codes/locking/too_many.html", status=429)
    response["Retry-After"] = str(int(budgets.WINDOW.total_seconds()))
    return response
