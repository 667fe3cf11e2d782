"""Who of the staff gets which answer at which address of the desk: what test_role_table.py holds against the pages.

docs/roles.md is printed from it: `python -m tests.show_role_table > docs/roles.md`. A new address of the desk fails the
sweep until it stands here, once for each kind of object that fills it; access_table.py does the same for customers.
"""

from collections.abc import Callable
from typing import NamedTuple

from tests.portal.role_world import RoleWorld

VISITORS = {
    "conseiller": "le conseiller du client, à qui l’agence appartient",
    "remplaçant": "son remplaçant déclaré, pendant son absence",
    "ancien": "son remplaçant d’hier, après le dernier jour",
    "autre": "un autre conseiller de l’agence",
    "directeur": "le directeur de son agence",
    "autre directeur": "celui d’une autre agence",
    "contrôleur": "un contrôleur",
    "éditique": "l’éditique",
    "exploitant": "un exploitant",
    "administrateur": "un administrateur du personnel",
    "superutilisateur": "un superutilisateur",
    "sans rôle": "un membre du personnel sans rôle",
    "client": "le client lui-même, dans l’Espace Client",
    "personne": "sans connexion",
}
ADVISORS = ("conseiller", "remplaçant", "ancien", "autre")
MANAGERS = ("directeur", "autre directeur")
YES, WHY, NO, NOWHERE, LOGIN, ELSEWHERE = "oui", "raison", "non", "rien", "login", "mène"
WORDS = {
    YES: "la page s’ouvre ; d’un acte, il a lieu",
    WHY: "la page s’ouvre une fois dite la raison, que le client lit",
    NO: "refusé ; d’un acte, il n’a pas lieu",
    NOWHERE: "n’existe pas pour lui",
    LOGIN: "demande de se connecter au poste",
    ELSEWHERE: "mène à une autre page",
}
Answers = dict[str, str]
Filled = Callable[[RoleWorld], dict]


# Of the pages that the desk has for one thing.
PAGES = {"change": "un", "history": "historique", "delete": "supprimer"}


def nothing(world: RoleWorld) -> dict:
    return {}


class Row(NamedTuple):
    """One page, or one act, of one object: what each visitor gets."""

    page: str
    what: str
    answers: Answers
    fills: Filled = nothing
    # Of an act: the fields that are sent, what has happened before, and whether it has taken place.
    sends: Filled | None = None
    before: Callable[[RoleWorld], object] = nothing
    did: Callable[[RoleWorld], bool] | None = None


def answers(rest: str = NO, **others: str) -> Answers:
    """`rest` for each member of the staff who is not named; what is nobody's page asks for a login."""
    return dict.fromkeys(VISITORS, rest) | {"client": NOWHERE, "personne": LOGIN} | others


def of(names: tuple[str, ...], answer: str = YES) -> Answers:
    return dict.fromkeys(names, answer)


EVERYBODY = answers(YES)
NOBODYS = answers(NO)
SUPERUSER = {"superutilisateur": YES}
DESK = answers(**of((*ADVISORS, *MANAGERS, "superutilisateur")))
SHEET = answers(**of((*ADVISORS, *MANAGERS, "superutilisateur"), WHY) | of(("conseiller", "remplaçant")))
STAFF = answers(**of(("administrateur", "superutilisateur")))
PRINTED = answers(**of(("éditique", "superutilisateur")))
OPERATED = answers(**of(("exploitant", "superutilisateur")))
LETTERS = DESK | {"éditique": YES}
# A request of the branch does not exist for the manager of another one.
REQUEST = DESK | {"autre directeur": NOWHERE}
CONTROL = answers(**of(("contrôleur", "superutilisateur")))
STAND_IN = answers(**of((*ADVISORS, *MANAGERS), NOWHERE) | of(("conseiller", "remplaçant", "directeur")) | SUPERUSER)


def numbered(number: Callable[[RoleWorld], object]) -> Filled:
    return lambda world: {"object_id": number(world)}


def model(name: str, what: str, listed: Answers, one: Answers, number: Callable, add: Answers = NOBODYS) -> list[Row]:
    """The pages of each kind of thing: its list, a new one, and one with its history and deletion."""
    answers_of = {"change": one, "history": one, "delete": NOBODYS}
    fills = numbered(number)
    return [
        Row(f"{name}_changelist", f"{what} : liste", listed),
        Row(f"{name}_add", f"{what} : ajouter", add),
        *(Row(f"{name}_{page}", f"{what} : {words}", answers_of[page], fills) for page, words in PAGES.items()),
    ]


def client_page(page: str, title: str, **words: str) -> Row:
    objects = {
        "account_access": {"account_pk": "account"}, "account_close": {"account_pk": "account"},
        "contract_end": {"contract_pk": "contract"}, "mandate_revoke": {"mandate_pk": "mandate"},
        "client_document": {"document_pk": "document"}, "client_undo": {"done_to": "contract"},
        "representation_end": {"representation_pk": "representation"},
    }.get(page, {})  # fmt: skip

    def fills(world: RoleWorld) -> dict:
        return {"pk": world.client.pk, **words} | {key: getattr(world, name).pk for key, name in objects.items()}

    return Row(page, title, SHEET, fills)


def approved(name: str) -> Callable[[RoleWorld], bool]:
    return lambda world: bool(type(getattr(world, name)).objects.get(pk=getattr(world, name).pk).decision)


def approval(name: str, page: str, what: str, expected: Answers, answer: str = "approve", **how: object) -> Row:
    return Row(
        f"{page}_change",
        what,
        expected,
        numbered(lambda world: getattr(world, name).pk),
        sends=lambda world: {"answer": answer, "seen": world.seen_of(name)},
        did=approved(name),
        **how,
    )
