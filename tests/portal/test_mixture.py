"""The demo on a bank's database, or the reverse, and DEBUG in a bank: refused whoever asks. Real processes."""

import pytest

from tests.portal.starting import key, manage, python

pytestmark = pytest.mark.slow

MAKE_SOMEBODY = "from accounts.models import User; User.objects.create_user('5724816039')"
COMMANDS = [
    ["migrate"], ["check"], ["seed_demo"], ["demo_post"], ["showmigrations"], ["clearsessions"], ["send_notices"],
    ["export_sealed_letters", "--to", "letters"], ["shell", "-c", MAKE_SOMEBODY],
]  # fmt: skip
SCRIPT = "import django; django.setup(); from accounts.models import User; print(User.objects.count())"
SWALLOWED = """
import django; django.setup()
from django.core.exceptions import ImproperlyConfigured
from accounts.models import User
try:
    User.objects.count()
except ImproperlyConfigured:
    print(User.objects.count())
"""


@pytest.fixture
def demo(environment):
    return environment | {"DEMO": "1", "SECRET_CODE_KEYS": key("demo-1")}


@pytest.fixture
def banks_database(environment):
    for command in (["migrate", "-v0"], ["shell", "-v0", "-c", MAKE_SOMEBODY]):
        assert manage(environment, *command).returncode == 0


def assert_refused(done, sentence):
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.usefixtures("banks_database")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_command_of_the_demo_refuses_a_banks_database(demo, command):
    assert_refused(manage(demo, *command), "n’est pas celle d’une démonstration")


@pytest.mark.usefixtures("banks_database")
@pytest.mark.parametrize("script", [SCRIPT, SWALLOWED, "import banking_portal.wsgi"])
def test_no_script_and_no_server_of_the_demo_opens_a_banks_database(demo, script):
    done = python(demo | {"DJANGO_SETTINGS_MODULE": "banking_portal.settings"}, "-c", script)
    assert done.returncode == 1
    assert "n’est pas celle d’une démonstration" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("command", [["migrate"], ["send_notices"], ["clearsessions"]])
def test_every_command_of_the_bank_refuses_the_demos_database(environment, demo, command):
    manage(demo, "migrate", "-v0")
    assert manage(demo, "seed_demo", "--clients", "1").returncode == 0
    assert_refused(manage(environment, *command), "qu’avec DEMO=1")


@pytest.mark.parametrize("command", [["check"], ["migrate"], ["shell", "-c", "print(1)"], ["collectstatic"]])
def test_every_command_refuses_debug_outside_the_demo(environment, command):
    done = manage(environment | {"DEBUG": "1"}, *command)
    assert_refused(done, "DEBUG demande DEMO=1")


def test_no_server_starts_with_debug_outside_the_demo(environment, demo):
    assert "DEBUG demande DEMO=1" in python(environment | {"DEBUG": "1"}, "-c", "import banking_portal.wsgi").stderr
    assert manage(demo | {"DEBUG": "1"}, "check").returncode == 0
