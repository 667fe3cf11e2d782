"""Secrets are verified in a few rooms, which the gate stands before: nobody else may even name what verifies one."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import resolve

from banking_portal import urls

# What verifies a secret or hashes one, and what of Django's does so by itself.
VERIFYING = {
    "check_password", "acheck_password", "verify_password", "make_password", "authenticate", "aauthenticate",
    "argon2id", "hash_secret_raw", "hash_secret", "PasswordHasher", "Argon2PasswordHasher", "get_hasher",
    "AuthenticationForm", "AdminAuthenticationForm", "PasswordChangeForm", "AdminPasswordChangeForm",
    "PasswordChangeView", "LoginView",
}  # fmt: skip
MAY = {
    "auth_codes/crypto/hashing.py": {"argon2id", "hash_secret_raw", "Argon2PasswordHasher"},
    "auth_codes/codes/checking.py": {"argon2id"},
    "auth_codes/codes/changing.py": {"argon2id"},
    "auth_codes/codes/stored.py": {"argon2id"},
    # Codes of a list: hashed when it is drawn, and one compared that login/second.py has counted.
    "auth_codes/factors/lists.py": {"argon2id"},
    "auth_codes/login/backends.py": {"authenticate"},
    "auth_codes/login/passwords.py": {"check_password", "make_password"},
    # Asks the backends, which ask the gate.
    "auth_codes/pages/forms.py": {"authenticate", "AuthenticationForm"},
    "auth_codes/pages/login.py": {"LoginView"},
    "auth_codes/pages/staff_second.py": {"LoginView"},
    "auth_codes/urls.py": {"LoginView"},
    "accounts/desk/site.py": {"AdminAuthenticationForm"},
    # Of Django's form, whose own check of the present password it leaves out.
    "auth_codes/pages/staff_password.py": {"AdminPasswordChangeForm"},
    # Draws codes, verifies none.
    "accounts/demo/bank.py": {"argon2id"},
}


def sources():
    for app in ("auth_codes", "accounts", "banking_portal"):
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            yield path.relative_to(settings.BASE_DIR).as_posix(), path.read_text()


def named(source: str) -> set[str]:
    """Every name of VERIFYING that the source calls, imports, defines or inherits."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                found.add(name.rpartition(".")[2])
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
    return found & VERIFYING


@pytest.mark.proves("ASVS 6.1.3", "ASVS 6.3.4")
def test_only_the_few_rooms_behind_the_gate_verify_a_secret():
    assert {path: names for path, source in sources() if (names := named(source))} == MAY


@pytest.mark.parametrize(
    "source",
    [
        "user.check_password(typed)",
        "from django.contrib.auth import authenticate as ask",
        "from django.contrib.auth import views\nviews.PasswordChangeView.as_view()",
        "import argon2\nargon2.PasswordHasher().verify(known, typed)",
        "hashing.argon2id(code, salt, cost)",
    ],
)
def test_a_new_call_would_be_found(source):
    assert named(source)


@pytest.mark.proves("ASVS 6.3.4")
def test_pages_of_django_that_verify_by_themselves_are_not_served():
    page = resolve("/admin/password_change/", urlconf=urls.__name__).func
    assert page.__wrapped__.__func__.__module__ == "accounts.desk.site"
    assert page._non_atomic_requests == {"default"}
