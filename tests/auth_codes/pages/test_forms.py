"""Forms judge any text without an error, and show no code."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from auth_codes.pages.fields import SecretCodeField
from auth_codes.pages.forms import ClientLoginForm, SecretCodeForm
from auth_codes.weakness import PersonalData, is_six_digits

# Surrogates cannot come out of a decoded request.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
almost_codes = st.text(st.sampled_from("0123456789 \u00a0\uff17\u0667\u00b2a\x00\n"), max_size=8)
OWNER = SimpleNamespace(personal_data=PersonalData)


@given(username=texts, password=texts | almost_codes, letter=texts)
def test_login_form_never_raises_and_asks_nobody_about_malformed_text(username, password, letter):
    data = {"username": username, "password": password, "letter": letter}
    form = ClientLoginForm(RequestFactory().post("/connexion/"), data)
    assert not form.is_valid() or is_six_digits(password.strip())
    assert "value=" not in str(form["password"])


@given(old=texts | almost_codes, first=texts | almost_codes, second=texts | almost_codes, replacing=texts)
def test_code_form_never_raises(old, first, second, replacing):
    data = {"old_password": old, "new_password1": first, "new_password2": second, "replacing": replacing}
    form = SecretCodeForm(OWNER, data)
    assert form.is_valid() in {True, False}
    if form.is_valid():
        assert is_six_digits(form.cleaned_data["new_password1"])


@given(almost_codes)
def test_code_field_lets_six_ascii_digits_through_and_nothing_else(typed):
    field = SecretCodeField(autocomplete="off", required=True)
    if is_six_digits(typed.strip()):
        assert field.clean(typed) == typed.strip()
    else:
        with pytest.raises(ValidationError):
            field.clean(typed)


@pytest.mark.proves("ASVS 6.2.6", "ASVS 6.2.7", "RTS 22(2)(a)")
@pytest.mark.parametrize("name", ["old_password", "new_password1", "new_password2"])
def test_code_fields_let_browsers_paste_and_fill_in(name):
    widget = SecretCodeForm(OWNER).fields[name].widget
    assert widget.attrs["autocomplete"] == ("current-password" if name == "old_password" else "new-password")
    assert "maxlength" not in widget.attrs
    assert not widget.render_value


def test_login_fields_are_named_as_password_managers_expect():
    form = ClientLoginForm()
    attributes = {name: field.widget.attrs.get("autocomplete") for name, field in form.fields.items()}
    named = {"username": "username", "password": "current-password", "letter": "off"}
    assert attributes == named | {"keep": None, "public": None}  # boxes to tick
    assert "maxlength" not in form.fields["username"].widget.attrs
