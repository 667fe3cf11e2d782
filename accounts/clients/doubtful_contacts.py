"""Contacts that somebody registers for a client and that may be another person's: a second advisor is asked.

Who registers a person under an address of his own receives that person's codes. So a contact that is a colleague's,
that several clients share, or that somebody has who lives elsewhere, begins unconfirmed, and says why.
"""

from collections.abc import Mapping

from django.db.models import Q

from accounts.clients import contact_changes
from accounts.models import Client, ContactChange, User
from accounts.notation import addresses
from auth_codes.actor import Actor

Contact = ContactChange.Contact

# The new one among them: a couple shares its telephone, three people rarely do.
SHARED_BY = 3
OF_THE_STAFF = "celle d’un membre du personnel"
SHARED = "déjà celle de plusieurs autres clients"
OF_ANOTHER_ADDRESS = "déjà celle d’un client qui habite ailleurs"


def reasons(client: Client) -> Mapping[str, str]:
    """Why each doubtful contact of `client` is one, as the sheet's reader is told; without those that are not."""
    found = {contact: _why(client, contact) for contact, value in contact_changes.values(client).items() if value}
    return {contact: why for contact, why in found.items() if why}


def hold(client: Client, *, by: Actor) -> list[ContactChange]:
    """Lets the doubtful contacts of a person who was just registered wait for a second advisor."""
    present = contact_changes.values(client)
    held = [
        ContactChange(client=client, contact=contact, new=present[contact], why=why, changed_by=by.person)
        for contact, why in reasons(client).items()
    ]
    return ContactChange.objects.bulk_create(held)


def _why(client: Client, contact: str) -> str:
    if contact == Contact.EMAIL and User.objects.filter(is_staff=True, email__iexact=client.email).exists():
        return OF_THE_STAFF
    # A person who had two sheets is one of those who have it.
    sharing = Client.objects.filter(having_same(client, contact), joined_into=None).exclude(pk=client.pk)
    others = list(sharing[: SHARED_BY - 1])
    if len(others) >= SHARED_BY - 1:
        return SHARED
    is_elsewhere = any(not addresses.is_same_home(other.address, client.address) for other in others)
    return OF_ANOTHER_ADDRESS if is_elsewhere else ""


def having_same(client: Client, contact: str) -> Q:
    """The clients who have the same one; each side is found by an index."""
    if contact == Contact.EMAIL:
        return Q(email__iexact=client.email)
    if contact == Contact.ADDRESS:
        at_home = Q(postcode__in=addresses.spellings(client.postcode), street__iexact=client.street)
        return at_home if client.postcode else at_home & Q(city__iexact=client.city, country=client.country)
    phone = getattr(client, contact)
    return Q(mobile_phone=phone) | Q(home_phone=phone)
