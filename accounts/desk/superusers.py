"""Who may do everything alone: `createsuperuser` is for the day the glass must be broken, and rings the alarm."""

import logging

from django.db import transaction

from accounts.desk import roles
from accounts.kinds import Event, Mail
from accounts.models import User
from auth_codes import journal, notices

log = logging.getLogger(__name__)


def ring(sender: type[User], instance: User, *, created: bool, raw: bool, **kwargs: object) -> None:
    """After a superuser was made, by the command or other code: a line, an error, a mail to who watches the staff."""
    if raw or not (created and instance.is_superuser):
        return
    with transaction.atomic():
        line = journal.record(Event.SUPERUSER_MADE, owner=instance, details={"staff_name": instance.username})
        told = roles.in_role(roles.STAFF_ADMINISTRATORS) | roles.in_role(roles.AUDITORS)
        for colleague in told.distinct().order_by("pk"):
            notices.tell(
                Mail.SUPERUSER_MADE,
                owner=colleague,
                recipient=colleague.notification_email(),
                salutation=colleague.salutation(),
                at=line.at,
                name=instance.username,
            )
    log.error("A superuser was made: user %s, who may do everything alone", instance.pk)
