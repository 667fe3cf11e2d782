"""A change of name, e-mail, telephone or address: kept with what it replaces, told to the addresses before it.

Who diverts a client's letters can divert a code secret; the old addresses are those that he does not hold. What was
changed serves for correspondence at once, and carries nothing secret before somebody else confirms it.
"""

from collections.abc import Callable, Collection, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kinds import Mail
from accounts.models import ADDRESS_FIELDS, Client, ContactChange
from accounts.notation import masks
from accounts.post import notices as by_post
from auth_codes import notices, wording
from auth_codes.actor import Actor
from auth_codes.kinds import NoticeKind

Contact = ContactChange.Contact
# The columns of a sheet by which its client is reached.
CONTACTS = ("email", "mobile_phone", "home_phone", *ADDRESS_FIELDS)
IN_WORDS = {
    **dict.fromkeys(("title", "given_names", "family_name", "birth_name"), _("le nom")),
    **dict.fromkeys(("birth_date", "birth_year"), _("la date de naissance")),
    "email": _("l’adresse électronique"),
    "mobile_phone": _("le téléphone mobile"),
    "home_phone": _("le téléphone fixe"),
    **dict.fromkeys(ADDRESS_FIELDS, _("l’adresse postale")),
}
# Of the others a letter says nothing: who lives at a former address is not told where the client lives now.
MASKS: Mapping[str, Callable[[str], str]] = {
    Contact.EMAIL: masks.email,
    Contact.MOBILE_PHONE: masks.phone,
    Contact.HOME_PHONE: masks.phone,
}


def values(client: Client) -> Mapping[str, str]:
    """Each contact of a client in one text, as it reads on the sheet; the address without the name."""
    return {
        Contact.EMAIL: client.email,
        Contact.MOBILE_PHONE: client.mobile_phone,
        Contact.HOME_PHONE: client.home_phone,
        Contact.ADDRESS: client.address.as_text(),
    }


@transaction.atomic
def note(client: Client, changed_fields: Collection[str], *, by: Actor) -> list[ContactChange]:
    """Keeps and tells what `client`, not saved yet, changes; to be called in the transaction of the change."""
    # Locked: of two advisors who change it one after the other, each keeps and tells what his change replaces.
    stored = Client.objects.locked(client.pk)
    tell(stored, changed_fields, values(client))
    typed = {name: getattr(client, name) for name in IN_WORDS.keys() & set(changed_fields)}
    return ContactChange.objects.bulk_create(changes_of(stored, typed, by=by))


def changes_of(stored: Client, typed: Mapping[str, object], *, by: Actor) -> list[ContactChange]:
    """A row, not saved, of each contact that `typed` changes; `stored`, not saved either, then has what was typed."""
    before = values(stored)
    for name, value in typed.items():
        setattr(stored, name, value)
    return [
        ContactChange(client=stored, contact=contact, old=before[contact], new=new, changed_by=by.person)
        for contact, new in values(stored).items()
        if new != before[contact]
    ]


def tell(
    stored: Client, changed_fields: Collection[str], new: Mapping[str, str], kind: NoticeKind = Mail.CONTACT_CHANGED
) -> None:
    """Tells at each e-mail and each postal address that the client has, or had of late, which of these columns change.

    `new` are the contacts as they become; letters name them masked.
    """
    changed = [name for name in changed_fields if name in IN_WORDS]
    if not changed:
        return
    with notices.in_language_of(stored.user):
        said, salutation = list(dict.fromkeys(str(IN_WORDS[name]) for name in changed)), stored.salutation
    for recipient in stored.recent_emails():
        notices.tell(
            kind,
            owner=stored.user,
            recipient=recipient,
            salutation=salutation,
            at=timezone.now(),
            changed=said,
        )
    with wording.in_french():
        in_letters = list(dict.fromkeys(_masked(name, new) for name in changed))
    by_post.tell(kind, stored, changed=in_letters)


def _masked(field: str, new: Mapping[str, str]) -> str:
    """« le téléphone mobile (désormais se terminant par 78) »"""
    if field not in MASKS:
        return str(IN_WORDS[field])
    becomes = f"désormais {MASKS[field](new[field])}" if new[field] else "il n’y en a plus"
    return f"{IN_WORDS[field]} ({becomes})"
