from django.apps import AppConfig
from django.core.checks import Tags, register


class AuthCodesConfig(AppConfig):
    name = "auth_codes"
    verbose_name = "Codes d’accès"

    def ready(self):
        from auth_codes import checks, notices

        register(checks.check_hashing_cost, Tags.security)
        register(checks.check_stored_codes, Tags.database)
        register(checks.check_flood_settings, deploy=True)
        register(notices.tell_of_waiting, deploy=True)
