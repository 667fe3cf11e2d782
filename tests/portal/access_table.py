"""Who gets which answer at which address of the portal: the table that test_access_sweep.py holds against the pages.

`python -m tests.show_access_table` prints it as Markdown. A new URL pattern fails the sweep until it stands here. A
page without arguments takes one line:

    Row("overview", get=own_page(200), post=own_page(405, staff=405)),

A pattern with arguments takes a line for each kind of object of A's that can fill them, and so does a form that names
an object in its fields (`sends`). An object that others share with A names them:

    Row("document", "d’A seule", fills=lambda world: {"pk": world.document.pk}, get=only("A"), post=READ_ONLY),
    Row("account", "compte joint", fills=lambda world: {"pk": world.joint.pk}, get=only("A", "J"), post=READ_ONLY),

The sweep also asks for something that does not exist, in the place of each object: whoever is told 404 of A's object
must be told 404 by the same bytes of that.
"""

from collections.abc import Callable
from typing import NamedTuple

from tests import makers
from tests.portal.access_world import World
from tests.portal.url_patterns import portal_patterns

VISITORS = {
    "A": "cliente à qui tout appartient",
    "B": "autre client",
    "J": "cotitulaire du compte joint d’A",
    "P": "mandataire : consulte le compte confié",
    "T": "mandataire : y fait aussi des virements",
    "E": "mandataire, procuration expirée",
    "R": "mandataire, procuration révoquée",
    "H": "personne habilitée : agit pour A, fait des virements entre ses comptes",
    "C": "curateur d’A : consulte",
    "F": "ancien représentant d’A",
    "staff": "conseiller",
    "default": "client au code provisoire",
    "locked": "cliente qui a verrouillé son accès, sa session encore ouverte",
    "anonymous": "sans connexion",
}
CLIENTS = ("A", "B", "J", "P", "T", "E", "R", "H", "C", "F")
# Who acts for A reads her papers, which carry her code client.
READ_PAPERS = ("A", "H", "C")
Expected = dict[str, int]


class Row(NamedTuple):
    """What each visitor gets: the status of a GET and of a POST; None for one that is not swept (again)."""

    pattern: str
    what: str = ""
    get: Expected | None = None
    post: Expected | None = None
    # The arguments of the address, and the fields of the form, of objects that are A's.
    fills: Callable[[World], dict] = lambda world: {}
    sends: Callable[[World], dict] = lambda world: {}


def everybody(status: int, **others: int) -> Expected:
    return dict.fromkeys(VISITORS, status) | others


def own_page(status: int, *, staff: int = 404, default: int = 302, anonymous: int = 302, **others: int) -> Expected:
    """A page that each client has of his own; a default code leads to its change, who has locked is nobody."""
    nobody = dict.fromkeys(("anonymous", "locked"), anonymous)
    return dict.fromkeys(CLIENTS, status) | {"staff": staff, "default": default} | nobody | others


def only(*allowed: str, status: int = 200, **others: int) -> Expected:
    """An object that these may reach; to all other clients it does not exist."""
    return own_page(404, **dict.fromkeys(allowed, status) | others)


# The wrong method is refused before anybody's object is looked for, whoever asks.
READ_ONLY = FORM_ONLY = own_page(405, staff=405)

