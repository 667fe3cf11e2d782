"""What papers and pages say of the bank, from the settings. Of its IBANs, see notation/ibans.py."""

from django.conf import settings

NAME: str = settings.BANK_NAME
PHONE: str = settings.BANK_PHONE

# What the law has a site say of who publishes it (LCEN, article 1-1 of the law of 21 June 2004).
LEGAL_FORM: str = settings.BANK_LEGAL_FORM
ADDRESS: str = settings.BANK_ADDRESS
REGISTERED: str = settings.BANK_REGISTERED
AUTHORISED: str = settings.BANK_AUTHORISED
PUBLISHER: str = settings.BANK_PUBLISHER
HOST: str = settings.BANK_HOSTED_BY
MEDIATOR: str = settings.BANK_MEDIATOR
