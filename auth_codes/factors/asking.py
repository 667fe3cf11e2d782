"""When a login asks for a moyen beside the two codes, and for which.

A known device on which one was shown within 180 days is not asked again. Source: RTS 2018/389 art. 10.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from auth_codes.models import Factor, KnownDevice
from auth_codes.owner import Owner
from auth_codes.prepared import KEY, MOMENT, Blank, Prepared

PROOF_LASTS = timedelta(days=180)


def asked_at_login(owner: Owner, device: KnownDevice | None, now: datetime) -> Factor | None:
    """The moyen that has to be shown, with its owner; None where the codes are enough. One question.

    What was shown on the device before the first of those that stand is one that has ended, and spares none of them.
    """
    standing = ASKED.ask(owner=owner.pk, now=now)
    if device and device.proved_at and is_proved(device, now):
        standing = [] if any(factor.created_at <= device.proved_at for factor in standing) else standing
    return next(iter(standing), None)


def asked_of(owner: Owner, now: datetime) -> Factor | None:
    """The one that this owner is asked for where he is asked for any."""
    return next(iter(ASKED.ask(owner=owner.pk, now=now)), None)


def is_proved(device: KnownDevice, now: datetime) -> bool:
    """Whether a moyen was shown there of late; not by a moment that lies ahead, of a clock that was set back."""
    return device.proved_at is not None and now - PROOF_LASTS < device.proved_at <= now


def _asked(owner: Blank, now: Blank) -> QuerySet[Factor]:
    return Factor.objects.asked_at(now).filter(owner=owner).select_related("owner")  # type: ignore[arg-type]  # a blank


ASKED = Prepared(_asked, owner=KEY, now=MOMENT)