TABLE = [
    # For all.
    Row("healthz", get=everybody(200), post=everybody(405)),
    Row("readyz", get=everybody(200), post=everybody(405)),
    Row("home", get=everybody(200), post=everybody(405)),
    Row("forgotten_client_code", get=everybody(200), post=everybody(405)),
    Row("security_advice", get=everybody(200), post=everybody(405)),
    Row("forgotten_secret_code", get=everybody(200), post=everybody(200)),
    Row("favicon", get=everybody(302), post=everybody(405)),
    Row("manifest", get=everybody(200), post=everybody(405)),
    Row("robots", get=everybody(200), post=everybody(405)),
    Row("security_txt", get=everybody(404), post=everybody(405)),  # until the bank names whom to tell
    Row("components", get=everybody(404), post=everybody(405)),  # found with DEBUG alone
    Row("legal_notice", get=everybody(200), post=everybody(405)),
    Row("accessibility", get=everybody(200), post=everybody(405)),
    Row("language", get=everybody(302), post=everybody(302)),
    Row("change_password", get=everybody(302), post=everybody(302)),
    # Logging in and out.
    Row("login", get=own_page(302, staff=200, anonymous=200), post=own_page(302, staff=200, anonymous=200)),
    Row("forget_client_code", get=everybody(405), post=everybody(302)),
    Row("logout", get=everybody(405), post=everybody(302)),
    Row("prolong_session", get=everybody(405), post=own_page(200, staff=200, default=200, anonymous=403)),
    Row("logout_everywhere", get=FORM_ONLY, post=own_page(302)),
    Row("second_step", get=own_page(302, staff=302), post=own_page(302, staff=302)),
    Row("step_ticket", get=own_page(302, staff=302), post=own_page(302, staff=302)),
    Row("access_closed", get=everybody(302), post=everybody(405)),
    Row("lock", get=everybody(200), post=everybody(200)),
    Row("lock_receipt", get=everybody(302), post=everybody(405)),
    Row("unlock", get=everybody(200), post=everybody(302)),
    Row("own_lock", get=own_page(200, default=200), post=own_page(302, default=302)),
    # Each client's own pages, which take nothing that names an object.
    Row("overview", get=own_page(200), post=READ_ONLY),
    Row("profile", get=own_page(200), post=READ_ONLY),
    Row("confirm_contacts", get=own_page(302), post=own_page(302)),  # nothing waits
    Row("own_contacts", get=own_page(200), post=own_page(200)),
    Row("confirm_own_contacts", get=own_page(200), post=own_page(200)),  # nobody has a moyen that rested
    Row("email_received", get=own_page(405, staff=405), post=own_page(302)),
    Row("documents", get=own_page(200), post=READ_ONLY),
    Row("own_journal", get=own_page(200), post=READ_ONLY),
    Row("secret_code", get=own_page(200, default=200), post=own_page(200, default=200)),
    Row("proposed_code", get=own_page(302), post=own_page(200, default=200)),
    Row("code_reminder", sends=lambda world: {"answer": "later"}, get=FORM_ONLY, post=own_page(302)),
    Row("it_was_me", get=own_page(405), post=own_page(302)),
    Row("only_tried", get=own_page(405), post=own_page(302)),
    Row("not_my_device", get=own_page(405), post=own_page(302)),
    Row("it_was_not_me", get=own_page(200), post=own_page(200)),
    Row("factors", get=own_page(200), post=own_page(405)),
    Row("factor_lost", get=own_page(200), post=own_page(405)),
    Row("further_back", get=own_page(302), post=own_page(302)),  # nobody has a moyen that counts yet
    Row("show_factor", get=own_page(302), post=own_page(302)),
    Row("show_before_code", get=own_page(302), post=own_page(302)),
    Row("choose_factor", get=own_page(302), post=own_page(405)),  # none is required
    Row("factor_later", get=own_page(405), post=own_page(302)),
    Row("add_app", get=own_page(200), post=own_page(200) | {"A": 302}),  # she has one already
    Row("confirm_app", get=own_page(302), post=own_page(302)),  # no key waits
    Row("give_up_app", get=own_page(405), post=own_page(302)),
    Row("own_ticket", get=own_page(200), post=own_page(200)),
    Row("order_list", get=own_page(200), post=own_page(200)),
    Row("activate_list", get=own_page(302), post=own_page(302)),  # none is on its way
    Row("call_off_list", get=own_page(405), post=own_page(302)),
    Row("add_passkey", get=own_page(200), post=own_page(200)),
    Row("confirm_passkey", get=own_page(302), post=own_page(302)),  # none waits
    Row("give_up_passkey", get=own_page(405), post=own_page(302)),
    Row("add_token", get=own_page(200), post=own_page(302)),  # none is lent
    Row("confirm_token", get=own_page(302), post=own_page(302)),
    Row("give_up_token", get=own_page(405), post=own_page(302)),
    Row("transfers", get=own_page(200), post=READ_ONLY),
    Row("new_transfer", get=own_page(200), post=own_page(200)),
    # An object of A's in the address.
    Row("account", "d’A seule", fills=lambda world: {"pk": world.alone.pk}, get=only(*"AHC"), post=READ_ONLY),
    Row("account", "joint", fills=lambda world: {"pk": world.joint.pk}, get=only(*"AJHC"), post=READ_ONLY),
    Row("account", "confié", fills=lambda world: {"pk": world.entrusted.pk}, get=only(*"APTHC"), post=READ_ONLY),
    *(
        Row(
            name,
            case,
            fills=lambda world, which=which: {"pk": getattr(world, which).pk},
            get=only(*seen),
            post=READ_ONLY,
        )
        for name in ("bank_details", "operations_csv", "operations_ofx")
        for case, which, seen in (
            ("d’A seule", "alone", "AHC"),
            ("joint", "joint", "AJHC"),
            ("confié", "entrusted", "APTHC"),
        )
    ),
    Row(
        "statement_archive",
        "relevés d’A",
        fills=lambda world: {"year": world.statement.statement.month.year},
        get=only("A"),
        post=READ_ONLY,
    ),
    *(
        Row(
            "operation",
            case,
            fills=lambda world, which=which: {"pk": getattr(world, which).pk, "position": 1},
            get=only(*seen),
            post=READ_ONLY,
        )
        for case, which, seen in (
            ("d’A seule", "alone", "AHC"),
            ("du joint", "joint", "AJHC"),
            ("du compte confié", "entrusted", "APTHC"),
        )
    ),
    *(
        Row(
            name,
            case,
            fills=lambda world, which=which: {"pk": getattr(world, which).pk},
            get=only(*READ_PAPERS),
            post=READ_ONLY,
        )
        for name in ("document", "read_document")
        for case, which in (("courrier à A", "letter"), ("relevé du joint", "statement"))
    ),
    # A representation, of whoever acts by it.
    *(
        Row(
            name,
            case,
            fills=lambda world, which=which: {"pk": getattr(world, which).pk},
            get=only(who),
            post=READ_ONLY,
        )
        for name in ("represented", "represented_documents")
        for case, which, who in (("agir pour A", "acting", "H"), ("assister A", "assisting", "C"))
    ),
    Row(
        "represented_archive",
        "relevés d’A, agir pour elle",
        fills=lambda world: {"pk": world.acting.pk, "year": world.statement.statement.month.year},
        get=only("H"),
        post=READ_ONLY,
    ),
    Row(
        "transfer",
        "d’A",
        fills=lambda world: {"pk": world.transfer.pk},
        get=only("A"),
        post=only("A", status=302),
    ),
    Row(
        "cancel_transfer",
        "d’A",
        fills=lambda world: {"pk": world.transfer.pk},
        get=only("A", status=302),
        post=only("A", status=302),
    ),
    # A closing that waits for A, for J who holds the account too, and for C who assists A.
    *(
        Row(name, "compte d’A et J", fills=lambda world: {"pk": world.closing.pk}, get=only(*"AJC"), post=posted)
        for name, posted in (("closing", only(*"AJC")), ("refuse_closing", only(*"AJC", status=302)))
    ),
    # An object of A's in the fields of a form.
    Row("new_transfer", "virement d’A", sends=lambda world: {"comme": world.transfer.pk}, get=only("A")),
    Row(
        "new_transfer",
        "entre comptes d’A",
        sends=lambda world: {"source": world.alone.pk, "destination": world.joint.pk, "amount": "5"},
        post=own_page(200, A=302),
    ),
    Row(
        "new_transfer",
        "entre deux comptes d’A seule",
        sends=lambda world: {"source": world.alone.pk, "destination": world.entrusted.pk, "amount": "5"},
        post=own_page(200, A=302, H=302),
    ),
    Row("remove_device", get=own_page(404), post=own_page(404)),
    Row("remove_device", "appareil d’A", sends=lambda world: {"device": world.device.pk}, get=only("A")),
    Row(
        "remove_device",
        "appareil d’A, avec le code",
        sends=lambda world: {"device": world.device.pk, "password": makers.CODE},
        post=only("A", status=302),
    ),
    *(
        Row(name, "moyen d’A", fills=lambda world: {"pk": world.factor.pk}, get=only("A"), post=only("A"))
        for name in ("rename_factor", "remove_factor")
    ),
    Row(
        "set_token",
        "application d’A",
        fills=lambda world: {"pk": world.factor.pk},
        get=own_page(404),
        post=own_page(404),
    ),
    Row("set_token", "boîtier d’A", fills=lambda world: {"pk": world.token.pk}, get=only("A"), post=only("A")),
]


def as_markdown() -> str:
    """For a note: one line for each address, object and method."""
    lines = [f"| {' | '.join(cells)} |" for cells in _cells()]
    legend = [f"- **{letter}** : {words}" for letter, words in VISITORS.items()]
    return "\n".join([*lines, "", *legend])


def _cells():
    routes = {pattern.name: str(pattern.pattern) for pattern in portal_patterns()}
    yield ["adresse", "objet", "", *VISITORS]
    yield ["---"] * (3 + len(VISITORS))
    for row in TABLE:
        for method, expected in (("GET", row.get), ("POST", row.post)):
            if expected is not None:
                route = f"`/{routes[row.pattern]}`"
                yield [route, row.what, method, *(str(expected[visitor]) for visitor in VISITORS)]
