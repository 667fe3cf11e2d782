"""The two people with whom the staff of a new bank begins."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.desk import roles
from accounts.desk.first_access import LIFE
from accounts.kinds import Event
from accounts.models import FirstAccess, User
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


NAMES = ("anne.roux", "basile.noir")
CHOICE = {"username": "anne.roux", "new_password1": CHOSEN, "new_password2": CHOSEN}


def again():
    return SecurityEvent.objects.filter(kind=Event.FIRST_LINK_AGAIN).count()


@pytest.mark.parametrize("passed", [timedelta(0), timedelta(hours=49)])
def test_links_that_nobody_has_used_are_made_again(passed):
    lost = make(*NAMES)
    FirstAccess.objects.update(expires_at=timezone.now() + LIFE - passed)
    found = make("Basile.Noir", "anne.roux")
    assert User.objects.count() == 2
    assert (again(), SecurityEvent.objects.filter(kind=Event.FIRST_ADMINISTRATOR).count()) == (2, 2)
    assert StrictBrowser().get(lost["anne.roux"]).status_code == 404
    assert StrictBrowser().post(found["anne.roux"], CHOICE).status_code == 302


def test_never_again_once_one_of_them_was_used():
    links = make(*NAMES)
    assert StrictBrowser().post(links["anne.roux"], CHOICE).status_code == 302
    # A reset leaves him without a password too.
    User.objects.update(password="!")
    with pytest.raises(CommandError, match="aucun des deux n’a servi"):
        make(*NAMES)
    assert (again(), StrictBrowser().get(links["basile.noir"]).status_code) == (0, 200)


@pytest.mark.parametrize("names", [("anne.roux", "paul.martin"), ("paul.martin", "zoe.petit")])
def test_never_for_other_names(names):
    make(*NAMES)
    with pytest.raises(CommandError, match="mêmes noms"):
        make(*names)
    assert (User.objects.count(), again()) == (2, 0)


def test_never_once_somebody_else_has_an_account():
    make(*NAMES)
    User.objects.create_superuser("urgence")
    with pytest.raises(CommandError):
        make(*NAMES)


def test_link_lost_by_wrong_names_is_made_again():
    links = make(*NAMES)
    for _ in range(5):
        StrictBrowser().post(links["anne.roux"], CHOICE | {"username": "paul"})
    assert StrictBrowser().post(make(*NAMES)["anne.roux"], CHOICE).status_code == 302


def test_of_many_at_once_one_makes_its_two(race):
    roles.make_groups()

    def run(place):
        try:
            return make(f"anne.{place}", f"basile.{place}")
        except CommandError:
            return None

    assert len([links for links in race(run, range(6)) if links]) == 1
    assert User.objects.count() == 2
