"""What each paper says."""

from datetime import date
from decimal import Decimal

import pytest
import typst
from msgspec.structs import replace

from accounts.papers.contents import render
from tests.accounts.papers.contents import BANK_DETAILS, CONTRACT, LETTER, RECEIPT, STATEMENT, make_lines
from tests.accounts.papers.test_papers import text_of
from tests.pdfs import lines_with_place, read


def test_statement_tells_account_holders_and_balances():
    text = text_of(render(STATEMENT))
    assert "Relevé de compte, octobre 2026" in text
    assert "Compte courant n° 12345678901, compte joint" in text
    assert "Titulaires Mme Inès Léa Martin, M. Paul Martin" in text
    assert "FR76 9999 9000 0112 3456 7890 155" in text
    assert "Solde au 30 septembre 2026 1 250,30 €" in text
    assert "Solde au 31 octobre 2026 2 140,10 €" in text


def test_account_of_one_holder_is_not_called_joint():
    text = text_of(render(replace(STATEMENT, holders=("Mme Inès Léa Martin",))))
    assert "Titulaire Mme Inès Léa Martin" in text
    assert "joint" not in text


def test_operations_stand_in_order_with_their_days():
    text = text_of(render(STATEMENT))
    assert "01/10/2026 01/10/2026 Opération 1 1 250,30 11/10/2026 11/10/2026 Opération 2 9,90" in text
    assert "Total des opérations 1 260,20 2 150,00" in text


@pytest.mark.parametrize(("word", "rows"), [("W" * 38, 2), ("0" * 30, 1)])
def test_word_too_wide_for_its_column_goes_on_below_and_leaves_the_amount_readable(word, rows):
    operation = replace(make_lines(1)[0], label=word, amount=Decimal("-999999999.99"))
    pdf = render(replace(STATEMENT, lines=(operation,)))
    pieces = lines_with_place(pdf)
    assert len({top for text, _left, top, _size in pieces if word[:5] in text.replace("\u200b", "")}) == rows
    assert "999 999 999,99" in text_of(pdf)


def test_overdraft_is_said_in_words_and_with_a_real_minus():
    text = text_of(render(replace(STATEMENT, opening_balance=Decimal("-2000"))))
    assert "−2 000,00 €" in text
    assert "Solde débiteur au 30 septembre 2026 2 000,00" in text
    assert "Solde débiteur au 31 octobre 2026 1 110,20" in text


def test_month_of_nothing_says_so():
    text = text_of(render(replace(STATEMENT, lines=(), month=date(2026, 2, 1))))
    assert "Aucune opération ce mois-ci." in text
    assert "Total des opérations 0,00 0,00 Solde créditeur au 28 février 2026 1 250,30" in text


def test_pages_are_numbered_and_repeat_the_head_of_the_table():
    pages = [page.extract_text() for page in read(render(replace(STATEMENT, lines=make_lines(60)))).pages]
    assert len(pages) == 3
    for number, page in enumerate(pages[:2], start=1):
        words = " ".join(page.split())
        assert "Débit (€) Crédit (€)" in words
        assert f"Page {number} / 3" in words


@pytest.mark.slow
def test_five_thousand_operations_go_on_to_the_last():
    pages = read(render(replace(STATEMENT, lines=make_lines(5000)))).pages
    assert len(pages) > 90
    assert " Opération 1 " in " ".join(pages[0].extract_text().split())
    end = " ".join(" ".join(page.extract_text() for page in pages[-2:]).split())
    assert " Opération 5000 9,90 Total des opérations " in end
    assert f"Page {len(pages)} / {len(pages)}" in end


def test_statement_tells_how_to_contest_and_what_nobody_asks():
    text = text_of(render(STATEMENT))
    assert "au plus tard dans les treize mois qui suivent la date du débit" in text
    assert "le médiateur de la banque" in text
    assert "Ce que personne ne vous demandera jamais Votre code secret" in text


def test_contract_tells_terms_withdrawal_and_hour_of_paris():
    text = text_of(render(CONTRACT))
    assert "Montant emprunté 8 000,00 € Durée 48 mois" in text
    assert "Vous avez quatorze jours pour renoncer à ce contrat" in text
    assert "Conclu électroniquement le 3 octobre 2026 à 14 h 05 (heure de Paris)" in text


@pytest.mark.parametrize(
    ("kind", "words"),
    [("credit", "doit être remboursé"), ("insurance", "En cas de sinistre"), ("card", "faites opposition aussitôt")],
)
def test_each_kind_of_contract_has_its_own_words(kind, words):
    assert words in text_of(render(replace(CONTRACT, kind=kind)))


def test_contract_of_an_unknown_kind_is_refused():
    with pytest.raises(typst.TypstError):
        render(replace(CONTRACT, kind="mortgage"))


def test_letter_of_welcome_tells_both_codes_apart():
    text = text_of(render(LETTER))
    assert "Votre code client est 1234 567 890" in text
    assert "Votre premier code secret arrive par un autre courrier, scellé." in text
    assert "Personne ne vous demandera jamais votre code secret" in text
    assert text.index("Je reste à votre disposition.") < text.index("Claire Dubois")


def test_letter_keeps_paragraphs_and_gets_french_spaces():
    pdf = render(replace(LETTER, body="Bonjour !\r\n\r\nL'avez-vous\nlu ?\n \nOui."))
    # The font draws a narrow space as a space that is narrower, and so it is copied.
    text = read(pdf).pages[0].extract_text().replace("\u202f", " ")
    pieces = [line.strip() for line in text.splitlines()]
    start = pieces.index("Bonjour !")
    assert pieces[start : start + 3] == ["Bonjour !", "L’avez-vous lu ?", "Oui."]
    assert LETTER.printed()["paragraphs"][3].count("\u202f;") == 1


def test_long_letter_goes_on_over_pages():
    pdf = render(replace(LETTER, body="\n\n".join(["Une phrase assez longue pour le papier. " * 8] * 30)))
    assert len(read(pdf).pages) > 2


def test_receipt_tells_what_was_ordered_by_whom_and_when_in_paris():
    text = text_of(render(RECEIPT))
    for fact in (
        "Montant 1 250,00 €",
        "Référence VIR-7KQ4-M2XD",
        "Du compte Compte courant n° 12345678901",
        "Vers le compte Livret d’épargne n° 22345678901",
        "Motif Vacances d’été",
        "Ordonné par Mme Inès Léa Martin",
        "Confirmé le 4 novembre 2026 à 00 h 30 (heure de Paris)",
        "Exécuté le 4 novembre 2026",
    ):
        assert fact in text


def test_receipt_tells_how_to_close_the_access_at_once():
    text = text_of(render(RECEIPT))
    assert "sous « Mon profil », choisissez « Ce n’était pas moi » : votre accès se ferme aussitôt." in text


def test_bank_details_tell_all_that_a_payment_needs():
    text = text_of(render(BANK_DETAILS))
    assert "Code banque Code guichet Numéro de compte Clé RIB 99999 00001 12345678901 55" in text
    assert "IBAN FR76 9999 9000 0112 3456 7890 155 BIC VBNQFRPPXXX" in text
    assert "Mme Inès Léa Martin M. Paul Martin" in text
    assert "Votre banque, agence de Lyon" in text
