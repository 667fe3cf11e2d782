"""Everything that a customer reads is said in English too: no text is missing from a catalog, none is left over."""

import ast
import gettext
import re
from html.parser import HTMLParser

import pytest
from django.template.base import Lexer, TokenType

from docs import catalogs
from docs.catalogs import ACCOUNTS, AUTH_CODES, HOLDERS, ROOT

each_catalog = pytest.mark.parametrize("holder", HOLDERS, ids=[holder.app for holder in HOLDERS])

MEND = "« python -m docs.catalogs » adds and takes out texts, and compiles"


def kept(holder):
    return {(message.id, message.context): message for message in holder.catalog() if message.id}


def as_forms(value):
    return value if isinstance(value, tuple | list) else (value,)


@each_catalog
def test_catalog_holds_what_its_sources_say_and_nothing_else(holder):
    said = {(text.id, text.context) for text in holder.texts()}
    assert set(kept(holder)) == said, MEND


@each_catalog
def test_each_text_has_its_translation(holder):
    waiting = [message.id for message in kept(holder).values() if not catalogs.is_translated(message.string)]
    fuzzy = [message.id for message in kept(holder).values() if message.fuzzy]
    assert (waiting, fuzzy, list(holder.catalog().obsolete)) == ([], [], [])


@each_catalog
def test_compiled_catalog_says_the_same(holder):
    with holder.mo.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in kept(holder).values():
        forms = as_forms(message.id)
        one = compiled.pgettext(message.context, forms[0]) if message.context else compiled.gettext(forms[0])
        said = one if len(forms) == 1 else [compiled.ngettext(*forms, n) for n in (1, 2)]
        assert list(as_forms(said)) == list(as_forms(message.string)), MEND
    assert len(compiled._catalog) - 1 == sum(len(as_forms(message.id)) for message in kept(holder).values()), MEND


def test_text_of_two_catalogs_is_said_alike():
    both = set(kept(AUTH_CODES)) & set(kept(ACCOUNTS))
    assert not [key for key in both if kept(AUTH_CODES)[key].string != kept(ACCOUNTS)[key].string]


PLACES = re.compile(r"%\(\w+\)s|\{\w*\}|<[^>]*>")


@each_catalog
def test_translation_keeps_what_is_filled_in_and_the_marks_of_html(holder):
    for message in kept(holder).values():
        wanted = [set(PLACES.findall(form)) for form in as_forms(message.id)]
        said = [set(PLACES.findall(form)) for form in as_forms(message.string)]
        strayed = [
            (has, should)
            for has, should in zip(said, wanted, strict=True)
            if without_words(has) != without_words(should)
        ]
        assert not strayed, message.id


def without_words(marks):
    """What an attribute says in words may differ; that it is there may not."""
    return {re.sub(r'(aria-label|alt|title)="[^"]*"', r"\1", mark) for mark in marks}


@each_catalog
def test_english_has_no_space_before_a_sign_and_its_own_quotes(holder):
    translations = [form for message in kept(holder).values() for form in as_forms(message.string)]
    assert not [form for form in translations if re.search(r"\w[\s\u00a0\u202f]+[:;?!]|[«»]|\w'\w", form)]


# What is the same in both languages, or is no language: names, marks, examples.
SAME = re.compile(
    r"Espace Client|English|Français|IBAN|BIC|RIB|PDF|CSV|OFX|ZIP|CNIL|RGAA|WCAG|SMS|https?://\S+|SIL Open Font License"
    r"|security\.txt|DEBUG|MM/AAAA|EUR|e-mail"
)
LETTERS = re.compile(r"[^\W\d_]{2,}|\bà\b|[\s\u00a0\u202f][:;?!»]")
ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description", "content", "value"}
WORDS_OF_A_TAG = re.compile(r'\b\w+="([^"]*)"')


class Read(HTMLParser):
    """What a page lets people read: its text, and what its attributes say."""

    def __init__(self):
        super().__init__()
        self.said, self.silent = [], 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in {"script", "style"}
        names = dict(attrs)
        if tag == "meta" and names.get("name") != "description":
            return
        is_button = tag == "input" and names.get("type") in {"submit", "button"}
        self.said += [value or "" for name, value in attrs if name in ATTRIBUTES - (set() if is_button else {"value"})]

    def handle_endtag(self, tag):
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data):
        self.said += [] if self.silent else [data]


def words_outside_translations(path):
    """The words of a template that no tag of Django's translates."""
    bare, words, is_translated = [], [], False
    for token in Lexer(path.read_text()).tokenize():
        if token.token_type == TokenType.TEXT and not is_translated:
            bare.append(token.contents)
        elif token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            is_translated = name == "blocktranslate" or (is_translated and name != "endblocktranslate")
            if name in {"include", "with"}:
                words += filter(is_sentence, WORDS_OF_A_TAG.findall(token.contents))
    return words + (read_as_html("".join(bare)) if path.suffix == ".html" else bare)


def read_as_html(text):
    reader = Read()
    reader.feed(text)
    return reader.said


def is_french(words):
    return bool(LETTERS.search(SAME.sub("", words)))


def is_sentence(argument):
    """Whether people read it; else it is a name for the code."""
    return re.search(r"^[A-ZÀ-Ý]|[ À-ÿ’]", argument)


def forgotten_in(path):
    return [words.strip() for words in words_outside_translations(path) if is_french(words)]


def templates():
    return [path for path in catalogs.sources() if path.suffix != ".py"]


TRANSLATING = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
# Modules that speak to customers; these speak to the staff as well, in French.
SPEAKING_TO_STAFF = {
    *("staff_password.py", "refusals.py", "staff_second.py", "staff_factors.py", "step_up.py", "ticket_form.py"),
}
SPEAKING = [
    path
    for path in catalogs.sources()
    if path.parent.name == "pages" and path.suffix == ".py" and path.name not in SPEAKING_TO_STAFF
]


class Spoken(ast.NodeVisitor):
    """The French that a module says outside the calls that translate it, its docstrings aside."""

    def __init__(self):
        self.said = []

    def visit_Call(self, node):
        if getattr(node.func, "id", "") not in TRANSLATING:
            self.generic_visit(node)

    def visit_Expr(self, node):
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Constant(self, node):
        # Signs without a letter say nothing in any language.
        is_said = isinstance(node.value, str) and re.search(r"[^\W\d_]", node.value)
        if is_said and re.search(r"[À-ÿ’«»]|^[A-Z][a-z]+ [a-z]", node.value):
            self.said.append(node.value)


def spoken_in(path):
    spoken = Spoken()
    spoken.visit(ast.parse(path.read_text()))
    return spoken.said


def test_no_page_says_anything_in_french_alone_from_its_code():
    found = {path.relative_to(ROOT).as_posix(): spoken_in(path) for path in SPEAKING}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_template_says_anything_in_french_alone():
    found = {path.relative_to(ROOT).as_posix(): forgotten_in(path) for path in templates()}
    assert {name: words for name, words in found.items() if words} == {}
