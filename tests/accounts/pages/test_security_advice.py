"""« Conseils de sécurité » and the cards that repeat a part of it: what they name exists, each leads to its part."""

import html
import re
from pathlib import Path

import pytest

from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

TEMPLATES = Path(__file__).resolve().parent.parent.parent.parent / "templates"
ADVICE = "/conseils-securite/"
OVERVIEW, PROFILE, CODE_PAGE = "/espace-client/", "/mon-profil/", "/mon-profil/code-secret/"
# What the advice names between quotation marks, and the page where the client finds it under this name.
NAMED = {
    "Mon profil": OVERVIEW,
    "Se déconnecter": OVERVIEW,
    "Modifier mon code secret": PROFILE,
    "Mes appareils connus": PROFILE,
    "Retirer": PROFILE,
    "Ce n’était pas moi": PROFILE,
    "Proposer un code": CODE_PAGE,
    "Afficher le code": CODE_PAGE,
    "Cet appareil n’est pas à moi": "/connexion/",
}
WORDS_OF_FRAUDSTERS = {"regrouper vos comptes", "pour mettre votre argent à l’abri"}
CARDS = {
    "_never_asked": "never",
    "_keep_code": "keep",
    "_new_device": "known-device",
    "_public_computer": "public",
    "_after_public": "public",
}
PARTS = {
    "two-codes": ("10 chiffres", "6 chiffres", "personne à la banque ne peut le lire"),
    "alone": ("Ni conjoint, ni enfant, ni ami, ni conseiller",),
    "never": ("Votre code secret", "le lien d’un message"),
    "keep": ("gestionnaire de mots de passe", "ni carnet", "ni fichier sans protection"),
    "elsewhere": ("votre carte", "un autre site"),
    "change": ("« Mon profil »", "« Modifier mon code secret »", "sans raison à donner"),
    "device": ("Antivirus", "Mises à jour", "Un appareil connu"),
    "public": ("cochez « Cet appareil n’est pas à moi »", "Fermez toutes les fenêtres du navigateur"),
    "phishing": ("numéro imprimé sur votre relevé",),
    "doubt": ("« Ce n’était pas moi »", "Appelez votre conseiller"),
}


def spaced(text) -> str:
    return re.sub(r"\s+", " ", html.unescape(text))


def text_of(page) -> str:
    return re.sub(r" +", " ", re.sub(r"<[^>]*>", " ", spaced(page))).replace(" ,", ",")


def page_of(browser, path) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return spaced(answer.content.decode())


def partial(name) -> str:
    """A fragment, in whichever room of the templates it stands."""
    [path] = TEMPLATES.rglob(f"{name}.html")
    return spaced(path.read_text())


@pytest.mark.parametrize(("part", "said"), PARTS.items(), ids=PARTS)
def test_each_part_says_what_it_must_and_is_listed_at_the_head(browser, part, said):
    page = page_of(browser, ADVICE)
    [section] = re.findall(rf'<section[^>]*aria-labelledby="{part}">(.*?)</section>', page)
    for words in said:
        assert words in text_of(section)
    [contents] = re.findall(r'<ul class="contents">(.*?)</ul>', page)
    assert f'href="#{part}"' in contents


def test_list_at_the_head_is_in_the_order_of_the_parts(browser):
    page = page_of(browser, ADVICE)
    listed = re.findall(r'<li><a href="#([\w-]+)">', page)
    assert listed == re.findall(r'<h2 id="([\w-]+)">', page)[1:] == list(PARTS)


def test_what_to_do_in_doubt_is_reached_from_the_first_lines(browser):
    page = page_of(browser, ADVICE)
    assert page.index('href="#doubt"') < page.index('class="contents"')


def test_every_name_in_quotation_marks_is_that_of_something_on_its_page(client_):
    advice = spaced((TEMPLATES / "accounts" / "public" / "security_advice.html").read_text())
    steps = [partial(name) for name in (*CARDS, "_leaving_steps", "_after_logout_steps", "_keeping_list")]
    named = set(re.findall(r"« (.*?) »", " ".join([advice, *steps])))
    assert named == NAMED.keys() | WORDS_OF_FRAUDSTERS
    inside, outside = StrictBrowser(), StrictBrowser()
    makers.log_in(inside, client_.client_code, makers.CODE)
    for name, path in NAMED.items():
        assert name in text_of(page_of(outside if path == "/connexion/" else inside, path)), name


@pytest.mark.parametrize(("card", "part"), CARDS.items(), ids=CARDS)
def test_each_card_leads_to_its_part(card, part):
    # A sentence that is translated takes the address by a name.
    named = r'\{% url "security_advice" as (\w+) %\}(.*?)\{\{ \1 \}\}'
    said = re.sub(named, r'\2{% url "security_advice" %}', partial(card))
    assert f'href="{{% url "security_advice" %}}#{part}"' in said


def test_code_page_says_where_to_keep_a_code_and_no_other_page_does(new_client, client_browser):
    choosing = StrictBrowser.logged_in(new_client.user)
    for browser in (choosing, client_browser):
        page = page_of(browser, CODE_PAGE)
        assert page.count('id="keep-code"') == page.count('id="never-asked"') == 1
    for path in (OVERVIEW, PROFILE, ADVICE, "/code-secret-oublie/"):
        assert 'id="keep-code"' not in page_of(client_browser, path)


@pytest.mark.parametrize("path", ["/connexion/", "/code-secret-oublie/"])
def test_pages_before_the_login_say_what_is_never_asked(browser, path):
    assert page_of(browser, path).count('id="never-asked"') == 1
