from django.contrib.admin.apps import AdminConfig


class AdvisorsDeskConfig(AdminConfig):
    """Puts the advisors' desk in the place of Django's own admin site."""

    default_site = "accounts.desk.site.AdvisorsDesk"
