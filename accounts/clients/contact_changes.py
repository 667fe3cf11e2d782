"""A change of name, e-mail, telephone or address is told to the e-mail address that was known before it.

Who diverts a client's letters can divert a code secret; the old address is the one that he does not hold.
"""

from collections.abc import Collection

from django.utils import timezone

from accounts.kinds import Mail
from accounts.models import ADDRESS_FIELDS, Client
from auth_codes import notices

IN_WORDS = {
    **dict.fromkeys(("title", "given_names", "family_name"), "le nom"),
    "email": "l’adresse électronique",
    "mobile_phone": "le téléphone mobile",
    "home_phone": "le téléphone fixe",
    **dict.fromkeys(ADDRESS_FIELDS, "l’adresse postale"),
}


def tell_old_address(client: Client, changed_fields: Collection[str]) -> None:
    """To be called in the transaction of the change and before it is written; `client` may hold the new values."""
    changed = list(dict.fromkeys(IN_WORDS[name] for name in changed_fields if name in IN_WORDS))
    if not changed:
        return
    # Locked: two advisors who change it one after the other each tell the address that their change replaces.
    stored = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    notices.tell(
        Mail.CONTACT_CHANGED,
        owner=stored.user,
        recipient=stored.email,
        salutation=stored.salutation,
        at=timezone.now(),
        changed=changed,
    )
