"""What templates make once is what Django's own tags make each time."""

import pytest
from django.template import TemplateSyntaxError, engines
from django.templatetags.i18n import BlockTranslateNode
from django.utils import translation

from banking_portal import constants

ODD = """<b>"'& 100 %s"""
SENTENCES = [
    "{% blocktranslate %}Adresse {{ address }}{% endblocktranslate %}",
    "{% blocktranslate with address=x %}Adresse {{ address }}{% endblocktranslate %}",
    "{% blocktranslate with address=x|upper %}Adresse {{ address }}{% endblocktranslate %}{{ address }}",
    "{% blocktranslate %}100 % {{ address }}, {{ missing }}{% endblocktranslate %}",
    "{% blocktranslate trimmed %}\n  Adresse {{ address }}\n  {% endblocktranslate %}",
    "{% blocktranslate with n=3 %}N° {{ n }} {{ address }}{% endblocktranslate %}",
]


def made(source, context, *, load=""):
    return engines["django"].from_string(load + source).render(context)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("source", SENTENCES)
def test_sentence_with_variables_is_that_of_django(source, language):
    context = {"address": ODD, "x": ODD}
    with translation.override(language):
        assert made(source, context) == made(source, context, load="{% load i18n %}")


def test_sentence_compiled_once_is_that_of_each_language():
    source = "{% blocktranslate %}Appelez votre conseiller sans attendre, au {{ number }}.{% endblocktranslate %}"
    own, djangos = (engines["django"].from_string(load + source) for load in ("", "{% load i18n %}"))
    assert [type(each.template.nodelist[-1]) for each in (own, djangos)] == [constants.Filled, BlockTranslateNode]
    shown = []
    for language in ("fr", "en", "fr"):
        with translation.override(language):
            shown.append(own.render({"number": ODD}))
            assert shown[-1] == djangos.render({"number": ODD})
    assert shown[0] == shown[2] != shown[1]


def test_sentence_keeps_nothing_of_the_page_before():
    template = engines["django"].from_string(SENTENCES[0])
    assert [template.render({"address": address}) for address in ("7", "8")] == ["Adresse 7", "Adresse 8"]


@pytest.mark.parametrize("varying", ["{{ x }}", "{% if x %}x{% endif %}", "{% url 'account' x %}", SENTENCES[0]])
def test_constant_with_something_of_the_page_is_refused(varying):
    with pytest.raises(TemplateSyntaxError, match="is no constant"):
        made("{% constant %}<p>" + varying + "{% endconstant %}", {"x": 7})


def test_constant_is_made_once_for_each_language():
    source = '{% constant %}<p>{% translate "Enregistrer" %}</p>{% endconstant %}'
    template = engines["django"].from_string(source)
    [node] = template.template.nodelist
    assert isinstance(node, constants.MadeOnce)
    for language in ("fr", "en", "fr"):
        with translation.override(language):
            assert template.render() == made('<p>{% translate "Enregistrer" %}</p>', {}, load="{% load i18n %}")


def test_address_of_a_file_is_that_of_django():
    source = '{% load static %}{% static "css/portal.css" %}{% static "css/portal.css" as x %}|{{ x }}'
    found, _, again = made(source, {}).partition("|")
    assert found == again != ""
