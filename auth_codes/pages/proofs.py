"""How each kind of moyen is shown: by which field, on which part of a page. Links of the page choose among them."""

from typing import NamedTuple

from django.views.decorators.debug import sensitive_variables

from auth_codes.factors import challenges, lists, passkey_proofs, passkeys
from auth_codes.factors.passkey_proofs import Assertion
from auth_codes.models import Factor
from auth_codes.pages import passkey_place
from auth_codes.pages.factor_forms import AssertionForm, ProofForm, TokenProofForm
from auth_codes.pages.list_forms import ListProofForm

# In the address of a page: the kind of the moyen that its reader wants to show.
CHOICE = "moyen"


class Way(NamedTuple):
    """The field that a moyen of this kind is shown by, the form of that alone, the part of a page.

    `more`: the fields that go on with what was typed in the first.
    """

    field: str
    form: type
    template: str
    more: tuple[str, ...] = ()

    @property
    def fields(self):
        return (self.field, *self.more)


WAYS = {
    Factor.Kind.TOTP: Way("code", ProofForm, "auth_codes/factors/_show_app.html"),
    Factor.Kind.PASSKEY: Way("assertion", AssertionForm, "auth_codes/factors/_show_passkey.html"),
    Factor.Kind.LIST: Way("list_code", ListProofForm, "auth_codes/factors/_show_list.html"),
    Factor.Kind.TOKEN: Way("token_code", TokenProofForm, "auth_codes/factors/_show_token.html", ("token_code2",)),
}


def chosen(request):
    """The kind that the address names, be it one of his or not."""
    return request.GET.get(CHOICE, "")


def kinds_of(factors):
    """Each kind once, in the order of the moyens."""
    return list(dict.fromkeys(Factor.Kind(factor.kind) for factor in factors))


@sensitive_variables("typed")
def shown(request, kind, typed):
    """What the fields of this kind were filled with, as it is verified."""
    text = "".join(typed[field] for field in WAYS[kind].fields)
    return Assertion(text, passkey_place.origin(request)) if kind == Factor.Kind.PASSKEY else text


@sensitive_variables("typed")
def meant(alike, kind, typed):
    """Of moyens of one kind the one that was shown."""
    return passkey_proofs.meant(alike, typed["assertion"]) if kind == Factor.Kind.PASSKEY else alike[0]


def named(form, alike):
    """The form; of a list, its field is called by the number that is asked."""
    if alike and alike[0].kind == Factor.Kind.LIST:
        form.fields[WAYS[Factor.Kind.LIST].field].of(alike[0].asked)
    return form


def is_stale(request, alike):
    """Whether a page is sent that asked for another number of the list: of two windows the slower one's."""
    is_list = bool(alike) and alike[0].kind == Factor.Kind.LIST
    return is_list and request.POST.get("number") != str(alike[0].asked)


@sensitive_variables()
def context(request, alike, others, challenge):
    """What a page needs to have one of `alike` shown, and to offer the kinds of `others` instead."""
    kind = Factor.Kind(alike[0].kind)
    told = _of_list(alike[0]) | {
        "kind": kind,
        "way": WAYS[kind].template,
        "challenge": challenge,
        "other_ways": [(each.value, each.label) for each in kinds_of(others) if each != kind],
    }
    if kind != Factor.Kind.PASSKEY:
        return told
    asked = passkeys.request_options(passkey_proofs.all_opened(alike), challenge=challenges.bytes_of(challenge))
    return told | {"options": asked, "names": [each.name for each in alike]} | passkey_place.told(request)


def _of_list(factor):
    """The number that its page asks for, and how many codes are left."""
    return {"number": factor.asked, "left": lists.left_on(factor)} if factor.kind == Factor.Kind.LIST else {}
