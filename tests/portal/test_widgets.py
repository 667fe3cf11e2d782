"""What is drawn without a template is what Django's template draws, sign by sign."""

from datetime import date

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from banking_portal import widgets
from banking_portal.forms import PortalFormRenderer

ODD = """<"'&>\u00a0é%s{{ x }}"""
VALUES = [None, "", "0", 0, 12.5, 1234567, True, False, ODD, mark_safe("&nbsp;<b>"), date(2026, 3, 1)]
ATTRIBUTES = [{}, {"id": "id_x", "required": True, "disabled": False, "maxlength": 1000, ODD: ODD}]
MONTHS = [("", "Toutes"), ("Années", [("2026", "2026"), (2025, ODD)]), ("2026-05", mark_safe("<i>mai</i>"))]
INPUTS = [
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.PasswordInput, forms.HiddenInput, forms.CheckboxInput,
    forms.DateInput,
]  # fmt: skip


def by_both(widget, name, value):
    return [
        widget.render(name, value, {"id": "id"}, renderer) for renderer in (PortalFormRenderer(), TemplatesSetting())
    ]


@pytest.mark.parametrize("widget", INPUTS)
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("attributes", ATTRIBUTES)
def test_input_is_that_of_django(widget, value, attributes):
    ours, djangos = by_both(widget(attributes), "field", value)
    assert ours == djangos


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("attributes", ATTRIBUTES)
def test_list_is_that_of_django(value, attributes):
    ours, djangos = by_both(forms.Select(attributes, MONTHS), "field", value)
    assert ours == djangos


@given(st.text(), st.text())
def test_nothing_typed_becomes_a_tag(name, value):
    ours, djangos = by_both(forms.TextInput(), name, value)
    assert ours == djangos.replace("\0", "")
    assert ours.count("<") == ours.count(">") == 1


def test_every_widget_that_is_drawn_so_is_compared():
    compared = {widget.template_name for widget in [*INPUTS, forms.Select]}
    assert {*widgets.DRAWN} <= compared | {f"django/forms/widgets/{name}.html" for name in ("input", "search", "tel")}
