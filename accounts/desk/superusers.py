"""What an operator makes by a command, alone: for the day the glass must be broken. It rings the alarm.

`createsuperuser` makes who may do everything; `changepassword` opens any account of the staff to who has typed it.
"""

import logging

from django.db import transaction
from django.utils import timezone

from accounts.desk import roles
from accounts.kinds import Event, Mail
from accounts.models import User
from auth_codes import journal, notices
from auth_codes.codes import put_back
from auth_codes.models import Notice

log = logging.getLogger(__name__)


def ring(sender: type[User], instance: User, *, created: bool, raw: bool, **kwargs: object) -> None:
    """After a superuser was made or a password of the staff set, by a command or other code.

    Pages set passwords by auth_codes/login/passwords.py, which says so itself. A hash that a login makes anew at a
    higher cost is no new password: Django has forgotten the password then.
    """
    if raw:
        return
    if created and instance.is_superuser:
        _tell(Event.SUPERUSER_MADE, Mail.SUPERUSER_MADE, instance)
        log.error("A superuser was made: user %s, who may do everything alone", instance.pk)
    elif not created and instance.is_staff and getattr(instance, "_password", None) is not None:
        with transaction.atomic():
            # Whoever knows the new password is perhaps not he.
            instance.raised_at = timezone.now()
            User.objects.filter(pk=instance.pk).update(raised_at=instance.raised_at)
            put_back.end_number(instance)
            notices.tell_owner(Notice.Kind.PASSWORD_CHANGED, instance)
            _tell(Event.PASSWORD_BY_COMMAND, Mail.STAFF_PASSWORD, instance)
        log.error("The password of user %s, of the staff, was set by a command", instance.pk)


@transaction.atomic
def _tell(kind: Event, mail: Mail, about: User) -> None:
    """A line, and a mail to each colleague who watches the staff."""
    line = journal.record(kind, owner=about, details={"staff_name": about.username})
    watching = roles.in_role(roles.STAFF_ADMINISTRATORS) | roles.in_role(roles.AUDITORS)
    for colleague in watching.exclude(pk=about.pk).distinct().order_by("pk"):
        told = {"recipient": colleague.notification_email(), "salutation": colleague.salutation()}
        notices.tell(mail, owner=colleague, at=line.at, name=about.username, **told)
