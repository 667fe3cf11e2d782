from django.apps import AppConfig
from django.core import checks


class AuthCodesConfig(AppConfig):
    name = "auth_codes"
    verbose_name = "Codes d’accès"

    def ready(self):
        from auth_codes.notices import warn_of_waiting

        checks.register(warn_of_waiting, deploy=True)
