import pytest

from accounts import client_codes
from accounts.papers import specimens
from tests.test_architecture import ROOT

KINDS = pytest.mark.parametrize("kind", specimens.specimens())


@KINDS
def test_picture_is_drawn_from_the_real_paper(kind):
    """After a change of a paper's look: `manage.py draw_specimens`."""
    picture = ROOT / "static" / "img" / f"specimen_{kind}.svg"
    assert picture.read_bytes() == specimens.draw(specimens.specimens()[kind])


@KINDS
def test_picture_shows_a_number_that_nobody_can_hold(kind):
    assert not client_codes.is_well_formed(specimens.specimens()[kind].client_code)


@KINDS
def test_page_shows_the_picture_and_says_where_the_number_is(kind, browser, db):
    page = browser.get("/code-client-oublie/").content.decode()
    picture = page[page.index(f"img/specimen_{kind}.svg") :].partition(">")[0]
    assert "en haut à gauche de la page, face au nom" in picture
