"""The kinds of journal lines and of notices: each declared by one app, with all its sentences; none used undeclared."""

import ast
import importlib
import types
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db.models import TextChoices
from django.template.loader import get_template

from accounts.kinds import Event
from auth_codes import kinds
from auth_codes.kinds import BANK_ALONE, LineKind, NoticeKind, Told
from auth_codes.models import Notice, SecurityEvent

# What concerns nobody in particular: everything else is told to whom it is about.
INTERNAL = {
    Event.CLIENT_ERASED,
    "letters_exported",
    "letters_confirmed",
    "renewal_ceiling",
    "codes_rotated",
    "restored",
    "keys_accepted",
    "network_spent",
    "failure_alarm",
    "counters_full",
    "binding_broken",
    "bound_again",
    "number_ended",
    "journal_purged",
    "proofs_purged",
    "tokens_imported",
    "staff_asked",
    "staff_approved",
    "staff_refused",
    "first_access_used",
    "first_link_again",
    "first_access_failed",
    "first_access_ended",
    "first_administrator",
    "branch_made",
    "branch_renamed",
    "substitute_declared",
    "substitute_ended",
    "superuser_made",
    "password_by_command",
    "clients_searched",
    "search_refused",
    "bulk_alarm",
    "sheets_alarm",
    *("ticket_issued", "ticket_used", "ticket_failed", "ticket_ended", "ticket_by_command", "step_up_passed"),
    "post_exported",
    "post_sent",
    "journal_read",
}


def modules() -> list[types.ModuleType]:
    paths = [path for app in ("auth_codes", "accounts") for path in Path(settings.BASE_DIR, app).rglob("*.py")]
    names = [".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts) for path in paths]
    return [importlib.import_module(name) for name in names if ".migrations" not in name]


def named(module: types.ModuleType) -> set[tuple[type[TextChoices], str]]:
    """Each kind that the source of a module names as `<class>.<NAME>`, with its class."""
    found = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if isinstance(node, ast.Attribute) and node.attr.isupper():
            holder = _value(module, node.value)
            if isinstance(holder, type) and issubclass(holder, LineKind | NoticeKind):
                found.add((holder, node.attr))
    return found


def _value(module: types.ModuleType, node: ast.expr) -> object:
    """What a dotted name stands for in the module; None where it is a local one."""
    if isinstance(node, ast.Attribute):
        return getattr(_value(module, node.value), node.attr, None)
    return getattr(module, node.id, None) if isinstance(node, ast.Name) else None


def test_no_kind_is_used_that_nobody_declares():
    used = set().union(*map(named, modules()))
    assert len(used) > 50
    declared = dict(kinds.line_choices()) | dict(kinds.notice_choices())
    assert [f"{holder}.{name}" for holder, name in used if getattr(holder, name, None) not in declared] == []


def test_every_kind_is_used():
    used = {(holder, name) for module in modules() for holder, name in named(module)}
    every = {(type(kind), kind.name) for kind in (*_declared(LineKind), *_declared(NoticeKind))}
    assert every - used == set()


def _declared(base: type[TextChoices]) -> list[TextChoices]:
    return [kind for apps in base.__subclasses__() if apps.__module__.split(".")[0] != "tests" for kind in apps]


def test_every_class_of_kinds_is_declared():
    assert [kind.value for kind in _declared(LineKind)] == [value for value, _ in kinds.line_choices()]
    assert [kind.value for kind in _declared(NoticeKind)] == [value for value, _ in kinds.notice_choices()]


@pytest.mark.parametrize("kind", _declared(LineKind))
def test_each_line_has_its_sentences(kind):
    assert kind.label[0].isupper()
    assert (kind.told is BANK_ALONE) is (kind in INTERNAL)
    assert kind.told is BANK_ALONE or kind.told.words[0].isupper()
    assert SecurityEvent(kind=kind.value).get_kind_display() == kind.label
    assert len(kind) <= SecurityEvent._meta.get_field("kind").max_length


@pytest.mark.parametrize("kind", _declared(NoticeKind))
def test_each_notice_has_its_mail(kind):
    assert get_template(kind.template).template.source.strip()
    assert Notice(kind=kind.value).get_kind_display() == kind.label
    assert len(kind) <= Notice._meta.get_field("kind").max_length


def test_mail_of_no_declared_kind_is_found():
    mails = {path.stem for path in Path(settings.BASE_DIR, "templates/mail").glob("*.txt")}
    assert mails - {"base", "staff"} == {value for value, _ in kinds.notice_choices()}


def test_kind_of_another_app_is_not_declared_again():
    class Twice(LineKind):
        ACCOUNT_OPENED = "account_opened", Told("Encore"), "Encore"

    before = kinds.line_choices()
    with pytest.raises(ImproperlyConfigured, match="account_opened"):
        kinds.declare_lines(Twice, {})
    assert kinds.line_choices() == before


@pytest.mark.django_db
def test_new_kind_asks_for_no_migration(monkeypatch):
    class More(LineKind):
        SAFE_OPENED = "safe_opened", Told("Un coffre a été ouvert à votre nom"), "Coffre ouvert"

    monkeypatch.setattr(kinds, "_lines", dict(kinds._lines))
    kinds.declare_lines(More, {})
    assert ("safe_opened", "Coffre ouvert") in SecurityEvent._meta.get_field("kind").flatchoices
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_line_of_a_kind_that_is_gone_keeps_its_value():
    assert SecurityEvent(kind="letter_burnt").get_kind_display() == "letter_burnt"
    assert kinds.detail_in_words("oven", 3) == "oven : 3"


def test_apps_know_no_kind_of_each_other():
    assert not set(SecurityEvent.Kind.values) & set(Event.values)
