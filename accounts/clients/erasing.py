"""Forgetting who a client was, once the law no longer has the bank know it.

Five years after the end of the relation (Code monétaire et financier, L561-12: who he was, and his operations) nothing
justifies keeping a name or an address (GDPR art. 5(1)(e)). His number stays his for ever, so that nobody is taken for
him. What accounting law has the bank keep for ten years (Code de commerce, L123-22) stays as it was issued:
statements, contracts, letters and receipts, found by who knows that number alone, and the ledger.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.clients import client_journal
from accounts.kinds import Event
from accounts.models import (
    EARLIEST_BIRTH,
    AccessRequest,
    Client,
    ContactChange,
    Draft,
    FormerName,
    Holding,
    IdentityChange,
    Joining,
    Mandate,
    PostalItem,
    Representation,
    RepresentationRequest,
    SearchWord,
    ServiceContract,
    Undoing,
    User,
)
from accounts.models.representations import on_either_side
from auth_codes.actor import SYSTEM
from auth_codes.renewals import erasing

KEPT_FOR = relativedelta(years=5)
AT_ONCE = 500
# What the sheet says once nobody is to know it: nothing, and a birth date that is nobody's.
BLANK: dict[str, str | date | bool | None] = {
    "title": "", "given_names": "", "family_name": "", "birth_name": "", "family_key": "", "given_key": "",
    "birth_date": EARLIEST_BIRTH, "birth_year": None, "email": "", "mobile_phone": "", "home_phone": "",
    "street": "", "address_complement": "", "postcode": "", "city": "", "region": "", "country": "",
    "large_print": False,
}  # fmt: skip


def due(today: date) -> Iterator[Client]:
    """Those to be forgotten, by their numbers. All sheets are passed by, some hundreds in a question."""
    last = 0
    while some := list(_candidates(today).filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        for client in some:
            if is_due(client, today):
                yield client
        last = some[-1].pk


def is_due(client: Client, today: date) -> bool:
    """Whether nothing of his is open or waits, and the last of it ended five years ago."""
    if client.erased_on or _candidates(today).filter(pk=client.pk).first() is None:
        return False
    return end_of(client) + KEPT_FOR <= today and not _waits(client)


def end_of(client: Client) -> date:
    """The last day of the relation: that of his end, or of what ended last; of who never began one, of his sheet."""
    accounts = client.holdings.aggregate(last=Max("account__closed_on"))["last"]
    contracts = client.service_contracts.aggregate(last=Max("ended_on"))["last"]
    days = [timezone.localdate(client.registered_at), client.ended_on, accounts, contracts]
    for mandate in client.mandates.all():
        days.append(mandate.ends_on)
        days.append(timezone.localdate(mandate.revoked_at) if mandate.revoked_at else None)
    for representation in Representation.objects.filter(on_either_side(client)):
        days.append(representation.ended_on)
    known: list[date] = [day for day in days if day]
    return max(known)


def erase(client: Client, today: date) -> bool:
    """Forgets him, in one transaction; False where that is no longer due, or was done meanwhile."""
    with transaction.atomic():
        stored = Client.objects.locked(client.pk)
        if not is_due(stored, today):
            return False
        ended_on = stored.ended_on or end_of(stored)
        if stored.user:
            erasing.erase(stored.user, by=SYSTEM)
        _delete_what_told_of_him(stored)
        _blank_what_stays(stored)
        written = {**BLANK, "erased_on": today, "ended_on": ended_on}
        # Not by its save, which would find him by what is blank.
        Client.objects.filter(pk=stored.pk).update(**written, end_reason=stored.end_reason or Client.End.DEPARTURE)
        client_journal.record(Event.CLIENT_ERASED, stored, by=SYSTEM)
    return True


def erase_all(today: date, advance: Callable[[int], None]) -> int:
    """Forgets all who are due, each in a transaction of his own; may be killed and run again. Gives how many."""
    done = 0
    for client in due(today):
        erased = erase(client, today)
        advance(erased)
        done += erased
    return done


def half_erased() -> list[int]:
    """The sheets that were forgotten and of which something is left: somebody has written there since."""
    left = Q(pk__in=[])
    for name, blank in BLANK.items():
        left |= ~Q(**{name: blank})
    for model in (SearchWord, FormerName, ContactChange, IdentityChange):
        left |= Q(Exists(model._default_manager.filter(client=OuterRef("pk"))))
    left |= Q(Exists(PostalItem.objects.waiting().filter(client=OuterRef("pk"))))
    return list(Client.objects.filter(left, erased_on__isnull=False).order_by("pk").values_list("pk", flat=True))


def _candidates(today: date) -> QuerySet[Client]:
    """Whoever has nothing open, and has been registered for so long, or for a day less.

    Five years after a 29 February is a 28 February, and five years before that one no 29 February: `is_due` judges.
    """
    held = Holding.objects.filter(client=OuterRef("pk"), account__closed_on=None)
    proxy = Mandate.objects.in_force(today).filter(proxy=OuterRef("pk"))
    either_side = Q(representative=OuterRef("pk")) | Q(represented=OuterRef("pk"))
    acting = Representation.objects.filter(either_side, ended_on=None)
    contracts = ServiceContract.objects.in_force().filter(client=OuterRef("pk"))
    # As staff he is kept from his own sheet, which must be found for that.
    declared = User.objects.filter(own_client=OuterRef("pk"))
    old = Client.objects.filter(erased_on=None, registered_at__date__lte=today - KEPT_FOR + timedelta(days=1))
    # The papers of a sheet that was joined to another are read from that one, which is its person's.
    old = old.filter(Q(joined_into=None) | Q(joined_into__erased_on__isnull=False))
    return old.filter(~Exists(held), ~Exists(proxy), ~Exists(acting), ~Exists(contracts), ~Exists(declared))


def _waits(client: Client) -> bool:
    """Whether an act about him is under way, or a letter to him."""
    acts = (
        IdentityChange.objects.filter(client=client, decision=""),
        Undoing.objects.filter(client=client, decision=""),
        Joining.objects.filter(_of_his_sheets(client), decision=""),
        AccessRequest.objects.filter(Q(person=client) | Q(account__holdings__client=client), decision=""),
        RepresentationRequest.objects.filter(on_either_side(client), decision=""),
        PostalItem.objects.waiting().filter(client=client),
    )
    return any(rows.exists() for rows in acts) or (client.user is not None and erasing.waits(client.user))


def _of_his_sheets(client: Client) -> Q:
    return Q(kept=client) | Q(closed=client)


def _delete_what_told_of_him(client: Client) -> None:
    for model in (SearchWord, FormerName, ContactChange, IdentityChange):
        model._default_manager.filter(client=client).delete()
    Draft.objects.filter(page__startswith=f"/admin/accounts/client/{client.pk}/").delete()
    sheets = ContentType.objects.get_for_model(Client)
    LogEntry.objects.filter(content_type=sheets, object_id=str(client.pk)).delete()


def _blank_what_stays(client: Client) -> None:
    """The rows say what was done when; whom and where to, and in whose words, goes."""
    posted = {"address": "", "contents": "", "pdf": None}
    PostalItem.objects.filter(client=client, ended_at=None).update(**posted, ended_at=timezone.now())
    Undoing.objects.filter(client=client).update(why="")
    Joining.objects.filter(_of_his_sheets(client)).update(why="")
    RepresentationRequest.objects.filter(on_either_side(client)).update(paper="")
