"""The environment the portal is started with: read once, checked before anything opens."""

import base64
import binascii
import os
import re
import sys
from datetime import date, datetime
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_interface, ip_network
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import dj_database_url
import pyrage
from django.core.exceptions import ImproperlyConfigured

from auth_codes.handover import signing

# These touch neither customers nor codes; the print workshop runs the first two without any key of the bank.
COMMANDS_WITHOUT_KEYS = {"open_sealed_letters", "check_post", "collectstatic", "makemigrations"}
DEMO_KEY_PREFIX = "demo-"
DEMO_WORKSHOP_KEY = "demo_workshop.key"
MAKE_KEY = "python -c \"import base64, secrets; print('cle-1:' + base64.b64encode(secrets.token_bytes(32)).decode())\""
HOW_TO_MAKE = {
    "SECRET_KEY": 'python -c "import secrets; print(secrets.token_urlsafe(60))"',
    "SECRET_CODE_KEYS": MAKE_KEY,
    "JOURNAL_KEYS": MAKE_KEY,
    "LETTER_SIGNING_KEY": MAKE_KEY,
    "LETTER_SIGNER": "manage.py letter_signer (sur un serveur de la banque)",
    "LETTER_RECIPIENT": (
        "age-keygen -o atelier.key\n"
        "La valeur est sa ligne « public key », qui commence par age1 ; pendant un changement de clé, la nouvelle et "
        "l’ancienne, séparées par une virgule."
    ),
}
DEMO_SECURITY_CONTACT = "mailto:securite@banque.example"
EXAMPLES = {
    "DATABASE_URL": (
        "postgres://utilisateur:mot-de-passe@base.banque.example:5432/portail (les signes : / ? # @ % du mot de passe "
        "s’écrivent %3A %2F %3F %23 %40 %25)"
    ),
    "EMAIL_URL": (
        "smtp+tls://utilisateur:mot-de-passe@smtp.banque.example:587 (dans le mot de passe, les signes : / ? # @ % "
        "s’écrivent %3A %2F %3F %23 %40 %25)"
    ),
    "CARRIER_NETWORKS": "198.51.100.0/24=2000,2001:db8::/32=2000",
    "SECURITY_CONTACT": DEMO_SECURITY_CONTACT,
    "SECURITY_TXT_EXPIRES": "2027-11-01",
    "EMAIL_FROM": "Espace Client <ne-pas-repondre@banque.example>",
}
SMTP_PORTS = {"smtp": 25, "smtps": 465, "smtp+tls": 587}


class MailServer(NamedTuple):
    """How e-mails leave: Django's settings of the same names. An empty `host` is no way out: they wait."""

    backend: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_ssl: bool = False
    use_tls: bool = False


class BadEnvironment(ImproperlyConfigured):
    """An environment variable is missing or cannot be used; the text says which one and how to make it."""

    def __init__(self, name: str, problem: str):
        super().__init__(f"Le portail ne démarre pas : {name} {problem}.{_hint(name)}")


def _hint(name: str) -> str:
    if name in HOW_TO_MAKE:
        return f"\nPour en fabriquer une valeur, lancez : {HOW_TO_MAKE[name]}"
    return f"\nExemple : {EXAMPLES[name]}" if name in EXAMPLES else ""


def needs_keys(argv: list[str] | None = None) -> bool:
    """Whether this process must have the bank's keys: all but three commands of manage.py."""
    program, *arguments = argv or sys.argv
    is_manage = Path(program).name in {"manage.py", "django-admin", "__main__.py"}
    return not (is_manage and arguments[:1] and arguments[0] in COMMANDS_WITHOUT_KEYS)


