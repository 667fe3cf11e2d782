"""The environment the portal is started with: read once, checked before anything opens."""

import base64
import binascii
import contextlib
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

from auth_codes.handover import signing
from banking_portal.variables import DEMO_SECURITY_CONTACT, BadEnvironment, value

# These touch neither customers nor codes; the print workshop runs the first two without any key of the bank.
COMMANDS_WITHOUT_KEYS = {"open_sealed_letters", "check_post", "collectstatic", "makemigrations"}
DEMO_KEY_PREFIX = "demo-"
DEMO_WORKSHOP_KEY = "demo_workshop.key"
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


def needs_keys(argv: list[str] | None = None) -> bool:
    """Whether this process must have the bank's keys: all but three commands of manage.py."""
    program, *arguments = argv or sys.argv
    is_manage = Path(program).name in {"manage.py", "django-admin", "__main__.py"}
    return not (is_manage and arguments[:1] and arguments[0] in COMMANDS_WITHOUT_KEYS)


def required(name: str) -> str:
    """The variable's value. Raises BadEnvironment when it is missing or empty."""
    said = value(name)
    if not said:
        raise BadEnvironment(name, "manque dans l’environnement")
    return said


def flag(name: str) -> bool:
    """Whether a variable says 1, true, yes or on, in capitals or not. Anything else is no: nothing opens by mistake."""
    return value(name).lower() in {"1", "true", "yes", "on"}


def debug(demo: bool) -> bool:
    """`DEBUG`, for the demo alone: its error pages show what a bank holds. Raises BadEnvironment outside the demo."""
    if flag("DEBUG") and not demo:
        raise BadEnvironment("DEBUG", "demande DEMO=1 : ses pages d’erreur montreraient les données de la banque")
    return flag("DEBUG")


def whole_number(name: str, default: int, least: int = 0) -> int:
    """The variable as an integer from `least` up. Raises BadEnvironment otherwise."""
    text = value(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least:
        raise BadEnvironment(name, "doit être un nombre entier" + (f" d’au moins {least}" if least else ""))
    return int(text)


def day(name: str, default: date) -> date:
    """The variable as a day, written 2027-11-01. Raises BadEnvironment otherwise."""
    text = value(name) or default.isoformat()
    try:
        return datetime.strptime(text if text.isascii() else "", "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise BadEnvironment(name, "n’est pas un jour") from None


def day_if_any(name: str) -> date | None:
    """The same of a day that may be left unsaid: None. Raises BadEnvironment."""
    return day(name, default=date.min) if value(name) else None


def security_contact(demo: bool) -> str:
    """`SECURITY_CONTACT`, an address that a flaw is reported to. Raises BadEnvironment for what is none."""
    contact = value("SECURITY_CONTACT") or (DEMO_SECURITY_CONTACT if demo else "")
    if contact and not re.fullmatch(r"(mailto:[^@\s]+@|https://|tel:\+)[^\s]+", contact):
        raise BadEnvironment("SECURITY_CONTACT", "ne commence pas par mailto:, https:// ou tel:+")
    return contact


def one_of(name: str, values: tuple[str, ...]) -> str:
    """The variable, which is one of these; the first unless set. Raises BadEnvironment."""
    text = value(name) or values[0]
    if text not in values:
        raise BadEnvironment(name, f"vaut autre chose que {' ou '.join(values)}")
    return text


def some_of(name: str, values: tuple[str, ...]) -> frozenset[str]:
    """The parts of the variable, each of which is one of these; all of them unless set. Raises BadEnvironment."""
    said = names(name) or values
    if not set(said) <= set(values):
        raise BadEnvironment(name, f"nomme autre chose que {', '.join(values)}")
    return frozenset(said)


def metrics_folder() -> Path | None:
    """`PROMETHEUS_MULTIPROC_DIR`, made for this user alone where it is missing; None when it is unset.

    Raises BadEnvironment.
    """
    text = value("PROMETHEUS_MULTIPROC_DIR")
    folder = Path(text) if text else None
    if folder:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            raise BadEnvironment("PROMETHEUS_MULTIPROC_DIR", "n’est pas un dossier où écrire") from None
    return folder


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
    return [part.strip() for part in value(name).split(",") if part.strip()]


def secret_code_keys(demo: bool) -> dict[str, bytes]:
    """The sealing keys of `SECRET_CODE_KEYS` by id, in their order: the first seals, all open.

    Raises BadEnvironment.
    """
    return _keys("SECRET_CODE_KEYS", required("SECRET_CODE_KEYS"), demo)


def journal_keys(demo: bool) -> dict[str, bytes]:
    """The keys of `JOURNAL_KEYS` by id: the first chains the journal, all verify; none when it is unset.

    Raises BadEnvironment.
    """
    text = value("JOURNAL_KEYS")
    return _keys("JOURNAL_KEYS", text, demo) if text else {}


def letter_signing_key(demo: bool) -> bytes | None:
    """`LETTER_SIGNING_KEY`, the one key that signs the workshop's batches; None when it is unset.

    Raises BadEnvironment.
    """
    text = value("LETTER_SIGNING_KEY")
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
    """`DATABASE_URL`, or `default`. Raises BadEnvironment, which never repeats the value: it holds a password.

    `?prepare_threshold=none`: the server is asked to keep no statement, as a pgbouncer may want it.
    """
    try:
        told = dj_database_url.parse(value("DATABASE_URL") or default, conn_max_age=600, conn_health_checks=True)
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError):
        raise BadEnvironment("DATABASE_URL", "n’est pas une adresse de base de données") from None
    threshold = told.get("OPTIONS", {}).get("prepare_threshold", "")
    if threshold == "none":
        told["OPTIONS"]["prepare_threshold"] = None
    elif threshold != "":
        raise BadEnvironment("DATABASE_URL", "a pour prepare_threshold autre chose que « none »")
    return told


def make_private(path: Path) -> None:
    """Makes the file of a SQLite that is not there yet, for nobody else on the machine to read: SQLite asks no mask.

    Where it cannot be made, SQLite says so itself when it is opened.
    """
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def mail_server(demo: bool) -> MailServer:
    """`EMAIL_URL`: smtp://, smtps:// (TLS from the first byte), smtp+tls:// (STARTTLS), or `console:`.

    Unset, the demo's mails go to the terminal and a bank's wait. Raises BadEnvironment, which never repeats the value:
    it holds a password.
    """
    text = value("EMAIL_URL") or ("console:" if demo else "")
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
    text = value("EMAIL_FROM")
    if not text:
        host = next((host.lstrip(".") for host in hosts if re.search(r"[a-z]", host)), "localhost")
        return f"Espace Client <ne-pas-repondre@{host}>"
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(text)[1]):
        raise BadEnvironment("EMAIL_FROM", "n’est pas une adresse électronique")
    return text
