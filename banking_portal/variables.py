"""One variable of the portal: its value, from the environment or from a file, and the sentence for a bad one.

A process's environment is read by whoever runs as the same user, stands in crash reports and in `docker inspect`. So
each secret may stand in a file instead: `NAME_FILE` names one, and systemd's LoadCredential=NAME:… makes one.
"""

import os
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# What a file may give instead of the environment.
SECRETS = frozenset(
    {
        "SECRET_KEY", "SECRET_KEY_FALLBACKS", "SECRET_CODE_KEYS", "JOURNAL_KEYS", "LETTER_SIGNING_KEY", "DATABASE_URL",
        "EMAIL_URL",
    }
)  # fmt: skip
LONGEST_FILE = 64 * 1024
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
    "BANK_CODE": "30001",
    "BANK_BRANCH_CODE": "00794",
    "BANK_BIC": "BDFEFRPPCCT",
}


class BadEnvironment(ImproperlyConfigured):
    """An environment variable is missing or cannot be used; the text says which one and how to make it."""

    def __init__(self, name: str, problem: str):
        super().__init__(f"Le portail ne démarre pas : {name} {problem}.{_hint(name)}")


def _hint(name: str) -> str:
    if name in HOW_TO_MAKE:
        return f"\nPour en fabriquer une valeur, lancez : {HOW_TO_MAKE[name]}"
    return f"\nExemple : {EXAMPLES[name]}" if name in EXAMPLES else ""


def value(name: str) -> str:
    """What the variable, or the file of a secret, says, without blanks around it; empty when nothing says it.

    Raises BadEnvironment for a secret given twice, or whose file cannot be used; its content is never repeated.
    """
    said = os.environ.get(name, "").strip()
    if name not in SECRETS:
        return said
    file = os.environ.get(f"{name}_FILE", "").strip()
    if said and file:
        raise BadEnvironment(name, f"est donnée deux fois, aussi par {name}_FILE : gardez une des deux")
    credential = _credential(name)
    if credential and (said or file):
        raise BadEnvironment(name, "est donnée deux fois, aussi par systemd (LoadCredential) : gardez une des deux")
    if said:
        return said
    path = credential or (Path(file) if file else None)
    return _read(name, path) if path else ""


def _credential(name: str) -> Path | None:
    """What systemd loaded under this name for the unit."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    path = Path(folder) / name
    return path if folder and path.exists() else None


def _read(name: str, path: Path) -> str:
    """Raises BadEnvironment for a file that cannot be read, that everybody reads or writes, or that says nothing."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > LONGEST_FILE:
            raise BadEnvironment(name, f"ne peut pas être lue de {path} : ce n’est pas un petit fichier")
        if found.st_mode & stat.S_IRWXO:
            raise BadEnvironment(name, f"est dans {path}, ouvert à tous sur cette machine : chmod 640 ou 600")
        said = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadEnvironment(name, f"ne peut pas être lue de {path} ({error.strerror})") from None
    except ValueError:
        raise BadEnvironment(name, f"ne peut pas être lue de {path} : ce n’est pas un texte en UTF-8") from None
    if not said or "\0" in said or "\n" in said:
        raise BadEnvironment(name, f"doit tenir en une ligne de {path}")
    return said
