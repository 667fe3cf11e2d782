"""The two people with whom the staff of a new bank begins."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.desk import roles
from accounts.kinds import Event
from accounts.models import User
from auth_codes.models import SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

CHOSEN = "lampe tigre ruisseau comptoir"


@pytest.fixture(autouse=True)
def groups(db):
    roles.make_groups()


def make(*names):
    written = StringIO()
    call_command("make_first_administrators", *names, stdout=written)
    return dict(line.split() for line in written.getvalue().splitlines()[:2])


def test_two_administrators_of_old_with_a_link_each_and_no_more_rights():
    links = make("Anne.Roux", "basile.noir")
    for name in ("anne.roux", "basile.noir"):
        person = User.objects.get(username=name)
        assert (person.is_superuser, person.has_usable_password()) == (False, False)
        assert person.is_settled_at(timezone.now())
        assert [group.name for group in person.groups.all()] == [roles.STAFF_ADMINISTRATORS]
        typed = {"username": name, "new_password1": CHOSEN, "new_password2": CHOSEN}
        assert StrictBrowser().post(links[name], typed).status_code == 302
    assert SecurityEvent.objects.filter(kind=Event.FIRST_ADMINISTRATOR).count() == 2


@pytest.mark.parametrize("names", [("anne", "ANNE"), ("anne", "hélène"), ("anne", "1234567890"), ("anne", "a b")])
def test_names_that_two_people_cannot_have_make_nobody(names):
    with pytest.raises(CommandError):
        make(*names)
    assert not User.objects.exists()


def test_bank_with_staff_takes_none():
    makers.make_advisor()
    with pytest.raises(CommandError, match="déjà du personnel"):
        make("anne.roux", "basile.noir")
    assert User.objects.count() == 1


def test_of_many_at_once_one_makes_its_two(race):
    roles.make_groups()

    def run(place):
        try:
            return make(f"anne.{place}", f"basile.{place}")
        except CommandError:
            return None

    assert len([links for links in race(run, range(6)) if links]) == 1
    assert User.objects.count() == 2
