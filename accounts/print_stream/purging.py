"""Letting go of what letters said and where they went, some time after they were posted."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import PostalItem

# What comes back undeliverable does so within weeks, and whoever calls about a letter does so too.
KEPT_AFTER_POSTING = timedelta(days=60)
PURGED_AT_ONCE = 1000


def purge(now: datetime) -> int:
    """Blanks address, text and PDF of the letters posted 60 days ago; gives how many. May be killed and run again.

    What a document says stays with the document.
    """
    ripe = PostalItem.objects.filter(ended_at=None, batch__confirmed_at__lte=now - KEPT_AFTER_POSTING).order_by()
    purged = 0
    while ids := list(ripe.values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        blank = {"address": "", "contents": "", "pdf": None, "ended_at": timezone.now()}
        purged += PostalItem.objects.filter(pk__in=ids, ended_at=None).update(**blank)
    return purged
