"""What papers and pages say of the bank, its telephone from the settings. Of its IBANs, see notation/ibans.py."""

from django.conf import settings

PHONE: str = settings.BANK_PHONE

# What the law has a site say of who publishes it (LCEN, article 1-1 of the law of 21 June 2004): a bank puts its own.
NAME = "Votre banque"
LEGAL_FORM = "Société anonyme au capital de 1\u202f000\u202f000\u00a0€"
ADDRESS = "1 place de la Banque, 75000 Paris"
REGISTERED = "RCS Paris 999\u202f999\u202f999, TVA FR99999999999"
AUTHORISED = (
    "Établissement de crédit agréé par l’Autorité de contrôle prudentiel et de résolution, "
    "4 place de Budapest, 75009 Paris"
)
PUBLISHER = "La présidente du directoire"
HOST = "Votre banque, à la même adresse et au même numéro"
MEDIATOR = "Le médiateur de Votre banque, 1 place de la Banque, 75000 Paris"
