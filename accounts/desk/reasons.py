"""« Pourquoi ouvrez-vous cette fiche ? »: asked at the address that was asked for, which then goes on.

The page names nobody: whoever tries one number after the other reads no names there. It stands at the wanted address
itself and sends back what was typed, so that no address is carried along and nothing is lost.
"""

from collections.abc import Callable, Iterator
from functools import wraps

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables

from accounts.clients.looks import Reason, Said
from accounts.desk import sheets
from accounts.desk.bulk_acts import MOST, SHEETS_AN_HOUR
from accounts.desk.sheets import ReasonNeeded, SheetJoined
from accounts.kinds import Event
from accounts.notation import names
from auth_codes.actor import Actor
from auth_codes.factors import staff
from auth_codes.journal import ActsForHimself
from auth_codes.pages import step_up as steps

# What is tapped; each is the whole answer.
TAPS = {
    Reason.PHONE: "Au téléphone avec le client",
    Reason.BRANCH: "En agence avec le client",
    Reason.MESSAGE: "Courrier ou message du client",
    Reason.FILE: "Suivi d’un dossier",
    Reason.CONTROL: "Contrôle interne",
}
AUDITORS_TAP = {Reason.AUDIT: "Contrôle interne"}
OWN_TAP = {Reason.OWN_ADVISOR: "Ouvrir la fiche : je suis son conseiller, ou je le remplace"}
ONE_OF_THESE = "Choisissez l’une de ces raisons."
LARGEST_NUMBER = 10**18
FEWEST_SIGNS, MOST_SIGNS = 10, 300
LENGTH = f"Dites en quelques mots pourquoi : {FEWEST_SIGNS} signes au moins, {MOST_SIGNS} au plus."
UNSEEN = "Ce texte contient un signe invisible ou qui retourne le sens de lecture : retapez-le au clavier."
JOINED = "Cette fiche est fermée : elle a été réunie avec une autre de la même personne. Voici celle qui reste."
PREFIX = steps.LOOK
View = Callable[..., HttpResponse]


class WordsField(forms.CharField):
    """A reason in one's own words, kept in the journal."""

    def __init__(self, *, label: str, required: bool = True) -> None:
        super().__init__(
            label=label,
            required=required,
            min_length=FEWEST_SIGNS,
            max_length=MOST_SIGNS,
            widget=forms.Textarea({"rows": 3}),
            error_messages=dict.fromkeys(("required", "min_length", "max_length"), LENGTH),
        )
        self.widget.attrs.pop("maxlength", None)  # by it the browser cuts what is pasted, and says nothing
        self.widget.attrs.pop("minlength", None)

    def clean(self, value: str) -> str:
        words: str = super().clean(value)
        if names.unseen_in(words):
            raise ValidationError(UNSEEN)
        return words


class ReasonForm(forms.Form):
    """One of the reasons, for one client."""

    prefix = "look"

    client = forms.IntegerField(
        widget=forms.HiddenInput, validators=[MinValueValidator(1), MaxValueValidator(LARGEST_NUMBER)]
    )
    is_own = forms.BooleanField(widget=forms.HiddenInput, required=False)
    in_words = forms.BooleanField(widget=forms.HiddenInput, required=False)
    words = WordsField(label="La raison, en quelques mots", required=False)
    reason = forms.ChoiceField(
        choices=list((TAPS | AUDITORS_TAP | OWN_TAP).items()),
        error_messages=dict.fromkeys(("required", "invalid_choice"), ONE_OF_THESE),
    )

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, object] | None = None) -> None:
        super().__init__(data, initial=initial)
        words = self.fields["words"]
        words.required = bool(self.fields["in_words"].to_python(self["in_words"].value()))
        if words.required:
            words.widget.attrs["autofocus"] = True
        else:
            words.label = f"Précision, si vous le souhaitez ({FEWEST_SIGNS} signes au moins ; le client ne la lit pas)"

    def said(self) -> Said:
        """The answer of a valid form."""
        return Said(Reason(self.cleaned_data["reason"]), self.cleaned_data["words"])

    def needed(self) -> ReasonNeeded:
        """What the page asked for that was answered."""
        typed = self.cleaned_data
        return ReasonNeeded(typed.get("client", 0), is_own=typed["is_own"], in_words=typed["in_words"])


