"""The kinds of journal lines and of notices that this package writes; see kinds.py beside the rooms."""

from django.utils.translation import gettext_lazy as _

from auth_codes.kinds import BANK_ALONE, LineKind, NoticeKind, Told


class CodesEvent(LineKind):
    """What is told to the journal."""

    DEFAULT_CODE_ISSUED = (
        "default_code_issued",
        Told(_("Un code secret provisoire a été préparé pour vous")),
        "Code secret provisoire attribué",
    )
    DEFAULT_CODE_USED = (
        "default_code_used",
        Told(_("Votre code secret provisoire a servi pour la première fois")),
        "Code secret provisoire utilisé pour la première fois",
    )
    DEFAULT_CODE_EXPIRED = (
        "default_code_expired",
        Told(_("Votre code secret provisoire a expiré sans avoir servi")),
        "Code secret provisoire expiré sans avoir servi",
    )
    DEFAULT_CODE_VOIDED = (
        "default_code_voided",
        Told(_("Votre code secret provisoire a été annulé")),
        "Code secret provisoire annulé",
    )
    LETTERS_EXPORTED = "letters_exported", BANK_ALONE, "Plis scellés exportés"
    LETTERS_CONFIRMED = "letters_confirmed", BANK_ALONE, "Plis scellés confirmés et détruits"
    LETTER_EXPORTED = (
        "letter_exported",
        Told(_("Le courrier de votre code secret est parti à l’impression")),
        "Pli scellé remis à l’atelier d’impression",
    )
    LETTER_DELIVERED = "letter_delivered", Told(_("Le courrier de votre code secret a été posté")), "Pli scellé posté"
    RENEWAL_REQUESTED = (
        "renewal_requested",
        Told(_("Un nouveau code secret a été demandé en ligne"), by_a_stranger=True),
        "Nouveau code secret demandé en ligne",
    )
    RENEWAL_DECLINED = (
        "renewal_declined",
        Told(_("Aucun courrier n’est parti après une demande de nouveau code secret")),
        "Demande en ligne restée sans suite",
    )
    RENEWAL_HELD = (
        "renewal_held",
        Told(_("Une demande de nouveau code secret attend que votre nouvelle adresse soit confirmée")),
        "Demande retenue : adresse à confirmer",
    )
    RENEWAL_CEILING = "renewal_ceiling", BANK_ALONE, "Plafond quotidien des demandes en ligne atteint"
    RENEWAL_STARTED = (
        "renewal_started",
        Told(_("Un nouveau code secret a été demandé pour vous")),
        "Renouvellement du code secret demandé par un conseiller",
    )
    RENEWAL_APPROVED = (
        "renewal_approved",
        Told(_("L’envoi d’un nouveau code secret a été approuvé")),
        "Renouvellement du code secret approuvé",
    )
    RENEWAL_REFUSED = (
        "renewal_refused",
        Told(_("L’envoi d’un nouveau code secret a été refusé")),
        "Renouvellement du code secret refusé",
    )
    CODE_RENEWED = (
        "code_renewed",
        Told(_("Votre code secret a été remplacé par celui d’un courrier")),
        "Code secret remplacé par celui d’un courrier",
    )
    CODE_VOIDED = "code_voided", Told(_("Votre code secret a été annulé")), "Code secret annulé"
    ACCESS_CLOSED = (
        "access_closed",
        Told(_("L’accès à votre Espace Client a été fermé"), ("why",)),
        "Accès fermé par un conseiller",
    )
    SESSIONS_SHUT = (
        "sessions_shut",
        Told(_("Vos sessions ont été fermées sur tous les appareils"), ("why",)),
        "Sessions fermées par un conseiller",
    )
    UNBLOCKING_ASKED = (
        "unblocking_asked",
        Told(_("La fin d’une pause de connexion a été demandée pour vous ; un second conseiller doit l’approuver")),
        "Fin d’une suspension demandée par un conseiller",
    )
    UNBLOCKED = (
        "unblocked",
        Told(_("La pause de connexion a pris fin, avec l’accord d’un second conseiller")),
        "Fin d’une suspension approuvée",
    )
    UNBLOCKING_REFUSED = (
        "unblocking_refused",
        Told(_("La demande de mettre fin à une pause de connexion a été refusée")),
        "Fin d’une suspension refusée",
    )
    ACCESS_LOCKED = (
        "access_locked",
        Told(_("Votre accès a été verrouillé : plus personne n’y entre"), ("way", "reference"), by_a_stranger=True),
        "Accès verrouillé par le client",
    )
    LOCK_ASKED_AGAIN = (
        "lock_asked_again",
        Told(_("Le verrouillage de votre accès a été demandé de nouveau"), ("way", "reference"), by_a_stranger=True),
        "Verrouillage demandé de nouveau par le client",
    )
    FOUND_LOCKED = (
        "found_locked",
        Told(_("Codes justes, accès verrouillé : personne n’est entré"), ("device",), by_a_stranger=True),
        "Codes justes à un accès verrouillé",
    )
    UNLOCKING_ASKED = (
        "unlocking_asked",
        Told(_("Le déverrouillage de votre accès a été demandé pour vous ; un second conseiller doit l’approuver")),
        "Déverrouillage demandé par un conseiller",
    )
    UNLOCKING_REFUSED = (
        "unlocking_refused",
        Told(_("La demande de déverrouiller votre accès a été refusée ; il reste verrouillé")),
        "Déverrouillage refusé",
    )
    ACCESS_UNLOCKED = (
        "access_unlocked",
        Told(_("Votre accès a été déverrouillé"), ("reference", "factor")),
        "Accès déverrouillé",
    )
    REQUEST_LAPSED = (
        "request_lapsed",
        Told(_("Une demande qui vous concerne est restée sans réponse à la banque ; rien n’a changé"), ("act",)),
        "Demande restée sans réponse d’un second conseiller",
    )
    RESTORED = "restored", BANK_ALONE, "Base restaurée d’une sauvegarde : sessions et appareils fermés"
    KEYS_ACCEPTED = "keys_accepted", BANK_ALONE, "Clés d’un serveur acceptées après la perte des précédentes"
    CODES_ROTATED = "codes_rotated", BANK_ALONE, "Codes secrets scellés sous une nouvelle clé"
    REMINDER_ANSWERED = (
        "reminder_answered",
        Told(_("Vous avez répondu au rappel de changer de code secret")),
        "Rappel de changement de code",
    )
    LOGGED_IN = "logged_in", Told(_("Connexion à votre Espace Client")), "Connexion"
    LOGIN_FAILED = (
        "login_failed",
        Told(_("Connexion refusée"), ("device",), by_a_stranger=True),
        "Connexion refusée",
    )
    LOGIN_BLOCKED = (
        "login_blocked",
        Told(_("La connexion a été mise en pause sur les appareils inconnus"), ("failures",)),
        "Connexion suspendue après des codes erronés",
    )
    BLOCK_LIFTED = (
        "block_lifted",
        Told(_("Vous avez répondu à l’avertissement sur des codes erronés")),
        "Réponse du client à des codes erronés",
    )
    NETWORK_SPENT = "network_spent", BANK_ALONE, "Trop d’échecs depuis un même réseau"
    FAILURE_ALARM = "failure_alarm", BANK_ALONE, "Alarme : beaucoup de connexions refusées"
    COUNTERS_FULL = "counters_full", BANK_ALONE, "Alarme : trop de numéros essayés, appareils inconnus en attente"
    BINDING_BROKEN = (
        "binding_broken",
        BANK_ALONE,
        "Alarme : un accès n’est plus lié à son client, la base a été modifiée",
    )
    BOUND_AGAIN = (
        "bound_again",
        BANK_ALONE,
        "Accès lié de nouveau à son client par un renouvellement, après une modification de la base",
    )
    NUMBER_ENDED = "number_ended", BANK_ALONE, "Ce qui ouvrait l’accès est hors d’usage, et ne peut être remis"
    LOGGED_OUT = "logged_out", Told(_("Déconnexion")), "Déconnexion"
    SESSIONS_ENDED = (
        "sessions_ended",
        Told(_("Déconnexion de tous les appareils")),
        "Déconnexion de tous les appareils",
    )
    SESSION_REPLACED = (
        "session_replaced",
        Told(_("Votre session la plus ancienne a été fermée par une nouvelle connexion")),
        "Session la plus ancienne fermée par une nouvelle connexion",
    )
    DEVICE_KNOWN = (
        "device_known",
        Told(_("Une connexion est venue d’un appareil inconnu jusque-là")),
        "Connexion depuis un nouvel appareil",
    )
    DEVICE_REMOVED = "device_removed", Told(_("Un appareil connu a été retiré")), "Appareil connu retiré"
    DEVICE_REMOVAL_FAILED = (
        "device_removal_failed",
        Told(_("Un code secret erroné a été saisi pour retirer un appareil connu"), ("device",)),
        "Code secret erroné, au moment de retirer un appareil connu",
    )
    DEVICES_REMOVED = "devices_removed", Told(_("Des appareils connus ont été oubliés")), "Appareils connus oubliés"
    CLOSED_BY_OWNER = (
        "closed_by_owner",
        Told(_("L’accès a été fermé à votre demande : « Ce n’était pas moi »")),
        "Accès fermé par le client : « Ce n’était pas moi »",
    )
    JOURNAL_PURGED = "journal_purged", BANK_ALONE, "Journal : lignes de plus de 13 mois effacées"
    OBJECT_REFUSED = (
        "object_refused",
        Told(_("Une page qui n’est pas à vous, ou n’existe pas, a été demandée"), ("refused",)),
        "Adresse refusée : l’objet est à autrui ou n’existe pas",
    )
    PROOFS_PURGED = "proofs_purged", BANK_ALONE, "Preuves de plus de 18 mois effacées"
    CODE_CHANGED = "code_changed", Told(_("Votre code secret a été modifié")), "Code secret modifié"
    CODE_CHANGE_FAILED = (
        "code_change_failed",
        Told(_("Un code secret erroné a été saisi pour modifier le vôtre"), ("device",)),
        "Code secret actuel erroné",
    )
    PASSWORD_CHANGED = (
        "password_changed",
        Told(_("Votre mot de passe a été modifié")),
        "Mot de passe d’un membre du personnel modifié",
    )
    PASSWORD_CHANGE_FAILED = (
        "password_change_failed",
        Told(_("Un mot de passe erroné a été saisi pour modifier le vôtre"), ("device",)),
        "Mot de passe actuel erroné",
    )
    FACTOR_ADDED = "factor_added", Told(_("Un second moyen a été ajouté"), ("factor",)), "Second moyen ajouté"
    FACTOR_REMOVED = (
        "factor_removed",
        Told(_("Un second moyen a pris fin"), ("factor", "ended")),
        "Second moyen terminé",
    )
    FACTOR_PASSED = (
        "factor_passed",
        Told(_("Votre second moyen a servi à une connexion"), ("factor", "device")),
        "Second moyen montré à une connexion",
    )
    FACTOR_SHOWN = (
        "factor_shown",
        Told(
            _("Votre second moyen a ouvert davantage de votre espace, pour une connexion"),
            ("factor", "device"),
        ),
        "Second moyen montré pendant une session",
    )
    FACTOR_FAILED = (
        "factor_failed",
        Told(
            _("Vos codes étaient justes, mais pas ce qui a été saisi comme second moyen"),
            ("factor", "device"),
            by_a_stranger=True,
        ),
        "Second moyen erroné, après des codes justes",
    )
    FACTOR_BLOCKED = (
        "factor_blocked",
        Told(_("Un second moyen a été mis en pause sur les appareils inconnus"), ("failures",)),
        "Second moyen suspendu après des nombres erronés",
    )
    FACTOR_REMOVAL_FAILED = (
        "factor_removal_failed",
        Told(_("Un code secret ou un nombre erroné a été saisi pour changer vos moyens"), ("device",)),
        "Code secret ou second moyen erroné, au moment de changer un moyen",
    )
    PASSKEY_COPIED = (
        "passkey_copied",
        Told(_("Une clé d’accès a peut-être été copiée : elle a été refusée"), ("factor",), by_a_stranger=True),
        "Clé d’accès dont le compteur recule, peut-être copiée",
    )
    CODE_KNOWN = (
        "code_known",
        Told(_("Quelqu’un a saisi vos deux codes, mais pas votre second moyen"), by_a_stranger=True),
        "Codes justes, second moyen jamais montré, sur un appareil inconnu",
    )
    LIST_ORDERED = (
        "list_ordered",
        Told(_("Une liste de codes a été commandée ; elle part à votre adresse")),
        "Liste de codes commandée",
    )
    LIST_ISSUED = "list_issued", Told(_("Votre liste de codes a été préparée et scellée")), "Liste de codes scellée"
    LIST_EXPORTED = (
        "list_exported",
        Told(_("Le courrier de votre liste de codes est parti à l’impression")),
        "Pli scellé d’une liste remis à l’atelier d’impression",
    )
    LIST_DELIVERED = (
        "list_delivered",
        Told(_("Le courrier de votre liste de codes a été posté")),
        "Pli scellé d’une liste posté",
    )
    LIST_CALLED_OFF = (
        "list_called_off",
        Told(_("Une liste de codes qui n’était pas activée ne sert plus"), ("ended",)),
        "Liste de codes annulée avant d’être activée",
    )
    TOKENS_IMPORTED = "tokens_imported", BANK_ALONE, "Boîtiers importés d’un fichier du fabricant"
    TOKEN_LENT = "token_lent", Told(_("Un boîtier de la banque vous a été prêté"), ("serial",)), "Boîtier prêté"
    TOKEN_BACK = (
        "token_back",
        Told(_("Le prêt de votre boîtier a pris fin"), ("serial", "back")),
        "Prêt d’un boîtier terminé",
    )
    TOKEN_SET = (
        "token_set",
        Told(_("Votre boîtier a été recalé sur l’heure de la banque"), ("serial",)),
        "Boîtier recalé par le client",
    )
    FACTORS_END_ASKED = (
        "factors_end_asked",
        Told(_("La fin de vos seconds moyens a été demandée pour vous ; un second conseiller doit l’approuver")),
        "Fin des seconds moyens demandée par un conseiller",
    )
    FACTORS_END_APPROVED = (
        "factors_end_approved",
        Told(_("La fin de vos seconds moyens a été approuvée par un second conseiller")),
        "Fin des seconds moyens approuvée",
    )
    FACTORS_END_REFUSED = (
        "factors_end_refused",
        Told(_("La demande de mettre fin à vos seconds moyens a été refusée")),
        "Fin des seconds moyens refusée",
    )
    TICKET_ISSUED = "ticket_issued", BANK_ALONE, "Personnel : ticket remis, pour un second moyen"
    TICKET_USED = "ticket_used", BANK_ALONE, "Personnel : ticket utilisé, second moyen ajouté"
    TICKET_FAILED = "ticket_failed", BANK_ALONE, "Personnel : ticket erroné, après un mot de passe juste"
    TICKET_ENDED = "ticket_ended", BANK_ALONE, "Alarme : ticket hors d’usage après cinq essais"
    CLIENT_TICKET_ASKED = (
        "client_ticket_asked",
        Told(_("Un ticket pour un second moyen a été demandé pour vous en agence"), ("ticket_reason",)),
        "Ticket demandé par un conseiller, pour un client en agence",
    )
    CLIENT_TICKET_ISSUED = (
        "client_ticket_issued",
        Told(_("Un second conseiller a approuvé ce ticket, qui vous a été remis"), ("ticket_reason",)),
        "Ticket approuvé et remis à un client",
    )
    CLIENT_TICKET_REFUSED = (
        "client_ticket_refused",
        Told(_("La demande d’un ticket pour un second moyen a été refusée")),
        "Ticket refusé",
    )
    CLIENT_TICKET_LOGIN = (
        "client_ticket_login",
        Told(_("Votre ticket a remplacé votre second moyen à une connexion"), ("device",)),
        "Ticket montré à une connexion, à la place du second moyen",
    )
    CLIENT_TICKET_USED = (
        "client_ticket_used",
        Told(_("Votre ticket a servi à ajouter un second moyen")),
        "Ticket utilisé, second moyen ajouté",
    )
    CLIENT_TICKET_FAILED = (
        "client_ticket_failed",
        Told(_("Un ticket erroné a été saisi, après des codes justes")),
        "Ticket d’un client erroné, après des codes justes",
    )
    CLIENT_TICKET_ENDED = (
        "client_ticket_ended",
        Told(_("Votre ticket ne vaut plus rien, après cinq essais erronés")),
        "Alarme : ticket d’un client hors d’usage après cinq essais",
    )
    STEP_UP_PASSED = "step_up_passed", BANK_ALONE, "Personnel : second moyen montré pour un acte"


