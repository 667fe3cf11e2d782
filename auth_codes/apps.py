from django.apps import AppConfig


class AuthCodesConfig(AppConfig):
    name = "auth_codes"
    verbose_name = "Codes d’accès"
