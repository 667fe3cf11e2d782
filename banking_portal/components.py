"""A page for developers: every component of the pages in every state, to be looked at. With `DEBUG` alone."""

import re
from pathlib import Path

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auth_codes.pages.fields import SecretCodeField
from banking_portal.icons import SPRITE

STATIC = settings.BASE_DIR / "static"
TOKEN = re.compile(r"^  (--[a-z0-9-]+): #", re.MULTILINE)
SYMBOL = re.compile(r'<symbol id="([a-z-]+)"')
CHOICES = [("a", "Compte courant"), ("b", "Livret d’épargne")]


class SampleForm(forms.Form):
    """One field of each kind, as `partials/_field.html` draws them."""

    text = forms.CharField(label="Texte", help_text="Une aide sous l’étiquette.", max_length=40)
    optional = forms.CharField(label="Texte facultatif", required=False, max_length=40)
    code = SecretCodeField(label="Code secret", help_text="6 chiffres.", autocomplete="off")
    choice = forms.ChoiceField(label="Liste", choices=CHOICES)
    radio = forms.ChoiceField(label="Choix", choices=CHOICES, widget=forms.RadioSelect)
    box = forms.BooleanField(label="Case à cocher", help_text="Toute la ligne se clique.")


@login_not_required
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state; nothing is found without `DEBUG`."""
    if not settings.DEBUG:
        raise Http404
    refused = SampleForm({"refused-optional": "x" * 41, "refused-choice": "c"}, prefix="refused")
    context = {
        "colours": colours(),
        "icons": SYMBOL.findall((STATIC / SPRITE).read_text()),
        "doorways": [f"img/doorway/{picture.name}" for picture in sorted((STATIC / "img" / "doorway").glob("*.svg"))],
        "form": SampleForm(),
        "refused": refused,
        "page": Paginator(range(30), 10).page(2),
    }
    return render(request, "components.html", context)


def colours() -> list[str]:
    """The names of the tokens that are colours, each once, in the order of the sheet."""
    sheet = Path(STATIC / "css" / "tokens.css").read_text()
    return list(dict.fromkeys(TOKEN.findall(sheet)))
