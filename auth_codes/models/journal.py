"""What is told: to the journal, to the client by e-mail."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from auth_codes.kinds import line_choices, notice_choices
from auth_codes.models.kinds import CodesEvent, CodesMail


class SecurityEvent(models.Model):
    """One line of the journal; written once, never changed. No code, and no number that nobody holds.

    `Kind` holds the kinds of this package; other apps declare theirs, see kinds.py.
    """

    Kind = CodesEvent

    at = models.DateTimeField("le", default=timezone.now, db_index=True)
    kind = models.CharField("événement", max_length=24, choices=line_choices)
    # No constraint in the database: its check would lock the user's row on the login's way, and would take a time
    # that tells a known number from an unknown one. Users are never deleted.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="security_events",
        verbose_name="concerne",
        db_index=False,  # looked up by `journal_of_owner`
        db_constraint=False,
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="acts",
        verbose_name="par",
        db_constraint=False,
    )
    address = models.GenericIPAddressField("adresse", null=True)
    user_agent = models.CharField("navigateur", max_length=200, blank=True)
    details = models.JSONField("détails", default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "kind", "-at"], name="journal_of_owner"),
            # Auditors ask by kind, and alarms count one of them; the rest of a month's lines is not read through.
            models.Index(fields=["kind", "-at", "-id"], name="journal_of_kind"),
            # How often somebody did something lately is asked before each sheet at the desk; a failed login, of
            # which an attacker writes many, costs nothing more.
            models.Index(fields=["by", "kind", "-at"], condition=models.Q(by__isnull=False), name="journal_of_actor"),
            # Whom to call: a few lines a day, wherever they lie among all the logins.
            models.Index(fields=["-at"], condition=models.Q(kind=CodesEvent.LOGIN_BLOCKED), name="journal_of_blocks"),
        ]
        verbose_name = "événement de sécurité"
        verbose_name_plural = "journal"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({timezone.localtime(self.at):%d/%m/%Y %H:%M})"

    def save(self, *args, **kwargs):  # type: ignore[no-untyped-def]  # handed on as Django takes it
        if not self._state.adding:
            raise TypeError("a line of the journal is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):  # type: ignore[no-untyped-def]  # handed on as Django takes it
        raise TypeError("a line of the journal is never deleted")


class JournalSubject(models.Model):
    """Whose journal a line is read in: one row for each line, written with it; `subject` is NULL for nobody's line.

    The number is given by the owner's app, and is the same before and after the person becomes a user. It proves
    nothing: it lets the pages of one journal be read by one index, and verify_journal compares it with the line.
    """

    # No constraint in the database: a line that somebody removed is told by the chain, not kept by this row.
    event = models.OneToOneField(
        SecurityEvent, models.DO_NOTHING, primary_key=True, related_name="subject_row", db_constraint=False
    )
    subject = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["subject", "-at", "-event"],
                condition=models.Q(subject__isnull=False),
                name="journal_of_subject",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} : {self.subject}"


class JournalMention(models.Model):
    """Somebody whom a line shows without being about him, as the results of a search do; see journal/mentions.py."""

    # No constraint in the database, as above; the unique one below is the index by which a line's rows are found.
    event = models.ForeignKey(
        SecurityEvent, models.DO_NOTHING, related_name="mentions", db_constraint=False, db_index=False
    )
    subject = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subject"], name="one_mention_a_line")]
        indexes = [models.Index(fields=["subject", "-at", "-event"], name="mentions_of_subject")]

    def __str__(self) -> str:
        return f"{self.event_id} : {self.subject}"


class Notice(models.Model):
    """An e-mail that tells a client what happened to his codes or money: written with the act, sent afterwards.

    See notices.py. It holds no code and no link; the address is blanked once the mail has left.
    """

    Kind = CodesMail

    kind = models.CharField(max_length=16, choices=notice_choices)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="notices")
    recipient = models.EmailField(blank=True)
    salutation = models.CharField(max_length=160, blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["at"], condition=models.Q(sent_at__isnull=True), name="notices_to_send")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({timezone.localtime(self.at):%d/%m/%Y %H:%M})"
