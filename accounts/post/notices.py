"""What an e-mail says, by post: of changed contacts always, of a few other acts to whoever has no e-mail address.

A letter goes to each postal address of the last 90 days, so that whoever has changed the present one hides nothing.
It holds no code, no code client and no new contact in full: who lives at a former address may read it.
"""

from django.utils import timezone

from accounts import bank
from accounts.models import Client
from accounts.papers.postal_notice import NoticeContents
from accounts.post import queue
from auth_codes import notices, wording
from auth_codes.kinds import NoticeKind
from auth_codes.models import Notice
from auth_codes.owner import Owner

# Who has no e-mail is told of these by post. Blocks, new devices and transfers are not: strangers or everyday use bring
# them about, statements tell of transfers, and a letter that waits for a code comes by post itself.
WORTH_A_LETTER = {
    Notice.Kind.CODE_CHANGED,
    Notice.Kind.CODE_RENEWED,
    Notice.Kind.CLOSED_BY_OWNER,
    Notice.Kind.ACCESS_CLOSED,
    Notice.Kind.SESSIONS_SHUT,
    Notice.Kind.UNBLOCKED,
}


@wording.in_french()
def tell(kind: NoticeKind, client: Client, **facts: str | list[str]) -> None:
    """Queues in the caller's transaction what the mail of this kind says, to each recent postal address of `client`."""
    now = timezone.now()
    subject, body = notices.worded(kind, salutation=client.salutation, at=now, by_post="yes", **facts)
    papers = [
        NoticeContents(
            address=address, written_on=timezone.localdate(now), subject=subject, body=body, bank_phone=bank.PHONE
        )
        for address in client.recent_postal_addresses()
    ]
    queue.send_notices(client, papers)


def tell_owner(kind: NoticeKind, owner: Owner, facts: notices.Facts) -> None:
    """What `auth_codes` asks for where it finds no e-mail address: a letter when the kind is worth one."""
    if kind in WORTH_A_LETTER and not owner.is_staff:
        tell(kind, owner.client, **facts)
