"""The words of pages in each language, looked for once.

Django looks through six catalogs for each, twice where none has it, as for most words of a portal that is French.
"""

from functools import lru_cache

from django.utils import translation
from django.utils.translation import trans_real

from banking_portal.serving.instead import put

# More than the portal's own and Django's: what is translated is a text of the source, nobody's own words.
KEPT_AT_MOST = 8192
GETTEXT = "gettext"


def keep_words() -> None:
    """From now on in this process, whose languages do not change."""
    look_for = trans_real.gettext

    # A text that may stand in a page as it is stays one that may: it is kept apart from its equal.
    @lru_cache(maxsize=KEPT_AT_MOST, typed=True)
    def kept(_language: object, message: str) -> str:
        return look_for(message)

    def gettext(message: str) -> str:
        language = getattr(trans_real._active, "value", None)  # type: ignore[attr-defined]  # the stubs forget it
        # What the desk notes of a change is not translated at all, by a translation made anew for each.
        is_kept = language is None or isinstance(language, trans_real.DjangoTranslation)
        return kept(language, message) if is_kept else look_for(message)

    for module in (trans_real, translation._trans):  # type: ignore[attr-defined]  # as above
        put(module, GETTEXT, gettext)
