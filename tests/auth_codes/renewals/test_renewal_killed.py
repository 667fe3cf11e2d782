"""Renewals that are killed: real processes, and every request brings one letter."""

import json
import uuid

import pytest

from auth_codes.actor import Actor
from auth_codes.models import Renewal, RenewalRequest, SealedLetter, SecretCode, SecurityEvent
from auth_codes.renewals import by_advisors
from tests import makers, processes
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS, BEGUN = 12, 5
# Dies after the code and its letter were written, before the transaction that writes them ends.
DYING = """
import django, os, signal
django.setup()
from django.utils import timezone
from accounts.models import User
from auth_codes.actor import Actor
from auth_codes.models import Renewal
from auth_codes.renewals import by_advisors, issuing, online
issuing._record = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
"""
DYING_REQUEST = DYING + "online.handle(online.waiting().get(), timezone.now())"
DYING_APPROVAL = (
    DYING + "by_advisors.approve(Renewal.objects.get(), by=Actor(User.objects.get(username='marc.lefevre')))"
)


@pytest.fixture
def clients(advisor):
    """Each of whom has asked for a new code."""
    made = [makers.make_personalised_client(advisor, given_names=f"Ada {chr(97 + n)}") for n in range(CLIENTS)]
    asked = [RenewalRequest(client_code=client.client_code, network="192.0.2.1") for client in made]
    RenewalRequest.objects.bulk_create(asked)
    return made


def asked_for():
    return SealedLetter.objects.filter(occasion=SealedLetter.Occasion.REQUEST)


def run_timer():
    done = processes.run("issue_requested_letters")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_timer_killed_in_the_middle_is_finished_by_the_next(clients):
    processes.kill_after(BEGUN, "auth_codes.renewals.online._issue", "issue_requested_letters")
    assert asked_for().count() == BEGUN
    assert run_timer()["issued"] == CLIENTS - BEGUN
    owners = list(asked_for().values_list("owner", flat=True))
    assert sorted(owners) == sorted(client.user_id for client in clients)
    assert SecretCode.objects.filter(role=SecretCode.Role.PENDING).count() == CLIENTS


def test_letter_and_code_are_written_together_with_the_answer_or_not_at_all(client_):
    RenewalRequest.objects.create(client_code=client_.client_code, network="")
    assert processes.run("-c", DYING_REQUEST).returncode == -9
    assert (asked_for().count(), RenewalRequest.objects.get().handled_at) == (0, None)
    assert run_timer()["issued"] == 1
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.RENEWAL_REQUESTED).count() == 1


def test_approval_killed_in_its_middle_has_changed_nothing_and_may_be_given_again(client_, advisor):
    colleague = makers.make_advisor("marc.lefevre")
    started = by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    assert processes.run("-c", DYING_APPROVAL).returncode == -9
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 302
    by_advisors.approve(Renewal.objects.get(pk=started.pk), by=Actor(colleague))
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 200
    assert SealedLetter.objects.filter(occasion=SealedLetter.Occasion.RENEWAL).count() == 1
