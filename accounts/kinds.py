"""The kinds of journal lines and of notices that this package writes, declared when it is ready."""

from django.utils.translation import gettext_lazy as _

from auth_codes.kinds import BANK_ALONE, LineKind, NoticeKind, Told

# Of a mandate or of a holder: on which side of it he stands, and what it lets do.
ACCESS = ("side", "right")
# Of two sheets that are joined: which of them it is, and how the code client of the other one ends.
SHEETS = ("sheet", "other_sheet")
# Of a representation: on which side of it he stands, and as what one acts for the other.
ACTING = ("acting", "capacity")


class Event(LineKind):
    """What is told to the journal."""

    CLIENT_REGISTERED = "client_registered", Told(_("Votre fiche client a été créée")), "Fiche client créée"
    CLIENT_CHANGED = "client_changed", Told(_("Votre fiche client a été modifiée")), "Fiche client modifiée"
    CLIENT_CONSULTED = (
        "client_consulted",
        # Why, and not the advisor's own words, which may name others.
        Told(_("Votre fiche client a été consultée"), ("look",)),
        "Fiche client consultée",
    )
    CODE_SHOWN = (
        "client_code_shown",
        Told(
            _("Votre code client a été montré à un conseiller, pour vous le redonner"), ("occasion_of_code", "checks")
        ),
        "Code client montré en entier",
    )
    CODE_SENT = (
        "client_code_sent",
        Told(_("Votre code client vous a été envoyé par courrier")),
        "Code client envoyé par courrier",
    )
    # Of nobody in particular: whom it has shown stands in its details, and finds it at the desk.
    CLIENTS_SEARCHED = "clients_searched", BANK_ALONE, "Recherche de clients"
    JOURNAL_READ = "journal_read", BANK_ALONE, "Journal consulté par un contrôleur"
    SEARCH_REFUSED = "search_refused", BANK_ALONE, "Recherche de clients refusée"
    BULK_ALARM = "bulk_alarm", BANK_ALONE, "Alarme : beaucoup d’actes d’une même personne"
    SHEETS_ALARM = "sheets_alarm", BANK_ALONE, "Alarme : beaucoup de fiches ouvertes par une même personne"
    ADDRESSES_SHOWN = (
        "addresses_shown",
        Told(_("Les adresses d’où vous vous connectez ont été montrées à un contrôleur de la banque")),
        "Adresses de connexion montrées à un contrôleur",
    )
    CLIENT_CODE_ISSUED = "client_code_issued", Told(_("Votre code client vous a été attribué")), "Code client attribué"
    ACCOUNT_OPENED = "account_opened", Told(_("Un compte a été ouvert à votre nom")), "Compte ouvert"
    CONTRACT_OPENED = "contract_opened", Told(_("Un contrat a été souscrit à votre nom")), "Contrat souscrit"
    ACCOUNT_CLOSED = (
        "account_closed",
        Told(_("Un compte à votre nom a été clôturé"), ("closing_agreement",)),
        "Compte clôturé",
    )
    CLOSING_ASKED = (
        "closing_asked",
        Told(_("La clôture d’un compte a été demandée ; elle attend l’accord de chaque titulaire")),
        "Clôture d’un compte demandée aux titulaires",
    )
    CLOSING_SIGNED = (
        "closing_signed",
        Told(_("Votre accord signé pour la clôture d’un compte a été enregistré")),
        "Accord signé pour une clôture enregistré",
    )
    CLOSING_ANSWERED = (
        "closing_answered",
        Told(_("Vous avez répondu à une demande de clôture d’un compte"), ("closing_answer",)),
        "Réponse en ligne à une demande de clôture",
    )
    CLOSING_BY_ANOTHER = (
        "closing_by_another",
        Told(_("Une autre personne a répondu à une demande de clôture de l’un de vos comptes"), ("closing_answer",)),
        "Réponse en ligne d’une autre personne à une demande de clôture",
    )
    CLOSING_OFF = (
        "closing_off",
        Told(_("Une demande de clôture d’un compte est restée sans suite"), ("closing_end",)),
        "Demande de clôture sans suite",
    )
    CLOSING_CODE_FAILED = (
        "closing_code_failed",
        Told(_("Un code secret erroné a été saisi pour confirmer la clôture d’un compte"), ("device",)),
        "Code secret erroné pour une clôture",
    )
    CONTRACT_ENDED = (
        "contract_ended",
        Told(_("Un contrat à votre nom a pris fin"), ("contract_end",)),
        "Contrat terminé",
    )
    CLIENT_ENDED = (
        "client_ended",
        Told(_("La fin de votre relation avec la banque a été notée"), ("client_end",)),
        "Fin de la relation notée",
    )
    CLIENT_ERASED = "client_erased", BANK_ALONE, "Fiche client effacée, au terme du délai légal"
    PAPERS_PURGED = (
        "papers_purged",
        Told(_("Des documents ont été retirés, dix ans après l’année de leur émission"), ("papers",)),
        "Documents retirés, au terme du délai légal",
    )
    UNDOING_ASKED = (
        "undoing_asked",
        Told(
            _("L’annulation d’un acte de la banque a été demandée ; un second conseiller doit l’approuver"), ("undone",)
        ),
        "Retour sur un acte demandé",
    )
    UNDONE = (
        "undone",
        Told(_("Un acte de la banque a été annulé, avec l’accord d’un second conseiller"), ("undone",)),
        "Retour sur un acte approuvé",
    )
    UNDOING_REFUSED = (
        "undoing_refused",
        Told(_("L’annulation d’un acte de la banque a été refusée"), ("undone",)),
        "Retour sur un acte refusé",
    )
    JOINING_ASKED = (
        "joining_asked",
        Told(_("La réunion de vos deux fiches client a été demandée ; un second conseiller doit l’approuver"), SHEETS),
        "Réunion avec une autre fiche demandée",
    )
    SHEETS_JOINED = (
        "sheets_joined",
        Told(_("Vos deux fiches client ont été réunies, avec l’accord d’un second conseiller"), SHEETS),
        "Fiches réunies",
    )
    JOINING_REFUSED = (
        "joining_refused",
        Told(_("La demande de réunir vos deux fiches client est restée sans suite"), SHEETS),
        "Réunion avec une autre fiche refusée",
    )
    HOLDER_JOINED = (
        "holder_joined",
        Told(_("Un cotitulaire de l’un de vos comptes avait deux fiches client : elles ont été réunies")),
        "Fiches d’un cotitulaire réunies",
    )
    ACCESS_ASKED = (
        "access_asked",
        Told(_("Un accès à un compte a été demandé ; un second conseiller doit l’approuver"), ACCESS),
        "Accès à un compte demandé",
    )
    ACCESS_DECLINED = (
        "access_declined",
        Told(_("Une demande d’accès à un compte est restée sans suite"), ACCESS),
        "Accès à un compte refusé",
    )
    HOLDER_ADDED = (
        "holder_added",
        Told(_("Un compte à votre nom a un nouveau cotitulaire"), ("side",)),
        "Cotitulaire ajouté à un compte",
    )
    MANDATE_GRANTED = "mandate_granted", Told(_("Une procuration a été enregistrée"), ACCESS), "Procuration enregistrée"
    MANDATE_ENDED = "mandate_ended", Told(_("Une procuration a été révoquée"), ACCESS), "Procuration révoquée"
    REPRESENT_ASKED = (
        "represent_asked",
        Told(_("L’enregistrement d’un représentant a été demandé ; un second conseiller doit l’approuver"), ACTING),
        "Représentant demandé",
    )
    REPRESENT_DECLINED = (
        "represent_declined",
        Told(_("La demande d’enregistrer un représentant est restée sans suite"), ACTING),
        "Représentant refusé",
    )
    REPRESENTED = (
        "represented",
        Told(_("Un représentant a été enregistré, avec l’accord d’un second conseiller"), ACTING),
        "Représentant enregistré",
    )
    REPRESENTATION_ENDED = (
        "representation_ended",
        Told(_("Une représentation a pris fin"), (*ACTING, "representation_end")),
        "Représentation terminée",
    )
    LETTER_WRITTEN = "letter_written", Told(_("Votre conseiller vous a écrit un courrier")), "Courrier écrit"
    BOOKING_CORRECTED = "booking_corrected", Told(_("Une opération a été rectifiée")), "Opération rectifiée"
    TRANSFER_MADE = "transfer_made", Told(_("Un virement a été confirmé")), "Virement confirmé"
    TRANSFER_BY_ANOTHER = (
        "transfer_by_another",
        Told(_("Une autre personne, qui a accès à l’un de vos comptes, y a confirmé un virement")),
        "Virement confirmé par une autre personne",
    )
    TRANSFER_CODE_FAILED = (
        "transfer_code_failed",
        Told(_("Un code secret ou un second moyen erroné a été montré pour confirmer un virement"), ("device",)),
        "Code secret ou second moyen erroné pour un virement",
    )
    ONLINE_SPACE_CREATED = "online_space_created", Told(_("Votre Espace Client a été créé")), "Espace en ligne créé"
    # Its value is that of the lines of before, when the postal address alone was confirmed.
    CONTACTS_CONFIRMED = (
        "address_confirmed",
        Told(_("Vos coordonnées modifiées ont été confirmées")),
        "Coordonnées modifiées confirmées",
    )
    CONTACTS_CODE_FAILED = (
        "contacts_code_failed",
        Told(_("Un code secret erroné a été saisi pour confirmer vos coordonnées"), ("device",)),
        "Code secret erroné pour confirmer des coordonnées",
    )
    OWN_CONTACTS = (
        "own_contacts",
        Told(_("Vos coordonnées ont été modifiées, avec votre code secret et un second moyen")),
        "Coordonnées modifiées par le client lui-même",
    )
    OWN_CONTACTS_FAILED = (
        "own_contacts_failed",
        Told(_("Un code secret ou un second moyen erroné a été montré pour modifier vos coordonnées"), ("device",)),
        "Code secret ou second moyen erroné, au moment de modifier des coordonnées",
    )
    IDENTITY_ASKED = (
        "identity_asked",
        Told(_("Un changement de votre nom ou de votre date de naissance a été demandé")),
        "Changement d’identité demandé",
    )
    IDENTITY_CHANGED = (
        "identity_changed",
        Told(_("Votre nom ou votre date de naissance a été modifié, avec l’accord d’un second conseiller")),
        "Changement d’identité approuvé",
    )
    IDENTITY_DECLINED = (
        "identity_declined",
        Told(_("La demande de changer votre nom ou votre date de naissance est restée sans suite")),
        "Changement d’identité refusé",
    )
    POST_EXPORTED = "post_exported", BANK_ALONE, "Courrier ordinaire remis à l’impression"
    POST_SENT = "post_sent", BANK_ALONE, "Courrier ordinaire posté"
    STAFF_ASKED = "staff_asked", BANK_ALONE, "Personnel : demande d’un administrateur"
    STAFF_APPROVED = "staff_approved", BANK_ALONE, "Personnel : demande approuvée par un second administrateur"
    STAFF_REFUSED = "staff_refused", BANK_ALONE, "Personnel : demande refusée ou retirée"
    BRANCH_MADE = "branch_made", BANK_ALONE, "Personnel : agence créée"
    BRANCH_RENAMED = "branch_renamed", BANK_ALONE, "Personnel : agence renommée"
    SUBSTITUTE_DECLARED = "substitute_declared", BANK_ALONE, "Personnel : remplaçant déclaré"
    SUBSTITUTE_ENDED = "substitute_ended", BANK_ALONE, "Personnel : remplacement terminé avant la date"
    SUPERUSER_MADE = "superuser_made", BANK_ALONE, "Alarme : un compte qui peut tout a été créé"
    PASSWORD_BY_COMMAND = (
        "password_by_command",
        BANK_ALONE,
        "Alarme : mot de passe du personnel changé par une commande",
    )
    TICKET_BY_COMMAND = "ticket_by_command", BANK_ALONE, "Alarme : ticket de second moyen fait par une commande"
    FIRST_ADMINISTRATOR = "first_administrator", BANK_ALONE, "Personnel : premier administrateur créé par une commande"
    FIRST_LINK_AGAIN = "first_link_again", BANK_ALONE, "Personnel : lien d’un premier administrateur refait"
    FIRST_ACCESS_FAILED = "first_access_failed", BANK_ALONE, "Personnel : nom erroné sur un lien de premier accès"
    FIRST_ACCESS_ENDED = (
        "first_access_ended",
        BANK_ALONE,
        "Alarme : lien de premier accès fermé après cinq noms erronés",
    )
    FIRST_ACCESS_USED = "first_access_used", BANK_ALONE, "Personnel : lien de premier accès utilisé"


