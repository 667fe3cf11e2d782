from django.contrib.admin.apps import AdminConfig
from django.core import checks

from banking_portal.checks import check_security_txt


class AdvisorsDeskConfig(AdminConfig):
    """Puts the advisors' desk in the place of Django's own admin site."""

    default_site = "accounts.desk.site.AdvisorsDesk"

    def ready(self):
        super().ready()
        checks.register(check_security_txt, checks.Tags.security, deploy=True)
