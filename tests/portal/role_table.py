"""Who of the staff gets which answer at which address of the desk: what test_role_table.py holds against the pages.

docs/roles.md is printed from it: `python -m tests.show_role_table > docs/roles.md`. A new address of the desk fails the
sweep until it stands here, once for each kind of object that fills it; access_table.py does the same for customers.
"""

import uuid
from datetime import timedelta

from django.utils import timezone

from accounts.clients import daily_number
from accounts.documents import letters
from accounts.models import Branch, Client, IdentityChange, Representation, StaffRequest, Substitution
from auth_codes.models import SecretCode, StaffTicket
from tests.portal.role_rows import (
    CONTROL,
    DESK,
    ELSEWHERE,
    EVERYBODY,
    LETTERS,
    NO,
    NOBODYS,
    NOWHERE,
    OPERATED,
    PRINTED,
    REQUEST,
    SHEET,
    STAFF,
    STAND_IN,
    SUPERUSER,
    VISITORS,
    WHY,
    WORDS,
    YES,
    Row,
    answers,
    approval,
    client_page,
    model,
    nothing,
    numbered,
    of,
)
from tests.portal.role_world import RoleWorld


def too_many(world: RoleWorld) -> None:
    """As many acts of the client's advisor as colleagues approve in a day, approved by somebody who comes nowhere."""
    by, now = world.renewal_elsewhere.started_by, timezone.now()
    named = {"given_names": "A", "family_name": "B", "birth_date": world.client.birth_date}
    old = {f"old_{name}": value for name, value in (named | {"title": "Mme"}).items()}
    IdentityChange.objects.bulk_create(
        IdentityChange(
            client=world.client, started_by=world.renewal.started_by, decision="approved", decided_by=by,
            decided_at=now, title_asked="Mme", **named, **old,
        )
        for _ in range(daily_number.A_DAY)
    )  # fmt: skip


def named_by_chance(world: RoleWorld) -> dict:
    """An identifier of nothing."""
    return {"pk": uuid.uuid4()}


def day(number: int) -> str:
    return f"{timezone.localdate() + timedelta(number):%d/%m/%Y}"


def registered(world: RoleWorld) -> dict:
    return {
        "title": "Mme", "given_names": "Léa", "family_name": "Neuve", "birth_date": "12/03/1958", "country": "France",
        "email": "lea@example.org", "mobile_phone": "06 12 34 56 99", "street": "3 rue Neuve", "postcode": "44000",
        "city": "Nantes", "advisor": world.visitors["conseiller"].pk, "token": uuid.uuid4(),
    }  # fmt: skip


def stand_in(world: RoleWorld) -> dict:
    days = {"starts_on": day(20), "ends_on": day(25), "token": uuid.uuid4()}
    return {"absent": world.visitors["conseiller"].pk, "substitute": world.visitors["autre"].pk, **days}


def newcomer(world: RoleWorld) -> dict:
    named = {"username": "eve.nou", "first_name": "Ève", "last_name": "Nou", "email": "eve@banque.example"}
    return {**named, "groups": [world.group.pk], "branch": world.branch.pk, "token": uuid.uuid4()}


# Any second advisor of the bank and the manager of the branch; never who asked.
SECOND = REQUEST | {"conseiller": NO}
MANAGER_ALONE = answers(**{"directeur": YES, "autre directeur": NOWHERE} | SUPERUSER)

