"""docs/production.md and what stands beside it: true, whole, and run."""

import re

import pytest

from accounts.management.results import TIMERS
from banking_portal.variables import SECRETS
from docs import make_units
from tests.portal import production
from tests.portal.starting import python

# Asks for each variable while the settings are imported, and prints those that the portal itself asks for.
ASKED = """
import os, sys
class Asked(dict):
    names = set()
    def get(self, name, default=None):
        if sys._getframe(1).f_code.co_filename.startswith(ROOT):
            self.names.add(name)
        return super().get(name, default)
ROOT = os.getcwd() + "/banking_portal"
asked = os.environ = Asked(os.environ)
import banking_portal.settings
print(*asked.names)
"""
ONLY_BY_SYSTEMD = {"CREDENTIALS_DIRECTORY"}


def test_every_block_of_commands_says_how_it_was_tried():
    found = production.blocks()
    assert len(found) > 15
    assert {block.language for block in found} == {"sh"}
    assert [block for block in found if not block.before.endswith(production.WAYS[block.way])] == []


def test_units_are_those_that_are_made():
    folder = make_units.FOLDER
    there = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert there == make_units.units(), "make them again: python -m docs.make_units"


def test_every_timer_of_the_portal_has_its_unit():
    assert set(make_units.TIMERS) == TIMERS


@pytest.mark.slow
def test_template_tells_every_variable_that_the_settings_read_and_no_other(environment):
    done = python(environment, "-c", ASKED)
    assert done.returncode == 0, done.stderr
    asked = {name.removesuffix("_FILE") for name in done.stdout.split()} - ONLY_BY_SYSTEMD
    assert {name.removesuffix("_FILE") for name in production.told()} == asked
    assert {name.removesuffix("_FILE") for name in production.told() if name.endswith("_FILE")} == SECRETS


def test_proxy_hands_on_what_the_portal_counts_on():
    said = (production.FOLDER / "nginx.conf").read_text()
    set_ = dict(re.findall(r"proxy_set_header (\S+) (\S+);", said))
    assert set_ == {
        "Connection": '""', "Host": "$host", "X-Forwarded-For": "$remote_addr", "X-Forwarded-Proto": "$scheme",
        "X-Request-ID": "$request_id",
        "X-Real-IP": '""', "Forwarded": '""', "Via": '""',
    }  # fmt: skip
    assert production.told()["TRUSTED_PROXY_COUNT"] == "1"
    for name in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert f"{name} 10s;" in said
    assert re.search(r"proxy_request_buffering on;\s+proxy_buffering on;", said)


def test_containers_are_given_every_secret_as_a_file():
    said = (production.FOLDER / "compose.yaml").read_text()
    for name in SECRETS - {"SECRET_KEY_FALLBACKS"}:
        assert f"{name}_FILE: /run/secrets/{name}\n" in said
        assert f"  {name}: {{ file: secrets/{name} }}" in said


def test_proxy_writes_down_nothing_of_what_customers_search_for():
    said = (production.FOLDER / "nginx.conf").read_text()
    [written] = re.findall(r"log_format portail '([^']*)'", said)
    assert not re.search(r"\$(request |args|query_string|request_uri|http_referer)", written)
    assert said.count("access_log /var/log/nginx/portail.log portail;") == 2


def test_no_unit_may_write_where_the_static_files_lie():
    services = [text for name, text in make_units.units().items() if name.endswith(".service")]
    assert len(services) == 3
    for said in services:
        assert "ProtectSystem=strict\n" in said
        assert re.findall(r"^ReadWritePaths=(.*)$", said, re.MULTILINE) == ["-/var/lib/portail/atelier"]
