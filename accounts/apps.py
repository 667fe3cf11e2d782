from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Declares what this app tells; has the desk's groups made anew after each `migrate`, with the rights of today."""

    name = "accounts"
    verbose_name = "Clientèle"

    def ready(self):
        from accounts.clients import client_journal
        from accounts.desk.site import make_groups
        from accounts.kinds import Event, Mail
        from auth_codes import kinds

        kinds.declare_lines(Event, client_journal.DETAILS_IN_WORDS)
        kinds.declare_notices(Mail)
        post_migrate.connect(make_groups, sender=self)