def required(name: str) -> str:
    """The variable's value. Raises BadEnvironment when it is missing or empty."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise BadEnvironment(name, "manque dans l’environnement")
    return value


def flag(name: str) -> bool:
    """Whether a variable says 1, true, yes or on, in capitals or not. Anything else is no: nothing opens by mistake."""
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def debug(demo: bool) -> bool:
    """`DEBUG`, for the demo alone: its error pages show what a bank holds. Raises BadEnvironment outside the demo."""
    if flag("DEBUG") and not demo:
        raise BadEnvironment("DEBUG", "demande DEMO=1 : ses pages d’erreur montreraient les données de la banque")
    return flag("DEBUG")


def whole_number(name: str, default: int, least: int = 0) -> int:
    """The variable as an integer from `least` up. Raises BadEnvironment otherwise."""
    text = os.environ.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least:
        raise BadEnvironment(name, "doit être un nombre entier" + (f" d’au moins {least}" if least else ""))
    return int(text)


def day(name: str, default: date) -> date:
    """The variable as a day, written 2027-11-01. Raises BadEnvironment otherwise."""
    text = os.environ.get(name, "").strip() or default.isoformat()
    try:
        return datetime.strptime(text if text.isascii() else "", "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise BadEnvironment(name, "n’est pas un jour") from None


def security_contact(demo: bool) -> str:
    """`SECURITY_CONTACT`, an address that a flaw is reported to. Raises BadEnvironment for what is none."""
    contact = os.environ.get("SECURITY_CONTACT", "").strip() or (DEMO_SECURITY_CONTACT if demo else "")
    if contact and not re.fullmatch(r"(mailto:[^@\s]+@|https://|tel:\+)[^\s]+", contact):
        raise BadEnvironment("SECURITY_CONTACT", "ne commence pas par mailto:, https:// ou tel:+")
    return contact


def carrier_networks(name: str) -> tuple[tuple[IPv4Network | IPv6Network, int], ...]:
    """`range=limit,range=limit`: the ranges of carriers, with the failures an hour allowed to each of their addresses.

    The narrowest first, so that an address in two of them has the limit of the narrower. Raises BadEnvironment for a
    part that is not such a pair, and for a range given twice.
    """
    pairs = [_carrier_network(name, part) for part in names(name)]
    ranges = [network for network, _ in pairs]
    for network in ranges:
        if ranges.count(network) > 1:
            raise BadEnvironment(name, f"donne deux fois le réseau {network}")
    return tuple(sorted(pairs, key=lambda pair: -pair[0].prefixlen))


def _carrier_network(name: str, part: str) -> tuple[IPv4Network | IPv6Network, int]:
    address, _, limit = map(str.strip, part.partition("="))
    try:
        network = ip_network(address, strict=False)
    except ValueError:
        raise BadEnvironment(name, f"contient « {part} », dont la partie gauche n’est pas un réseau") from None
    if network.network_address != ip_interface(address).ip:
        raise BadEnvironment(name, f"contient « {part} » : ce réseau s’écrit {network}")
    if not re.fullmatch(r"[1-9][0-9]{0,6}", limit):
        raise BadEnvironment(name, f"contient « {part} », qui n’est pas de la forme réseau=nombre")
    return network, int(limit)


def names(name: str) -> list[str]:
    """The parts of a variable that commas divide, without blanks around them; none when it is unset."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def secret_code_keys(demo: bool) -> dict[str, bytes]:
    """The sealing keys of `SECRET_CODE_KEYS` by id, in their order: the first seals, all open.

    Raises BadEnvironment.
    """
    return _keys("SECRET_CODE_KEYS", required("SECRET_CODE_KEYS"), demo)


def journal_keys(demo: bool) -> dict[str, bytes]:
    """The keys of `JOURNAL_KEYS` by id: the first chains the journal, all verify; none when it is unset.

    Raises BadEnvironment.
    """
    text = os.environ.get("JOURNAL_KEYS", "").strip()
    return _keys("JOURNAL_KEYS", text, demo) if text else {}


def letter_signing_key(demo: bool) -> bytes | None:
    """`LETTER_SIGNING_KEY`, the one key that signs the workshop's batches; None when it is unset.

    Raises BadEnvironment.
    """
    text = os.environ.get("LETTER_SIGNING_KEY", "").strip()
    keys = _keys("LETTER_SIGNING_KEY", text, demo) if text else {}
    if len(keys) > 1:
        raise BadEnvironment("LETTER_SIGNING_KEY", "donne plusieurs clés")
    return next(iter(keys.values()), None)


def letter_signers() -> tuple[str, ...]:
    """`LETTER_SIGNER`: whose batches the workshop opens, beside those of its identity file. Raises BadEnvironment."""
    try:
        return tuple(map(signing.signer_from, names("LETTER_SIGNER")))
    except signing.NoSigner:
        raise BadEnvironment("LETTER_SIGNER", "donne autre chose qu’une clé publique ed25519:…") from None


