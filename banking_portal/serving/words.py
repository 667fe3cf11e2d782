"""The words of pages in each language, looked for once: Django asks six catalogs twice for each word of each page."""

from functools import lru_cache

from django.utils import translation
from django.utils.translation import trans_real

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
        return kept(getattr(trans_real._active, "value", None), message)  # type: ignore[attr-defined]  # the stubs forget it

    for module in (trans_real, translation._trans):  # type: ignore[attr-defined]  # as above
        getattr(module, GETTEXT)  # an AttributeError here is a Django that looks for them otherwise
        setattr(module, GETTEXT, gettext)
