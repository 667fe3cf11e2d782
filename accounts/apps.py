from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, post_save


class AccountsConfig(AppConfig):
    """Declares what this app tells; has the desk's groups made anew after each `migrate`, with the rights of today."""

    name = "accounts"
    verbose_name = "Clientèle"

    def ready(self):
        from accounts.clients import client_journal, code_reveals, daily_number, looks
        from accounts.demo import mark
        from accounts.desk import bulk_acts, superusers
        from accounts.desk.roles import check_branches, check_roles, make_first_branch, make_groups
        from accounts.documents import lock_receipts
        from accounts.kinds import Event, Mail
        from accounts.post import notices as by_post
        from auth_codes import dual_control, kinds, notices
        from auth_codes.locking import locks

        in_words = client_journal.DETAILS_IN_WORDS | looks.DETAILS_IN_WORDS | code_reveals.DETAILS_IN_WORDS
        in_words |= bulk_acts.DETAILS_IN_WORDS
        kinds.declare_lines(Event, in_words)
        kinds.declare_notices(Mail)
        notices.post_by(by_post.tell_owner)
        locks.receipt_by(lock_receipts.issue)
        dual_control.judged_by(daily_number.judge)
        post_migrate.connect(make_groups, sender=self)
        post_migrate.connect(make_first_branch, sender=self)
        post_save.connect(superusers.ring, sender=self.get_model("User"), dispatch_uid="superuser_made")
        register(mark.check_database)
        register(check_roles, Tags.database)
        register(check_branches, Tags.database)
