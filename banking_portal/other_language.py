"""The language that a page is not in, for the form in its footer."""

from django import template
from django.conf import settings
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def other_language() -> tuple[str, str]:
    """Its code and its own name of itself."""
    [other] = [language for language in settings.LANGUAGES if language[0] != get_language()]
    return other
