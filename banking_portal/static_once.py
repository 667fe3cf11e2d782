"""`{% load static %}`: Django's own tags, but that the address of a file is found once in each process."""

from django.template import Library
from django.templatetags import static

from banking_portal.constants import once

register = Library()
register.tags.update(static.register.tags)
register.tag("static", once(static.do_static))
