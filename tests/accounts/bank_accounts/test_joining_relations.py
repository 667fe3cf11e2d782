"""Everything that points to a client or to who logs in as one: what a joining does to it is said here, for each.

A relation that is added later fails the first test until it says so too; test_joining.py tries what is said.
"""

import pytest
from django.apps import apps

from accounts.bank_accounts import waiting_acts
from accounts.models import Client, User
from auth_codes.models import DualControlAct

MOVES, STAYS, ENDS, LAPSES = "goes to the kept sheet", "stays", "ends", "lapses while it waits, else stays"
STAFF = "names a member of the staff, whom it does not concern"
OF_CLIENTS = {
    "accounts.AccessRequest.person": LAPSES,
    "accounts.AccessRequest.agreed_by": LAPSES,
    "accounts.BankAccount.holders": MOVES,
    "accounts.Client.joined_into": MOVES,
    "accounts.ClosingAgreement.holder": LAPSES,
    "accounts.ClosingAgreement.signer": LAPSES,
    "accounts.ContactChange.client": STAYS,
    "accounts.Document.client": STAYS,  # and is shown from the kept one
    "accounts.FormerName.client": STAYS,  # and finds the kept one
    "accounts.Holding.client": MOVES,
    "accounts.IdentityChange.client": LAPSES,
    "accounts.Joining.closed": LAPSES,
    "accounts.Joining.kept": LAPSES,
    "accounts.Mandate.proxy": MOVES,  # but between the two, or beside a wider one, where it ends
    "accounts.PostalItem.client": STAYS,  # but what would tell the dead number, which ends
    "accounts.Representation.represented": STAYS,  # a sheet in one that runs is not joined
    "accounts.Representation.representative": STAYS,
    "accounts.RepresentationRequest.represented": LAPSES,
    "accounts.RepresentationRequest.representative": LAPSES,
    "accounts.SearchWord.client": STAYS,  # and finds the kept one
    "accounts.ServiceContract.client": MOVES,
    "accounts.StaffRequest.own_client": LAPSES,
    "accounts.Statement.client": STAYS,  # and counts as the kept one's
    "accounts.Transfer.client": STAYS,  # and is shown from the kept one; unconfirmed, it ends
    "accounts.Undoing.client": LAPSES,
    "accounts.User.own_client": STAYS,  # the sheet of a member of the staff is the one that is kept
}
OF_WHO_LOGS_IN = {
    "accounts.Client.user": STAYS,  # and is nobody to the login
    "accounts.Client.advisor": MOVES,
    "auth_codes.Challenge.owner": STAYS,  # and proves nothing without a session
    "auth_codes.CodeReminder.owner": STAYS,
    "auth_codes.Factor.owner": STAYS,  # and is asked for by no login: its owner has none
    "auth_codes.FactorsEnding.owner": LAPSES,
    "auth_codes.TicketRequest.owner": LAPSES,
    "auth_codes.ClientTicket.owner": ENDS,
    "auth_codes.AccessLock.owner": STAYS,  # with a number that is nobody's
    "auth_codes.KnownDevice.owner": ENDS,
    "auth_codes.LockCode.owner": STAYS,  # and locks nothing: its owner is nobody to the login
    "auth_codes.Notice.owner": STAYS,  # what was written before leaves: nobody hides by a joining what he did
    "auth_codes.OpenSession.owner": ENDS,
    "auth_codes.Renewal.owner": LAPSES,
    "auth_codes.SealedLetter.owner": ENDS,
    "auth_codes.SecretCode.owner": ENDS,
    "auth_codes.SecurityEvent.owner": STAYS,
    "auth_codes.SecurityEvent.by": STAYS,
    "auth_codes.Token.lent_to": STAYS,  # and is lent to nobody else: undoing gives it back
    "auth_codes.Unblocking.owner": LAPSES,
    "auth_codes.Unlocking.owner": LAPSES,
}
# Who did or decided something, and what belongs to the staff alone.
ACTORS = {
    "advisor", "approved_by", "by", "changed_by", "confirmed_by", "decided_by", "declared_by", "ended_by", "granted_by",
    "issued_by", "started_by", "undone_by", "written_by",
}  # fmt: skip
OF_THE_STAFF = {
    "accounts.Draft.owner", "accounts.FirstAccess.owner", "accounts.StaffRequest.member",
    "accounts.Substitution.absent", "accounts.Substitution.substitute", "admin.LogEntry.user",
    "auth_codes.StaffTicket.owner",
}  # fmt: skip


def relations(target):
    """Those of all models that point to `target`, as « app.Model.field »; tables that Django makes say nothing more."""
    fields = (
        (model, field)
        for model in apps.get_models(include_auto_created=False)
        for field in [*model._meta.fields, *model._meta.many_to_many]
    )
    return {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model, field in fields
        if field.is_relation and field.related_model is target
    }


def test_every_relation_to_a_client_says_what_a_joining_does_to_it():
    assert relations(Client) == set(OF_CLIENTS)


def test_every_relation_to_who_logs_in_says_so_too():
    of_actors = {name for name in relations(User) if name.rpartition(".")[2] in ACTORS}
    assert relations(User) - OF_THE_STAFF - (of_actors - set(OF_WHO_LOGS_IN)) == set(OF_WHO_LOGS_IN)


def test_every_act_that_waits_for_two_says_which_ones_are_about_a_sheet():
    kinds = {model for model in apps.get_models() if issubclass(model, DualControlAct)}
    assert kinds == set(waiting_acts.ABOUT)


@pytest.mark.parametrize("kind", waiting_acts.ABOUT, ids=lambda kind: kind.__name__)
@pytest.mark.django_db
def test_question_about_each_of_them_is_answered(kind, client_):
    assert not kind._base_manager.filter(waiting_acts.ABOUT[kind]([client_])).exists()
