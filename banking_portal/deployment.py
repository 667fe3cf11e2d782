"""What makes a portal not a bank's yet: `check --deploy` refuses it, the server's log says it at each start."""

import logging
import re
from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import connection

from banking_portal import bank_facts

log = logging.getLogger(__name__)

# Kept for works of fiction (Arcep, decision 2018-0881): a bank that prints one of them is called by nobody.
FICTION = re.compile(r"(?:0|\+33)(?:19900|26191|35301|46571|53649|63998)[0-9]{4}")
DELIVERED = {
    "BANK_NAME": bank_facts.DEMO_NAME,
    "BANK_ADDRESS": bank_facts.DEMO_ADDRESS,
    "BANK_LEGAL_FORM": bank_facts.DEMO_LEGAL_FORM,
    "BANK_REGISTERED": bank_facts.DEMO_REGISTERED,
}
NOT_READY = "Ce portail n’est pas prêt pour des clients (manage.py check --deploy dit que faire). %s"
SQLITE = "Les données sont dans un fichier SQLite : une seule machine, et aucun rôle qui ne possède rien."
GIVE_POSTGRESQL = "Donnez PostgreSQL : DATABASE_URL=postgres://…"
UNSAID_PROXIES = "TRUSTED_PROXY_COUNT n’est pas dit : on ne sait à qui sont les adresses des visiteurs."
COUNT_PROXIES = "Donnez le nombre de serveurs mandataires devant le portail, 0 s’il n’y en a aucun."


def check_deployment(**kwargs: object) -> list[CheckMessage]:
    """What stands in the way of serving customers; nothing of the demo, which serves none."""
    if settings.DEMO:
        return []
    return [*_file_of_one_machine(), *_unsaid_proxies(), *_facts_of_fiction(), *_no_address()]


def say_at_start() -> None:
    """One line in the log of the server for all the errors of `check_deployment`, none where there are none."""
    errors = [str(message.msg) for message in check_deployment() if isinstance(message, Error)]
    if errors:
        log.error(NOT_READY, " ".join(errors))


def _file_of_one_machine() -> Iterator[CheckMessage]:
    if connection.vendor == "sqlite":
        yield Error(SQLITE, GIVE_POSTGRESQL, id="banking_portal.E001")


def _unsaid_proxies() -> Iterator[CheckMessage]:
    if not settings.TRUSTED_PROXY_COUNT_IS_SAID:
        yield Error(UNSAID_PROXIES, COUNT_PROXIES, id="banking_portal.E002")


def _facts_of_fiction() -> Iterator[CheckMessage]:
    for name in _phones_of_fiction():
        text = f"{name} est un numéro de démonstration : personne n’y répond, et les clients le lisent partout."
        yield Error(text, f"Donnez celui de la banque : {name}=…", id="banking_portal.E003")
    for name in [*_facts_as_delivered(), *_codes_of_fiction()]:
        text = f"{name} est celui de la démonstration ({getattr(settings, name)}), et les clients le lisent."
        yield Error(text, f"Donnez celui de la banque : {name}=…", id="banking_portal.E004")


def _phones_of_fiction() -> Iterator[str]:
    for name in ("BANK_PHONE", "CARD_STOP_PHONE"):
        if FICTION.fullmatch(getattr(settings, name).replace(" ", "")):
            yield name


def _facts_as_delivered() -> list[str]:
    return [name for name, delivered in DELIVERED.items() if getattr(settings, name) == delivered]


def _codes_of_fiction() -> Iterator[str]:
    """No bank of France holds them: who pays to such an IBAN pays nobody."""
    if settings.BANK_CODE == bank_facts.DEMO_BANK_CODE:
        yield "BANK_CODE"
    if settings.BANK_BIC[7] == "0":
        yield "BANK_BIC"


def _no_address() -> Iterator[CheckMessage]:
    if not settings.PORTAL_ADDRESS:
        text = "PORTAL_ADDRESS manque : les lettres ne disent pas à quelle adresse se connecter."
        yield Warning(text, "Exemple : PORTAL_ADDRESS=espace.banque.example", id="banking_portal.W003")
