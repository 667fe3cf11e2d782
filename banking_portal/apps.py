from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.signals import user_logged_in
from django.core import checks
from django.db.backends.signals import connection_created

from banking_portal.checks import check_security_txt


class AdvisorsDeskConfig(AdminConfig):
    """Puts the advisors' desk in the place of Django's own admin site.

    Has every connection to a database judged, so that the demo and a bank never meet.
    """

    default_site = "accounts.desk.site.AdvisorsDesk"

    def ready(self):
        super().ready()
        from accounts.demo import mark
        from banking_portal import deployment, languages

        # The first of the applications, so before the keys are judged: in the other's database those are others too.
        connection_created.connect(mark.judge_connection, dispatch_uid="demo_mark")
        user_logged_in.connect(languages.remember_at_login, dispatch_uid="language")
        checks.register(check_security_txt, checks.Tags.security, deploy=True)
        checks.register(deployment.check_deployment, checks.Tags.security, deploy=True)
