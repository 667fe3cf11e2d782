"""Those who work at the desk, one in each role and part, and one object of each kind that they may ask for."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.bank_accounts import access_requests, joining, representation_requests, undoing
from accounts.bank_accounts.opening import open_service_contract
from accounts.clients import as_seen, identity_changes
from accounts.desk import roles, staff_requests
from accounts.documents import letters
from accounts.models import (
    AccessRequest,
    BankAccount,
    Branch,
    Capacity,
    Client,
    CommandRun,
    Document,
    IdentityChange,
    Joining,
    Mandate,
    PostBatch,
    Representation,
    RepresentationRequest,
    ServiceContract,
    StaffRequest,
    Substitution,
    Undoing,
    User,
)
from auth_codes.actor import Actor
from auth_codes.factors import by_advisors as factors_by_advisors
from auth_codes.factors import tickets_by_advisors
from auth_codes.locking import locks, unlocking
from auth_codes.lockout import counters
from auth_codes.models import AccessLock, FactorsEnding, LetterBatch, Renewal, TicketRequest, Unblocking, Unlocking
from auth_codes.renewals import by_advisors, unblocking
from tests import makers

# Nobody's number, in the place of any object's.
NOBODY = 999_999_999


class RoleWorld(NamedTuple):
    """Whose is what. `client` and all that is asked for him are of the advisor `own`, who works at `branch`."""

    visitors: Mapping[str, User | None]
    client: Client
    account: BankAccount
    mandate: Mandate
    document: Document
    renewal: Renewal
    renewal_elsewhere: Renewal
    unblocking: Unblocking
    factors_ending: FactorsEnding
    ticket_request: TicketRequest
    unlocking: Unlocking
    access: AccessRequest
    representation: Representation
    representation_request: RepresentationRequest
    contract: ServiceContract
    undoing: Undoing
    joining: Joining
    identity: IdentityChange
    letter_batch: LetterBatch
    post_batch: PostBatch
    command_run: CommandRun
    branch: Branch
    substitution: Substitution
    staff_request: StaffRequest
    group: Group

    @property
    def seen(self) -> str:
        """What a page of the renewal shows and is vouched for."""
        return self.seen_of("renewal")

    def seen_of(self, name: str) -> str:
        """The same of the act of that name."""
        act = getattr(self, name)
        desk = admin.site.get_model_admin(type(act))
        return as_seen.fingerprint(desk.shown(type(act)._base_manager.get(pk=act.pk)))


def make_role_world(own: User) -> RoleWorld:
    people = _people(own)
    client = makers.make_personalised_client(own)
    proxy = makers.make_person(own, given_names="Paul", family_name="Durand")
    account = client.bank_accounts.get()
    elsewhere = makers.make_advisor("sonia.blanc", branch=people["autre directeur"].branch)
    theirs = makers.make_personalised_client(elsewhere, given_names="Luc", family_name="Petit")
    asked = {"right": "see", "agreement": AccessRequest.Agreement.AT_BRANCH, "token": uuid.uuid4()}
    another = makers.make_staff("hugo.masson", roles.STAFF_ADMINISTRATORS)
    makers.make_substitution(own, people["ancien"], starts=-9, ends=-1)
    contract = open_service_contract(client, kind=ServiceContract.Kind.CARD, by=Actor(own))
    letters.write(client, subject="Votre demande", body="Bonjour", token=uuid.uuid4(), by=Actor(own))
    now = timezone.now()
    return RoleWorld(
        visitors=people | {"client": client.user, "personne": None},
        client=client,
        account=account,
        mandate=makers.make_mandate(account, proxy),
        document=client.documents.get(title="Votre demande"),
        renewal=_renewal(client, own),
        renewal_elsewhere=_renewal(theirs, elsewhere),
        unblocking=_unblocking(client, own),
        factors_ending=_factors_ending(client, own),
        ticket_request=_ticket_request(client, own),
        unlocking=_unlocking(own),
        access=access_requests.start(account, makers.make_person(own, given_names="Zoé"), by=Actor(own), **asked),
        representation=makers.make_representation(makers.make_child(own, given_names="Tom"), client),
        representation_request=_representing(client, own),
        contract=contract,
        undoing=undoing.start(
            client, act="opening", number=contract.number, why="Erreur", token=uuid.uuid4(), by=Actor(own)
        ),
        joining=_joining(own),
        identity=identity_changes.start(client, {"family_name": "Durand"}, by=Actor(own)),
        letter_batch=LetterBatch.objects.create(id="20260101-a", exported_at=now),
        post_batch=PostBatch.objects.create(id="20260101-b", exported_at=now),
        command_run=CommandRun.objects.create(name="purge_post", started_at=now, ended_at=now, exit_code=0),
        branch=own.branch,
        substitution=makers.make_substitution(own, people["remplaçant"]),
        staff_request=_leaving(people["autre"], another),
        group=Group.objects.get(name=roles.ADVISORS),
    )


def _people(own: User) -> dict[str, User]:
    far = Branch.objects.create(name="Nantes")
    return {
        "conseiller": own,
        "remplaçant": makers.make_advisor("marc.lefevre"),
        "ancien": makers.make_advisor("luc.petit"),
        "autre": makers.make_advisor("zoe.roux"),
        "directeur": makers.make_staff("nadia.benali", roles.BRANCH_MANAGERS, branch=own.branch),
        "autre directeur": makers.make_staff("olga.renard", roles.BRANCH_MANAGERS, branch=far),
        "contrôleur": makers.make_staff("paul.garnier", roles.AUDITORS),
        "éditique": makers.make_staff("yann.legall", roles.PRINT_OPERATORS),
        "exploitant": makers.make_staff("lucie.robin", roles.OPERATORS),
        "administrateur": makers.make_staff("anne.perrin", roles.STAFF_ADMINISTRATORS),
        "superutilisateur": User.objects.create_superuser("directrice", raised_at=timezone.now() - timedelta(days=8)),
        "sans rôle": makers.make_staff("tom.fabre"),
    }


def _renewal(client: Client, by: User) -> Renewal:
    return by_advisors.start(client.user, by=Actor(by), identity_check="branch", token=uuid.uuid4())


def _unblocking(client: Client, by: User) -> Unblocking:
    """Of the block that five failures have made."""
    for _ in range(5):
        makers.fail(counters.client_counter(client.client_code), timezone.now())
    return unblocking.start(client.user, by=Actor(by), identity_check="phone", token=uuid.uuid4())


def _factors_ending(client: Client, by: User) -> FactorsEnding:
    makers.make_app(client)
    return factors_by_advisors.start(client.user, by=Actor(by), identity_check="phone", token=uuid.uuid4())


def _ticket_request(client: Client, by: User) -> TicketRequest:
    said = {"reason": "add", "identity_check": "branch", "token": uuid.uuid4()}
    return tickets_by_advisors.start(client.user, by=Actor(by), **said)


def _unlocking(by: User) -> Unlocking:
    """Of the lock that another client of the advisor has put on his access: it would end the visits of `client`."""
    client = makers.make_personalised_client(by, given_names="Odette", family_name="Lemaire")
    locks.lock(client.user, way=AccessLock.Way.SESSION, by=Actor(client.user))
    return unlocking.start(client.user, by=Actor(by), identity_check="phone", token=uuid.uuid4())


def _joining(by: User) -> Joining:
    """Of a person registered twice."""
    kept, closed = (makers.make_person(by, given_names="Nina", family_name="Roy") for _ in range(2))
    return joining.start(kept, closed, advisor=by, why="Même carte d’identité", token=uuid.uuid4(), by=Actor(by))


def _representing(client: Client, by: User) -> RepresentationRequest:
    child = makers.make_child(by)
    said = {"capacity": Capacity.PARENT, "paper": "livret de famille", "paper_date": timezone.localdate()}
    return representation_requests.start(child, client, may_transfer=True, by=Actor(by), token=uuid.uuid4(), **said)


def _leaving(member: User, by: User) -> StaffRequest:
    asked = StaffRequest(kind=StaffRequest.Kind.DEACTIVATE, member=member, username=member.username)
    return staff_requests.start(asked, (), by=Actor(by))
