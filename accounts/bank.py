"""What papers say of the bank itself, from the settings. Of its IBANs, see notation/ibans.py."""

from django.conf import settings

PHONE: str = settings.BANK_PHONE
