"""What each address of the portal asks of a client: the table that test_required_moyen.py holds against the views.

`python -m tests.show_levels_table > docs/levels.md` prints it. A new URL pattern fails that test until it stands here.
"""

from enum import StrEnum
from typing import NamedTuple

from tests.portal.url_patterns import portal_patterns


class Opens(StrEnum):
    """What opens an address once a moyen is required; before that day the two codes open all but what is older."""

    NOTHING = "nothing"
    CODES = "codes"
    STRONG = "strong"


class Beside(StrEnum):
    """What is typed or shown again for the act itself, each time."""

    NOTHING = ""
    CODE = "code secret"
    BOTH = "code secret, and a moyen if he has one"
    MOYEN = "a moyen"
    RECENT = "code secret; a moyen of the last ten minutes if he has one"
    LIST = "code secret, letter's number, list code"
    CODES = "both codes"


class Act(NamedTuple):
    """`is_older`: it tells operations, of which those older than 90 days ask a strong moyen of whoever has one."""

    opens: Opens
    beside: Beside = Beside.NOTHING
    is_older: bool = False


WORDS = {
    Opens.NOTHING: "open to everybody, or judged by what it asks itself",
    Opens.CODES: "the two codes, also once a moyen is required (`SECOND_FACTOR_REQUIRED_FROM`)",
    Opens.STRONG: "the two codes; once a moyen is required, a strong one as well, once a session (`STRONG_FOR_ACCESS`)",
    "older": "tells operations: those older than 90 days ask a strong moyen of whoever has one, once a session",
}


def _acts(opens: Opens, *names: str, beside: Beside = Beside.NOTHING, is_older: bool = False) -> dict[str, Act]:
    return dict.fromkeys(names, Act(opens, beside, is_older))


ACTS = {
    **_acts(
        Opens.NOTHING, "healthz", "readyz", "favicon", "manifest", "robots", "security_txt", "language", "components",
        "forget_client_code", "logout", "prolong_session", "forgotten_secret_code", "access_closed", "lock_receipt",
        "own_lock", "change_password", "home", "forgotten_client_code", "legal_notice", "accessibility",
        "security_advice",
    ),
    **_acts(Opens.NOTHING, "login", "lock", beside=Beside.CODES),
    **_acts(Opens.NOTHING, "second_step", "step_ticket", "unlock", beside=Beside.MOYEN),
    **_acts(
        Opens.CODES, "logout_everywhere", "code_reminder", "it_was_me", "only_tried", "it_was_not_me", "factors",
        "choose_factor", "factor_later", "factor_lost", "confirm_app", "give_up_app", "call_off_list",
        "confirm_passkey", "give_up_passkey", "confirm_token", "give_up_token", "rename_factor", "cancel_transfer",
    ),
    **_acts(
        Opens.CODES, "overview", "account", "operation", "operations_csv", "operations_ofx", "transfers",
        "new_transfer", is_older=True,
    ),
    **_acts(Opens.CODES, "transfer", beside=Beside.BOTH, is_older=True),
    **_acts(Opens.CODES, "further_back", "show_factor", "show_before_code", beside=Beside.MOYEN),
    **_acts(
        Opens.CODES, "add_app", "add_passkey", "add_token", "set_token", "order_list", "remove_factor",
        beside=Beside.BOTH,
    ),
    **_acts(Opens.CODES, "own_ticket", beside=Beside.CODE),
    **_acts(Opens.CODES, "activate_list", beside=Beside.LIST),
    **_acts(
        Opens.STRONG, "proposed_code", "not_my_device", "bank_details", "documents", "represented",
        "represented_documents", "refuse_closing", "profile", "own_journal", "own_contacts", "email_received",
    ),
    **_acts(Opens.STRONG, "secret_code", beside=Beside.RECENT),
    **_acts(Opens.STRONG, "remove_device", "closing", "confirm_contacts", beside=Beside.CODE),
    **_acts(Opens.STRONG, "confirm_own_contacts", beside=Beside.BOTH),
    **_acts(
        Opens.STRONG, "document", "read_document", "statement_archive", "represented_archive", is_older=True
    ),
}  # fmt: skip


def as_markdown() -> str:
    """The table, and what its words say."""
    routes = {pattern.name: str(pattern.pattern) for pattern in portal_patterns()}
    lines = [["address", "what opens it", "for the act itself", "older"], ["---"] * 4]
    for name, act in ACTS.items():
        lines.append([f"`/{routes[name]}`", act.opens, act.beside, "yes" if act.is_older else ""])
    return "\n".join(
        [
            "# What each act of a client asks",
            "",
            "Held against the views by `tests/accounts/pages/test_required_moyen.py`, and by `test_history_limit.py`,",
            "which opens every address; printed by `python -m tests.show_levels_table > docs/levels.md`. What confirms",
            "an act at the desk stands in `tests/portal/test_step_up.py`, who may do it in [roles.md](roles.md).",
            "",
            *(f"- *{word}*: {words}" for word, words in WORDS.items()),
            "",
            "Two codes alone order transfers between accounts of the same holders (RTS 15); once a moyen is required,",
            "not between others, nor do they open somebody else's account. A printed list is no strong moyen.",
            "",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
        ]
    )
