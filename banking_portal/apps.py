from django.contrib.admin.apps import AdminConfig


class AdvisorsDeskConfig(AdminConfig):
    default_site = "accounts.desk.site.AdvisorsDesk"