class CodesMail(NoticeKind):
    """What is told by e-mail."""

    CODE_CHANGED = "code_changed", "Code secret modifié"
    CODE_RENEWED = "code_renewed", "Nouveau code secret utilisé"
    LETTER_ISSUED = "letter_issued", "Nouveau code secret envoyé par courrier"
    LETTER_HELD = "letter_held", "Demande retenue, adresse récente"
    LOGIN_BLOCKED = "login_blocked", "Connexion suspendue"
    NEXT_IS_LAST = "next_is_last", "Dernière suspension avant un nouveau code"
    NEW_DEVICE = "new_device", "Connexion depuis un nouvel appareil"
    CLOSED_BY_OWNER = "closed_by_owner", "Accès fermé par le client"
    ACCESS_CLOSED = "access_closed", "Accès fermé par un conseiller"
    SESSIONS_SHUT = "sessions_shut", "Sessions fermées par un conseiller"
    UNBLOCKED = "unblocked", "Suspension levée par deux conseillers"
    ACCESS_LOCKED = "access_locked", "Accès verrouillé par le client"
    UNLOCKING_ASKED = "unlocking_asked", "Déverrouillage demandé par un conseiller"
    ACCESS_UNLOCKED = "access_unlocked", "Accès déverrouillé"
    PASSWORD_CHANGED = "password_changed", "Mot de passe du personnel modifié"
    REQUEST_LAPSED = "request_lapsed", "Demande restée sans réponse, dite à qui l’a faite"
    FACTOR_ADDED = "factor_added", "Second moyen ajouté"
    FACTOR_REMOVED = "factor_removed", "Second moyen terminé"
    FACTOR_BLOCKED = "factor_blocked", "Second moyen suspendu"
    PASSKEY_COPIED = "passkey_copied", "Clé d’accès peut-être copiée"
    CODE_KNOWN = "code_known", "Codes justes sans second moyen"
    LIST_ORDERED = "list_ordered", "Liste de codes commandée"
    LIST_LAPSED = "list_lapsed", "Liste de codes jamais activée"
    CLIENT_TICKET = "client_ticket", "Ticket remis à un client en agence, dit à lui"
    TICKET_VOID = "ticket_void", "Ticket d’un client hors d’usage après cinq essais"
    STAFF_BLOCKED = "staff_blocked", "Connexion au poste suspendue"
    COLLEAGUE_BLOCKED = "peer_blocked", "Connexion au poste suspendue, dit aux administrateurs"
    STAFF_NEW_DEVICE = "staff_new_device", "Connexion au poste depuis un nouveau navigateur"
    STAFF_TICKET = "staff_ticket", "Ticket remis à un membre du personnel, dit à lui"
    TICKET_ENDED = "ticket_ended", "Ticket hors d’usage après cinq essais, dit à qui il était"
    STAFF_FACTOR = "staff_factor", "Second moyen d’un membre du personnel ajouté"
    STAFF_REMOVED = "staff_removed", "Second moyen d’un membre du personnel retiré"
    STAFF_COPIED = "staff_copied", "Clé d’accès d’un membre du personnel peut-être copiée"
    STAFF_PAUSED = "staff_paused", "Second moyen d’un membre du personnel en pause"
    STAFF_KNOWN = "staff_known", "Mot de passe juste au poste, second moyen jamais montré"
