"""Each kind of paper says all of itself on its class; what it forgot would be found here, kind by kind."""

from datetime import date
from pathlib import Path

import pytest
from django.template.loader import get_template

from accounts.documents.files import name_of
from accounts.models import BankAccount, Document, Statement, Transfer
from accounts.papers.contents import ContentsForClient, PaperKind
from accounts.papers.kinds import PAPERS, choices
from tests.accounts.papers.contents import FOR_CLIENT

FIRST = ["statement", "contract", "letter", "receipt"]
EACH = pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)


def descendants(cls):
    return {below for child in cls.__subclasses__() for below in (child, *descendants(child))}


def document_of(paper) -> Document:
    document = Document(kind=paper.KIND.stored_as, title="Un titre", issued_on=date(2026, 3, 2))
    Statement(document=document, account=BankAccount(number="12345678901"), month=date(2026, 2, 1))
    Transfer(receipt=document)
    return document


def test_every_paper_for_clients_is_a_kind_under_a_name_and_a_place_of_its_own():
    kinds = [paper.KIND for paper in descendants(ContentsForClient)]
    assert {kind.stored_as for kind in kinds} == set(PAPERS)
    assert len(kinds) == len({kind.stored_as for kind in kinds}) == len({kind.place for kind in kinds})


def test_kinds_stand_in_the_order_in_which_clients_choose():
    places = [paper.KIND.place for paper in PAPERS.values()]
    assert places == sorted(places)
    assert [kind for kind in PAPERS if kind in FIRST] == FIRST


def test_model_offers_the_declared_kinds():
    assert list(Document._meta.get_field("kind").choices) == choices()


@pytest.mark.parametrize("forgotten", ["stored_as", "name", "plural", "page", "place", "is_opened_at_the_desk"])
def test_declaration_that_forgets_something_is_refused(forgotten):
    said = {name: getattr(PAPERS["letter"].KIND, name) for name in PaperKind.__dataclass_fields__ if name != forgotten}
    with pytest.raises(TypeError, match=forgotten):
        PaperKind(**said)


@EACH
def test_kind_has_its_words(paper):
    assert paper.KIND.name.strip()
    assert paper.KIND.plural.strip()
    assert (document_of(paper).paper, document_of(paper).get_kind_display()) == (paper, paper.KIND.name)


@EACH
def test_kind_fits_its_column(paper):
    assert 0 < len(paper.KIND.stored_as) <= Document._meta.get_field("kind").max_length


@EACH
def test_kind_has_its_typst_source_and_its_page(paper):
    assert Path(paper.SOURCE).is_file()
    assert get_template(paper.KIND.page)
    others = [other for other in PAPERS.values() if other is not paper]
    assert paper.SOURCE not in [other.SOURCE for other in others]
    assert paper.KIND.page not in [other.KIND.page for other in others]


@EACH
def test_kind_names_its_files(paper):
    name = name_of(document_of(paper))
    assert name.startswith(f"{paper.KIND.name} 2026-0")
    assert name.endswith(".pdf")
    assert "{" not in name


@EACH
def test_file_is_named_without_saying_its_kind_twice(paper):
    document = document_of(paper)
    document.title = f"{paper.KIND.name} de mars"
    assert name_of(document).count(str(paper.KIND.name)) == 1


@EACH
def test_kind_has_a_sample_that_the_tests_of_all_papers_judge(paper):
    assert type(FOR_CLIENT[paper.KIND.stored_as]) is paper
