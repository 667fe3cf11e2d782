"""What an advisor may look for, and why nobody is looked for by the rest; who is found, finding.py knows."""

from accounts import client_codes
from accounts.clients import questions
from accounts.clients.questions import CIVILITIES, LABELS, Description
from accounts.notation import birth_dates, names

FEWEST_LETTERS = 3
TOO_SHORT = (
    f"Tapez au moins {FEWEST_LETTERS} lettres d’un nom ou d’un prénom, ou ajoutez la date de naissance : une recherche "
    "plus courte montrerait trop de personnes."
)
NAME_NEEDED = (
    "Ajoutez un nom ou un prénom : un code postal, une année ou quatre chiffres seuls montreraient trop de personnes."
)
MISTYPED = "Ce numéro comporte une erreur de saisie : un chiffre faux, ou deux chiffres inversés. Faites-le répéter."


def ways(text: str) -> list[str]:
    """By what `text` looks somebody up, for a line that does not keep the text."""
    return questions.read(text).ways()


def why_nobody(text: str) -> str | None:
    """Why nobody is looked for by `text`, as a French sentence for the advisor; None when somebody may be found."""
    asked = questions.read(text)
    if asked.numbers:
        return None
    said = "".join(word for word in names.key(text).split() if word not in LABELS | CIVILITIES)
    if len(said) == client_codes.LENGTH and said.isdecimal():
        return MISTYPED
    if asked.born and not asked.born.days():
        return birth_dates.NO_SUCH_DAY.format(asked.born)
    if is_too_short(text):
        return TOO_SHORT if asked.words else NAME_NEEDED
    return None


def is_too_short(text: str) -> bool:
    """Whether what `text` says is said of very many: no number, no day of birth, no three letters of a name."""
    asked = questions.read(text)
    if asked == Description() or asked.numbers or asked.born:
        return False
    return asked.longest_word < FEWEST_LETTERS


def is_vague(text: str) -> bool:
    """Whether `text` may find many: all but a number, or a whole birth date with three letters of a name at least."""
    asked = questions.read(text)
    is_named = any(len(word) >= FEWEST_LETTERS and word not in CIVILITIES for word in asked.words)
    return not (asked.numbers or (asked.says_a_day and is_named))
