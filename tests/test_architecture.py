"""The house rules that a reader cannot see in one file."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.management import call_command
from django.urls import resolve, reverse

from tests.portal.url_patterns import portal_patterns

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ["auth_codes", "accounts", "banking_portal"]
PUBLIC = {
    "home", "login", "logout", "forgotten_client_code", "forgotten_secret_code", "security_advice", "change_password",
    "prolong_session", "healthz", "readyz", "access_closed", "forget_client_code", "favicon", "manifest", "robots",
    "second_step", "step_ticket", "lock", "lock_receipt", "own_lock", "unlock", "security_txt", "legal_notice",
    "accessibility", "components", "language",
}  # fmt: skip
# Named by Django or by settings, not by another template or a view of ours.
NAMED_ELSEWHERE = {"400.html", "403.html", "404.html", "500.html", "503.html", "403_csrf.html"}


def sources(layer):
    return sorted((ROOT / layer).rglob("*.py"))


def test_imports_keep_the_contracts_of_pyproject():
    """The order in which the rooms import each other, by import-linter; what it prints names every wrong import.

    In a process of its own: it sets logging up anew, and whatever logs in a later test would be heard by nobody.
    """
    program = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([program, "--no-cache"], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout


def test_auth_codes_never_names_accounts():
    naming = [path.name for path in sources("auth_codes") if re.search(r"\baccounts\b", path.read_text())]
    assert set(naming) <= {"0001_initial.py"}


def test_each_class_has_a_name_of_its_own():
    """Whoever reads « Refused » knows which one; Django asks for a `Command` in each command's module."""
    defined = defaultdict(list)
    for path in (path for layer in LAYERS for path in sources(layer)):
        for part in ast.parse(path.read_text()).body:
            if isinstance(part, ast.ClassDef) and part.name not in {"Command", "Migration"}:
                defined[part.name].append(str(path.relative_to(ROOT)))
    assert {name: places for name, places in defined.items() if len(places) > 1 and not name.startswith("_")} == {}


# Views, forms, the admin and commands say themselves by their names and their `help`; migrations are Django's.
WITHOUT_DOCSTRINGS = {"pages", "admin", "management", "migrations", "forms.py", "access_forms.py"}


def undocumented(path):
    """The public functions and classes of a module that do not say what they are."""
    parts = (part for part in ast.parse(path.read_text()).body if isinstance(part, ast.FunctionDef | ast.ClassDef))
    return [part.name for part in parts if not part.name.startswith("_") and not ast.get_docstring(part)]


def test_whatever_others_may_call_says_what_it_is():
    judged = [path for layer in LAYERS for path in sources(layer) if not WITHOUT_DOCSTRINGS & set(path.parts)]
    found = {path.relative_to(ROOT).as_posix(): undocumented(path) for path in judged}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_no_template_is_an_orphan():
    templates = [path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html")]
    texts = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    texts += [path.read_text() for layer in LAYERS for path in sources(layer)]
    used = {name for name in templates for text in texts if f'"{name}"' in text}
    overriding_django = {name for name in templates if name.startswith("admin/")}
    assert set(templates) - used - NAMED_ELSEWHERE - overriding_django == set()


def test_every_url_is_private_unless_listed_here():
    public = {p.name for p in portal_patterns() if not getattr(p.callback, "login_required", True)}
    assert public == PUBLIC
    assert login_not_required(lambda request: None).login_required is False


def test_views_that_count_attempts_run_outside_any_request_transaction():
    names = {"login", "lock", "secret_code", "it_was_not_me", "transfer"}
    counting = {p.name: p.callback for p in portal_patterns() if p.name in names}
    assert set(counting) == names
    assert all(callback._non_atomic_requests == {"default"} for callback in counting.values())


def test_lock_files_name_no_address():
    for lock in ("requirements.txt", "requirements-dev.txt"):
        assert "://" not in (ROOT / lock).read_text()


TAGS = re.compile(r"\{#.*?#\}|\{%(?! translate ).*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)

TRANSLATED = re.compile(r'\{% translate "([^"]*)"|_\("([^"]*)"\)')


def test_no_line_of_a_page_can_begin_with_a_sign():
    """French typography: no-break spaces before ; : ! ? » and after « and n°. E-mails are filtered as a whole."""
    pages = list((ROOT / "templates").rglob("*.html"))
    shown = {path: TAGS.sub("\n", TRANSLATED.sub(r"\n\1\2\n", path.read_text())) for path in pages}
    plain = {path: re.findall(r"\S* [;:!?»]|« \S*|n° \S*", text) for path, text in shown.items()}
    assert not {name: found for name, found in plain.items() if found}


LINKS = re.compile(r'href="(?:\{% url "(\w+)" %\})?#([\w-]+)"')


def whole(path):
    """The text of a template and of all that it includes."""
    text = path.read_text()
    return text + "".join(whole(ROOT / "templates" / name) for name in re.findall(r'\{% include "([^"]+)"', text))


def page_template(name):
    view = resolve(reverse(name)).func
    return ROOT / "templates" / (view.view_initkwargs.get("template_name") or view.view_class.template_name)


def test_every_link_to_a_place_on_a_page_finds_it():
    for path in (ROOT / "templates").rglob("*.html"):
        for name, anchor in LINKS.findall(path.read_text()):
            page = page_template(name) if name else path
            assert f'id="{anchor}"' in whole(page), f"{path.name}: #{anchor}"


def test_no_merge_has_left_its_marks():
    """Python would not be read with them; a template, a sheet and a text would."""
    texts = [path for place in ("templates", "static", "docs") for path in (ROOT / place).rglob("*") if path.is_file()]
    readable = [path for path in texts if path.suffix in {".html", ".txt", ".css", ".js", ".md"}]
    assert not [path for path in readable if re.search(r"^(<{7}|>{7}) ", path.read_text(), re.MULTILINE)]
