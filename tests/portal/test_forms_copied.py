"""Where the portal is served, the fields of a form are copied at once, and each person has his own."""

import copy

import pytest
from django import forms
from django.forms import fields, widgets
from django.forms import forms as django_forms

from auth_codes.pages.forms import ClientLoginForm
from banking_portal.serving import forms as copying
from tests.portal.starting import python

SAYS_HOW = """
import banking_portal.wsgi
from django.forms import fields, forms, widgets
print({each.copy.copy.__module__ for each in (fields, forms, widgets)})
"""
SHARED = forms.TextInput(attrs={"class": "shared"})


class Fields(forms.Form):
    """One of each way that Django has of copying itself."""

    text = forms.CharField(widget=SHARED, help_text="aide")
    choice = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    several = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    day = forms.SplitDateTimeField()
    parts = forms.ComboField(fields=[forms.CharField(max_length=3), forms.EmailField()])
    paper = forms.FileField(widget=forms.ClearableFileInput)


@pytest.fixture
def copied_at_once(monkeypatch):
    for module in (fields, django_forms, widgets):
        monkeypatch.setattr(module, "copy", copy)
    copying.copy_at_once()


def shape(value, seen=()):
    """What an object holds, all the way down, whoever copied it."""
    if id(value) in seen or isinstance(value, type) or callable(value):
        return repr(type(value))
    if isinstance(value, dict):
        return {str(name): shape(each, (*seen, id(value))) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [shape(each, (*seen, id(value))) for each in value]
    held = getattr(value, "__dict__", None)
    return (type(value), shape(held, (*seen, id(value)))) if held else (type(value), str(value))


@pytest.mark.parametrize("kind", [Fields, ClientLoginForm])
def test_a_form_is_as_django_makes_it(kind, monkeypatch):
    for module in (fields, django_forms, widgets):
        monkeypatch.setattr(module, "copy", copy)
    expected = shape(kind().fields)
    copying.copy_at_once()
    assert shape(kind().fields) == expected


def test_what_one_form_is_told_is_not_told_to_another(copied_at_once):
    one, other = Fields(), Fields()
    for name, field in one.fields.items():
        field.widget.attrs["autofocus"] = True
        field.error_messages["required"] = "autre"
        field.validators.append(len)
        kept = other.fields[name]
        assert field is not kept
        assert "autofocus" not in kept.widget.attrs
        assert "autofocus" not in Fields.base_fields[name].widget.attrs
        assert kept.error_messages.get("required") != "autre"
        assert len not in kept.validators
    one.fields["choice"].choices = [("c", "C")]
    one.fields["day"].fields[0].required = "own"
    one.fields["day"].widget.widgets[0].attrs["class"] = "own"
    assert other.fields["choice"].choices == other.fields["choice"].widget.choices == [("a", "A"), ("b", "B")]
    assert other.fields["day"].widget.widgets[0].attrs == Fields.base_fields["day"].widget.widgets[0].attrs
    assert "class" not in other.fields["day"].widget.widgets[0].attrs


def test_what_says_itself_how_it_is_copied_is_asked():
    class Own:
        def __copy__(self):
            return "its own"

    class Lean:
        __slots__ = ("held",)

    lean = Lean()
    lean.held = [1]
    assert copying.copied(Own()) == "its own"
    assert (type(copying.copied(lean)), copying.copied(lean).held) == (Lean, [1])


def test_what_stands_twice_is_copied_once():
    field, memo = forms.CharField(), {}
    assert copying.deeply_copied(field, memo) is copying.deeply_copied(field, memo)
    [one, two] = copying.deeply_copied([SHARED, SHARED])
    assert one is two is not SHARED


def test_the_server_copies_them_so(ready):
    assert python(ready, "-c", SAYS_HOW).stdout.splitlines()[-1] == "{'banking_portal.serving.forms'}"