def asked_first(site: AdminSite, view: View) -> View:
    """The same page, which asks why a client is looked up before it shows him, and shows nobody himself."""

    @wraps(view)
    def asking(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if steps.OTHER in request.POST and f"{PREFIX}client" in request.POST:
            return _page(site, request, _asked_before(request))
        if f"{PREFIX}reason" in request.POST or f"{PREFIX}client" in request.POST:
            form, step = ReasonForm(request.POST), steps.of(request)
            if step and step.shown_at and not step.confirms_act:
                sheets.note_moyen(request, step.shown_at)
            offered = TAPS | OWN_TAP if _serves_clients(request) else AUDITORS_TAP
            if form.is_valid() and form.said().reason not in offered:
                form.add_error("reason", ONE_OF_THESE)
            if not form.is_valid():
                return _page(site, request, form.needed(), form)
            sheets.keep(request, form.cleaned_data["client"], form.said())
            if step and step.form.errors:  # of the moyen: the words are kept
                return _page(site, request, form.needed(), form)
            if f"{PREFIX}typed" not in request.POST:
                return redirect(request.get_full_path())
        try:
            return view(request, *args, **kwargs)
        except ReasonNeeded as needed:
            return _page(site, request, needed)
        except SheetJoined as joined:
            messages.warning(request, JOINED)
            return redirect("admin:accounts_client_change", joined.kept_pk)
        except ActsForHimself:
            context = {**site.each_context(request), "title": "Votre propre fiche"}
            return render(request, "admin/own_client.html", context, status=403)

    return asking


@sensitive_variables()
def _page(site: AdminSite, request: HttpRequest, needed: ReasonNeeded, form: ReasonForm | None = None) -> HttpResponse:
    asks_moyen = needed.in_words and sheets.awaits_moyen(request, needed.client_pk)
    factors = staff.factors_of(Actor.of(request).person) if asks_moyen else []
    if asks_moyen and not factors:
        return redirect("admin:own_factor")
    shown, initial = steps.shown_on(request, factors, steps.TO_LOOK) if factors else {}, _initial(request, needed)
    context = {
        **site.each_context(request),
        **shown,
        "title": "Pourquoi ouvrez-vous cette fiche ?",
        "step": shown.get("form"),
        "form": form or ReasonForm(initial=initial),
        "taken_up": bool(initial["words"]) and not request.POST,
        "in_words": needed.in_words,
        "most": MOST[Event.CLIENT_CONSULTED],
        "covered": SHEETS_AN_HOUR,
        "taps": _taps(request, needed),
        "typed": list(_typed(request)),
    }
    step = steps.of(request)
    return render(request, "admin/reason.html", context, status=step.status if step else 200)


def _initial(request: HttpRequest, needed: ReasonNeeded) -> dict[str, object]:
    """What the page begins with: beyond what is usual also the words that were said last."""
    words = sheets.words_given(request, needed.client_pk) if needed.in_words else ""
    words = request.POST.get(f"{PREFIX}words", words)
    return {"client": needed.client_pk, "is_own": needed.is_own, "in_words": needed.in_words, "words": words}


def _asked_before(request: HttpRequest) -> ReasonNeeded:
    form = ReasonForm(request.POST)
    form.full_clean()
    return form.needed()


def _taps(request: HttpRequest, needed: ReasonNeeded) -> dict[Reason, str]:
    """An auditor, who serves no client, has one reason."""
    if needed.is_own:
        return OWN_TAP
    return TAPS if _serves_clients(request) else AUDITORS_TAP


def _serves_clients(request: HttpRequest) -> bool:
    return request.user.has_perm("accounts.view_client")


def _typed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Names and values of a form that was sent before anybody was asked."""
    for name, values in request.POST.lists():
        if name != "csrfmiddlewaretoken" and not name.startswith((PREFIX, steps.PREFIX)):
            yield from ((name, value) for value in values)
