"""Text that will stand on a paper is refused where it is typed when a paper cannot show one of its signs."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from auth_codes import signs

UNPRINTABLE = _("Le signe « {} » ({}) ne peut pas être imprimé. Écrivez-le autrement.")
UNDER_ACCENTS = "\u25cc"  # the dotted circle on which Unicode's own tables show an accent


def check(text: str) -> None:
    """A validator of form fields. Raises ValidationError, which names the first sign that no paper can show."""
    sign = signs.unprinted_in(text)
    if sign:
        shown = f"{UNDER_ACCENTS}{sign}" if unicodedata.category(sign).startswith("M") else sign
        raise ValidationError(UNPRINTABLE.format(shown, signs.number(sign)), code="unprintable")


def check_in_capitals(text: str) -> None:
    """The same for what papers also show in capitals, as an address does."""
    check(text)
    check(text.upper())
