from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.signals import user_logged_in
from django.core import checks

from banking_portal.checks import check_security_txt


class AdvisorsDeskConfig(AdminConfig):
    """Puts the advisors' desk in the place of Django's own admin site."""

    default_site = "accounts.desk.site.AdvisorsDesk"

    def ready(self):
        super().ready()
        from banking_portal import languages

        user_logged_in.connect(languages.remember_at_login, dispatch_uid="language")
        checks.register(check_security_txt, checks.Tags.security, deploy=True)
