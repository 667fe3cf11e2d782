"""The receipt of each lock, issued in its transaction: who has locked his access finds it once he is back."""

from django.conf import settings
from django.utils import timezone

from accounts.documents import issuing
from accounts.models import Document
from accounts.papers.lock_receipt import LockReceiptContents
from auth_codes import wording
from auth_codes.models import AccessLock


def issue(lock: AccessLock) -> Document:
    """The paper that proves the lock to whom it is about."""
    client = lock.owner.client
    with wording.in_french():
        contents = LockReceiptContents(
            **issuing.addressed_to(client),
            reference=lock.reference,
            locked_at=lock.at,
            way=lock.get_way_display(),
            position=str(lock.position),
            mac=lock.journal_mac,
            card_stop_phone=settings.CARD_STOP_PHONE,
        )
    title = f"Reçu de verrouillage {lock.reference}"
    return issuing.issue(client, contents, title=title, on=timezone.localdate(lock.at))