TABLE = [
    # For whoever works here.
    Row("index", "première page", EVERYBODY),
    Row("login", "connexion", answers(ELSEWHERE, personne=YES)),
    Row("logout", "déconnexion", answers(NO)),
    Row("password_change", "son mot de passe", EVERYBODY),
    Row("password_change_done", "son mot de passe, changé", EVERYBODY),
    Row("second", "seconde étape de la connexion", answers(ELSEWHERE)),
    Row("own_factor", "son second moyen", EVERYBODY),
    Row("own_ticket", "son second moyen : saisir un ticket", EVERYBODY),
    Row("own_app", "son second moyen : relier l’application, sans ticket", answers(ELSEWHERE)),
    Row("give_up_own_app", "son second moyen : annuler", answers(NO)),
    Row("own_passkey", "son second moyen : créer la clé d’accès, sans ticket", answers(ELSEWHERE)),
    Row("give_up_own_passkey", "son second moyen : annuler la clé d’accès", answers(NO)),
    Row("rename_own_factor", "renommer un second moyen qu’il n’a pas", answers(NOWHERE), named_by_chance),
    Row("remove_own_factor", "retirer un second moyen qu’il n’a pas", answers(NOWHERE), named_by_chance),
    Row("jsi18n", "mots des formulaires", EVERYBODY),
    Row("autocomplete", "compléter un champ", answers(NOWHERE)),
    Row("draft", "brouillon d’aucune page, envoyé", answers(NOWHERE), sends=nothing),
    Row("first_access", "lien d’un autre", answers(NOWHERE, personne=NOWHERE), lambda world: {"token": "x"}),
    Row(
        "app_list", "Clientèle", EVERYBODY | of(("contrôleur", "sans rôle"), NOWHERE),
        lambda world: {"app_label": "accounts"},
    ),
    # A client, by who asks.
    Row("accounts_client_changelist", "client : chercher", DESK),
    Row("accounts_client_add", "client : enregistrer une personne", DESK),
    Row(
        "accounts_client_add", "client : enregistrer, envoyé", DESK, sends=registered,
        did=lambda world: Client.objects.filter(family_name="Neuve").exists(),
    ),
    Row("accounts_client_change", "client : fiche", SHEET, numbered(lambda world: world.client.pk)),
    Row(
        "accounts_client_history", "client : historique", SHEET | {"contrôleur": WHY},
        numbered(lambda world: world.client.pk),
    ),
    Row("accounts_client_delete", "client : supprimer", NOBODYS, numbered(lambda world: world.client.pk)),
    client_page("client_edit", "client : modifier la fiche"),
    client_page("client_documents", "client : documents"),
    client_page("client_document", "client : un document"),
    client_page("client_letter", "client : écrire un courrier"),
    client_page("client_letter_preview", "client : aperçu d’un courrier, envoyé")._replace(
        sends=lambda world: {"subject": "Bonjour", "body": "Texte", "token": uuid.uuid4()}
    ),
    client_page("client_open", "client : ouvrir un compte", what="compte"),
    client_page("client_online", "client : créer l’espace en ligne"),
    client_page("client_renew", "client : demander un nouveau code"),
    client_page("client_address", "client : confirmer les coordonnées"),
    client_page("client_close", "client : fermer l’accès"),
    client_page("client_close", "client : fermer l’accès, envoyé")._replace(
        sends=lambda world: {"why": "fraud"},
        did=lambda world: not SecretCode.objects.present().filter(owner=world.client.user).exists()
    ),
    client_page("client_sessions", "client : fermer les sessions"),
    client_page("client_unblock", "client : demander la fin d’une suspension"),
    client_page("client_factors", "client : demander la fin des seconds moyens"),
    client_page("client_ticket", "client : demander un ticket pour un second moyen"),
    client_page("client_token", "client : prêter un boîtier, le reprendre"),
    client_page("client_unlock", "client : demander le déverrouillage de l’accès"),
    client_page("client_code", "client : redonner le code client"),
    client_page("client_code_letter", "client : envoyer le code client, envoyé")._replace(
        sends=lambda world: {"token": uuid.uuid4()},
        did=lambda world: world.client.postal_items.filter(title=letters.CODE_LETTER).exists(),
    ),
    client_page("account_access", "client : ajouter un cotitulaire", what="cotitulaire"),
    client_page("account_close", "client : clôturer un compte"),
    client_page("contract_end", "client : mettre fin à un contrat"),
    client_page("client_end", "client : mettre fin à la relation"),
    client_page("client_undo", "client : revenir sur un acte", act="opening"),
    client_page("mandate_revoke", "client : révoquer une procuration"),
    client_page("mandate_revoke", "client : révoquer une procuration, envoyé")._replace(
        sends=nothing, did=lambda world: type(world.mandate).objects.get(pk=world.mandate.pk).revoked_at is not None
    ),
    client_page("client_represent", "client : enregistrer un représentant"),
    client_page("representation_end", "client : terminer une représentation"),
    client_page("representation_end", "client : terminer une représentation, envoyé")._replace(
        sends=lambda world: {"why": "doubt"},
        did=lambda world: Representation.objects.get(pk=world.representation.pk).ended_on is not None
    ),
    # What waits for a second advisor.
    *model("auth_codes_renewal", "renouvellement", DESK, REQUEST, lambda world: world.renewal.pk),
    Row("auth_codes_renewal_change", "renouvellement d’une autre agence", DESK | {"directeur": NOWHERE},
        numbered(lambda world: world.renewal_elsewhere.pk)),
    approval("renewal", "auth_codes_renewal", "renouvellement : approuver", SECOND),
    approval(
        "renewal", "auth_codes_renewal", "renouvellement : approuver au-delà du nombre d’un jour",
        MANAGER_ALONE, before=too_many,
    ),
    approval("renewal", "auth_codes_renewal", "renouvellement : refuser ou retirer", REQUEST, "refuse"),
    *model("auth_codes_unblocking", "fin de suspension", DESK, REQUEST, lambda world: world.unblocking.pk),
    approval("unblocking", "auth_codes_unblocking", "fin de suspension : approuver", SECOND),
    approval(
        "unblocking", "auth_codes_unblocking", "fin de suspension : approuver au-delà du nombre",
        MANAGER_ALONE, before=too_many,
    ),
    *model("auth_codes_factorsending", "fin de seconds moyens", DESK, REQUEST, lambda world: world.factors_ending.pk),
    approval("factors_ending", "auth_codes_factorsending", "fin de seconds moyens : approuver", SECOND),
    approval(
        "factors_ending", "auth_codes_factorsending", "fin de seconds moyens : approuver au-delà du nombre",
        MANAGER_ALONE, before=too_many,
    ),
    *model("auth_codes_ticketrequest", "ticket d’un client", DESK, REQUEST, lambda world: world.ticket_request.pk),
    approval("ticket_request", "auth_codes_ticketrequest", "ticket d’un client : approuver", SECOND),
    approval(
        "ticket_request", "auth_codes_ticketrequest", "ticket d’un client : approuver au-delà du nombre",
        MANAGER_ALONE, before=too_many,
    ),
    *model("auth_codes_unlocking", "déverrouillage", DESK, REQUEST, lambda world: world.unlocking.pk),
    approval("unlocking", "auth_codes_unlocking", "déverrouillage : approuver", SECOND),
    approval(
        "unlocking", "auth_codes_unlocking", "déverrouillage : approuver au-delà du nombre",
        MANAGER_ALONE, before=too_many,
    ),
    *model("accounts_identitychange", "changement d’identité", DESK, REQUEST, lambda world: world.identity.pk),
    approval("identity", "accounts_identitychange", "changement d’identité : approuver", SECOND),
    approval(
        "identity", "accounts_identitychange", "changement d’identité : approuver au-delà du nombre",
        MANAGER_ALONE, before=too_many,
    ),
    *model("accounts_undoing", "retour sur un acte", DESK, REQUEST, lambda world: world.undoing.pk),
    approval("undoing", "accounts_undoing", "retour sur un acte : approuver", SECOND),
    approval(
        "undoing", "accounts_undoing", "retour sur un acte : approuver au-delà du nombre",
        MANAGER_ALONE, before=too_many,
    ),
    client_page("client_join", "client : réunir avec une autre fiche"),
    *model("accounts_joining", "réunion de fiches", DESK, REQUEST, lambda world: world.joining.pk),
    approval("joining", "accounts_joining", "réunion de fiches : approuver", SECOND),
    approval(
        "joining", "accounts_joining", "réunion de fiches : approuver au-delà du nombre", MANAGER_ALONE,
        before=too_many,
    ),
    *model("accounts_accessrequest", "accès à un compte", DESK, REQUEST, lambda world: world.access.pk),
    approval("access", "accounts_accessrequest", "accès à un compte : approuver", SECOND),
    approval(
        "access", "accounts_accessrequest", "accès à un compte : approuver au-delà du nombre",
        MANAGER_ALONE, before=too_many,
    ),
    *model(
        "accounts_representationrequest", "représentation", DESK, REQUEST, lambda world: world.representation_request.pk
    ),
    approval(
        "representation_request", "accounts_representationrequest", "représentation : approuver", SECOND
    ),
    approval(
        "representation_request", "accounts_representationrequest", "représentation : approuver au-delà du nombre",
        MANAGER_ALONE, before=too_many,
    ),
    # Who stands in for whom.
    *model("accounts_substitution", "remplacement", DESK, STAND_IN, lambda world: world.substitution.pk, add=DESK),
    Row("accounts_substitution_add", "remplacement : déclarer pour le conseiller",
        answers(**of(("conseiller", "directeur", "superutilisateur"))), sends=stand_in,
        did=lambda world: Substitution.objects.filter(substitute=world.visitors["autre"]).exists()),
    Row("accounts_substitution_change", "remplacement : terminer", STAND_IN,
        numbered(lambda world: world.substitution.pk), sends=nothing,
        did=lambda world: Substitution.objects.get(pk=world.substitution.pk).ended_at is not None),
    # What is printed, and what the servers do.
    *model("auth_codes_letterbatch", "lot de plis scellés", LETTERS, LETTERS, lambda world: world.letter_batch.pk),
    *model("accounts_postbatch", "lot de courrier ordinaire", PRINTED, PRINTED, lambda world: world.post_batch.pk),
    *model("accounts_commandrun", "résultat d’une commande", OPERATED, OPERATED, lambda world: world.command_run.pk),
    Row("login_hours", "connexions par heure", answers(**of(("contrôleur", "exploitant", "superutilisateur")))),
    Row("journal", "journal", CONTROL),
    # The staff.
    *model("accounts_user", "membre du personnel", STAFF, STAFF, lambda world: world.visitors["autre"].pk),
    Row("auth_user_password_change", "membre du personnel : son mot de passe", NOBODYS | {"autre": ELSEWHERE},
        lambda world: {"id": world.visitors["autre"].pk}),
    *model("auth_group", "groupe", STAFF, STAFF, lambda world: world.group.pk),
    *model("accounts_staffrequest", "demande sur le personnel", STAFF, STAFF, lambda world: world.staff_request.pk,
           add=STAFF),
    Row("accounts_staffrequest_add", "demande sur le personnel : un nouveau membre, envoyé", STAFF, sends=newcomer,
        did=lambda world: StaffRequest.objects.filter(username="eve.nou").exists()),
    Row("issue_ticket", "ticket d’un second moyen", STAFF, lambda world: {"pk": world.visitors["autre"].pk}),
    Row(
        "issue_ticket", "ticket d’un second moyen : le remettre", STAFF,
        lambda world: {"pk": world.visitors["autre"].pk}, sends=nothing,
        did=lambda world: StaffTicket.objects.filter(owner=world.visitors["autre"]).exists(),
    ),
    Row("ask_about_member", "demande sur le personnel : les groupes d’un membre", STAFF,
        lambda world: {"pk": world.visitors["conseiller"].pk, "kind": "groups"}),
    approval("staff_request", "accounts_staffrequest", "demande sur le personnel : approuver", STAFF),
    *model("accounts_branch", "agence", STAFF, STAFF, lambda world: world.branch.pk, add=STAFF),
    Row("accounts_branch_change", "agence : renommer", STAFF, numbered(lambda world: world.branch.pk),
        sends=lambda world: {"name": "Agence du port"},
        did=lambda world: Branch.objects.filter(name="Agence du port").exists()),
]  # fmt: skip


def as_markdown() -> str:
    """The table, and what its words and its columns say."""
    head = ["", *VISITORS]
    lines = [head, ["---"] * len(head), *([row.what, *row.answers.values()] for row in TABLE)]
    return "\n".join(
        [
            "# Who may do what at the desk",
            "",
            "Held against the pages by `tests/portal/test_role_table.py`, which asks for each of them as everybody;",
            "printed by `python -m tests.show_role_table > docs/roles.md`.",
            "",
            *(f"- **{name}** : {words}" for name, words in VISITORS.items()),
            "",
            *(f"- *{word}* : {words}" for word, words in WORDS.items()),
            "",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
        ]
    )
