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
    REQUEST_LAPSED = (
        "request_lapsed",
        Told(_("Une demande qui vous concerne est restée sans réponse à la banque ; rien n’a changé"), ("act",)),
        "Demande restée sans réponse d’un second conseiller",
    )
    CODES_ROTATED = "codes_rotated", BANK_ALONE, "Codes secrets scellés sous une nouvelle clé"
    REMINDER_ANSWERED = (
        "reminder_answered",
        Told(_("Vous avez répondu au rappel de changer de code secret")),
        "Rappel de changement de code",
    )
    LOGGED_IN = "logged_in", Told(_("Connexion à votre Espace Client")), "Connexion"
    LOGIN_FAILED = "login_failed", Told(_("Connexion refusée"), ("device",), by_a_stranger=True), "Connexion refusée"
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
    PASSWORD_CHANGED = "password_changed", "Mot de passe du personnel modifié"
    REQUEST_LAPSED = "request_lapsed", "Demande restée sans réponse, dite à qui l’a faite"
    STAFF_BLOCKED = "staff_blocked", "Connexion au poste suspendue"
    COLLEAGUE_BLOCKED = "peer_blocked", "Connexion au poste suspendue, dit aux administrateurs"
    STAFF_NEW_DEVICE = "staff_new_device", "Connexion au poste depuis un nouveau navigateur"
