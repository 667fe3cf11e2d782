"""The audit says what it has found, and never that all is well when nobody was asked."""

import json
import re

import pytest

from tests import audit


def told(*libraries):
    return audit.judged(json.dumps({"dependencies": list(libraries), "fixes": []}))


WELL = {"name": "django", "version": "5.2.8", "vulns": []}
FAULTY = {"name": "x", "version": "1", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}]}
UNASKED = {"name": "y", "skip_reason": "Dependency not found on PyPI"}


def test_nothing_is_said_when_all_were_asked_and_none_has_a_fault():
    assert told(WELL) == ""


def test_fault_is_named_with_the_version_that_mends_it():
    assert told(WELL, FAULTY, UNASKED) == "x 1: PYSEC-2026-1, mendée en 1.1"


def test_library_that_nobody_was_asked_about_is_no_good_news():
    assert "n’ont pas pu être demandées" in told(WELL, UNASKED)
    assert "1 sur 2" in told(WELL, UNASKED)


def test_code_that_serves_breaks_no_rule_for_security():
    assert audit.security_rules() == ""


@pytest.mark.parametrize("place", audit.exceptions())
def test_each_exception_has_its_reason(place):
    assert re.search(r": S\d+ - \w", place)
