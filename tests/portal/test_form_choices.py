"""No form of the desk or of the Espace Client reads a table that grows with the clients to offer a choice."""

import importlib
import pkgutil

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission

import accounts
import auth_codes
from accounts.demo import crowd
from accounts.models import Branch, Client, User
from tests import makers
from tests.reads import read_by

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FEW, MANY = 300, 3000
# Of which there are as many at a big bank as at a small one.
FEW_OF_THEM = {Group, Permission, Branch}
WIDGETS_THAT_READ = (admin.widgets.ForeignKeyRawIdWidget, admin.widgets.AutocompleteMixin)


def all_forms():
    """Every form class of the project."""
    for app in (accounts, auth_codes):
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if ".migrations" not in module.name and ".management" not in module.name:
                importlib.import_module(module.name)
    return {form for form in subclasses(forms.BaseForm) if form.__module__.split(".")[0] in ("accounts", "auth_codes")}


def subclasses(of):
    for one in of.__subclasses__():
        yield one
        yield from subclasses(one)


def forms_of_the_desk(rf, superuser, client):
    """As Django's admin makes them of each model, to add and to change, with those of their inlines."""
    request = rf.get("/")
    request.user = superuser
    for model, desk in admin.site._registry.items():
        for form in (desk.get_form(request), desk.get_form(request, change=True)):
            yield f"{model._meta.label} {form.__name__}", form
        for inline in desk.get_inline_instances(request, client if model is Client else None):
            yield f"{model._meta.label} {inline.model._meta.label}", inline.get_formset(request, client).form


def choices_of(name, form):
    """The fields of a form that offer rows of a table, as the form shows them to somebody."""
    if issubclass(form, forms.ModelForm) and form._meta.model:
        try:
            fields = form().fields
        except TypeError:
            fields = form.base_fields
    else:
        fields = form.base_fields
    for field_name, field in fields.items():
        assert not isinstance(field.widget, WIDGETS_THAT_READ), (name, field_name)
        if isinstance(field, forms.ModelChoiceField):
            yield f"{name}.{field_name}", field


@pytest.fixture
def choices(rf, advisor, client_):
    superuser = User.objects.create_superuser("directrice", password=makers.PASSWORD)
    found = dict(forms_of_the_desk(rf, superuser, client_)) | {form.__qualname__: form for form in all_forms()}
    return {name: field for title, form in found.items() for name, field in choices_of(title, form)}


def test_forms_that_offer_rows_are_found(choices):
    assert {name.rpartition(".")[2] for name in choices} >= {"advisor", "groups"}


def test_choices_are_of_staff_or_of_what_does_not_grow(choices, client_):
    assert {name for name, field in choices.items() if field.queryset.model not in {User, *FEW_OF_THEM}} == set()
    of_users = {name: field.queryset for name, field in choices.items() if field.queryset.model is User}
    assert {name for name, users in of_users.items() if client_.user in users} == set()


def test_choices_read_as_much_when_the_bank_has_grown(choices, advisor):
    def read():
        return {name: read_by(lambda field=field: list(field.choices)) for name, field in choices.items()}

    found = []
    for clients in (FEW, MANY - FEW):
        crowd.make(clients, [advisor], lambda made: None)
        crowd.loading.analyze()
        found.append(read())
    before, after = found
    assert {name: (before[name], now) for name, now in after.items() if now > before[name] * 1.5 + 40} == {}


def test_advisors_are_offered_by_their_names(choices):
    member = makers.make_advisor("zoe.abel")
    User.objects.filter(pk=member.pk).update(first_name="Zoé", last_name="Abel")
    offered = [field.queryset for name, field in choices.items() if name.endswith("ClientForm.advisor")]
    assert len(offered) > 1
    assert {tuple(queryset) for queryset in offered} == {tuple(User.objects.staff())}
    assert [member.last_name for member in offered[0]] == ["", "Abel", "Dubois"]
