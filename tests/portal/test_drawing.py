"""What functions put into HTML is what Django's `format_html` puts there."""

import pytest
from django.utils.functional import lazystr
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from banking_portal.drawing import escaped

VALUES = ["<b>\"'&", mark_safe("<b>\"'&"), lazystr("<b>"), 12, None, "", "\u202f€", "{}"]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_value_is_put_in_as_django_does(value):
    assert escaped(value) == format_html("{}", value)


def test_what_is_html_is_not_escaped_again():
    assert escaped(mark_safe(f"<b>{escaped('&')}</b>")) == "<b>&amp;</b>"
