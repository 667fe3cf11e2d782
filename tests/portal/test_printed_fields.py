"""Every field whose text may stand on a paper refuses what no paper can show, and every other one is known."""

from importlib import import_module
from pkgutil import walk_packages

import pytest
from django import forms
from django.forms.forms import BaseForm

import accounts
import auth_codes
import banking_portal
from accounts.desk.branch_forms import BranchForm
from accounts.desk.forms import ClientForm, LetterForm
from accounts.desk.staff_forms import NewMemberForm
from accounts.pages.own_contact_forms import OwnContactsForm
from accounts.pages.transfer_forms import TransferForm
from auth_codes import signs
from auth_codes.pages.factor_forms import EnrolForm, EnrolPasskeyForm, EnrolTokenForm, RenamingForm
from auth_codes.pages.ticket_form import TicketForm
from tests import makers

REFUSED = ("Zoé 😀", "李明", "Zoé \ufffd", "a\u20dd", "שלום", "a\ue000")
TAKEN = "Ελένη Жанна Łucja Đặng Ẹ\u0301niọ\u0300la"
# Read by a look-up or by the bank, or held to digits and plain letters.
PRINTED_NOWHERE = {
    "StaffLoginForm": {"username"}, "ClientLoginForm": {"username", "letter"}, "ForgottenCodeForm": {"username"},
    "ProofForm": {"code"}, "ConfirmedForm": {"code", "list_code", "token_code", "token_code2"},
    "TwoNumbersForm": {"code", "code2"}, "TokenProofForm": {"token_code", "token_code2"},
    "TwoTokenNumbersForm": {"token_code", "token_code2"}, "LendingForm": {"serial"},
    "ListProofForm": {"list_code"}, "ActivateListForm": {"letter"},
    "TicketForm": {"ticket"}, "StepTicketForm": {"ticket"}, "OwnTicketForm": {"ticket"},
    "StepForm": {"code", "challenge"},
    "CodesForm": {"username"}, "LockCodeForm": {"lock_code"},
    "FirstAccessForm": {"username"}, "PersonForm": {"said"},
    "RepresentationForm": {"paper"}, "ReasonForm": {"words"}, "OperationFilter": {"search"},
    "OwnContactsForm": {"mobile_phone", "home_phone"},
    "TransferForm": {"amount"}, "ClientForm": {"mobile_phone", "home_phone"},
    "OwnSheetForm": {"own_client"}, "LinesForm": {"actor", "client"}, "AddressesForm": {"words"},
    "UndoingForm": {"why"}, "MayLack": {"birth_year"}, "OtherSheetForm": {"said"}, "JoiningForm": {"why"},
    "NewMemberForm": {"username", "own_client"},
}  # fmt: skip
NO_TEXT = (forms.UUIDField, forms.EmailField)
UNSEEN = (forms.HiddenInput, forms.PasswordInput)
PRINTED = {
    ClientForm: {
        "given_names", "family_name", "birth_name", "street", "address_complement", "postcode", "city", "region",
        "country",
    },
    OwnContactsForm: {"street", "address_complement", "postcode", "city", "region", "country"},
    LetterForm: {"subject", "body"},
    TransferForm: {"label"},
    NewMemberForm: {"first_name", "last_name"},
    BranchForm: {"name"},
    EnrolForm: {"name"},
    EnrolPasskeyForm: {"name"},
    EnrolTokenForm: {"name"},
    TicketForm: {"name"},
    RenamingForm: {"name"},
}  # fmt: skip
FIELDS = [(form, name) for form, names in PRINTED.items() for name in sorted(names)]
EACH = pytest.mark.parametrize(("form", "name"), FIELDS, ids=[f"{form.__name__}.{name}" for form, name in FIELDS])
pytestmark = pytest.mark.django_db


def forms_of_the_portal() -> set[type[BaseForm]]:
    for package in (accounts, auth_codes, banking_portal):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in module.name and not module.name.endswith(("wsgi", "gunicorn")):
                import_module(module.name)
    return {form for form in below(BaseForm) if form.__module__.partition(".")[0] in ("accounts", "auth_codes")}


def below(cls):
    return {found for child in cls.__subclasses__() for found in (child, *below(child))}


def errors_of(form, name: str, text: str) -> list[str]:
    """The codes of the refusals at that field alone."""
    data = {name: text}
    if form is ClientForm:
        data = makers.person_fields(birth_date="12/03/1958", mobile_phone="06 12 34 56 78", country="France") | data
    made = form([], data) if form is TransferForm else form(data)
    made.is_valid()
    return [error.code for error in made.errors.as_data().get(name, [])]


@EACH
@pytest.mark.parametrize("text", REFUSED)
def test_field_refuses_what_no_paper_can_show(form, name, text):
    assert {"unprintable", "invalid"} & set(errors_of(form, name, text))


@EACH
def test_field_takes_the_letters_of_europe(form, name):
    assert "unprintable" not in errors_of(form, name, TAKEN)


def test_refusal_names_the_sign():
    form = LetterForm({"subject": "Bravo 😀", "body": "a\u20dd"})
    assert form.errors["subject"] == ["Le signe « 😀 » (U+1F600) ne peut pas être imprimé. Écrivez-le autrement."]
    assert "« \u25cc\u20dd » (U+20DD)" in form.errors["body"][0]
    assert form["subject"].value() == "Bravo 😀"


def test_sheet_from_before_keeps_a_name_that_no_paper_can_show(advisor):
    person = makers.make_person(advisor, given_names="李明")
    same = {name: getattr(person, name) for name in ClientForm.Meta.fields} | {
        "birth_date": person.birth_date.strftime("%d/%m/%Y"), "advisor": advisor.pk, "street": "2 rue Neuve",
    }  # fmt: skip
    form = ClientForm(same | {"seen": ClientForm(instance=person)["seen"].value()}, instance=person)
    assert "given_names" not in form.errors
    assert "unprintable" in [
        error.code
        for error in ClientForm(same | {"given_names": "李"}, instance=person).errors.as_data()["given_names"]
    ]


def test_name_whose_capitals_no_paper_can_show_is_refused():
    assert signs.unprinted_in("ნინო") is None
    assert errors_of(ClientForm, "family_name", "ნინო") == ["unprintable"]


@pytest.mark.proves("ASVS 6.4.2")
@pytest.mark.parametrize(
    "form", sorted(forms_of_the_portal(), key=lambda form: form.__name__), ids=lambda f: f.__name__
)
def test_every_other_text_field_is_known_to_stand_on_no_paper(form):
    texts = {name: field for name, field in form.base_fields.items() if isinstance(field, forms.CharField)}
    typed = {
        name for name, field in texts.items() if not isinstance(field, NO_TEXT) and not isinstance(field.widget, UNSEEN)
    }
    known = {
        name for cls in form.__mro__ for name in PRINTED_NOWHERE.get(cls.__name__, set()) | PRINTED.get(cls, set())
    }
    assert typed <= known, "say in this module whether its text may stand on a paper"
