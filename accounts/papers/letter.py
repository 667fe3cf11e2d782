"""An advisor's letter, and the letter of welcome."""

import re
from datetime import date
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from accounts.client_codes import display
from accounts.papers.contents import ContentsForClient, PaperKind, dated, line
from auth_codes.wording import NO_BREAK_SPACE, french

BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
WELCOME = """\
Bienvenue. Votre code client est {client_code} : il est à vous, et il ne changera jamais. Gardez cette lettre.

Le code client dit qui vous êtes. Vous le saisirez pour ouvrir l’Espace Client, avec un code secret de six chiffres \
que vous seul connaissez. Il figure aussi sur vos relevés, vos contrats et nos lettres, toujours dans le même cadre. \
Il n’est pas secret, mais il est personnel : ne le donnez pas à qui n’en a pas besoin.

Votre premier code secret arrive par un autre courrier, scellé. Personne à la banque ne le connaît. Il ne sert qu’une \
fois : à choisir le vôtre.

Personne ne vous demandera jamais votre code secret : ni la banque, ni votre conseiller, ni la police, ni un \
technicien ; ni par téléphone, ni par courriel, ni par SMS, ni en personne. Qui vous le demande est un fraudeur : \
raccrochez, puis appelez-nous au {bank_phone}.

Je reste à votre disposition."""


WELCOME_SUBJECT = "Bienvenue : voici votre code client"
CODE_LETTER = "Votre code client, comme vous l’avez demandé"
CODE_GIVEN_BACK = """\
Vous avez demandé que l’on vous redonne votre code client. Le voici : {client_code}. Il est à vous, et il ne changera \
jamais. Gardez cette lettre, ou l’un de vos relevés : il y figure toujours dans le même cadre.

Le code client dit qui vous êtes. Avec votre code secret, que vous seul connaissez, il ouvre l’Espace Client. Si vous \
avez aussi oublié votre code secret, demandez-en un nouveau sur la page « Code secret oublié » ou à votre conseiller : \
il arrivera par un autre courrier, scellé.

Personne ne vous demandera jamais votre code secret : ni la banque, ni votre conseiller, ni la police, ni un \
technicien ; ni par téléphone, ni par courriel, ni par SMS, ni en personne. Qui vous le demande est un fraudeur : \
raccrochez, puis appelez-nous au {bank_phone}.

Si vous n’avez rien demandé, appelez-nous aussi."""


class LetterContents(ContentsForClient, frozen=True, kw_only=True):
    """`body` is plain text; a blank line ends a paragraph. `salutation` is « Madame Martin »."""

    SOURCE = Path(__file__).with_name("letter.typ")
    KIND = PaperKind(
        stored_as="letter",
        name=_("Courrier"),
        plural=_("Courriers"),
        icon="letter",
        page="accounts/documents/letter.html",
        place=3,
        is_opened_at_the_desk=True,
        tells_operations=False,
    )

    written_on: date
    salutation: str
    subject: str
    body: str
    advisor: str
    bank_phone: str

    def printed(self) -> dict[str, object]:
        paragraphs = [french(line(paragraph)) for paragraph in BLANK_LINE.split(self.body.replace("\r\n", "\n"))]
        return {
            **super().printed(),
            **dated(self.written_on),
            "salutation": line(self.salutation + ","),
            "subject": french(line(self.subject)) or "Lettre de votre conseiller",
            "paragraphs": [paragraph for paragraph in paragraphs if paragraph],
            "advisor": line(self.advisor),
            "bank_phone": line(self.bank_phone).replace(" ", "\u00a0"),
        }


def welcome_letter(
    *,
    client_code: str,
    address: tuple[str, ...],
    salutation: str,
    advisor: str,
    bank_name: str,
    bank_phone: str,
    written_on: date,
) -> LetterContents:
    """The letter that tells a new client his code client, what it is for, and that his code secret comes apart."""
    return LetterContents(
        client_code=client_code,
        address=address,
        written_on=written_on,
        salutation=salutation,
        subject=WELCOME_SUBJECT,
        body=_telling(WELCOME, client_code, bank_phone),
        advisor=advisor,
        bank_name=bank_name,
        bank_phone=bank_phone,
    )


def code_letter(
    *,
    client_code: str,
    address: tuple[str, ...],
    salutation: str,
    advisor: str,
    bank_name: str,
    bank_phone: str,
    written_on: date,
) -> LetterContents:
    """The letter that tells his code client to whoever has lost it."""
    return LetterContents(
        client_code=client_code,
        address=address,
        written_on=written_on,
        salutation=salutation,
        subject=CODE_LETTER,
        body=_telling(CODE_GIVEN_BACK, client_code, bank_phone),
        advisor=advisor,
        bank_name=bank_name,
        bank_phone=bank_phone,
    )


def _telling(text: str, client_code: str, bank_phone: str) -> str:
    return text.format(client_code=display(client_code), bank_phone=bank_phone.replace(" ", NO_BREAK_SPACE))