def _keys(name: str, text: str, demo: bool) -> dict[str, bytes]:
    """Raises BadEnvironment for a part that is not `id:base64` of 32 bytes, an id given twice, or a demo key
    outside the demo (and the reverse): a demo key is written in clear beside the demo's database.
    """
    keys = {}
    for part in text.split(","):
        key_id, _, encoded = part.strip().partition(":")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", key_id):
            raise BadEnvironment(name, "doit être de la forme identifiant:base64,identifiant:base64")
        if key_id in keys:
            raise BadEnvironment(name, f"donne deux fois la clé « {key_id} »")
        if key_id.startswith(DEMO_KEY_PREFIX) is not demo:
            expected = "une clé de démonstration" if demo else "une vraie clé"
            raise BadEnvironment(name, f"contient « {key_id} », qui n’est pas {expected} (DEMO={demo:d})")
        keys[key_id] = _decoded_key(name, key_id, encoded)
    return keys


def _decoded_key(name: str, key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise BadEnvironment(name, f"donne pour « {key_id} » autre chose que 32 octets en base64")
    return key


def letter_recipients() -> tuple[str, ...]:
    """The print workshop's public keys: one or, while the workshop changes its key, several; each opens every letter.

    Raises BadEnvironment for a part that is no age recipient or that is given twice.
    """
    recipients = []
    for place, part in enumerate(required("LETTER_RECIPIENT").split(","), start=1):
        recipient = _public_key(place, part.strip())
        if recipient in recipients:
            raise BadEnvironment("LETTER_RECIPIENT", f"donne deux fois la clé {recipient}")
        recipients.append(recipient)
    return tuple(recipients)


def _public_key(place: int, text: str) -> str:
    try:
        return str(pyrage.x25519.Recipient.from_str(text))
    except pyrage.RecipientError:
        # Named by its place: what stands there may be the private key, pasted by mistake.
        raise BadEnvironment(
            "LETTER_RECIPIENT", f"donne en position {place} autre chose qu’une clé publique age"
        ) from None


def database(default: str) -> dj_database_url.DBConfig:
    """`DATABASE_URL`, or `default`. Raises BadEnvironment, which never repeats the value: it holds a password."""
    try:
        return dj_database_url.config(default=default, conn_max_age=600, conn_health_checks=True)
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError):
        raise BadEnvironment("DATABASE_URL", "n’est pas une adresse de base de données") from None


def mail_server(demo: bool) -> MailServer:
    """`EMAIL_URL`: smtp://, smtps:// (TLS from the first byte), smtp+tls:// (STARTTLS), or `console:`.

    Unset, the demo's mails go to the terminal and a bank's wait. Raises BadEnvironment, which never repeats the value:
    it holds a password.
    """
    text = os.environ.get("EMAIL_URL", "").strip() or ("console:" if demo else "")
    if not text:
        return MailServer("django.core.mail.backends.smtp.EmailBackend")
    if text in {"console:", "console://"}:
        return MailServer("banking_portal.terminal_mail.EmailBackend", host="localhost")
    try:
        return _smtp_server(text)
    except ValueError:
        raise BadEnvironment("EMAIL_URL", "n’est pas une adresse smtp://, smtps://, smtp+tls:// ou console:") from None


def _smtp_server(text: str) -> MailServer:
    url = urlsplit(text)
    # A sign of the password that was not encoded ends the address early, and stands here.
    is_whole = url.path in {"", "/"} and not url.query and not url.fragment
    if url.scheme not in SMTP_PORTS or not url.hostname or not is_whole:
        raise ValueError
    return MailServer(
        "django.core.mail.backends.smtp.EmailBackend",
        url.hostname,
        url.port or SMTP_PORTS[url.scheme],
        unquote(url.username or "", errors="strict"),
        unquote(url.password or "", errors="strict"),
        use_ssl=url.scheme == "smtps",
        use_tls=url.scheme == "smtp+tls",
    )


def mail_sender(hosts: list[str]) -> str:
    """`EMAIL_FROM`, or an address of the portal's own first host. Raises BadEnvironment for what is no address."""
    text = os.environ.get("EMAIL_FROM", "").strip()
    if not text:
        host = next((host.lstrip(".") for host in hosts if re.search(r"[a-z]", host)), "localhost")
        return f"Espace Client <ne-pas-repondre@{host}>"
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(text)[1]):
        raise BadEnvironment("EMAIL_FROM", "n’est pas une adresse électronique")
    return text
