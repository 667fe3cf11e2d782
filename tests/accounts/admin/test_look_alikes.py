"""Names that are not what they look like: refused, or asked about, before a person has a second sheet."""

import pytest

from accounts.models import Client
from tests.accounts.admin.test_desk_acts import ADD, sheet, text_of, typed

pytestmark = pytest.mark.django_db


SAME = {"given_names": "Inès Léa", "birth_date": "25/07/1988"}


@pytest.mark.parametrize("field", ["given_names", "family_name", "street", "address_complement", "city", "region"])
@pytest.mark.parametrize("sign", ["\u202e", "\u3164", "\u200b"])
def test_unseen_sign_is_refused_by_its_number_with_what_to_do(advisor_browser, advisor, field, sign):
    answer = advisor_browser.post(ADD, typed(advisor, **{field: f"Lyon{sign}s"}))
    assert f"(U+{ord(sign):04X}). Effacez tout le champ et retapez-le" in text_of(answer)
    assert not Client.objects.exists()


@pytest.mark.parametrize("family_name", ["M\u0430rtin", "МARТІN", "Mart1n"])
def test_look_alike_of_a_client_is_asked_about_and_shown(advisor_browser, advisor, person, family_name):
    answer = advisor_browser.post(ADD, typed(advisor, family_name=family_name, **SAME))
    assert "Est-ce la même personne ?" in text_of(answer)
    assert f'<a href="{sheet(person)}">' in text_of(answer)
    assert Client.objects.count() == 1


def test_mixed_scripts_are_asked_about_even_without_a_look_alike(advisor_browser, advisor):
    mixed = typed(advisor, family_name="M\u043ereau")
    answer = advisor_browser.post(ADD, mixed)
    assert "Ce nom mêle plusieurs alphabets" in text_of(answer)
    assert "Est-ce la même personne" in text_of(answer)
    assert not Client.objects.exists()
    advisor_browser.post(ADD, mixed | {"is_another_person": "on"})
    assert Client.objects.get().family_name == "M\u043ereau"