class Mail(NoticeKind):
    """What is told by e-mail."""

    CONTACT_CHANGED = "contact_changed", "Coordonnées modifiées"
    OWN_CONTACTS = "own_contacts", "Coordonnées modifiées par le client lui-même"
    EMAIL_GIVEN = "email_given", "Nouvelle adresse électronique, à qui la lit"
    LETTER_WRITTEN = "letter_written", "Courrier dans l’Espace Client"
    HOLDER_ADDED = "holder_added", "Cotitulaire ajouté à un compte"
    MANDATE_GRANTED = "mandate_granted", "Procuration enregistrée"
    MANDATE_ENDED = "mandate_ended", "Procuration révoquée"
    ACCOUNT_CLOSED = "account_closed", "Compte clôturé"
    CLOSING_ASKED = "closing_asked", "Clôture d’un compte demandée aux titulaires"
    CLOSING_OFF = "closing_off", "Demande de clôture sans suite"
    REPRESENTED = "represented", "Représentant enregistré"
    REPRESENT_ENDED = "represent_ended", "Représentation terminée"
    CONTRACT_ENDED = "contract_ended", "Contrat terminé"
    CLIENT_ENDED = "client_ended", "Fin de la relation notée"
    ACT_UNDONE = "act_undone", "Acte annulé par deux conseillers"
    SHEETS_JOINED = "sheets_joined", "Fiches réunies"
    TRANSFER_MADE = "transfer_made", "Virement confirmé"
    SUPERUSER_MADE = "superuser_made", "Compte qui peut tout, dit à qui surveille le personnel"
    STAFF_PASSWORD = (
        "staff_password",
        "Mot de passe du personnel changé par une commande, dit à qui surveille le personnel",
    )
    TICKET_BY_COMMAND = "staff_ticket_cmd", "Ticket fait par une commande, dit à qui surveille le personnel"
    FIRST_ACCESS = "first_access", "Lien de premier accès fermé, dit aux administrateurs qui l’ont fait"
    STAND_IN = "stand_in", "Remplaçant déclaré par un autre, dit au conseiller remplacé"
    BULK_ACTS = "bulk_acts", "Beaucoup d’actes d’une même personne, dit aux contrôleurs"
